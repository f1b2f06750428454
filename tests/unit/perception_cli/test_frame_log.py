import io
import json
import math
from dataclasses import replace

import numpy as np
import pytest

from face_perception.blendshapes import Blendshapes
from face_perception.expression_evidence import Expression, ExpressionState
from face_perception.expression_labels import FER7
from face_perception.eyes import Eyes
from face_perception.face import Face
from face_perception.gaze import Gaze
from face_perception.head_pose import HeadPose, rotation_of
from face_perception.identity import Identity, IdentityState
from face_perception.landmarks import Landmarks, LandmarkScheme
from face_perception.liveness import Liveness
from gesture_perception.gesture_events import EventKind, GestureEvent
from gesture_perception.hand import NOT_EXAMINED, Gesture, Hand, HandLandmarks, Origin, Pointing, Side
from perception_cli.frame_log import FrameLog, log_line
from perception_cli.seen_frame import SeenFrame
from perception_core.depth import Position3D, PositionSource
from perception_core.geometry import Box

STAMP_NS = 12_500_000_000
SCORES = (0.06, 0.88, 0.01, 0.01, 0.01, 0.01, 0.02)
BLENDSHAPES = ("browDownLeft", "jawOpen")


def face(source=PositionSource.DEPTH):
    known = source is not PositionSource.NONE
    xyz, sigma = ((0.1, -0.2, 1.5), 0.012) if known else ((math.nan,) * 3, math.nan)
    return Face(4, 0.91, False, Box(10.0, 20.0, 30.0, 40.04), None, Position3D(xyz, sigma, 0.9, source))


def everything_known():
    points = np.arange(68 * 3, dtype=np.float32).reshape(68, 3) / 3
    return replace(
        face(),
        landmarks=Landmarks(LandmarkScheme.DLIB68, points, 0.98),
        pose=HeadPose(rotation_of(20, -10, 5), face().position, 2.5, np.eye(3), 0.001),
        gaze=Gaze((0.6, 0.0, -0.8), True),
        looking_at_camera=False,
        eyes=Eyes(0.05, 0.97, False, True),
        expression=Expression(ExpressionState.STABLE, "FER7", "happy", FER7.classes, SCORES, 0.71, 0.44),
        blendshapes=Blendshapes(BLENDSHAPES, np.array([0.25, 0.5], np.float32)),
        identity=Identity(IdentityState.CONFIRMED, "3fa2", "Zoë 🙂", 0.612),
        liveness=Liveness.REAL,
    )


def hand():
    return Hand(
        7, 0.971, False, Side.LEFT, 0.99, Box(1.0, 2.0, 3.0, 4.04),
        Position3D((0.1, 0.2, 1.1), 0.006, 0.8, PositionSource.DEPTH),
        gesture=Gesture("Victory", 0.936, Origin.NETWORK, 2),
    )  # fmt: skip


def pointing(target=PositionSource.DEPTH):
    """A hand of which everything is known."""
    points = np.arange(63, dtype=np.float32).reshape(21, 3) / 3
    met = Position3D((0.5, -0.25, 2.0), 0.02, 0.9, target)
    return replace(
        hand(),
        landmarks=HandLandmarks(points, points / 100, 0.971, 0.01),
        in_camera=points / 10,
        gesture=Gesture("Point", 0.81, Origin.GEOMETRY, 1),
        motion=Gesture("Wave", 0.7, Origin.MOTION),
        pointing=Pointing((0.1, 0.0, 1.0), (0.6, 0.0, 0.8), met),
    )


def hand_logged(shown, **options):
    return json.loads(log_line(SeenFrame(STAMP_NS, [], [shown]), **options))["hands"][0]


def logged(shown, **options):
    return json.loads(log_line(SeenFrame(STAMP_NS, [shown], []), **options))["faces"][0]


