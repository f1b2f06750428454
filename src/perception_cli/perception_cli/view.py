"""What the demo shows in the terminal."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table
from rich.text import Text

from face_perception.expression_evidence import ExpressionState
from face_perception.face import Face
from face_perception.face_words import distance_words, expression_words, name_words
from face_perception.liveness import Liveness
from perception_core.depth import PositionSource

_JOINERS = "\u200c\u200d"  # hold the parts of some letters and emoji together
_NOTHING = "-"
_BAR_WIDTH = 6
_EIGHTHS = " \u258f\u258e\u258d\u258c\u258b\u258a\u2589\u2588"  # blocks, filled from the left
_IN_ASCII = str.maketrans(_EIGHTHS, "    " + "#" * 5)


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


@dataclass(frozen=True, slots=True)
class FacesTable:
    """A line for every face, with as many columns as the terminal has room for.

    Attributes:
        faces: Nearest first.
    """

    faces: Sequence[Face]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Chooses the columns when it is known how wide the terminal is."""
        columns = next(columns for least, columns in _COLUMNS if options.max_width >= least)
        yield self._table(columns, options.encoding)

    def _table(self, columns: Sequence[_Column], encoding: str) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            table.add_column(
                column.title,
                justify="right" if column.to_the_right else "left",
                no_wrap=column is not _NAME,  # the only one that gives way where there is less room
                max_width=column.widest,
            )
        for face in self.faces:
            words = (_encodable(column.words(face) or _NOTHING, encoding) for column in columns)
            table.add_row(*(Text(each, no_wrap=True, overflow="ellipsis") for each in words))
        return table


def live_view(faces: Sequence[Face], figures: Figures, notices: str) -> Group:
    """Faces and figures as they are now."""
    shown = FacesTable(faces) if faces else Text("nobody in view")
    return Group(shown, Text(figures.line()), Text(notices, style="yellow"))


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


@dataclass(frozen=True, slots=True)
class _Column:
    """Of the table of faces.

    Attributes:
        title: What stands above.
        words: What is said of a face; empty where it is not known.
        widest: Characters; what is longer is cut off.
        to_the_right: Numbers are aligned there.
    """

    title: str
    words: Callable[[Face], str]
    widest: int
    to_the_right: bool = False


def _encodable(words: str, encoding: str) -> str:
    """Words as a terminal of another encoding than Unicode's can show them."""
    if encoding.lower().startswith("utf"):
        return words
    return words.translate(_IN_ASCII).encode(encoding, "replace").decode(encoding)


def _name(face: Face) -> str:
    """The name as it can be shown: one that came in a message may hold what would move the terminal's cursor."""
    return "".join(
        character if character.isprintable() or character in _JOINERS else "?"
        for character in name_words(face.identity)
    )


def _place(face: Face) -> str:
    (x, y, z), source = face.position.xyz, face.position.source
    if source is PositionSource.NONE:
        return ""
    about = "" if source is PositionSource.DEPTH else "~"
    return f"{about}{x:+.2f} {y:+.2f} {z:.2f}"


def _attention(face: Face) -> str:
    return "" if face.looking_at_camera is None else "yes" if face.looking_at_camera else "no"


def _expression(face: Face) -> str:
    """A bar of the score, and the words."""
    words, expression = expression_words(face.expression), face.expression
    if not words:
        return ""
    stable = expression.state is ExpressionState.STABLE
    score = expression.scores[expression.classes.index(expression.label)] if stable else 0.0
    return f"{_bar(score)} {words}"


def _bar(share: float) -> str:
    """Of a fixed width; empty for what is no number."""
    eighths = round(8 * _BAR_WIDTH * min(max(share, 0.0), 1.0)) if math.isfinite(share) else 0
    full, rest = divmod(eighths, 8)
    return (_EIGHTHS[8] * full + _EIGHTHS[rest] * (rest > 0)).ljust(_BAR_WIDTH)


def _landmarks(face: Face) -> str:
    return "" if face.landmarks is None else str(len(face.landmarks.points))


def _head(face: Face) -> str:
    if face.pose is None or not np.isfinite(face.pose.rotation).all():
        return ""
    return " ".join(f"{angle:+4.0f}" for angle in (face.pose.yaw_deg, face.pose.pitch_deg, face.pose.roll_deg))


def _liveness(face: Face) -> str:
    return "" if face.liveness is Liveness.UNKNOWN else face.liveness.value


_ID = _Column("id", lambda face: str(face.track_id), 6, to_the_right=True)
_NAME = _Column("name", _name, 18)
_DISTANCE = _Column("away", lambda face: distance_words(face.position), 8, to_the_right=True)
_PLACE = _Column("x y z in metres", _place, 20, to_the_right=True)
_ATTENTION = _Column("looks", _attention, 5)
_EXPRESSION = _Column("expression", _expression, _BAR_WIDTH + 16)
_HEAD = _Column("yaw pitch roll", _head, 14, to_the_right=True)
_LIVENESS = _Column("live", _liveness, 7)
_LANDMARKS = _Column("points", _landmarks, 6, to_the_right=True)
_COLUMNS = (
    (92, (_ID, _NAME, _PLACE, _ATTENTION, _EXPRESSION, _HEAD, _LIVENESS, _LANDMARKS)),
    (56, (_ID, _NAME, _DISTANCE, _ATTENTION, _EXPRESSION)),
    (0, (_ID, _NAME, _DISTANCE)),
)
"""The least width in characters, and what is shown from there on."""
