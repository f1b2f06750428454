"""Faces, hands, and who they belong to, drawn into one picture."""

from __future__ import annotations

from collections.abc import Sequence

from face_perception.drawing import draw_depth, draw_faces
from face_perception.face import Face
from gesture_perception.hand import Hand
from gesture_perception.hand_drawing import draw_hands, mark_hands
from perception_core.drawing import draw_pointer, track_colour
from perception_core.frame import ColourImage, DepthImage, Intrinsics
from perception_core.free_space import FreeSpace
from person_perception.person import Person

_ARM_PX = 1.5


def draw_found(
    colour: ColourImage, faces: Sequence[Face], hands: Sequence[Hand], intrinsics: Intrinsics | None
) -> ColourImage:
    """A copy of the picture with faces and hands; what is written of either covers neither.

    Args:
        colour: HxWx3 uint8, BGR.
        faces: What is in it.
        hands: Likewise.
        intrinsics: Of the camera; without them it is not shown what a hand points at.
    """
    free = FreeSpace(colour.shape[1], colour.shape[0])
    for hand in hands:
        free.take(hand.box)
    return draw_hands(draw_faces(colour, faces, free), hands, intrinsics, free)


def draw_belongings(picture: ColourImage, people: Sequence[Person]) -> None:
    """Draws a line from every face to its hands, in the colour of the person, into a picture."""
    for person in people:
        if person.face is None:
            continue
        start = (person.face.box.centre[0], person.face.box.bottom)
        for hand in person.hands:
            end = hand.wrist or hand.box.centre
            draw_pointer(picture, start, end, track_colour(person.track_id), _ARM_PX)


def draw_found_in_depth(
    depth: DepthImage | None, size: tuple[int, int], faces: Sequence[Face], hands: Sequence[Hand]
) -> ColourImage:
    """Depth as a picture, with the boxes and distances of faces and hands.

    Args:
        depth: Of any size; where it is None, the picture says so on black.
        size: Width and height of the picture, in pixels: those of the image in which they were found.
        faces: What is drawn.
        hands: Likewise.
    """
    picture = draw_depth(depth, size, faces)
    mark_hands(picture, hands)
    return picture
