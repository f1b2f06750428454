"""The file of a label map: classes of a data set, and what they are said to be, as texts.

Only what a map needs is ever made of the file: references of YAML can make few lines stand for more than any memory
holds, and Python writes out no number of more than 4300 digits. A number is therefore the text that stands there, and
007 is the class 007.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from gesture_perception.hand import NO_GESTURE
from perception_cli.evaluation.pictures import DataError
from perception_core.regular_files import TooLargeError, read_regular
from perception_core.wording import shown

SKIP = "skip"
"""In a label map: a class that is left out."""

_MOST_BYTES = 2**18
_MOST_GESTURES = 100  # that are right for one class
_LONGEST, _LONGEST_REASON = 80, 300  # letters
_TAG = "tag:yaml.org,2002:"
_TEXTS = frozenset(_TAG + kind for kind in ("str", "int", "float"))
_EXAMPLE = "A label map is a file such as {fist: Closed_Fist, others: None}."


def short(text: str, most: int = _LONGEST) -> str:
    """The text, or its beginning where it is longer than anybody reads."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def read_label_map(file: Path) -> list[tuple[str, tuple[str, ...]]]:
    """Classes with the gestures that are right for each, at least one, in the order of the file; JSON is YAML.

    Raises:
        DataError: The file cannot be read, or holds something else.
    """
    top = _composed(file)
    if not isinstance(top, yaml.MappingNode):
        found = "nothing" if top is None else _words(top)
        raise DataError(f"{file} must be a mapping of classes to gestures, found {found}. {_EXAMPLE}")
    return [_entry(file, key, value) for key, value in top.value]


def _composed(file: Path) -> yaml.Node | None:
    """The file as it is written, without values; None where it is empty."""
    try:
        text = read_regular(file, _MOST_BYTES).decode("utf-8-sig")
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except OSError as error:
        raise DataError(f"{file} cannot be read: {error.strerror}. {_EXAMPLE}") from error
    except TooLargeError as error:
        raise DataError(f"{file} is too large for a label map: {error}. {_EXAMPLE}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = short(" ".join(str(error).split()), _LONGEST_REASON)
        raise DataError(f"{file} is not valid YAML: {reason}. {_EXAMPLE}") from error


def _entry(file: Path, key: yaml.Node, value: yaml.Node) -> tuple[str, tuple[str, ...]]:
    if not _is_text(key):
        raise DataError(f"{file}: {_words(key)} is no name of a class; put it in quotes")
    if isinstance(value, yaml.ScalarNode) and value.tag == f"{_TAG}null":
        return _text(key), (NO_GESTURE,)
    values = value.value if isinstance(value, yaml.SequenceNode) else [value]
    if not 0 < len(values) <= _MOST_GESTURES or not all(map(_is_text, values)):
        raise DataError(
            f"{file}: {short(_text(key))} has to be mapped to the name of a gesture, a list of such, or {SKIP}; found "
            f"{_words(value)}"
        )
    return _text(key), tuple(map(_text, values))


def _is_text(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag in _TEXTS


def _text(node: yaml.Node) -> str:
    """What is written there; JSON writes an emoji as two halves, of which YAML makes two letters that are none."""
    return str(node.value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _words(node: yaml.Node) -> str:
    """What stands there, however much it may stand for."""
    if isinstance(node, yaml.ScalarNode):
        return shown(node.value)
    return "a mapping" if isinstance(node, yaml.MappingNode) else "a list"
