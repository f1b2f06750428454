"""How well faces of one person are told from those of two."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from face_perception.embedding import FaceEmbedder
from face_perception.identity_threshold import identity_threshold
from face_perception.parameters import FaceParameters
from perception_cli.arguments import output_path
from perception_cli.evaluation.drawings import roc_picture
from perception_cli.evaluation.faces import FaceFinder
from perception_cli.evaluation.lfw import Pair, PairData, pairs_file, read_lfw, read_people
from perception_cli.evaluation.pictures import drawn, require_folder
from perception_cli.evaluation.report import Report, Setting, counted, share, time_words
from perception_cli.evaluation.work import Networks, ProcessorTime, Work
from perception_core.cropping import cut
from perception_core.evaluation.verification import FoldAccuracy, OperatingPoint, Similarities
from perception_core.frame import ColourImage
from perception_core.geometry import GeometryError, RotatedRegion
from perception_core.sources.pictures import limited

LAYOUTS = ("lfw", "class-folders")
_NODE = FaceParameters()
_FALSE_ACCEPTS = (1e-2, 1e-3)

_Seen = dict[int, NDArray[np.float32] | None]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declares what only this evaluation takes."""
    parser.add_argument(
        "--model", default=_NODE.identity, metavar="NAME", help=f"of models.yaml (default {_NODE.identity})"
    )
    parser.add_argument("--whole-crop", action="store_true", help="the pictures are aligned faces: look for no face")
    parser.add_argument("--roc", type=output_path, metavar="FILE.png", help="draw true accepts over false ones")


def evaluate(options: argparse.Namespace, work: Work) -> Report:
    """Compares the faces of all pairs.

    Raises:
        DataError: There is no such data set.
        ZooError: A network is not ready.
        EngineError: A network cannot be run, or is of another kind.
    """
    data = _data(options)
    pairs = drawn(data.pairs, options.limit)
    with Networks() as networks:
        embedder = FaceEmbedder(*networks.open(options.model))
        embedding = _Embedding(embedder, None if options.whole_crop else FaceFinder(networks))
        wanted = list(dict.fromkeys(place for pair in pairs for place in (pair.one, pair.other)))
        seen: _Seen = {}
        for place, colour in work.readings([data.pictures[place] for place in wanted]):
            seen[wanted[place]] = embedding(limited(colour))
        setting = Setting("identity", options, data.layout, data.split, networks, options.model, work)
        return _report(setting, data, pairs, seen, embedding)


class _Embedding:
    """From a picture to the numbers of the face that it is about."""

    def __init__(self, embedder: FaceEmbedder, finder: FaceFinder | None) -> None:
        self._embed, self.finder = embedder, finder
        self.thresholds = embedder.thresholds
        self.time = ProcessorTime()

    def __call__(self, colour: ColourImage) -> NDArray[np.float32] | None:
        """None where there is no face."""
        if self.finder is None:
            region = RotatedRegion(_middle(colour), max(colour.shape[:2]), 0.0)
            with self.time.of():
                return self._embed([cut(colour, region, self._embed.size)])[0]
        face = self.finder.main(colour)
        if face is None:
            return None
        try:
            with self.time.of():
                return self._embed([self._embed.crop(colour, face)])[0]
        except GeometryError:  # its five points coincide, or it lies outside: it is none
            return None


def _middle(colour: ColourImage) -> tuple[float, float]:
    return (colour.shape[1] - 1) / 2, (colour.shape[0] - 1) / 2


def _data(options: argparse.Namespace) -> PairData:
    layout = options.layout
    if layout is None:
        layout = "lfw" if pairs_file(require_folder(options.data), None) else "class-folders"
    return (read_lfw if layout == "lfw" else read_people)(options.data, options.split)


@dataclass(frozen=True, slots=True)
class _Judgement:
    """What the similarities of all pairs say."""

    accuracy: FoldAccuracy | None
    at_far: Mapping[str, OperatingPoint | None]
    equal: OperatingPoint | None
    node: OperatingPoint
    curve: list[OperatingPoint]

    @property
    def equal_error_rate(self) -> float | None:
        return (self.equal.false_accepts + 1 - self.equal.true_accepts) / 2 if self.equal else None


def _judged(similarities: Similarities, folds: list[int], table: Mapping[int, float]) -> _Judgement:
    return _Judgement(
        similarities.fold_accuracy(folds),
        {f"{far:g}": similarities.at_false_accepts(far) for far in _FALSE_ACCEPTS},
        similarities.equal_errors(),
        similarities.at(identity_threshold(1, _NODE.strangers_accepted, table).cosine),
        similarities.curve(),
    )


