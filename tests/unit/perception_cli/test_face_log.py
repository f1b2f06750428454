import io
import json

import pytest
from perception_msgs.msg import Face, FaceArray, Position3D

from perception_cli.face_log import log_line, write_line


def message(source):
    face = Face(track_id=4, score=0.91)
    face.box = [10.0, 20.0, 30.0, 40.0]
    face.position.source = source
    known = source != Position3D.NONE
    face.position.point.x, face.position.point.y, face.position.point.z = (
        (0.1, -0.2, 1.5) if known else (float("nan"),) * 3
    )
    face.position.sigma = 0.012 if known else float("nan")
    array = FaceArray(faces=[face])
    array.header.stamp.sec, array.header.stamp.nanosec = 12, 500_000_000
    return array


def test_a_frame_is_a_line_of_json():
    assert json.loads(log_line(message(Position3D.DEPTH), 7.256)) == {
        "stamp": 12.5,
        "latency_ms": 7.26,
        "faces": [
            {
                "id": 4,
                "box": [10.0, 20.0, 30.0, 40.0],
                "score": 0.91,
                "position": [0.1, -0.2, 1.5],
                "source": "depth",
                "sigma": 0.012,
            }
        ],
    }


def test_a_position_that_is_not_known_is_null():
    face = json.loads(log_line(message(Position3D.NONE), 1.0))["faces"][0]
    assert (face["position"], face["source"], face["sigma"]) == (None, "none", None)


@pytest.mark.parametrize(
    ("source", "name"), [(Position3D.SIZE_PRIOR, "size_prior"), (Position3D.PREDICTED, "predicted")]
)
def test_an_estimate_is_named_as_such(source, name):
    assert json.loads(log_line(message(source), 1.0))["faces"][0]["source"] == name


def test_every_frame_ends_its_line():
    log = io.StringIO()
    for _ in range(3):
        write_line(log, message(Position3D.DEPTH), 1.0)
    assert len(log.getvalue().splitlines()) == 3 and log.getvalue().endswith("\n")