def test_a_frame_is_a_line_of_json():
    line = log_line(SeenFrame(STAMP_NS, [face()], [], latency_ms=7.256))
    assert "\n" not in line
    record = json.loads(line)
    assert (record["stamp"], record["latency_ms"]) == (12.5, 7.26)
    (first,) = record["faces"]
    assert first == {
        "id": 4,
        "box": [10.0, 20.0, 30.0, 40.0],
        "score": 0.91,
        "position": [0.1, -0.2, 1.5],
        "source": "depth",
        "sigma": 0.012,
        "head": None,
        "gaze": None,
        "looking_at_camera": None,
        "eyes_closed": None,
        "expression": None,
        "identity": {"state": "not_examined", "person_id": None, "name": None, "similarity": None},
        "liveness": "unknown",
    }


def test_all_that_is_known_of_a_face_is_written():
    record = logged(everything_known())
    assert record["head"] == {"yaw": 20.0, "pitch": -10.0, "roll": 5.0}
    assert record["gaze"] == [0.6, 0.0, -0.8] and record["looking_at_camera"] is False
    assert record["eyes_closed"] == {"right": 0.05, "left": 0.97}
    assert record["expression"] == {
        "state": "stable",
        "label": "happy",
        "scores": dict(zip(FER7.classes, SCORES, strict=True)),
        "valence": 0.71,
        "arousal": 0.44,
    }
    assert record["identity"] == {"state": "confirmed", "person_id": "3fa2", "name": "Zoë 🙂", "similarity": 0.612}
    assert record["liveness"] == "real"


def test_an_expression_that_no_class_leads_has_no_label():
    uncertain = replace(everything_known().expression, state=ExpressionState.UNCERTAIN, label="")
    record = logged(replace(face(), expression=uncertain))["expression"]
    assert (record["state"], record["label"]) == ("uncertain", None) and record["scores"]["happy"] == 0.88


def test_landmarks_and_blendshapes_are_written_where_they_are_asked_for():
    without, record = logged(everything_known()), logged(everything_known(), landmarks=True)
    assert record.keys() - without.keys() == {"landmarks", "blendshapes"}
    assert record["landmarks"]["scheme"] == "DLIB68"
    assert record["landmarks"]["points"][:2] == [[0.0, 0.33, 0.67], [1.0, 1.33, 1.67]]
    assert len(record["landmarks"]["points"]) == 68
    assert record["blendshapes"] == {"browDownLeft": 0.25, "jawOpen": 0.5}
    assert [logged(face(), landmarks=True)[name] for name in ("landmarks", "blendshapes")] == [None, None]


def test_what_is_no_number_is_null():
    known = everything_known()
    broken = replace(
        known,
        box=Box(math.inf, 1, 2, 3),
        pose=replace(known.pose, rotation=np.full((3, 3), np.nan)),
        gaze=Gaze((math.nan,) * 3, False),
        eyes=Eyes(math.nan, 0.5, False, False),
        expression=replace(known.expression, valence=math.nan, arousal=math.nan),
        blendshapes=Blendshapes(BLENDSHAPES, np.array([np.nan, 0.5], np.float32)),
        landmarks=replace(known.landmarks, points=np.full((68, 3), np.nan, np.float32)),
    )
    record = logged(broken, landmarks=True)
    assert record["box"] == [None, 1, 2, 3] and record["gaze"] == [None] * 3 and record["head"] is None
    assert record["eyes_closed"] == {"right": None, "left": 0.5}
    assert record["expression"]["valence"] is None
    assert record["blendshapes"]["browDownLeft"] is None
    assert record["landmarks"]["points"][0] == [None] * 3


def test_a_picture_is_named():
    assert json.loads(log_line(SeenFrame(0, [], [], latency_ms=7.0), "portrait.png")) == {
        "file": "portrait.png",
        "stamp": 0.0,
        "latency_ms": 7.0,
        "faces": [],
        "hands": [],
    }


def test_a_position_that_is_not_known_is_null():
    record = logged(face(PositionSource.NONE))
    assert (record["position"], record["source"], record["sigma"]) == (None, "none", None)


@pytest.mark.parametrize(
    ("source", "name"), [(PositionSource.SIZE_PRIOR, "size_prior"), (PositionSource.PREDICTED, "predicted")]
)
def test_an_estimate_is_named_as_such(source, name):
    assert logged(face(source))["source"] == name


