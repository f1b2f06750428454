"""The face node's parameters."""

from __future__ import annotations

from dataclasses import dataclass

from perception_core.parameters import ParameterError, check, parameter
from perception_core.topics import TRANSPORTS


@dataclass(frozen=True, slots=True)
class FaceParameters:
    """All of them; the README's table is made from these lines."""

    engine: str = parameter(
        "auto", "What runs the networks; auto takes the fastest there is.", one_of=("auto", "onnxruntime", "tensorrt")
    )
    threads: int = parameter(1, "Processor threads for each network.", at_least=1, at_most=64)
    detector: str = parameter("yunet", "Name of the face detector in models.yaml.")
    detection_width: int = parameter(
        0,
        "Pictures are shrunk to this width before faces are looked for, in pixels; 0 keeps their size.",
        at_least=0,
        at_most=4096,
    )
    score_threshold: float = parameter(0.6, "A face below this score starts no track.", at_least=0.35, at_most=0.99)
    keep_lost_s: float = parameter(
        1.25, "A face that is not found keeps its id for this long, in seconds.", at_least=0.05, at_most=10.0
    )
    bridge_s: float = parameter(
        0.2,
        "A face that is not found is still reported, as bridged, for this long, in seconds.",
        at_least=0.0,
        at_most=10.0,
        live=True,
    )
    slop_s: float = parameter(
        0.015, "Stamps of colour and depth may lie this far apart, in seconds.", at_least=0.0, at_most=0.5
    )
    transport: str = parameter(
        "auto", "Which images are subscribed to; auto takes raw ones where they are published.", one_of=TRANSPORTS
    )

    def __post_init__(self) -> None:
        check(self)
        if self.bridge_s > self.keep_lost_s:
            raise ParameterError(
                f"bridge_s ({self.bridge_s}) is above keep_lost_s ({self.keep_lost_s}): a face cannot be reported for "
                "longer than it keeps its id; lower the one or raise the other"
            )
