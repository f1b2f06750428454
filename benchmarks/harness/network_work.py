"""How much work the networks of a process are given, face by face and hand by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from face_perception.alignment import TEMPLATE_SIZE
from face_perception.blendshapes import BlendshapeNetwork
from face_perception.detection import FaceDetector
from face_perception.embedding import FaceEmbedder
from face_perception.expression_network import ExpressionReader
from face_perception.landmarks import LandmarkNetwork, LandmarkScheme
from gesture_perception.palms import PalmDetector
from perception_core.engines.engine import Engine, Tensors

_OF_MESH = {
    LandmarkScheme.MEDIAPIPE478: "full_landmarks",
    LandmarkScheme.MEDIAPIPE468: "light_landmarks",
}
# What a call does, by the arguments of the call.
_WORK: Mapping[type, Callable[..., tuple[str, int]]] = {
    LandmarkNetwork: lambda network, _colour, regions: (_OF_MESH[network.scheme], len(regions)),
    BlendshapeNetwork: lambda _network, faces: ("blendshapes", len(faces)),
    ExpressionReader: lambda _reader, _colour, views: ("expression", len(views)),
    FaceEmbedder: lambda _embedder, crops: ("identity", len(crops)),
    # A crop of one face that is looked at once more is no search for faces.
    FaceDetector: lambda _detector, colour: ("detector", int(colour.shape[1] > TEMPLATE_SIZE)),
    PalmDetector: lambda _detector, _colour, within=None: (
        "palm_detector" if within is None else "palm_detector_close",
        1,
    ),
}


@contextmanager
def counted_work() -> Iterator[Counter[str]]:
    """Counts, while it lasts, what goes into each network, and the pictures in which faces or hands are looked for.

    Two hand networks differ in nothing but their engines: see `counted_rows`.
    """
    work: Counter[str] = Counter()
    with ExitStack() as counting:
        for stage, told in _WORK.items():
            counting.enter_context(patch.object(stage, "__call__", _counted(stage.__call__, told, work)))
        yield work


def counted_rows(engine: Engine, kind: str, work: Counter[str]) -> Engine:
    """The engine, which from now on counts the rows of all batches that it is given."""

    def told(feeds: Tensors) -> tuple[str, int]:
        return kind, len(next(iter(feeds.values())))

    engine.run = _counted(engine.run, told, work)  # type: ignore[method-assign]
    return engine


def _counted(run: Callable[..., Any], told: Callable[..., tuple[str, int]], work: Counter[str]) -> Callable[..., Any]:
    def counted(*arguments: Any, **named: Any) -> Any:
        kind, amount = told(*arguments, **named)
        work[kind] += amount
        return run(*arguments, **named)

    return counted
