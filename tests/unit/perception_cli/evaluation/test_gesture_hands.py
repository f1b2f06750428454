import tempfile

from hypothesis import given
from hypothesis import strategies as st

from perception_cli.evaluation.gesture_hands import SeenHand, for_pictures, hands_in_boxes, main_hand, opened
from perception_cli.evaluation.work import Networks
from perception_core.geometry import Box


def hand(x, y=0.0, side=100.0, gesture="Victory"):
    return SeenHand(Box(x, y, side, side), gesture)


def test_each_hand_goes_to_the_box_that_it_fills_best():
    left, right = hand(0), hand(60)
    assert hands_in_boxes([left, right], [Box(70, 0, 100, 100), Box(0, 0, 100, 100)]) == [right, left]


def test_a_box_with_the_arm_holds_the_hand():
    small = hand(0, 0, 50)
    assert hands_in_boxes([small], [Box(0, 0, 60, 150)]) == [small]


def test_a_hand_elsewhere_is_not_the_one():
    assert hands_in_boxes([hand(200)], [Box(0, 0, 100, 100)]) == [None]
    assert hands_in_boxes([], [Box(0, 0, 100, 100)]) == [None]
    assert hands_in_boxes([hand(0)], []) == []


places = st.floats(0, 500)
squares = st.lists(st.builds(hand, places, places, st.floats(1, 200)), max_size=6)


@given(squares, squares)
def test_no_hand_is_in_two_boxes(hands, others):
    matched = hands_in_boxes(hands, [each.box for each in others])
    assert len(matched) == len(others)
    found = [id(each) for each in matched if each is not None]
    assert len(found) == len(set(found))
    assert all(each is None or each.box.overlap(other.box) > 0 for each, other in zip(matched, others, strict=True))


def test_a_picture_is_about_its_largest_hand():
    assert main_hand([hand(0, side=10), hand(50, side=30), hand(9, side=20)]).box.width == 30
    assert main_hand([]) is None


def test_what_was_taught_is_not_looked_for_and_no_file_is_made(weights, tmp_path, monkeypatch):
    for name in ("palm_detection", "hand_landmarks", "hand_landmarks_light", "gesture_embedder", "gesture_classifier"):
        weights(name)
    monkeypatch.setenv("PERCEPTION_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with Networks() as networks, opened(for_pictures("gesture_classifier"), networks) as assembly:
        assert assembly.gestures is None and assembly.embedder is not None
    assert list(tmp_path.iterdir()) == []
