"""What became of the hands of an evaluation."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gesture_perception.gesture_names import CANNED, POSES
from gesture_perception.hand import NO_GESTURE
from perception_cli.evaluation.drawings import confusion_picture
from perception_cli.evaluation.gesture_classes import Meaning, listed
from perception_cli.evaluation.gesture_hands import SeenHand
from perception_cli.evaluation.gesture_map_file import short
from perception_cli.evaluation.report import Report, Setting, counted, milliseconds, share
from perception_core.evaluation.confusion import Confusion, confusion

_FEW = 0.9  # share of the hands that is found, below which the pictures may be crops


@dataclass(slots=True)
class Tally:
    """Hands, one after the other.

    Attributes:
        canned: Whether a gesture that MediaPipe's network does not know counts as none.
        truths: What they show.
        answers: What was answered; None where nothing was.
        undetected: How many were not found, by what they show.
        silent: For how many the network gave no numbers.
        extra: Hands that were found where the data set has none.
        extra_shown: How many of them show a gesture.
        pictures: How many were looked at.
    """

    canned: bool
    truths: list[str] = field(default_factory=list)
    answers: list[str | None] = field(default_factory=list)
    undetected: Counter[str] = field(default_factory=Counter)
    silent: int = 0
    extra: int = 0
    extra_shown: int = 0
    pictures: int = 0

    def add(self, meaning: Meaning, found: SeenHand | None) -> None:
        """A hand of which it is known what it shows; `found` is None where it was not found."""
        truth = self._counted(meaning.gesture)
        self.truths.append(truth)
        self.undetected[truth] += found is None
        self.silent += found is not None and found.gesture is None
        answer = None if found is None or found.gesture is None else self._counted(meaning.judged(found.gesture))
        self.answers.append(answer)

    def add_extra(self, hands: Sequence[SeenHand]) -> None:
        """Hands that the data set does not have."""
        self.extra += len(hands)
        self.extra_shown += sum(self._counted(hand.gesture or NO_GESTURE) != NO_GESTURE for hand in hands)

    @property
    def matrix(self) -> Confusion:
        """What was taken for what; of the gestures, those that occur."""
        there = {*self.truths, *(answer for answer in self.answers if answer is not None)}
        known = [*(name for name in POSES if name in there), *sorted(there.difference(POSES))]
        return confusion(self.truths, self.answers, known)

    @property
    def detection_rate(self) -> float:
        """Share of the hands that was found; NaN where there is none."""
        return _ratio(len(self.truths) - self.undetected.total(), len(self.truths))

    @property
    def false_share(self) -> float:
        """Share of the hands without a gesture that were taken for one; NaN where there is none."""
        return self._taken(lambda truth: truth == NO_GESTURE)

    @property
    def wrong_share(self) -> float:
        """Share of the hands with a gesture that were taken for another one; NaN where there is none."""
        return self._taken(lambda truth: truth != NO_GESTURE)

    def found_of(self, truth: str) -> float:
        """Share of the hands of a class that was found."""
        number = self.truths.count(truth)
        return _ratio(number - self.undetected[truth], number)

    def _taken(self, counts: Callable[[str], bool]) -> float:
        pairs = [pair for pair in zip(self.truths, self.answers, strict=True) if counts(pair[0])]
        return _ratio(sum(answer not in {None, NO_GESTURE, truth} for truth, answer in pairs), len(pairs))

    def _counted(self, gesture: str) -> str:
        return NO_GESTURE if self.canned and gesture not in CANNED else gesture


@dataclass(frozen=True, slots=True)
class Times:
    """Processor time in milliseconds: of looking for the hands of a picture, and of reading one; None without any."""

    detect: float | None
    read: float | None


@dataclass(frozen=True, slots=True)
class Absent:
    """What of the data was not looked at.

    Attributes:
        missing: Pictures that the data set's list names and that are not there.
        skipped: Hands of classes that are left out.
    """

    missing: int
    skipped: Mapping[str, int]


def gesture_report(setting: Setting, tally: Tally, times: Times, absent: Absent) -> Report:
    """The outcome.

    Args:
        setting: What was evaluated on what.
        tally: What became of the hands.
        times: How long it took.
        absent: What was not looked at.
    """
    matrix = tally.matrix
    result = setting.described() | {
        "map": str(setting.options.map) if setting.options.map else None,
        "canned": tally.canned,
        "whole_crop": setting.options.whole_crop,
        "detection_rate": tally.detection_rate,
        "accuracy": matrix.accuracy,
        "mean_recall": matrix.mean_recall,
        "recall": dict(matrix.recall),
        "precision": dict(matrix.precision),
        "found": {name: tally.found_of(name) for name in matrix.classes},
        "false_share": tally.false_share,
        "wrong_share": tally.wrong_share,
        "confusion": {
            "classes": list(matrix.classes),
            "answers": list(matrix.answers),
            "counts": matrix.counts.tolist(),
        },
        "counts": {
            "pictures": tally.pictures,
            "hands": len(tally.truths),
            "undetected": tally.undetected.total(),
            "without_numbers": tally.silent,
            "extra": tally.extra,
            "extra_with_gesture": tally.extra_shown,
            "unreadable": len(setting.work.unreadable),
            "missing": absent.missing,
            "skipped": dict(absent.skipped),
        },
        "cpu_ms_per_hand": {"detect": times.detect, "read": times.read},
    }
    header = ("class", "hands", "found", "recall", "precision", "most taken for")
    drawings = {"confusion": confusion_picture(matrix, _title(setting, matrix))} if tally.truths else {}
    return Report(result, header, _rows(tally, matrix), _lines(setting, tally, times, absent), drawings)


def _rows(tally: Tally, matrix: Confusion) -> list[tuple[str, ...]]:
    recall, precision = matrix.recall, matrix.precision
    rows: list[tuple[str, ...]] = []
    for row, name in enumerate(matrix.classes):
        wrong, number = matrix.counts[row].copy(), int(matrix.counts[row].sum())
        wrong[matrix.answers.index(name)] = 0
        most = int(wrong.argmax())
        taken = f"{matrix.answers[most]} ({wrong[most] / number:.2f})" if wrong[most] else "-"
        rows.append(
            (name, str(number), share(tally.found_of(name)), share(recall[name]), share(precision[name]), taken)
        )
    accuracy, mean = f"{share(matrix.accuracy)} accuracy", f"mean {share(matrix.mean_recall)}"
    rows.append(("all", str(len(tally.truths)), share(tally.detection_rate), accuracy, "", mean))
    return rows


def _lines(setting: Setting, tally: Tally, times: Times, absent: Absent) -> list[str]:
    lines = setting.lines()
    if absent.skipped:
        words = listed(f"{short(name)} ({counted(count, 'hand')})" for name, count in sorted(absent.skipped.items()))
        lines.append(f"left out: {words}; --map says what they are")
    if absent.missing:
        lines.append(f"not there: {counted(absent.missing, 'picture')} of the list")
    if tally.undetected.total():
        lines.append(f"{counted(tally.undetected.total(), 'hand')} not found, which counts as wrong")
    if setting.layout == "class-folders" and tally.detection_rate < _FEW and not setting.options.whole_crop:
        lines.append("if the pictures are crops of hands, say so with --whole-crop")
    if tally.silent:
        lines.append(f"the network gave no numbers for {counted(tally.silent, 'hand')}, which counts as wrong")
    if math.isfinite(tally.false_share):
        lines.append(f"other shapes taken for a gesture: {share(tally.false_share)}")
    if math.isfinite(tally.wrong_share):
        lines.append(f"gestures taken for another one: {share(tally.wrong_share)}")
    if tally.extra:
        lines.append(
            f"{counted(tally.extra, 'hand')} found where the list has none, {tally.extra_shown} of them with a gesture"
        )
    finding = f"{milliseconds(times.detect)} per picture to find the hands"
    lines.append(f"processor time: {milliseconds(times.read)} per hand, {finding}")
    return lines


def _title(setting: Setting, matrix: Confusion) -> str:
    partial = ", partial" if setting.work.partial else ""
    hands = counted(int(matrix.counts.sum()), "hand")
    return f"{setting.model}: accuracy {share(matrix.accuracy)} of {hands}{partial}"


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else math.nan
