"""What the demo shows in the terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from face_perception.face import Face
from gesture_perception.hand import Hand
from perception_cli.face_columns import FACE_COLUMNS
from perception_cli.fitting_table import FittingTable
from perception_cli.hand_columns import HAND_COLUMNS


@dataclass(frozen=True, slots=True)
class Figures:
    """How the demo is doing.

    Attributes:
        seconds: From the first message to the last.
        frames: Messages received.
        rate_hz: Messages per second.
        latency_median_ms: From the image's stamp to the message's arrival; NaN where the stamps do not tell.
        latency_p95_ms: Likewise.
        dropped: Frames that gave way to a newer one in the node.
    """

    seconds: float
    frames: int
    rate_hz: float
    latency_median_ms: float
    latency_p95_ms: float
    dropped: int

    def line(self) -> str:
        """In words."""
        frames = f"{self.rate_hz:.1f} frames per second, {self.frames} frames in {self.seconds:.1f} s, "
        if math.isnan(self.latency_median_ms):
            return f"{frames}{self.dropped} dropped"
        latency = f"latency {self.latency_median_ms:.1f} ms median, {self.latency_p95_ms:.1f} ms p95"
        return f"{frames}{self.dropped} dropped, {latency}"


def live_view(faces: Sequence[Face], hands: Sequence[Hand], figures: Figures, notices: str) -> Group:
    """Faces, hands and figures as they are now."""
    shown: list[RenderableType] = [FittingTable(faces, FACE_COLUMNS) if faces else Text("nobody in view")]
    shown += [FittingTable(hands, HAND_COLUMNS)] if hands else []
    return Group(*shown, Text(figures.line()), Text(notices, style="yellow"))


def stage_table(values: Mapping[str, str], title: str = "stage") -> Table:
    """Mean and standard deviation of each stage.

    Args:
        values: Of the node's diagnostic status.
        title: Above the stages.
    """
    table = Table(title, box=None, pad_edge=False)
    table.add_column("ms", justify="right")
    table.add_column("cpu ms", justify="right")
    for name in (key.split("/")[1] for key in values if key.endswith("/mean_ms")):
        stage = f"stage/{name}"
        table.add_row(
            name,
            f"{float(values[f'{stage}/mean_ms']):.2f} +- {float(values[f'{stage}/sd_ms']):.2f}",
            f"{float(values[f'{stage}/cpu_ms']):.2f}",
        )
    return table
