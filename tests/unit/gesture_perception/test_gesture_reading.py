import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gesture_perception.finger_geometry import measured
from gesture_perception.gesture_names import CANNED
from gesture_perception.gesture_network import GestureClassifier, GestureEmbedder
from gesture_perception.gesture_reading import GestureReader, shaped
from gesture_perception.hand import NO_GESTURE, Origin
from perception_core.engines.engine import EngineError, open_engine

from .bone_hands import NAMES, bones, finger, hand, ring, turn

PICTURE = np.zeros((480, 640, 3), np.uint8)
HELD = {  # poses whatever their direction
    "Closed_Fist": bones(()),
    "Open_Palm": bones(NAMES, "out"),
    "Victory": bones(("index", "middle")),
    "ILoveYou": bones(("index", "little"), "out"),
    "OK": ring(),
}
FINGERS = {"Closed_Fist": 0, "Open_Palm": 5, "Victory": 2, "ILoveYou": 3, "OK": 3}
OTHERS = {
    "four": bones(NAMES),
    "three": bones(("index", "middle", "ring")),
    "three with the thumb": bones(("index", "middle"), "out"),
    "L": bones(("index",), "out"),
    "telephone": bones(("little",), "out"),
    "horns": bones(("index", "little")),
    "little finger": bones(("little",)),
    "all but index": bones(("middle", "ring", "little")),
}
THUMB = bones((), "out")
THUMB_ANGLE = math.degrees(math.atan2(0.098 - 0.055, 0.075 - 0.042))  # of the thumb's outer bones, clockwise from up


@pytest.fixture(scope="module")
def read(weights):
    embed = GestureEmbedder(open_engine(weights("gesture_embedder")))
    return GestureReader(embed, GestureClassifier(open_engine(weights("gesture_classifier")), CANNED))


def gesture(read, landmarks):
    (reading,) = read(PICTURE, [landmarks])
    return reading.gesture


@pytest.mark.parametrize("left", [False, True])
@pytest.mark.parametrize("label", HELD)
def test_a_pose_that_is_held_up_is_read(read, label, left):
    found = gesture(read, hand(HELD[label], left=left))
    assert (found.label, found.fingers) == (label, FINGERS[label])
    assert found.score > 0.7


@pytest.mark.parametrize("label", [label for label in HELD if label != "Open_Palm"])
@given(turns=st.tuples(st.floats(-100, 100), st.floats(-25, 25), st.floats(-180, 180)), left=st.booleans())
@settings(max_examples=15)
def test_a_pose_is_read_from_the_side_and_from_behind(read, label, turns, left):
    around, forward, aside = turns
    assert gesture(read, hand(HELD[label], turn(around) @ turn(forward, 0) @ turn(aside, 1), left=left)).label == label


@given(turns=st.tuples(st.floats(-100, 100), st.floats(-25, 25), st.floats(-60, 60)), left=st.booleans())
@settings(max_examples=15)
def test_a_palm_is_read_from_the_side(read, turns, left):
    around, forward, aside = turns
    palm = hand(HELD["Open_Palm"], turn(around) @ turn(forward, 0) @ turn(aside, 1), left=left)
    assert gesture(read, palm).label == "Open_Palm"


@pytest.mark.parametrize("left", [False, True])
@pytest.mark.parametrize("aside", [130, 180, -150])
def test_the_back_of_an_open_hand_is_a_palm_only_where_the_network_says_so_itself(read, aside, left):
    found = gesture(read, hand(HELD["Open_Palm"], turn(aside, 1), left=left))
    assert (found.label, found.origin) in {("None", Origin.NETWORK), ("Open_Palm", Origin.NETWORK)}
    assert aside != 130 or found.label == "None"


def test_what_only_a_turned_hand_shows_comes_from_geometry(read):
    assert gesture(read, hand(HELD["Victory"])).origin is Origin.NETWORK
    assert gesture(read, hand(HELD["Victory"], turn(180, 1))).origin is Origin.GEOMETRY


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("around", [-90, -30, 0, 40, 90])
@pytest.mark.parametrize("aside", [0, 60, 180])
def test_other_shapes_are_none(read, name, around, aside):
    found = gesture(read, hand(OTHERS[name], turn(around) @ turn(aside, 1)))
    assert found.label == NO_GESTURE
    assert found.score > 0.5


