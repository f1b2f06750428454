"""A gallery of the people in a clip, and of some who are not in it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from benchmarks.harness.faces import KnownFrame
from face_perception.detection import FaceDetection, FaceDetector
from face_perception.embedding import FaceEmbedder
from face_perception.gallery import FaceView, Gallery
from face_perception.parameters import FaceParameters
from face_perception.view_gate import ViewGate
from perception_core.engines.engine import open_engine
from perception_core.frame import ColourImage
from perception_core.sources.pictures import read_picture
from perception_core.sources.scene_portraits import Point
from perception_core.zoo.fetch import fetch_models, fetch_pictures
from perception_core.zoo.manifest import load_models, load_pictures
from perception_core.zoo.store import model_path, picture_path

_ABSENT = ("astronaut", "obama", "biden")
_FROM_CLIP = 5  # frames from which everybody is enrolled, where the view is good enough


def enrol_people(path: Path, frames: Sequence[KnownFrame]) -> int:
    """Makes a gallery with the embedder that the face node has by default.

    Args:
        path: Of the new file.
        frames: Of one clip, with the same faces in the same order.

    Returns:
        How many people of the clip are in it.
    """
    parameters, specs = FaceParameters(), load_models()
    fetch_models([specs[parameters.detector], specs[parameters.identity]], print)
    with ExitStack() as opened:
        detection = opened.enter_context(closing(open_engine(model_path(parameters.detector))))
        identity = opened.enter_context(closing(open_engine(model_path(parameters.identity))))
        embedder = FaceEmbedder(identity, specs[parameters.identity])
        looks = _Looks(FaceDetector(detection), ViewGate(detection, embedder.crop), embedder)
        gallery = opened.enter_context(closing(Gallery(path, embedder.space)))
        return _fill(gallery, looks, frames)


class _Looks:
    def __init__(self, detector: FaceDetector, gate: ViewGate, embedder: FaceEmbedder) -> None:
        self._detector, self._gate, self._embedder = detector, gate, embedder

    def at(self, colour: ColourImage, points: Sequence[Point | None]) -> list[FaceView | None]:
        """The face around each point, or the best face where the point is None; None where no good view is."""
        detections = self._detector(colour)
        views: list[FaceView | None] = []
        for point in points:
            around = [face for face in detections if point is None or _holds(face, point)]
            view = self._gate(colour, around[0]) if around else None
            usable = view is not None and view.usable
            views.append(FaceView(self._embedder([view.crop])[0]) if view is not None and usable else None)
        return views


def _fill(gallery: Gallery, looks: _Looks, frames: Sequence[KnownFrame]) -> int:
    fetch_pictures([load_pictures()[name] for name in _ABSENT], print)
    for name in _ABSENT:
        (view,) = looks.at(read_picture(picture_path(name)), [None])
        if view is not None:
            gallery.enrol(name, [view], 0)
    rows = [looks.at(frame.picture, frame.faces) for frame in frames[:: len(frames) // _FROM_CLIP]]
    enrolled = 0
    for number, seen in enumerate(zip(*rows, strict=True)):
        views = [view for view in seen if view is not None]
        if views:
            gallery.enrol(f"person {number + 1} of the clip", views, 0)
            enrolled += 1
    return enrolled


def _holds(face: FaceDetection, point: Point) -> bool:
    box = face.box
    return box.x <= point[0] <= box.right and box.y <= point[1] <= box.bottom
