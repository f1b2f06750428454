import math

from rich.console import Console

from face_perception.face import Face
from perception_cli.view import Figures, live_view, stage_table
from perception_core.depth import Position3D, PositionSource
from perception_core.geometry import Box

FIGURES = Figures(seconds=10.0, frames=300, rate_hz=30.0, latency_median_ms=8.4, latency_p95_ms=12.6, dropped=2)


def printed(renderable):
    console = Console(width=120, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(renderable)
    return console.export_text()


def face(source):
    xyz, sigma = ((0.0, 0.0, 1.25), 0.02) if source is not PositionSource.NONE else ((math.nan,) * 3, math.nan)
    return Face(7, 0.88, False, Box(0, 0, 10, 10), None, Position3D(xyz, sigma, 0.9, source))


def test_a_face_is_shown_with_id_position_source_and_score():
    text = printed(live_view([face(PositionSource.DEPTH)], FIGURES, ""))
    assert all(part in text for part in ("7", "1.25", "0.020", "depth", "0.88"))


def test_a_face_without_a_position_shows_none():
    text = printed(live_view([face(PositionSource.NONE)], FIGURES, ""))
    assert "nan" not in text and "none" in text


def test_rate_latency_and_drops_are_always_shown():
    text = printed(live_view([], FIGURES, "no depth"))
    assert all(part in text for part in ("nobody in view", "30.0", "8.4", "12.6", "2 dropped", "no depth"))


def test_stages_are_shown_with_mean_and_deviation():
    values = {"stage/detect/mean_ms": "6.4", "stage/detect/sd_ms": "0.31", "stage/detect/cpu_ms": "6.2", "frames": "3"}
    text = printed(stage_table(values))
    assert "detect" in text and "6.40 +- 0.31" in text and "6.20" in text and "frames" not in text