@pytest.mark.parametrize("left", [False, True])
@pytest.mark.parametrize(
    ("degrees", "label"), [(0, "Pointing_Up"), (25, "Pointing_Up"), (75, "Point"), (-90, "Point"), (170, "Point")]
)
def test_an_index_points_up_or_elsewhere(read, degrees, label, left):
    found = gesture(read, hand(bones(("index",)), turn(degrees), left=left))
    assert (found.label, found.fingers) == (label, 1)


def test_an_index_that_points_at_the_camera_does_not_point_up(read):
    assert gesture(read, hand(bones(("index",)), turn(75, 0))).label == "Point"


@pytest.mark.parametrize("around", [-20, 0, 20])
def test_thumbs_go_up_and_down(read, around):
    level = turn(around - THUMB_ANGLE)  # the thumb straight up, but for `around`
    assert gesture(read, hand(THUMB, level)).label == "Thumb_Up"
    assert gesture(read, hand(THUMB, turn(180) @ level)).label == "Thumb_Down"


@pytest.mark.parametrize("aside", [-90, 90])
def test_a_thumb_that_points_aside_says_nothing(read, aside):
    assert gesture(read, hand(THUMB, turn(aside - THUMB_ANGLE))).label == NO_GESTURE


def test_a_pinch_is_read_and_no_fist_is_taken_for_one(read):
    points = ring()
    for place, name in ((9, "middle"), (13, "ring"), (17, "little")):
        points[place : place + 4] = finger(name, 80)
    assert gesture(read, hand(points)).label == "Pinch"
    assert gesture(read, hand(HELD["Closed_Fist"])).label == "Closed_Fist"


@pytest.mark.parametrize(("name", "label"), [("hand_pointing_up", "Pointing_Up"), ("hand_fist", "Closed_Fist")])
def test_real_hands_that_are_seen_edgewise_are_read(read, hand_picture, hand_in, name, label):
    for picture in (hand_picture(name), np.ascontiguousarray(hand_picture(name)[:, ::-1])):
        (reading,) = read(picture, [hand_in(picture)])
        assert reading.gesture.label == label
        assert np.isfinite(reading.embedding).all()


def test_several_hands_are_read_as_each_alone(read):
    hands = [hand(points, turn(10 * k)) for k, points in enumerate(HELD.values())]
    together = read(PICTURE, hands)
    for landmarks, reading in zip(hands, together, strict=True):
        (alone,) = read(PICTURE, [landmarks])
        assert reading.gesture.label == alone.gesture.label
        assert reading.gesture.score == pytest.approx(alone.gesture.score, abs=1e-4)
        assert reading.embedding == pytest.approx(alone.embedding, abs=1e-3)


@pytest.mark.parametrize("part", ["points", "metric"])
@pytest.mark.parametrize("worth", [math.nan, math.inf, 0.0])
def test_what_is_no_hand_is_not_examined_and_harms_no_other(read, part, worth):
    broken = replace(hand(HELD["Victory"]), **{part: np.full((21, 3), worth, np.float32)})
    nothing, beside = read(PICTURE, [broken, hand(HELD["Victory"])])
    assert nothing.gesture.label == ""
    assert math.isnan(nothing.gesture.score)
    assert nothing.gesture.fingers == -1
    assert beside.gesture.label == "Victory"


@given(seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([1e-6, 1.0, 300.0, 1e7]))
@settings(max_examples=60)
def test_whatever_the_points_are_there_is_an_answer(read, seed, scale):
    random = np.random.default_rng(seed)
    points, metric = (random.normal(0, size, (21, 3)).astype(np.float32) for size in (scale, 0.05))
    found = gesture(read, replace(hand(HELD["Victory"]), points=points, metric=metric, right=float(random.random())))
    assert found.label in {*CANNED, "OK", "Pinch", "Point"}
    assert 0 <= found.score <= 1
    assert 0 <= found.fingers <= 5


def test_no_hands_no_readings(read):
    assert read(PICTURE, []) == []


def test_a_classifier_of_other_classes_is_refused(read, made_up):
    own = GestureClassifier(made_up({"x": (None, 128)}, {"scores": (None, 2)}, None), ["mine", "yours"])
    with pytest.raises(EngineError, match="this one has mine, yours"):
        GestureReader(read._embed, own)


@pytest.mark.parametrize(
    ("points", "label"),
    [(ring(), "OK"), (bones(("index",)), "Point"), (bones(("index",), "out"), None), (bones(()), None)],
)
def test_what_the_fingers_alone_say(points, label):
    (geometry,) = measured([hand(points, turn(70))])
    found = shaped(geometry)
    assert (found and found.label) == label
    assert found is None or found.origin is Origin.GEOMETRY
