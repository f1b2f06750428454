"""Whether the depth images hold distances, in the right unit, of the same places as colour."""

from __future__ import annotations

from dataclasses import dataclass

from perception_core.depth_faults import DepthFault
from perception_core.diagnosis.finding import Fault, Finding
from perception_core.diagnosis.registration import Registration

_SPARSE = 0.2  # of a room's pixels a stereo camera gives 70 to 90 %

EMPTY = Fault(
    "depth-empty",
    "{topic} holds no distance at all",
    "Distances are estimated from the size of faces and hands.",
    "uncover the sensor, stand further away than its least distance, and switch the projector on "
    "(depth_module.emitter_enabled:=1)",
)
SPARSE = Fault(
    "depth-sparse",
    "only {share} % of the pixels of {topic} hold a distance",
    "Small faces and hands get none; sunlight, glass and dark or shiny things give none.",
    "switch the projector on (depth_module.emitter_enabled:=1), raise its power, clean the lenses, shade direct sun",
)
UNIT = Fault(
    "depth-unit",
    "{topic} is {encoding}, but its numbers are {unit}",
    "Everything is a thousand times too near or too far.",
    "have the driver publish 16UC1 for millimetres, or 32FC1 for metres (REP 118)",
)
REGISTRATION = Fault(
    "registration",
    "edges of depth lie {shift} from those of colour{scaled}",
    "Distances are those of what lies beside: a face gets the wall's.",
    "start the driver with align_depth.enable:=true and remap to aligned_depth_to_color/image_raw; if it is aligned, "
    "calibrate the camera anew (rs-enumerate-devices -c shows what it has)",
)
FAULTS = (EMPTY, SPARSE, UNIT, REGISTRATION)


@dataclass(frozen=True, slots=True)
class DepthFacts:
    """What the depth images hold.

    Attributes:
        topic: On which they come.
        encoding: Such as 16UC1.
        fault: Of an image as a whole; None if it is a good one.
        valid_share: Share of the pixels with a distance, 0 to 1.
        registration: How they lie on colour; None where the sizes differ or there was no pair.
    """

    topic: str
    encoding: str
    fault: DepthFault | None
    valid_share: float
    registration: Registration | None


def check_depth(facts: DepthFacts) -> list[Finding]:
    """What is wrong with the depth images."""
    if facts.fault is DepthFault.EMPTY:
        return [EMPTY.found(topic=facts.topic)]
    findings = []
    if facts.fault is not None:
        unit = "millimetres" if facts.fault is DepthFault.MILLIMETRES_AS_METRES else "metres"
        findings.append(UNIT.found(topic=facts.topic, encoding=facts.encoding, unit=unit))
    if facts.valid_share < _SPARSE:
        findings.append(SPARSE.found(share=f"{100 * facts.valid_share:.0f}", topic=facts.topic))
    found = facts.registration
    if found is not None and found.fits is False:
        right, down = found.shift
        scaled = f", as if it were to be enlarged by {found.scale:g}" if found.scale != 1.0 else ""
        findings.append(REGISTRATION.found(shift=f"({-right:+d}, {-down:+d}) pixels", scaled=scaled))
    return findings


def describe_depth(facts: DepthFacts) -> list[str]:
    """The depth images in plain lines."""
    lines = [f"depth: {100 * facts.valid_share:.0f} % of the pixels hold a distance"]
    if facts.registration is not None:
        told = {True: "lie on those of colour", False: "lie beside those of colour", None: "tell nothing here"}
        lines.append(f"registration: edges of depth {told[facts.registration.fits]}")
    return lines
