"""The face pipeline as its parameters ask for it, with the network that it runs on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from face_perception.detection import FaceDetector
from face_perception.parameters import FaceParameters
from face_perception.pipeline import FacePipeline, Located
from perception_core.engines.engine import Engine, EngineKind, EngineOptions, open_engine
from perception_core.tracking import Tracker
from perception_core.zoo.files import sha256_of
from perception_core.zoo.store import model_path

_LOWEST_SCORE = 0.35  # a detection this weak may carry a track on, but not start one
_SURE_SCORE = 0.8  # a detection this strong starts a track at once
_BLANK = np.zeros((480, 640, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class FaceAssembly:
    """A pipeline that is ready to run.

    Attributes:
        pipeline: Takes frames.
        engine: What runs its network.
        models: Names and hashes of the models, for the diagnostics.
    """

    pipeline: FacePipeline
    engine: Engine
    models: Mapping[str, str]

    def close(self) -> None:
        """Frees the network; the pipeline cannot run from then on."""
        self.engine.close()


def open_face_pipeline(
    parameters: FaceParameters, notify: Callable[[str], None], sure_score: float = _SURE_SCORE
) -> FaceAssembly:
    """Loads the network and puts the stages together.

    Args:
        parameters: What is wanted.
        notify: Told, in words, of what the user should know while frames are worked on.
        sure_score: A face with this score is reported at first sight, a weaker one only if it is seen again. Below
            `score_threshold` it has no effect.

    Raises:
        ZooError: The model is not there or damaged.
        EngineError: It cannot be run, or is of another kind.
    """
    model = model_path(parameters.detector)
    engine = open_engine(model, EngineKind(parameters.engine), EngineOptions(threads=parameters.threads))
    detector = FaceDetector(engine, _LOWEST_SCORE, parameters.detection_width)
    detector(_BLANK)  # the first run allocates memory: better now than while frames wait
    tracker: Tracker[Located] = Tracker(
        max_missed_s=parameters.keep_lost_s,
        sure_score=max(sure_score, parameters.score_threshold),
        score=parameters.score_threshold,
        low_score=_LOWEST_SCORE,
        notify=notify,
    )
    models = {"detector": parameters.detector, "detector_sha256": sha256_of(model)}
    return FaceAssembly(FacePipeline(detector, tracker, parameters.bridge_s), engine, models)
