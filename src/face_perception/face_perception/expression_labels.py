"""The sets of expressions that are published, and how networks' own names for them are understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class LabelError(ValueError):
    """Labels of a network that cannot be meant."""


@dataclass(frozen=True, slots=True)
class LabelSet:
    """Names of expressions, in the order in which scores are published.

    Attributes:
        name: FER7, AFFECTNET8, or that of a user's model.
        classes: Names, each once.
    """

    name: str
    classes: tuple[str, ...]


FER7 = LabelSet("FER7", ("neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised"))
"""The six basic expressions of Ekman and Friesen, and neutral, as FER2013 has them."""

AFFECTNET8 = LabelSet(
    "AFFECTNET8", ("neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt")
)
"""Mollahosseini, Hasani, Mahoor, "AffectNet", IEEE Transactions on Affective Computing 10(1), 2019, in its order."""

_MEANINGS = {
    "neutral": ("neutral", "neutrality", "calm", "none"),
    "happy": ("happy", "happiness", "joy", "joyful"),
    "sad": ("sad", "sadness"),
    "angry": ("angry", "anger"),
    "fearful": ("fearful", "fear", "afraid", "scared"),
    "disgusted": ("disgusted", "disgust"),
    "surprised": ("surprised", "surprise"),
    "contemptuous": ("contemptuous", "contempt"),
}
_MEANING_OF = {alias: meaning for meaning, aliases in _MEANINGS.items() for alias in aliases}


def meaning(label: str) -> str | None:
    """The expression that a name stands for, whatever its part of speech or case; None for another name.

    Returns:
        One of neutral, happy, sad, angry, fearful, disgusted, surprised, contemptuous.
    """
    return _MEANING_OF.get(label.strip().lower())


def recognised(labels: Sequence[str], model: str) -> tuple[LabelSet, tuple[int, ...]]:
    """The published set that a network's labels are, and where in its output each published class stands.

    Args:
        labels: In the order of the network's outputs.
        model: The network's name, which names its set where the labels are of no set that is known.

    Raises:
        LabelError: There are less than two labels, or two that mean the same.
    """
    place = f"labels of {model}"
    if len(labels) < 2:
        raise LabelError(
            f"{place}: an expression network needs two or more, found {list(labels)}; add them to its entry"
        )
    meanings = [meaning(label) or label.strip().lower() for label in labels]
    for index, name in enumerate(meanings):
        if name in meanings[:index]:
            raise LabelError(f"{place}: {labels[index]} and {labels[meanings.index(name)]} mean the same; keep one")
    for known in (FER7, AFFECTNET8):
        wanted = [meaning(label) for label in known.classes]
        if set(wanted) == set(meanings):
            return known, tuple(meanings.index(str(name)) for name in wanted)
    return LabelSet(model, tuple(labels)), tuple(range(len(labels)))
