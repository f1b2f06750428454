"""The gesture node's parameters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from perception_core.parameters import ParameterError, check, parameter, path_of, scaled
from perception_core.paths import default_gestures
from perception_core.service_access import services_parameter
from perception_core.topics import TRANSPORTS


@dataclass(frozen=True, slots=True)
class GestureParameters:
    """All of them; the README's table is made from these lines."""

    engine: str = parameter(
        "auto",
        "What runs the networks; auto takes the fastest there is.",
        one_of=("auto", "tensorrt", "onnxruntime-cuda", "onnxruntime"),
    )
    precision: str = parameter(
        "auto",
        "In what numbers TensorRT computes; auto as models.yaml says of each network. What deviates too much is "
        "computed in the next higher one.",
        one_of=("auto", "fp32", "fp16", "int8"),
    )
    threads: int = parameter(1, "Processor threads for each network.", at_least=1, at_most=64)
    palm_model: str = parameter("palm_detection", "Name of the palm detector in models.yaml.")
    hand_model: str = parameter("hand_landmarks", "Name of the network of a hand's 21 points.")
    light_hand_model: str = parameter(
        "hand_landmarks_light",
        "Name of a light one for hands beyond the first two, where they are large; empty takes the other for all.",
    )
    max_hands: int = parameter(
        4, "So many hands at most are followed, largest first.", at_least=1, at_most=32, live=True
    )
    detect_every: int = parameter(
        5,
        "Newcomers are looked for on every n-th image while there may be more hands, and whenever one is lost; in "
        "between hands are followed by their landmarks.",
        at_least=1,
        at_most=300,
        live=True,
    )
    palm_score: float = parameter(0.5, "From which score on the palm detector is believed.", at_least=0.1, at_most=0.99)
    hand_presence: float = parameter(
        0.5, "From which presence on landmarks are believed.", at_least=0.05, at_most=0.99, live=True
    )
    use_faces: bool = parameter(
        True,
        "Whether the reach of each person on the topic faces, of whom not both hands are seen, is looked at closely, "
        "in turn: for small and far hands.",
    )
    keep_lost_s: float = parameter(
        0.7, "A hand that is not found keeps its id for this long, in seconds.", at_least=0.05, at_most=10.0
    )
    bridge_s: float = parameter(
        0.15,
        "A hand that is not found is still reported, as bridged, for this long, in seconds.",
        at_least=0.0,
        at_most=10.0,
        live=True,
    )
    max_distance: float = parameter(
        0.0, "Hands further away are left out, in metres; 0 leaves none out.", at_least=0.0, at_most=60.0, live=True
    )
    smoothing_min_cutoff_hz: float = parameter(
        1.5,
        "Jitter of a still hand's landmarks above this frequency is taken out.",
        at_least=0.01,
        at_most=1000.0,
        live=True,
    )
    smoothing_beta: float = parameter(
        10.0,
        "Rise of that frequency with a landmark's speed, in Hz per hand size and second; more means less lag.",
        at_least=0.0,
        at_most=10000.0,
        live=True,
    )
    gesture_embedder: str = parameter(
        "gesture_embedder", "Name of the network that describes a hand's pose; empty for no gestures at all."
    )
    gesture_classifier: str = parameter(
        "gesture_classifier",
        "Name of the network that names the pose; may be one of your own, that sees the description or the picture.",
    )
    gestures: str = parameter(
        "",
        "File of the gestures that were taught; empty for gestures.sqlite in PERCEPTION_DATA, or else in "
        "~/.local/share/perception-suite.",
    )
    teach_views: int = parameter(
        5, "Views of a hand that are needed to teach a gesture.", at_least=1, at_most=50, live=True
    )
    teach_timeout_s: float = parameter(
        15.0, "How long they are waited for, in seconds.", at_least=0.5, at_most=600.0, live=True
    )
    services: str = services_parameter("(that is ~/teach_gesture)")
    pointing: bool = parameter(True, "Whether it is told what a finger points at; needs depth.", live=True)
    motions: bool = parameter(True, "Whether waving, beckoning, swiping and pushing away are told.", live=True)
    start_after_s: float = parameter(
        0.2, "So long a gesture has to be shown before it counts, in seconds.", at_least=0.0, at_most=10.0, live=True
    )
    end_after_s: float = parameter(
        0.25, "So long it has to be gone before it has ended, in seconds.", at_least=0.0, at_most=10.0, live=True
    )
    held_every_s: float = parameter(
        0.5, "How often it is said that a gesture is still shown, in seconds.", at_least=0.03, at_most=60.0, live=True
    )
    keep_up: bool = parameter(
        True,
        "Where images come faster than all can be done about each, newcomers are looked for up to three times less "
        "often, so that none are dropped. Not with simulated time.",
    )
    slop_s: float = parameter(
        0.015, "Stamps of colour and depth may lie this far apart, in seconds.", at_least=0.0, at_most=0.5
    )
    transport: str = parameter(
        "auto", "Which images are subscribed to; auto takes raw ones where they are published.", one_of=TRANSPORTS
    )

    @property
    def gestures_path(self) -> Path:
        """The file of the gestures that were taught.

        Raises:
            ParameterError: It can be no file.
        """
        return path_of("gestures", self.gestures) if self.gestures else default_gestures()

    def at_effort(self, level: int) -> GestureParameters:
        """These, with what takes long done less often.

        Args:
            level: 0 changes nothing; with 1 it is done half as often, and so on.
        """
        return scaled(self, {"detect_every": level + 1})

    def __post_init__(self) -> None:
        check(self)
        if self.bridge_s > self.keep_lost_s:
            raise ParameterError(
                f"bridge_s ({self.bridge_s}) is above keep_lost_s ({self.keep_lost_s}): a hand cannot be reported for "
                "longer than it keeps its id; lower the one or raise the other"
            )
        if self.gesture_classifier and not self.gesture_embedder:
            raise ParameterError(
                f"gesture_classifier ({self.gesture_classifier}) needs gesture_embedder; name it, or leave both empty"
            )
        if self.gesture_embedder and not self.gesture_classifier:
            raise ParameterError(
                f"gesture_embedder ({self.gesture_embedder}) needs gesture_classifier, which is empty; name it "
                "(gesture_classifier is the suite's own), or leave both empty for no gestures at all"
            )
