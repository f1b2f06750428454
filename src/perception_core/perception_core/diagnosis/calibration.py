"""Whether a camera's calibration can be true."""

from __future__ import annotations

import math
from dataclasses import dataclass

from perception_core.diagnosis.finding import Fault, Finding
from perception_core.frame import Intrinsics

_VIEW_DEGREES = (20.0, 140.0)  # of RGB-D cameras 55 (Kinect) to 120 (wide ones) across
_OFF_CENTRE = 0.15  # of the size; assembly puts a sensor a few percent off
_UNEQUAL = 0.1  # pixels of image sensors are square
_SAME = 0.02  # aligned depth has colour's own calibration

UNUSABLE = Fault(
    "calibration-unusable",
    "{topic}: {reason}",
    "Positions are published without metres.",
    "calibrate the camera (ros2 run camera_calibration cameracalibrator), or load the calibration of its driver",
)
VIEW = Fault(
    "calibration-view",
    "{topic}: fx={fx} for {width} pixels means a view of {degrees} degrees",
    "Everything is placed too near the middle, or too far from it.",
    "load the calibration of this camera at this resolution; fx and the picture's size are of different ones",
)
CENTRE = Fault(
    "calibration-centre",
    "{topic}: the principal point ({cx}, {cy}) is {share} % from the middle of {size}",
    "Everything is placed beside where it is; half of another resolution's numbers look like this.",
    "load the calibration of this resolution, or of the image as it is cropped",
)
SQUARE = Fault(
    "calibration-pixels",
    "{topic}: fx={fx} and fy={fy} differ by {share} %",
    "Pixels of cameras are square: one axis is scaled wrongly.",
    "calibrate again, or undo the resizing of one axis",
)
DEPTH_DIFFERS = Fault(
    "depth-calibration",
    "the depth images have a calibration of their own (fx {depth_fx}, colour {colour_fx})",
    "Aligned depth has that of colour: this depth is not aligned, and distances are those of what lies beside.",
    "start the driver with align_depth.enable:=true, and remap to aligned_depth_to_color/image_raw",
)
FAULTS = (UNUSABLE, VIEW, CENTRE, SQUARE, DEPTH_DIFFERS)


@dataclass(frozen=True, slots=True)
class CalibrationFacts:
    """What camera_info says.

    Attributes:
        topic: On which.
        problem: Why it cannot be used; empty if it can.
        intrinsics: Of colour; None if it cannot.
        depth: That of the depth images, where it is published and can be used.
    """

    topic: str
    problem: str
    intrinsics: Intrinsics | None
    depth: Intrinsics | None = None


def check_calibration(facts: CalibrationFacts) -> list[Finding]:
    """What is wrong with a calibration."""
    if facts.problem:
        return [UNUSABLE.found(topic=facts.topic, reason=facts.problem)]
    lens = facts.intrinsics
    if lens is None:
        return []
    findings = []
    degrees = view_degrees(lens)
    if not lens.fisheye and not _VIEW_DEGREES[0] <= degrees <= _VIEW_DEGREES[1]:
        findings.append(VIEW.found(topic=facts.topic, fx=f"{lens.fx:g}", width=lens.width, degrees=f"{degrees:.0f}"))
    off = max(abs(lens.cx / lens.width - 0.5), abs(lens.cy / lens.height - 0.5))
    if off > _OFF_CENTRE:
        size, share = f"{lens.width}x{lens.height}", f"{100 * off:.0f}"
        findings.append(CENTRE.found(topic=facts.topic, cx=f"{lens.cx:g}", cy=f"{lens.cy:g}", share=share, size=size))
    unequal = abs(lens.fx - lens.fy) / max(lens.fx, lens.fy)
    if unequal > _UNEQUAL:
        share = f"{100 * unequal:.0f}"
        findings.append(SQUARE.found(topic=facts.topic, fx=f"{lens.fx:g}", fy=f"{lens.fy:g}", share=share))
    if facts.depth is not None and abs(facts.depth.fx / facts.depth.width / (lens.fx / lens.width) - 1) > _SAME:
        findings.append(DEPTH_DIFFERS.found(depth_fx=f"{facts.depth.fx:.0f}", colour_fx=f"{lens.fx:.0f}"))
    return findings


def describe_calibration(facts: CalibrationFacts) -> list[str]:
    """A calibration in a plain line."""
    lens = facts.intrinsics
    if lens is None:
        return []
    model = "fisheye" if lens.fisheye else f"{len(lens.distortion)} distortion coefficients"
    return [f"calibration: fx {lens.fx:.0f}, fy {lens.fy:.0f}, a view of {view_degrees(lens):.0f} degrees, {model}"]


def view_degrees(lens: Intrinsics) -> float:
    """How wide a lens without distortion sees, in degrees."""
    return 2 * math.degrees(math.atan(lens.width / 2 / lens.fx))
