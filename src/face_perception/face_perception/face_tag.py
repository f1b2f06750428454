"""What is written beside a face: who it is, how far away, and what else matters at once."""

from __future__ import annotations

from dataclasses import dataclass

from face_perception.face import Face
from face_perception.face_words import distance_words, name_words
from face_perception.free_space import FreeSpace, Side
from face_perception.identity import Identity
from face_perception.latin_letters import in_latin
from face_perception.liveness import Liveness
from perception_core.drawing import Tone, draw_text, fill, shade, stroke, text_width
from perception_core.frame import ColourImage
from perception_core.geometry import Box

_CAPITALS_PX, _LINE_PX, _MARGIN_PX, _GAP_PX = 9.5, 17.0, 5.0, 7.0  # in a picture of usual size
_STRIPE_PX = 3.0
_LONGEST_NAME = 18
_ID_DIGITS = 4
_LARGEST_SHARE = 0.3  # of a face's height may be under its own tag, where there is no room beside it
_SIDES = (Side.ABOVE, Side.BELOW, Side.RIGHT, Side.LEFT)

_NAME_TONE: Tone = (255, 255, 255)
_TONE: Tone = (205, 205, 205)
_ATTENTION_TONE: Tone = (140, 240, 150)
_WARNING_TONE: Tone = (60, 150, 255)


@dataclass(frozen=True, slots=True)
class Words:
    """Words in one colour.

    Attributes:
        text: ASCII.
        tone: BGR.
    """

    text: str
    tone: Tone


def tag_lines(face: Face) -> list[list[Words]]:
    """What there is to say: id, name and distance in the first line, what is noteworthy in the second."""
    first = [Words(f"#{face.track_id}", _TONE)]
    first += [Words(text, _NAME_TONE) for text in [_name(face.identity)] if text]
    first += [Words(text, _TONE) for text in [distance_words(face.position)] if text]
    second = [Words("looking at you", _ATTENTION_TONE)] if face.looking_at_camera else []
    second += [Words("flat", _WARNING_TONE)] if face.liveness is Liveness.FLAT else []
    return [first, second] if second else [first]


def draw_tag(picture: ColourImage, face: Face, tone: Tone, free: FreeSpace) -> None:
    """Writes the tag where it covers nobody: shortened to id and name where there is little room.

    A face that leaves no room at all, for it fills the picture, has the tag on its forehead. One in a crowd that is
    too small for that has none.

    Args:
        picture: HxWx3, BGR; drawn into.
        face: What is told of.
        tone: Of the stripe that tells whose tag it is.
        free: Where there is room; the tag takes some.
    """
    scale = stroke(picture)
    lines = tag_lines(face)
    for shown in (lines, [lines[0][:2]], [lines[0][:1]]):
        room = free.place_beside(face.box, _size(shown, scale), _SIDES)
        if room is not None:
            _write(picture, room, shown, tone, scale)
            return
    seen = face.box.clipped(picture.shape[1], picture.shape[0])
    width, height = _size(lines, scale)
    if height <= _LARGEST_SHARE * seen.height and width <= seen.width:
        _write(picture, Box(seen.x, seen.y, width, height), lines, tone, scale)


def _name(identity: Identity) -> str:
    """The name in letters that can be drawn, shortened; of one that has none, the beginning of the person's id."""
    words = name_words(identity)
    name = in_latin(words)
    if words and not any(map(str.isalnum, name)):
        name = f"person {identity.person_id[:_ID_DIGITS]}" + "?" * words.endswith("?")
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 2]}.."


def _size(lines: list[list[Words]], scale: float) -> tuple[float, float]:
    width = max(
        sum(text_width(words.text, _CAPITALS_PX * scale) for words in line) + _GAP_PX * scale * (len(line) - 1)
        for line in lines
    )
    return width + (2 * _MARGIN_PX + _STRIPE_PX) * scale, (len(lines) * _LINE_PX + _MARGIN_PX / 2) * scale


def _write(picture: ColourImage, room: Box, lines: list[list[Words]], tone: Tone, scale: float) -> None:
    shade(picture, room)
    fill(picture, Box(room.x, room.y, _STRIPE_PX * scale, room.height), tone)
    y = room.y + (_LINE_PX - (_LINE_PX - _MARGIN_PX / 2 - _CAPITALS_PX) / 2) * scale
    for line in lines:
        x = room.x + (_STRIPE_PX + _MARGIN_PX) * scale
        for words in line:
            draw_text(picture, (x, y), words.text, words.tone, _CAPITALS_PX * scale)
            x += text_width(words.text, _CAPITALS_PX * scale) + _GAP_PX * scale
        y += _LINE_PX * scale
