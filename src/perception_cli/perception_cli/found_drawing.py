"""Faces and hands drawn into one picture."""

from __future__ import annotations

from face_perception.drawing import draw_depth, draw_faces
from gesture_perception.hand_drawing import draw_hands, mark_hands
from perception_cli.frame_pairing import SeenFrame
from perception_core.frame import ColourImage, DepthImage, Intrinsics
from perception_core.free_space import FreeSpace


def draw_found(colour: ColourImage, found: SeenFrame, intrinsics: Intrinsics | None) -> ColourImage:
    """A copy of the picture with faces and hands; what is written of either covers neither.

    Args:
        colour: HxWx3 uint8, BGR.
        found: What is in it.
        intrinsics: Of the camera; without them it is not shown what a hand points at.
    """
    hands, free = found.hands or [], FreeSpace(colour.shape[1], colour.shape[0])
    for hand in hands:
        free.take(hand.box)
    return draw_hands(draw_faces(colour, found.faces or [], free), hands, intrinsics, free)


def draw_found_in_depth(depth: DepthImage | None, size: tuple[int, int], found: SeenFrame) -> ColourImage:
    """Depth as a picture, with the boxes and distances of faces and hands.

    Args:
        depth: Of any size; where it is None, the picture says so on black.
        size: Width and height of the picture, in pixels: those of the image in which they were found.
        found: What is drawn.
    """
    picture = draw_depth(depth, size, found.faces or [])
    mark_hands(picture, found.hands or [])
    return picture
