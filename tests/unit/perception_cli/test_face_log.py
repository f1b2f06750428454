import io
import json
import math

import pytest

from face_perception.face import Face
from perception_cli.face_log import log_line, write_line
from perception_core.depth import Position3D, PositionSource
from perception_core.geometry import Box

STAMP_NS = 12_500_000_000


def face(source):
    known = source is not PositionSource.NONE
    xyz, sigma = ((0.1, -0.2, 1.5), 0.012) if known else ((math.nan,) * 3, math.nan)
    return Face(4, 0.91, False, Box(10.0, 20.0, 30.0, 40.04), None, Position3D(xyz, sigma, 0.9, source))


def test_a_frame_is_a_line_of_json():
    assert log_line(STAMP_NS, [face(PositionSource.DEPTH)], 7.256) == (
        '{"stamp": 12.5, "latency_ms": 7.26, "faces": [{"id": 4, "box": [10.0, 20.0, 30.0, 40.0], "score": 0.91, '
        '"position": [0.1, -0.2, 1.5], "source": "depth", "sigma": 0.012}]}'
    )


def test_a_picture_is_named():
    assert json.loads(log_line(0, [], 7.0, "portrait.png")) == {
        "file": "portrait.png",
        "stamp": 0.0,
        "latency_ms": 7.0,
        "faces": [],
    }


def test_a_position_that_is_not_known_is_null():
    record = json.loads(log_line(STAMP_NS, [face(PositionSource.NONE)], 1.0))["faces"][0]
    assert (record["position"], record["source"], record["sigma"]) == (None, "none", None)


@pytest.mark.parametrize(
    ("source", "name"), [(PositionSource.SIZE_PRIOR, "size_prior"), (PositionSource.PREDICTED, "predicted")]
)
def test_an_estimate_is_named_as_such(source, name):
    assert json.loads(log_line(STAMP_NS, [face(source)], 1.0))["faces"][0]["source"] == name


def test_every_frame_ends_its_line():
    log = io.StringIO()
    for _ in range(3):
        write_line(log, STAMP_NS, [face(PositionSource.DEPTH)], 1.0)
    assert len(log.getvalue().splitlines()) == 3 and log.getvalue().endswith("\n")
