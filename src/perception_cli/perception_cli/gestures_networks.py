"""The networks that find hands and describe their poses, opened for a command as the gesture node has them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from gesture_perception.gesture_network import GestureClassifier, GestureEmbedder
from gesture_perception.gesture_reading import GestureReader
from gesture_perception.hand_network import HandNetwork
from gesture_perception.palms import PalmDetector
from gesture_perception.parameters import GestureParameters
from gesture_perception.pose_description import pose_space
from perception_cli.private_files import CommandError
from perception_core.embedding_space import EmbeddingSpace
from perception_core.engines.engine import EngineError
from perception_core.engines.networks import Networks
from perception_core.paths import ShareError
from perception_core.zoo.errors import ZooError
from perception_core.zoo.manifest import load_models, named

_DEFAULTS = GestureParameters()


@dataclass(frozen=True, slots=True)
class PoseNetworks:
    """What gestures are taught with from pictures.

    Attributes:
        palms: Finds palms.
        hands: Finds the points of hands.
        embed: Describes poses.
        read: Tells which of the built-in gestures a hand shows.
    """

    palms: PalmDetector
    hands: HandNetwork
    embed: GestureEmbedder
    read: GestureReader


@contextmanager
def opened_networks() -> Generator[PoseNetworks, None, None]:
    """All of them.

    Raises:
        CommandError: One is not there, damaged, or another kind of network.
    """
    with ExitStack() as opened:
        try:
            networks = Networks(_DEFAULTS.engine, _DEFAULTS.threads, opened)
            palms = PalmDetector(networks.engine("palms", _DEFAULTS.palm_model), _DEFAULTS.palm_score)
            hands = HandNetwork(networks.engine("hands", _DEFAULTS.hand_model))
            embed = GestureEmbedder(networks.engine("embedder", _DEFAULTS.gesture_embedder))
            labels = named(load_models(), _DEFAULTS.gesture_classifier).labels
            classify = GestureClassifier(networks.engine("classifier", _DEFAULTS.gesture_classifier), labels)
        except (ZooError, ShareError, EngineError) as error:
            raise CommandError(str(error)) from error
        yield PoseNetworks(palms, hands, embed, GestureReader(embed, classify))


def pose_space_of_default() -> EmbeddingSpace:
    """What the gesture node's descriptions can be compared with; no network is needed for it.

    Raises:
        CommandError: There is no list of models.
    """
    try:
        return pose_space(named(load_models(), _DEFAULTS.gesture_embedder))
    except (ZooError, ShareError) as error:
        raise CommandError(str(error)) from error
