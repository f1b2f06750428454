"""Lines of words beside what they tell of, in a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perception_core.drawing import Tone, draw_text, fill, shade, stroke, text_width
from perception_core.frame import ColourImage
from perception_core.free_space import FreeSpace, Side
from perception_core.geometry import Box
from perception_core.latin_letters import in_latin

_CAPITALS_PX, _LINE_PX, _MARGIN_PX, _GAP_PX = 9.5, 17.0, 5.0, 7.0  # in a picture of usual size
_STRIPE_PX = 3.0
_LONGEST_NAME = 18
_LARGEST_SHARE = 0.3  # of the height of what it tells of may be under a tag, where there is no room beside it

USUAL_TONE: Tone = (205, 205, 205)
LEADING_TONE: Tone = (255, 255, 255)
GOOD_TONE: Tone = (140, 240, 150)
WARNING_TONE: Tone = (60, 150, 255)


@dataclass(frozen=True, slots=True)
class Words:
    """Words in one colour.

    Attributes:
        text: ASCII.
        tone: BGR.
    """

    text: str
    tone: Tone


Lines = Sequence[Sequence[Words]]


@dataclass(frozen=True, slots=True)
class Tag:
    """What is written beside something.

    Attributes:
        box: Of what is told of.
        lines: Of words; neither is empty.
        tone: Of the stripe that tells whose tag it is.
        sides: Of the box, the preferred one first.
    """

    box: Box
    lines: Lines
    tone: Tone
    sides: Sequence[Side]


def tag_name(name: str) -> str:
    """A name in letters that can be drawn, shortened; it may have none."""
    drawn = in_latin(name)
    return drawn if len(drawn) <= _LONGEST_NAME else f"{drawn[: _LONGEST_NAME - 2]}.."


def draw_tag(picture: ColourImage, tag: Tag, free: FreeSpace) -> None:
    """Writes where that covers nothing: shortened to the first two words, or to the first, where there is little room.

    What leaves no room at all, for it fills the picture, has the tag on it. In a crowd that is too small for that it
    has none.

    Args:
        picture: HxWx3, BGR; drawn into.
        tag: What is written.
        free: Where there is room; the tag takes some.
    """
    scale, lines = stroke(picture), tag.lines
    for shown in (lines, [lines[0][:2]], [lines[0][:1]]):
        room = free.place_beside(tag.box, _size(shown, scale), tag.sides)
        if room is not None:
            _write(picture, room, shown, tag.tone, scale)
            return
    seen = tag.box.clipped(picture.shape[1], picture.shape[0])
    width, height = _size(lines, scale)
    if height <= _LARGEST_SHARE * seen.height and width <= seen.width:
        _write(picture, Box(seen.x, seen.y, width, height), lines, tag.tone, scale)


def _size(lines: Lines, scale: float) -> tuple[float, float]:
    width = max(
        sum(text_width(words.text, _CAPITALS_PX * scale) for words in line) + _GAP_PX * scale * (len(line) - 1)
        for line in lines
    )
    return width + (2 * _MARGIN_PX + _STRIPE_PX) * scale, (len(lines) * _LINE_PX + _MARGIN_PX / 2) * scale


def _write(picture: ColourImage, room: Box, lines: Lines, tone: Tone, scale: float) -> None:
    shade(picture, room)
    fill(picture, Box(room.x, room.y, _STRIPE_PX * scale, room.height), tone)
    y = room.y + (_LINE_PX - (_LINE_PX - _MARGIN_PX / 2 - _CAPITALS_PX) / 2) * scale
    for line in lines:
        x = room.x + (_STRIPE_PX + _MARGIN_PX) * scale
        for words in line:
            draw_text(picture, (x, y), words.text, words.tone, _CAPITALS_PX * scale)
            x += text_width(words.text, _CAPITALS_PX * scale) + _GAP_PX * scale
        y += _LINE_PX * scale