@pytest.mark.parametrize("landmarks", [False, True])
def test_every_frame_ends_its_line(landmarks):
    file = io.StringIO()
    log = FrameLog(file, landmarks=landmarks)
    for _ in range(3):
        log.write(SeenFrame(STAMP_NS, [everything_known()], [pointing()]))
    lines = file.getvalue().splitlines()
    assert len(lines) == 3 and file.getvalue().endswith("\n")
    for line in lines:
        record = json.loads(line)
        assert all(("landmarks" in found) == landmarks for found in (*record["faces"], *record["hands"]))


def test_all_that_is_known_of_a_hand_is_written():
    assert hand_logged(hand()) == {
        "id": 7,
        "side": "left",
        "box": [1.0, 2.0, 3.0, 4.0],
        "score": 0.971,
        "position": [0.1, 0.2, 1.1],
        "source": "depth",
        "sigma": 0.006,
        "gesture": "Victory",
        "gesture_score": 0.936,
        "fingers": 2,
        "motion": None,
        "pointing": None,
    }


def test_what_a_hand_points_at_is_written():
    record = hand_logged(pointing())
    assert record["pointing"] == {"origin": [0.1, 0.0, 1.0], "direction": [0.6, 0.0, 0.8], "target": [0.5, -0.25, 2.0]}
    assert (record["gesture"], record["motion"]) == ("Point", "Wave")
    assert hand_logged(pointing(PositionSource.NONE))["pointing"]["target"] is None


def test_a_hand_that_was_not_examined_has_no_gesture_and_one_that_shows_none_has_none():
    unknown = replace(hand(), gesture=NOT_EXAMINED, side=Side.UNKNOWN)
    record = hand_logged(unknown)
    assert [record[name] for name in ("gesture", "gesture_score", "fingers", "side")] == [None] * 4
    assert hand_logged(replace(hand(), gesture=Gesture("None", 0.9, fingers=0)))["gesture"] == "None"


def test_points_of_hands_are_written_where_they_are_asked_for():
    record = hand_logged(pointing(), landmarks=True)["landmarks"]
    assert record["scheme"] == "HAND21" and len(record["points"]) == len(record["metres"]) == 21
    assert record["points"][1] == [1.0, 1.33, 1.67] and record["metres"][3] == [0.3, 0.3333, 0.3667]
    assert hand_logged(hand(), landmarks=True)["landmarks"] is None


def test_numbers_of_a_hand_that_are_none_are_null():
    broken = np.full((21, 3), np.nan, np.float32)
    nowhere = Pointing((math.nan,) * 3, (math.inf, 0.0, 0.0), hand().position)
    shown = replace(pointing(), in_camera=broken, box=Box(math.nan, 0, 1, 1), pointing=nowhere)
    record = hand_logged(shown, landmarks=True)
    assert record["landmarks"]["metres"][0] == [None] * 3 and record["box"][0] is None
    assert record["pointing"]["origin"] == [None] * 3 and record["pointing"]["direction"] == [None, 0.0, 0.0]


def test_events_are_written_where_there_are_some():
    event = GestureEvent(EventKind.HELD, 5, Gesture("Victory", 0.9, Origin.NETWORK, 2), 1.25, hand())
    record = json.loads(log_line(SeenFrame(STAMP_NS, [], [hand()], (event,))))
    assert record["events"] == [
        {
            "event": "held",
            "id": 5,
            "gesture": "Victory",
            "score": 0.9,
            "origin": "network",
            "duration": 1.25,
            "hand": 7,
            "side": "left",
        }
    ]
    assert "events" not in json.loads(log_line(SeenFrame(STAMP_NS, [], [hand()])))


def test_what_a_node_did_not_look_at_is_null_and_not_empty():
    record = json.loads(log_line(SeenFrame(STAMP_NS, [face()], None)))
    assert record["hands"] is None and len(record["faces"]) == 1
    assert json.loads(log_line(SeenFrame(STAMP_NS, None, [])))["faces"] is None
