"""Hands drawn into a picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gesture_perception.hand import Hand
from gesture_perception.hand_overlay import RAY_TONE, draw_bones, draw_ray
from gesture_perception.hand_words import finger_words, gesture_words, side_words
from perception_core.drawing import Tone, draw_box, draw_label, draw_text, stroke, track_colour
from perception_core.frame import ColourImage, Intrinsics
from perception_core.free_space import FreeSpace, Side
from perception_core.tags import GOOD_TONE, LEADING_TONE, USUAL_TONE, Tag, Words, draw_tag, tag_name
from perception_core.wording import distance_words

_SIDES = (Side.BELOW, Side.LEFT, Side.RIGHT, Side.ABOVE)  # faces have theirs above
_PALE = 0.55  # how much of its colour one keeps that is not seen
_GREY = 170
_OPPOSITE = 17  # so many numbers further on, the colour is on the other side of the circle
_TARGET_LETTERS_PX = 9.0


def draw_hands(
    colour: ColourImage, hands: Sequence[Hand], intrinsics: Intrinsics | None = None, free: FreeSpace | None = None
) -> ColourImage:
    """A copy of the picture with what is known of its hands.

    On a hand lie its bones, each finger in a colour of its own, and the line along which it points; beside it is a tag.
    A bridged one has the corners of its box, pale.

    Args:
        colour: HxWx3 uint8, BGR, of any size.
        hands: Nearest first; what lies outside the picture is left out.
        intrinsics: Of the camera; without them it is not shown what a hand points at, only the way.
        free: Where there is room for tags, which take some; all of the picture if None.
    """
    picture = colour.copy()
    height, width = picture.shape[:2]
    seen = [hand for hand in hands if hand.box.clipped(width, height).area > 0]
    free = free or FreeSpace(width, height)
    for hand in reversed(seen):
        free.take(hand.box)
        if hand.landmarks is None:
            draw_box(picture, hand.box, hand_tone(hand), dashed=hand.bridged)
        draw_bones(picture, hand)
    for hand in seen:
        target = draw_ray(picture, hand, intrinsics)
        if target is not None and hand.pointing is not None:
            _write_target(picture, target, distance_words(hand.pointing.target))
    for hand in seen:
        draw_tag(picture, Tag(hand.box, tag_lines(hand), hand_tone(hand), _SIDES), free)
    return picture


def mark_hands(picture: ColourImage, hands: Sequence[Hand]) -> None:
    """Draws boxes and distances, as on a picture of depth.

    Args:
        picture: HxWx3, BGR; drawn into.
        hands: In pixels of it.
    """
    for hand in hands:
        draw_box(picture, hand.box, hand_tone(hand), dashed=hand.bridged)
        distance = distance_words(hand.position)
        if distance:
            draw_label(picture, (hand.box.x, hand.box.y), distance, hand_tone(hand))


def tag_lines(hand: Hand) -> list[list[Words]]:
    """What there is to say: pose, id and distance in the first line, side, fingers and movement in the second."""
    pose = tag_name(gesture_words(hand.gesture))
    first = [Words(pose, LEADING_TONE)] if pose else []
    first += [Words(f"hand {hand.track_id}", USUAL_TONE)]
    first += [Words(text, USUAL_TONE) for text in [distance_words(hand.position)] if text]
    second = [Words(text, USUAL_TONE) for text in (side_words(hand.side), finger_words(hand.gesture)) if text]
    second += [Words(text, GOOD_TONE) for text in [tag_name(gesture_words(hand.motion))] if text]
    return [first, second] if second else [first]


def hand_tone(hand: Hand) -> Tone:
    """Its own colour, which is not that of the face with the same number; pale where it was not found in this frame."""
    blue, green, red = track_colour(hand.track_id + _OPPOSITE)
    if not hand.bridged:
        return blue, green, red
    return _pale(blue), _pale(green), _pale(red)


def _pale(part: int) -> int:
    return round(_GREY + (part - _GREY) * _PALE)


def _write_target(picture: ColourImage, at: tuple[float, float], distance: str) -> None:
    height, width = picture.shape[:2]
    letters = _TARGET_LETTERS_PX * stroke(picture)
    place = (
        float(np.clip(at[0] + letters, 0, max(0.0, width - 6 * letters))),
        float(np.clip(at[1], letters, max(letters, height - 2))),
    )
    draw_text(picture, place, distance, RAY_TONE, letters)