def _report(setting: Setting, data: PairData, pairs: list[Pair], seen: _Seen, embedding: _Embedding) -> Report:
    compared = [pair for pair in pairs if pair.one in seen and pair.other in seen]
    values = [_similarity(seen[pair.one], seen[pair.other]) for pair in compared]
    similarities = Similarities(values, [pair.same for pair in compared])
    judgement = _judged(similarities, [pair.fold for pair in compared], embedding.thresholds)
    counts = {
        "pairs": len(compared),
        "same": similarities.same,
        "different": len(compared) - similarities.same,
        "pairs_left_out": len(pairs) - len(compared),
        "pictures": len(seen),
        "undetected": sum(each is None for each in seen.values()),
        "unreadable": len(setting.work.unreadable),
        "missing": len(data.missing),
    }
    times = {
        "embed": embedding.time.mean_ms,
        "detect": embedding.finder.time.mean_ms if embedding.finder else None,
    }
    result = setting.described() | {"whole_crop": setting.options.whole_crop} | _as_json(judgement)
    title = f"{setting.model}: accuracy {_accuracy_words(judgement.accuracy)}"
    marked = {f"at FAR {far}": point for far, point in judgement.at_far.items()}
    return Report(
        result | {"counts": counts, "cpu_ms_per_face": times},
        ("measure", "value", "threshold"),
        _rows(judgement),
        [*_lines(setting, counts, data), time_words(times["embed"], times["detect"])],
        {"roc": roc_picture(judgement.curve, marked, title, (similarities.same, similarities.different))}
        if judgement.curve
        else {},
    )


def _as_json(judgement: _Judgement) -> dict[str, Any]:
    accuracy, equal, node = judgement.accuracy, judgement.equal, judgement.node
    return {
        "accuracy": accuracy.mean if accuracy else None,
        "accuracy_standard_error": accuracy.standard_error if accuracy else None,
        "folds": accuracy.parts if accuracy else 0,
        "tar_at_far": {far: point.true_accepts if point else None for far, point in judgement.at_far.items()},
        "eer": judgement.equal_error_rate,
        "thresholds": {
            "accuracy": accuracy.threshold if accuracy else None,
            "eer": equal.threshold if equal else None,
            "far": {far: point.threshold if point else None for far, point in judgement.at_far.items()},
        },
        "node": {"threshold": node.threshold, "far": node.false_accepts, "tar": node.true_accepts},
        "roc": [
            {"far": point.false_accepts, "tar": point.true_accepts, "threshold": point.threshold}
            for point in judgement.curve
        ],
    }


def _rows(judgement: _Judgement) -> list[tuple[str, str, str]]:
    accuracy, node = judgement.accuracy, judgement.node
    rows = [("accuracy", _accuracy_words(accuracy), _cosine(accuracy.threshold if accuracy else None))]
    for far, point in judgement.at_far.items():
        name = f"true accepts at {far} false accepts"
        rows.append((name, share(point.true_accepts), _cosine(point.threshold)) if point else (name, "-", "-"))
    equal = judgement.equal.threshold if judgement.equal else None
    rows.append(("equal error rate", share(judgement.equal_error_rate), _cosine(equal)))
    rows.append(("the node, with one person enrolled: true accepts", share(node.true_accepts), _cosine(node.threshold)))
    rows.append(("the node, with one person enrolled: false accepts", share(node.false_accepts), ""))
    return rows


def _lines(setting: Setting, counts: Mapping[str, int], data: PairData) -> list[str]:
    lines = [
        *setting.lines(),
        f"{counted(counts['same'], 'pair')} of one person, {counts['different']} of two; "
        f"{counted(counts['pictures'], 'picture')}",
    ]
    if counts["undetected"]:
        lines.append(
            f"no face was found in {counted(counts['undetected'], 'picture')}; their pairs count as judged wrongly"
        )
    if data.missing:
        lines.append(f"{counted(len(data.missing), 'picture')} of the list not there, such as {data.missing[0]}")
    if counts["pairs_left_out"]:
        lines.append(f"{counted(counts['pairs_left_out'], 'pair')} left out, as a picture was not read")
    return lines


def _accuracy_words(accuracy: FoldAccuracy | None) -> str:
    if accuracy is None:
        return "-"
    return f"{accuracy.mean:.4f} +- {accuracy.standard_error:.4f} ({accuracy.parts} folds)"


def _cosine(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _similarity(one: NDArray[np.float32] | None, other: NDArray[np.float32] | None) -> float:
    return math.nan if one is None or other is None else float(one @ other)
