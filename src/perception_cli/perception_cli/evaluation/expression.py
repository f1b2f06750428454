"""How often an expression is read rightly."""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from face_perception.expression_crop import FaceView
from face_perception.expression_evidence import ExpressionTiming
from face_perception.expression_labels import LabelSet, meaning
from face_perception.expression_network import ExpressionNetwork, ExpressionReader
from face_perception.parameters import FaceParameters
from perception_cli.arguments import output_path
from perception_cli.evaluation.class_folders import Labelled, LabelledData, read_class_folders
from perception_cli.evaluation.drawings import confusion_picture
from perception_cli.evaluation.faces import FaceFinder
from perception_cli.evaluation.fer2013 import fer2013_file, read_fer2013
from perception_cli.evaluation.pictures import DataError, drawn
from perception_cli.evaluation.report import Report, Setting, counted, share, time_words
from perception_cli.evaluation.work import Networks, ProcessorTime, Work
from perception_core.engines.engine import EngineError
from perception_core.evaluation.confusion import Confusion, confusion
from perception_core.frame import ColourImage
from perception_core.geometry import Box
from perception_core.sources.pictures import limited

LAYOUTS = ("class-folders", "fer2013-csv")
_NODE = FaceParameters()
_MANY = 0.3  # share of the pictures without a face from which on they may be crops


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declares what only this evaluation takes."""
    parser.add_argument(
        "--model", default=_NODE.expression, metavar="NAME", help=f"of models.yaml (default {_NODE.expression})"
    )
    parser.add_argument(
        "--second",
        default=_NODE.expression_second,
        metavar="NAME",
        help="another network, whose answer is averaged with the first's",
    )
    parser.add_argument("--no-mirror", action="store_true", help="do not average with the mirrored face")
    parser.add_argument("--whole-crop", action="store_true", help="the pictures are face crops: look for no face")
    parser.add_argument("--confusion", type=output_path, metavar="FILE.png", help="draw the confusion matrix")


def evaluate(options: argparse.Namespace, work: Work) -> Report:
    """Reads the expression of every face and compares it with what the picture is said to show.

    Raises:
        DataError: There is no such data set.
        ZooError: A network is not ready.
        EngineError: A network cannot be run, or is of another kind.
    """
    data = _data(options)
    work.unreadable += [f"{name}: its class cannot be read" for name in data.unreadable]
    with Networks() as networks:
        names = [options.model, *([options.second] if options.second else [])]
        reader = ExpressionReader(
            [ExpressionNetwork(*networks.open(name)) for name in names], mirrored=not options.no_mirror
        )
        finder = None if options.whole_crop else FaceFinder(networks)
        known, skipped = _understood(data, reader.label_set)
        reading = _Reading(reader, finder)
        chosen = drawn(known, options.limit)
        for place, colour in work.readings([each.picture for each in chosen]):
            reading.add(chosen[place].label, colour)
        if reading.silent and reading.silent == len(reading.truths):
            raise EngineError(f"{options.model} gave no numbers for any picture; its answers are NaN or infinite")
        setting = Setting("expression", options, data.layout, data.split, networks, options.model, work)
        return _report(setting, reading, skipped)


class _Reading:
    """True and read expressions, one after the other."""

    def __init__(self, reader: ExpressionReader, finder: FaceFinder | None) -> None:
        self._reader, self.finder = reader, finder
        self.time = ProcessorTime()
        self.truths: list[str] = []
        self.answers: list[str | None] = []
        self.scores: list[float] = []
        self.silent = 0  # answers of the networks that are no numbers

    @property
    def classes(self) -> Sequence[str]:
        return self._reader.label_set.classes

    def add(self, truth: str, colour: ColourImage) -> None:
        colour = limited(colour)
        scores = self._scores(colour)
        self.truths.append(truth)
        silent = scores is not None and not np.isfinite(scores).all()
        self.silent += silent
        if scores is None or silent:
            self.answers.append(None)
            self.scores.append(0.0)
            return
        best = int(scores.argmax())
        self.answers.append(self.classes[best])
        self.scores.append(float(scores[best]))

    def _scores(self, colour: ColourImage) -> np.ndarray[Any, np.dtype[np.float64]] | None:
        view = self._view(colour)
        if view is None:
            return None
        with self.time.of():
            return np.asarray(self._reader(colour, [view])[0], np.float64)

    def _view(self, colour: ColourImage) -> FaceView | None:
        if self.finder is None:
            return FaceView(_whole(colour))
        face = self.finder.main(colour)
        return FaceView(face.box, face.keypoints) if face else None


def _whole(colour: ColourImage) -> Box:
    """All pixels, from the outer edges of the first to those of the last: a pixel's centre is a whole number."""
    return Box(-0.5, -0.5, colour.shape[1], colour.shape[0])


def _data(options: argparse.Namespace) -> LabelledData:
    file = fer2013_file(options.data) if options.layout in {None, "fer2013-csv"} else None
    if file is not None:
        return read_fer2013(file, options.split)
    if options.layout == "fer2013-csv":
        raise DataError(f"{options.data}: there is no csv file with the columns emotion and pixels")
    return read_class_folders(options.data, options.split)


