"""How many of the faces in a picture are found, and how many that are none."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass, field

from face_perception.parameters import FaceParameters
from perception_cli.evaluation.faces import FaceFinder
from perception_cli.evaluation.pictures import drawn
from perception_cli.evaluation.report import Report, Setting, counted, milliseconds, share
from perception_cli.evaluation.wider_face import Crowd, read_wider_face
from perception_cli.evaluation.work import Networks, Work
from perception_core.evaluation.detections import (
    USUAL_OVERLAP,
    DetectionQuality,
    FoundBox,
    Judgement,
    TrueBox,
    judged,
    quality,
)
from perception_core.geometry import Box

LAYOUTS = ("wider-face",)
_NODE = FaceParameters()
_LOWEST_SCORE = 0.05  # average precision is over all scores
_LEAST_HEIGHT = 10.0  # pixels: nobody has to find a smaller face
_SUBSETS = {  # heights in pixels, from and below
    "all": (_LEAST_HEIGHT, math.inf),
    "large": (50.0, math.inf),
    "medium": (30.0, 50.0),
    "small": (_LEAST_HEIGHT, 30.0),
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declares what only this evaluation takes."""
    parser.add_argument(
        "--model", default=_NODE.detector, metavar="NAME", help=f"of models.yaml (default {_NODE.detector})"
    )


def evaluate(options: argparse.Namespace, work: Work) -> Report:
    """Looks for the faces of every picture.

    Raises:
        DataError: There is no such data set.
        ZooError: The network is not ready.
        EngineError: The network cannot be run, or is of another kind.
    """
    data = read_wider_face(options.data, options.split)
    chosen = drawn(data.crowds, options.limit)
    with Networks() as networks:
        finder = FaceFinder(networks, options.model, _LOWEST_SCORE)
        tallies = {name: _Tally(*heights) for name, heights in _SUBSETS.items()}
        pictures = 0
        for place, colour in work.readings([crowd.picture for crowd in chosen]):
            found = [FoundBox(face.box, face.score) for face in finder.all(colour)]
            pictures += 1
            for tally in tallies.values():
                tally.add(chosen[place], found)
        setting = Setting("detection", options, data.layout, data.split, networks, options.model, work)
        return _report(setting, finder, tallies, pictures)


@dataclass(slots=True)
class _Tally:
    """Judgements about faces of some heights; the others are neither required nor wrong."""

    least: float
    below: float
    required: int = 0
    judgements: list[tuple[float, Judgement]] = field(default_factory=list)

    def add(self, crowd: Crowd, found: list[FoundBox]) -> None:
        truth = [
            TrueBox(box, place not in crowd.invalid and self._covers(box)) for place, box in enumerate(crowd.faces)
        ]
        self.required += sum(each.required for each in truth)
        self.judgements += [
            (each.score, judgement)
            for each, judgement in judged(found, truth)
            if judgement is Judgement.HIT or self._covers(each.box)
        ]

    def _covers(self, box: Box) -> bool:
        return self.least <= box.height < self.below


def _report(setting: Setting, finder: FaceFinder, tallies: dict[str, _Tally], pictures: int) -> Report:
    found = {name: quality(tally.judgements, tally.required, finder.threshold) for name, tally in tallies.items()}
    whole = found["all"]
    result = setting.described() | {
        "overlap": USUAL_OVERLAP,
        "threshold": finder.threshold,
        **_as_json(whole),
        "subsets": {
            name: _as_json(each) | {"heights": list(_SUBSETS[name]), "faces": each.required}
            for name, each in found.items()
        },
        "counts": {
            "pictures": pictures,
            "faces": whole.required,
            "false_boxes": whole.false_boxes,
            "unreadable": len(setting.work.unreadable),
        },
        "cpu_ms_per_picture": {"detect": finder.time.mean_ms},
    }
    lines = [
        *setting.lines(),
        f"{counted(pictures, 'picture')}; recall and precision at the node's score of {finder.threshold:g}",
        f"processor time: {milliseconds(finder.time.mean_ms)} per picture",
    ]
    rows = [_row(name, each) for name, each in found.items() if each.required]
    header = ("faces", "height", "number", "recall", "precision", "average precision", "false")
    return Report(result, header, rows, lines)


def _as_json(found: DetectionQuality) -> dict[str, float]:
    return {"recall": found.recall, "precision": found.precision, "average_precision": found.average_precision}


def _row(name: str, found: DetectionQuality) -> tuple[str, ...]:
    least, below = _SUBSETS[name]
    heights = f"{least:g} px and more" if math.isinf(below) else f"{least:g} to {below:g} px"
    values = (found.recall, found.precision, found.average_precision)
    return (name, heights, str(found.required), *(share(value) for value in values), str(found.false_boxes))
