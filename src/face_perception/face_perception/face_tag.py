"""What is written beside a face: who it is, how far away, and what else matters at once."""

from __future__ import annotations

from face_perception.face import Face
from face_perception.face_words import name_words
from face_perception.identity import Identity
from face_perception.liveness import Liveness
from perception_core import tags
from perception_core.drawing import Tone
from perception_core.frame import ColourImage
from perception_core.free_space import FreeSpace, Side
from perception_core.tags import GOOD_TONE, LEADING_TONE, USUAL_TONE, WARNING_TONE, Tag, Words, tag_name
from perception_core.wording import distance_words

_ID_DIGITS = 4
_SIDES = (Side.ABOVE, Side.BELOW, Side.RIGHT, Side.LEFT)


def tag_lines(face: Face) -> list[list[Words]]:
    """What there is to say: id, name and distance in the first line, what is noteworthy in the second."""
    first = [Words(f"#{face.track_id}", USUAL_TONE)]
    first += [Words(text, LEADING_TONE) for text in [_name(face.identity)] if text]
    first += [Words(text, USUAL_TONE) for text in [distance_words(face.position)] if text]
    second = [Words("looking at you", GOOD_TONE)] if face.looking_at_camera else []
    second += [Words("flat", WARNING_TONE)] if face.liveness is Liveness.FLAT else []
    return [first, second] if second else [first]


def draw_tag(picture: ColourImage, face: Face, tone: Tone, free: FreeSpace) -> None:
    """Writes the tag where it covers nobody; see `perception_core.tags`.

    Args:
        picture: HxWx3, BGR; drawn into.
        face: What is told of.
        tone: Of the stripe that tells whose tag it is.
        free: Where there is room; the tag takes some.
    """
    tags.draw_tag(picture, Tag(face.box, tag_lines(face), tone, _SIDES), free)


def _name(identity: Identity) -> str:
    """The name as it can be drawn; of one that has no such letters, the beginning of the person's id."""
    words = name_words(identity)
    name = tag_name(words)
    if words and not any(map(str.isalnum, name)):
        return f"person {identity.person_id[:_ID_DIGITS]}" + "?" * words.endswith("?")
    return name
