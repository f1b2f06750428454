"""How much work the networks of a process are given, face by face."""

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
}


@contextmanager
def counted_work() -> Iterator[Counter[str]]:
    """Counts, while it lasts, the faces that go into each network and the pictures in which faces are looked for."""
    work: Counter[str] = Counter()
    with ExitStack() as counting:
        for stage, told in _WORK.items():
            counting.enter_context(patch.object(stage, "__call__", _counted(stage.__call__, told, work)))
        yield work


def _counted(run: Callable[..., Any], told: Callable[..., tuple[str, int]], work: Counter[str]) -> Callable[..., Any]:
    def counted(*arguments: Any) -> Any:
        kind, amount = told(*arguments)
        work[kind] += amount
        return run(*arguments)

    return counted
