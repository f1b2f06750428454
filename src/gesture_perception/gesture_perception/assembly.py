"""The hand pipeline as its parameters ask for it, with its networks and the gestures that were taught."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from gesture_perception.gesture_collection import GestureCollection
from gesture_perception.gesture_kind import GESTURES
from gesture_perception.gesture_network import GestureClassifier, GestureEmbedder
from gesture_perception.gesture_reading import GestureReader
from gesture_perception.hand import HandLandmarks
from gesture_perception.hand_finding import HandFinder
from gesture_perception.hand_network import HandNetwork
from gesture_perception.own_reading import OwnReader
from gesture_perception.palms import PalmDetector
from gesture_perception.parameters import GestureParameters
from gesture_perception.pipeline import HandIds, HandPipeline, HandStages, Read
from gesture_perception.pose_description import pose_space
from gesture_perception.user_classifier import open_gesture_classifier
from perception_core.engines.engine import Engine, EngineError, Progress
from perception_core.engines.networks import Networks
from perception_core.geometry import RotatedRegion
from perception_core.private_store.watch import StoreWatch

# The first run of a network allocates memory: better when it is loaded than while frames wait.
_NOISE_SIZE = 640, 480
_NOISE = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
_SOMEWHERE = RotatedRegion((320.0, 240.0), 150.0, 0.1)

_OURS = "gesture_classifier"


@dataclass(frozen=True, slots=True)
class HandAssembly:
    """A pipeline that is ready to run.

    Attributes:
        pipeline: Takes frames.
        engines: What runs its networks, by what they are for; the palm detector's is there always.
        models: Names and hashes of the models, for the diagnostics.
        gestures: Those that were taught; None where no poses are read.
        embedder: Describes poses, for whoever teaches them; None likewise.
    """

    pipeline: HandPipeline
    engines: Mapping[str, Engine]
    models: Mapping[str, str]
    gestures: GestureCollection | None
    embedder: GestureEmbedder | None
    _open: ExitStack

    @property
    def engine(self) -> Engine:
        """What runs the palm detector."""
        return self.engines["palms"]

    def close(self) -> None:
        """Frees the networks and the gestures; the pipeline cannot run from then on."""
        self._open.close()


def open_hand_pipeline(
    parameters: GestureParameters,
    notify: Callable[[str], None],
    ids: HandIds | None = None,
    *,
    taught: bool = True,
    progress: Progress | None = None,
) -> HandAssembly:
    """Loads what is wanted and puts the stages together.

    Args:
        parameters: What is wanted.
        notify: Told, in words, of what the user should know while frames are worked on; from any thread.
        ids: Go on from those that were given before; None begins with 1.
        taught: Whether gestures that were taught are recognised; without, no file is made for them.
        progress: Follows networks being built for a GPU, which can take minutes, and may stop it.

    Raises:
        ZooError: A model is not there or damaged.
        EngineError: It cannot be run, or is of another kind.
        CancelledError: `progress` stopped it.
        StoreError: The gestures that were taught cannot be read; nothing in their file is changed.
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
        full = HandNetwork(networks.engine("hands", parameters.hand_model))
        (hand,) = full(_NOISE, [_SOMEWHERE])
        finder = _finder(parameters, networks, full)
        read, embedder, gestures = None, None, None
        if parameters.gesture_embedder:
            engine, spec = networks.described("embedder", parameters.gesture_embedder)
            embedder = GestureEmbedder(engine)
            read = _reader(parameters, networks, embedder, hand)
            if taught:
                gestures = GestureCollection(parameters.gestures_path, pose_space(spec))
                opened.callback(gestures.close)
                opened.callback(StoreWatch(gestures, GESTURES.noun, notify).close)
        index = None if gestures is None else (lambda known=gestures: known.index)
        pipeline = HandPipeline(HandStages(finder, read, index), parameters, ids)
        return HandAssembly(pipeline, networks.engines, networks.models, gestures, embedder, opened.pop_all())


def network_count(parameters: GestureParameters) -> int:
    """How many networks are loaded, for the progress."""
    reading = 2 if parameters.gesture_embedder else 0  # one describes poses, one names them
    return 2 + bool(parameters.light_hand_model) + reading


def _finder(parameters: GestureParameters, networks: Networks, full: HandNetwork) -> HandFinder:
    palms = PalmDetector(networks.engine("palms", parameters.palm_model), parameters.palm_score)
    palms(_NOISE)
    light = None
    if parameters.light_hand_model:
        light = HandNetwork(networks.engine("light_hands", parameters.light_hand_model))
        light(_NOISE, [_SOMEWHERE])
    return HandFinder(palms, full, light)


def _reader(parameters: GestureParameters, networks: Networks, embedder: GestureEmbedder, hand: HandLandmarks) -> Read:
    """What names poses: our network beside geometry, or one of the user's, which only its entry describes."""
    engine, spec = networks.described("classifier", parameters.gesture_classifier)
    if spec.name == _OURS:
        return GestureReader(embedder, GestureClassifier(engine, spec.labels))
    classifier = open_gesture_classifier(engine, spec)
    if not np.isfinite(classifier(_NOISE, [hand], embedder([hand], _NOISE_SIZE))).all():
        raise EngineError(
            f"{spec.name} cannot read gestures: it gives no numbers for a hand; look at the network, and at its entry "
            f"({spec.download.place})"
        )
    return OwnReader(embedder, classifier)
