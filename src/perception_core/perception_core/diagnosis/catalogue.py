"""All that the doctor knows to find, by what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from perception_core.diagnosis import (
    calibration,
    depth_content,
    environment,
    machine,
    nodes,
    params_file,
    shared_memory,
    streams,
    topics,
    weights,
)
from perception_core.diagnosis.finding import Fault


class Area(Enum):
    """What a part of the examination is about."""

    ENVIRONMENT = "environment"
    MACHINE = "machine"
    MODELS = "models"
    PARAMETERS = "parameters"
    CAMERA = "camera"
    NODES = "nodes"


FAULTS: Mapping[Area, tuple[Fault, ...]] = {
    Area.ENVIRONMENT: environment.FAULTS + shared_memory.FAULTS,
    Area.MACHINE: machine.FAULTS,
    Area.MODELS: weights.FAULTS,
    Area.PARAMETERS: params_file.FAULTS,
    Area.CAMERA: topics.FAULTS + streams.FAULTS + calibration.FAULTS + depth_content.FAULTS,
    Area.NODES: nodes.FAULTS,
}


def manual() -> str:
    """The findings as tables for a manual."""
    lines = []
    for area, faults in FAULTS.items():
        lines += [f"### {area.value}", "", "| finding | what | why it matters | remedy |", "|---|---|---|---|"]
        for fault in faults:
            cells = [f"`{fault.name}`", *(_cell(text) for text in (fault.what, fault.why, fault.remedy))]
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    """What differs from case to case stands in capitals."""
    words = text.replace("|", "\\|")
    for name in sorted(Fault("", text, "", "").placeholders(), key=len, reverse=True):
        words = words.replace(f"{{{name}}}", name.upper())
    return words
