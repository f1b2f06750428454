"""The face pipeline as its parameters ask for it, with the networks that it runs on and the gallery."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from face_perception.blendshapes import MODEL as BLENDSHAPES
from face_perception.blendshapes import BlendshapeNetwork
from face_perception.canonical_face import MODEL as CANONICAL_FACE
from face_perception.canonical_face import read_canonical_face
from face_perception.describing import FaceDescriber, FaceNetworks
from face_perception.detection import FaceDetector
from face_perception.embedding import FaceEmbedder
from face_perception.expression_crop import FaceView
from face_perception.expression_network import ExpressionNetwork, ExpressionReader
from face_perception.finding import FaceFinder
from face_perception.gallery import Gallery
from face_perception.gallery_errors import OtherModelError
from face_perception.gallery_watch import GalleryWatch
from face_perception.identification import Identification
from face_perception.identity_evidence import Identifier, IdentityPolicy
from face_perception.landmarks import LandmarkNetwork, LandmarkScheme
from face_perception.parameters import FaceParameters
from face_perception.pipeline import FacePipeline, FaceStages, Located
from face_perception.refresh import Turns
from face_perception.strangers import Strangers
from face_perception.view_gate import ViewGate
from perception_core.engines.engine import Engine, EngineError, Progress
from perception_core.engines.networks import Networks
from perception_core.geometry import Box, RotatedRegion
from perception_core.tracking import Tracker

_LOWEST_SCORE = 0.35  # a detection this weak may carry a track on, but not start one
_SURE_SCORE = 0.8  # a detection this strong starts a track at once

# The first run of a network allocates memory: better when it is loaded than while frames wait.
_NOISE = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
_SOMEWHERE = RotatedRegion((320.0, 240.0), 150.0, 0.1)
_BOX = Box(270.0, 170.0, 100.0, 140.0)


@dataclass(frozen=True, slots=True)
class FaceAssembly:
    """A pipeline that is ready to run.

    Attributes:
        pipeline: Takes frames.
        engines: What runs its networks, by what they are for; the detector's is there always.
        models: Names and hashes of the models, for the diagnostics.
        gallery: The people who are known; None where nobody is identified.
        embedder: Makes embeddings of faces, for whoever enrols people from pictures; None likewise.
    """

    pipeline: FacePipeline
    engines: Mapping[str, Engine]
    models: Mapping[str, str]
    gallery: Gallery | None
    embedder: FaceEmbedder | None
    _open: ExitStack

    @property
    def engine(self) -> Engine:
        """What runs the detector."""
        return self.engines["detector"]

    def close(self) -> None:
        """Frees the networks and the gallery; the pipeline cannot run from then on."""
        self._open.close()


def open_face_pipeline(
    parameters: FaceParameters,
    notify: Callable[[str], None],
    sure_score: float = _SURE_SCORE,
    gallery: Gallery | None = None,
    ids: Iterator[int] | None = None,
    *,
    progress: Progress | None = None,
) -> FaceAssembly:
    """Loads what is wanted and puts the stages together.

    Args:
        parameters: What is wanted.
        notify: Told, in words, of what the user should know while frames are worked on; from any thread.
        sure_score: A face with this score is reported at first sight, a weaker one only if it is seen again. Below
            `score_threshold` it has no effect.
        gallery: The people who are known, which stays the caller's to close; None opens the one that the parameters
            name, and makes it where there is none.
        ids: Of tracks, going on from those that were given before; None begins with 1.
        progress: Follows networks being built for a GPU, which can take minutes, and may stop it.

    Raises:
        ZooError: A model is not there or damaged.
        EngineError: It cannot be run, or is of another kind.
        CancelledError: `progress` stopped it.
        GalleryError: The gallery cannot be used; nothing in it is changed. One that cannot be written is used.
    """
    with ExitStack() as opened:
        networks = Networks(
            parameters.engine,
            parameters.threads,
            opened,
            precision=parameters.precision,
            progress=progress,
            total=network_count(parameters),
        )
        detector_engine = networks.engine("detector", parameters.detector)
        finder = _finder(parameters, networks, detector_engine)
        describer = _describer(parameters, networks)
        identification, embedder = None, None
        if parameters.identity:
            embedder = FaceEmbedder(*networks.described("identity", parameters.identity))
            gate = ViewGate(detector_engine, embedder.crop)
            gallery = _gallery(parameters, embedder, gallery, opened)
            opened.callback(GalleryWatch(gallery, notify).close)
            identification = _identification(parameters, gate, embedder, gallery)
        tracker: Tracker[Located] = Tracker(
            max_missed_s=parameters.keep_lost_s,
            sure_score=max(sure_score, parameters.score_threshold),
            score=parameters.score_threshold,
            low_score=_LOWEST_SCORE,
            notify=notify,
            ids=ids,
        )
        pipeline = FacePipeline(FaceStages(finder, describer, identification), tracker, parameters)
        return FaceAssembly(
            pipeline,
            networks.engines,
            networks.models,
            gallery if parameters.identity else None,
            embedder,
            opened.pop_all(),
        )


def network_count(parameters: FaceParameters) -> int:
    """How many networks are loaded, for the progress."""
    full = parameters.landmarks == "full"
    return 1 + sum(
        (
            parameters.landmarks != "none",
            full,
            full and parameters.blendshapes,
            bool(parameters.expression),
            bool(parameters.expression_second),
            bool(parameters.identity),
        )
    )


def _finder(parameters: FaceParameters, networks: Networks, engine: Engine) -> FaceFinder:
    detector = FaceDetector(engine, _LOWEST_SCORE, parameters.detection_width)
    detector(_NOISE)
    if parameters.landmarks == "none":
        return FaceFinder(detector)
    light = LandmarkNetwork(networks.engine("light_landmarks", parameters.light_landmark_model))
    _require(light, LandmarkScheme.MEDIAPIPE468, "light_landmark_model", parameters.light_landmark_model)
    light(_NOISE, [_SOMEWHERE])
    quick = None
    narrower = not parameters.detection_width or parameters.quick_detection_width < parameters.detection_width
    if parameters.quick_detection_width and narrower:
        quick = FaceDetector(engine, _LOWEST_SCORE, parameters.quick_detection_width)
        quick(_NOISE)
    return FaceFinder(detector, quick, light)


def _describer(parameters: FaceParameters, networks: Networks) -> FaceDescriber:
    landmarks, blendshapes, canonical = None, None, None
    if parameters.landmarks != "none":
        canonical = read_canonical_face(networks.path("head", CANONICAL_FACE))
    if parameters.landmarks == "full":
        landmarks = LandmarkNetwork(networks.engine("landmarks", parameters.landmark_model))
        _require(landmarks, LandmarkScheme.MEDIAPIPE478, "landmark_model", parameters.landmark_model)
        found = landmarks(_NOISE, [_SOMEWHERE])
        if parameters.blendshapes:
            engine, spec = networks.described("blendshapes", BLENDSHAPES)
            blendshapes = BlendshapeNetwork(engine, spec.labels)
            blendshapes(found)
    expressions = _expressions(parameters, networks) if parameters.expression else None
    return FaceDescriber(FaceNetworks(landmarks, blendshapes, expressions, canonical, parameters.liveness))


def _require(network: LandmarkNetwork, scheme: LandmarkScheme, parameter: str, name: str) -> None:
    if network.scheme is not scheme:
        raise EngineError(
            f"{parameter} is {name}, which gives {network.scheme.value} landmarks; it has to be one of {scheme.value}"
        )


def _expressions(parameters: FaceParameters, networks: Networks) -> ExpressionReader:
    names = {"expression": parameters.expression, "expression_second": parameters.expression_second}
    read = [ExpressionNetwork(*networks.described(purpose, name)) for purpose, name in names.items() if name]
    reader = ExpressionReader(read, mirrored=parameters.expression_mirrored)
    reader(_NOISE, [FaceView(_BOX)])
    return reader


def _gallery(parameters: FaceParameters, embedder: FaceEmbedder, given: Gallery | None, opened: ExitStack) -> Gallery:
    if given is None:
        gallery = Gallery(parameters.gallery_path, embedder.space, keep_pictures=parameters.keep_pictures)
        opened.callback(gallery.close)
        return gallery
    if given.space != embedder.space:
        raise OtherModelError(
            f"{given.path} was opened for {given.space.id}, the embedder in use is {embedder.space.id}: their numbers "
            "cannot be compared"
        )
    return given


def _identification(
    parameters: FaceParameters, gate: ViewGate, embedder: FaceEmbedder, gallery: Gallery
) -> Identification:
    table = embedder.thresholds
    strangers = None
    if parameters.remember_strangers_s:
        strangers = Strangers(table, parameters.strangers_accepted, parameters.remember_strangers_s)
    policy = IdentityPolicy(
        parameters.identity_interval_s, parameters.identity_recheck_s, strangers=parameters.strangers_accepted
    )
    turns = Turns(parameters.identity_interval_s, parameters.refresh_faces, 1)
    return Identification(gate, embedder, Identifier(policy, table, strangers), lambda: gallery.index, turns)
