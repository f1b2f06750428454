"""What the demo shows in the terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Group
from rich.table import Table
from rich.text import Text

from face_perception.face import Face
from perception_core.depth import PositionSource


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


def live_view(faces: Sequence[Face], figures: Figures, notices: str) -> Group:
    """Faces and figures as they are now."""
    return Group(_faces_table(faces), Text(figures.line()), Text(notices, style="yellow"))


def stage_table(values: Mapping[str, str]) -> Table:
    """Mean and standard deviation of each stage.

    Args:
        values: Of the node's diagnostic status.
    """
    table = Table("stage", box=None, pad_edge=False)
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


def _faces_table(faces: Sequence[Face]) -> Table:
    table = Table("id", "x, y, z in metres", "+-", "from", "score", title="Faces", expand=False, min_width=60)
    for face in faces:
        where = face.position
        (x, y, z), known = where.xyz, where.source is not PositionSource.NONE
        table.add_row(
            str(face.track_id),
            f"{x:+.2f}  {y:+.2f}  {z:.2f}" if known else "-",
            f"{where.sigma:.3f}" if known else "-",
            where.source.value,
            f"{face.score:.2f}",
        )
    if not faces:
        table.add_row("-", "nobody in view", "", "", "")
    return table
