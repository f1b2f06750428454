"""How far landmarks lie from where people see them."""

from __future__ import annotations

import argparse
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from face_perception.face_region import region_of_detection, region_of_landmarks
from face_perception.landmark_schemes import to_scheme
from face_perception.landmarks import LandmarkNetwork, Landmarks, LandmarkScheme
from face_perception.parameters import FaceParameters
from perception_cli.evaluation.faces import FaceFinder
from perception_cli.evaluation.pictures import drawn
from perception_cli.evaluation.report import Report, Setting, counted, share, time_words
from perception_cli.evaluation.wflw import ATTRIBUTES, TrueFace, read_wflw
from perception_cli.evaluation.work import Networks, ProcessorTime, Work
from perception_core.evaluation.point_errors import PointErrors, normalised_error, summary
from perception_core.frame import ColourImage
from perception_core.geometry import RotatedRegion

LAYOUTS = ("wflw",)
_NODE = FaceParameters()
_RIGHT_EYE_OUTER, _LEFT_EYE_OUTER = 60, 72  # of the 98 points
_SAME_FACE = 0.3  # overlap of the detector's box and the list's, which are drawn differently
_MARGIN = 1.5  # of the region, in longer sides of the face
_ROUNDS = 3  # the node follows a face: in a picture that stands still, the region settles
_LIMIT = 0.1


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declares what only this evaluation takes."""
    parser.add_argument(
        "--model", default=_NODE.landmark_model, metavar="NAME", help=f"of models.yaml (default {_NODE.landmark_model})"
    )
    parser.add_argument("--whole-crop", action="store_true", help="take the faces' boxes from the list: look for none")


def evaluate(options: argparse.Namespace, work: Work) -> Report:
    """Finds the landmarks of every listed face and measures how far they are off.

    Raises:
        DataError: There is no such data set.
        ZooError: A network is not ready.
        EngineError: A network cannot be run, or is of another kind.
    """
    data = read_wflw(options.data, options.split)
    chosen = drawn(data.faces, options.limit)
    work.unreadable += [f"{name} is no face with 98 points" for name in data.unreadable]
    with Networks() as networks:
        placing = _Placing(
            LandmarkNetwork(networks.open(options.model)[0]), None if options.whole_crop else FaceFinder(networks)
        )
        errors: list[tuple[TrueFace, float]] = []
        for place, colour in work.readings([face.picture for face in chosen]):
            face = chosen[place]
            if face.box.clipped(colour.shape[1], colour.shape[0]).area == 0:
                work.unreadable.append(f"{face.picture.name}: its face lies outside the picture")
            else:
                errors.append((face, placing.error(face, colour)))
        setting = Setting("landmarks", options, data.layout, data.split, networks, options.model, work)
        return _report(setting, placing, errors)


class _Placing:
    """From a listed face to how far its landmarks are off."""

    def __init__(self, network: LandmarkNetwork, finder: FaceFinder | None) -> None:
        self._network, self.finder = network, finder
        self.time = ProcessorTime()

    def error(self, face: TrueFace, colour: ColourImage) -> float:
        """In distances between the outer corners of the eyes; infinite where the face is not found."""
        points = self._points(self._region(face, colour), colour)
        if points is None:
            return math.inf
        return normalised_error(points, face.points, _RIGHT_EYE_OUTER, _LEFT_EYE_OUTER)

    def _region(self, face: TrueFace, colour: ColourImage) -> RotatedRegion | None:
        if self.finder is None:
            return RotatedRegion(face.box.centre, _MARGIN * max(face.box.width, face.box.height), 0.0)
        found = max(self.finder.all(colour), key=lambda each: each.box.overlap(face.box), default=None)
        if found is None or found.box.overlap(face.box) < _SAME_FACE:
            return None
        return region_of_detection(found)

    def _points(self, region: RotatedRegion | None, colour: ColourImage) -> NDArray[np.float32] | None:
        landmarks: Landmarks | None = None
        for _ in range(_ROUNDS):
            if region is None:
                return None
            with self.time.of():
                (landmarks,) = self._network(colour, [region])
            if landmarks.presence < _NODE.landmark_presence:
                return None
            region = region_of_landmarks(landmarks)
        return None if landmarks is None else to_scheme(landmarks, LandmarkScheme.WFLW98).points[:, :2]


def _report(setting: Setting, placing: _Placing, errors: list[tuple[TrueFace, float]]) -> Report:
    every = summary([error for _, error in errors], _LIMIT)
    hard = {name: summary([error for face, error in errors if name in face.attributes], _LIMIT) for name in ATTRIBUTES}
    undetected = sum(math.isinf(error) for _, error in errors)
    times = {
        "landmarks": placing.time.mean_ms,
        "detect": placing.finder.time.mean_ms if placing.finder else None,
    }
    result = setting.described() | {
        "whole_crop": setting.options.whole_crop,
        "normalised_by": "distance between the outer corners of the eyes",
        **_as_json(every),
        "subsets": {name: _as_json(errors) | {"faces": errors.faces} for name, errors in hard.items()},
        "counts": {"faces": every.faces, "undetected": undetected, "unreadable": len(setting.work.unreadable)},
        "cpu_ms_per_face": times,
    }
    lines = setting.lines()
    if undetected:
        lines.append(f"{counted(undetected, 'face')} not found: counted as failed, but not in mean and median")
    lines.append(time_words(times["landmarks"], times["detect"]))
    rows = [_row("all", every), *[_row(name, each) for name, each in hard.items() if each.faces]]
    header = ("faces", "number", "mean error", "median", f"failed (above {_LIMIT:g})", f"AUC (to {_LIMIT:g})")
    return Report(result, header, rows, lines)


def _as_json(errors: PointErrors) -> dict[str, Any]:
    return {
        "nme": {"mean": errors.mean, "median": errors.median},
        "failure_rate": errors.failure_rate,
        "auc": errors.auc,
    }


def _row(name: str, errors: PointErrors) -> tuple[str, ...]:
    values = (errors.mean, errors.median, errors.failure_rate, errors.auc)
    return (name, str(errors.faces), *(share(value) for value in values))