def _understood(data: LabelledData, label_set: LabelSet) -> tuple[list[Labelled], Counter[str]]:
    """The pictures whose class the networks have, under its published name; and how many there are of the others."""
    name_of = {meaning(name) or name.lower(): name for name in label_set.classes}
    known: list[Labelled] = []
    skipped: Counter[str] = Counter()
    for each in data.pictures:
        name = name_of.get(meaning(each.label) or each.label.strip().lower())
        if name is None:
            skipped[each.label] += 1
        else:
            known.append(Labelled(name, each.picture))
    if not known:
        found = ", ".join(sorted(skipped)) or "none"
        raise DataError(f"no class of the data is one of {', '.join(label_set.classes)}; found: {found}")
    return known, skipped


def _report(setting: Setting, reading: _Reading, skipped: Counter[str]) -> Report:
    matrix = confusion(reading.truths, reading.answers, reading.classes)
    undetected = sum(answer is None for answer in reading.answers) - reading.silent
    times = {
        "read": reading.time.mean_ms,
        "detect": reading.finder.time.mean_ms if reading.finder else None,
    }
    sure = _sure(reading)
    result = setting.described() | {
        "second": setting.options.second or None,
        "mirrored": not setting.options.no_mirror,
        "whole_crop": setting.options.whole_crop,
        "accuracy": matrix.accuracy,
        "mean_recall": matrix.mean_recall,
        "recall": dict(matrix.recall),
        "precision": dict(matrix.precision),
        "confusion": {
            "classes": list(matrix.classes),
            "answers": list(matrix.answers),
            "counts": matrix.counts.tolist(),
        },
        "sure": sure,
        "counts": {
            "pictures": len(reading.truths),
            "undetected": undetected,
            "without_numbers": reading.silent,
            "unreadable": len(setting.work.unreadable),
            "skipped": dict(skipped),
        },
        "cpu_ms_per_face": times,
    }
    return Report(
        result,
        ("class", "faces", "recall", "precision", "most taken for"),
        _rows(matrix),
        [
            *_lines(setting, matrix, undetected, skipped),
            *_silent_words(reading),
            _sure_words(sure),
            time_words(times["read"], times["detect"]),
        ],
        {"confusion": confusion_picture(matrix, _title(setting, matrix))} if reading.truths else {},
    )


def _rows(matrix: Confusion) -> list[tuple[str, ...]]:
    recall, precision = matrix.recall, matrix.precision
    rows: list[tuple[str, ...]] = []
    for row, name in enumerate(matrix.classes):
        wrong = matrix.counts[row].copy()
        wrong[matrix.answers.index(name)] = 0
        most = int(wrong.argmax())
        taken = f"{matrix.answers[most]} ({wrong[most] / matrix.counts[row].sum():.2f})" if wrong[most] else "-"
        rows.append((name, str(matrix.counts[row].sum()), share(recall[name]), share(precision[name]), taken))
    rows.append(
        ("all", str(matrix.counts.sum()), f"{share(matrix.accuracy)} accuracy", "", f"mean {share(matrix.mean_recall)}")
    )
    return rows


def _lines(setting: Setting, matrix: Confusion, undetected: int, skipped: Counter[str]) -> list[str]:
    lines = setting.lines()
    if skipped:
        words = ", ".join(f"{name} ({counted(count, 'picture')})" for name, count in sorted(skipped.items()))
        lines.append(f"skipped, as {setting.model} has no such class: {words}")
    if undetected:
        lines.append(f"no face was found in {counted(undetected, 'picture')}, which counts as wrong")
    if undetected > _MANY * max(1, int(matrix.counts.sum())) and not setting.options.whole_crop:
        lines.append("if the pictures are face crops already, say so with --whole-crop")
    return lines


def _silent_words(reading: _Reading) -> list[str]:
    if not reading.silent:
        return []
    return [f"the network gave no numbers for {counted(reading.silent, 'picture')}, which counts as wrong"]


def _sure(reading: _Reading) -> dict[str, float]:
    """What is right among the faces whose score is as high as the node wants it before it shows a label."""
    shown = ExpressionTiming().shown
    sure = [place for place, score in enumerate(reading.scores) if score >= shown]
    right = sum(reading.truths[place] == reading.answers[place] for place in sure)
    return {
        "score": shown,
        "share": len(sure) / len(reading.scores) if reading.scores else math.nan,
        "accuracy": right / len(sure) if sure else math.nan,
    }


def _sure_words(sure: dict[str, float]) -> str:
    return (
        f"with a score of {sure['score']:g} or more: {share(sure['share'])} of the faces, "
        f"{share(sure['accuracy'])} of them right"
    )


def _title(setting: Setting, matrix: Confusion) -> str:
    names = " + ".join(filter(None, (setting.model, setting.options.second)))
    partial = ", partial" if setting.work.partial else ""
    return f"{names}: accuracy {share(matrix.accuracy)} of {counted(int(matrix.counts.sum()), 'face')}{partial}"
