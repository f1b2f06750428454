import math
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
import pytest

from gesture_perception.gesture_collection import GestureCollection
from gesture_perception.gesture_records import MOST_EXAMPLES, MOST_GESTURES, POSES
from gesture_perception.gesture_store import GestureStore
from gesture_perception.hand import Gesture, Hand, HandLandmarks, Origin, Side
from gesture_perception.pose_gathering import PoseView, TeachResult
from gesture_perception.teaching import Teaching, TeachPolicy, TeachRequest
from gesture_perception.teaching import taught as put
from perception_core.depth import Position3D, PositionSource
from perception_core.embedding_space import EmbeddingSpace
from perception_core.geometry import Box

SPACE = EmbeddingSpace("gesture_embedder", 128, "0123456789abcdef")
NOWHERE = Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)
THREE, FOUR = 3, 4
NEVER_S = 500.0  # a test that waits for so long has failed
RATE_HZ = 30
NONE = Gesture("None", 0.9)


def direction(seed):
    numbers = np.random.default_rng(seed).normal(size=128)
    return numbers / np.linalg.norm(numbers)


def marked(pose, frame=0):
    """Landmarks by which `embed` knows which pose they are of, and how the hand trembles."""
    points = np.zeros((21, 3), np.float32)
    points[:, 2] = pose
    points[:, 1] = frame
    return HandLandmarks(points, points, 1.0, 1.0)


def embed(hands, _size):
    """A description that does not change when a hand is turned."""
    rows = [direction(int(hand.points[0, 2])) + 0.05 * direction((9, int(hand.points[0, 1]) + 1000)) for hand in hands]
    return 50 * np.stack(rows).astype(np.float32)


@pytest.fixture
def gestures(tmp_path):
    with closing(GestureCollection(tmp_path / "gestures.sqlite", SPACE, wait_s=0.2)) as gestures:
        yield gestures


@pytest.fixture
def scene(gestures):
    return Scene(Teaching(gestures, embed, TeachPolicy(timeout_s=NEVER_S)))


class Scene:
    """A camera, and a pipeline that shows what it sees."""

    def __init__(self, teaching):
        self.teaching, self.frame = teaching, 0
        teaching.camera_started()

    def show(self, seconds, hands, gesture=NONE):
        """Shows hands by their ids, each with its pose."""
        for _ in range(round(seconds * RATE_HZ)):
            self.frame += 1
            seen = [Hand(each, 1.0, False, Side.RIGHT, 1.0, Box(0, 0, 9, 9), NOWHERE) for each in hands]
            landmarks = {each: marked(pose, self.frame) for each, pose in hands.items()}
            poses = {each: PoseView(one, embed([one], None)[0], gesture) for each, one in landmarks.items()}
            self.teaching.look(seen, poses, round(self.frame / RATE_HZ * 1e9))


def taught(scene, seconds, hands, name="Three", gesture=NONE, **request):
    """What is answered after hands were shown."""
    finish = scene.teaching.begin(TeachRequest(name, **request))
    scene.show(seconds, hands, gesture)
    return finish()


def recognised(gestures, pose):
    (match,) = gestures.index.match([marked(pose)], embed([marked(pose, 77)], None))
    return None if match is None else match.name


def test_what_is_shown_long_enough_is_recognised_from_then_on(scene, gestures):
    outcome = taught(scene, 2, {7: THREE})
    assert (outcome.result, outcome.accepted, outcome.rival) == (TeachResult.OK, 5, "")
    assert "Three is taught with 5 new examples" in outcome.message
    assert (recognised(gestures, THREE), recognised(gestures, FOUR)) == ("Three", None)


def test_teaching_it_again_adds_examples(scene, gestures):
    taught(scene, 2, {7: THREE})
    assert taught(scene, 2, {7: THREE}, "THREE", views=3).accepted == 3
    (gesture,) = gestures.gestures()
    assert (gesture.name, gesture.examples) == ("Three", 8)


def test_two_gestures_are_told_apart(scene, gestures):
    taught(scene, 2, {7: THREE})
    assert taught(scene, 2, {7: FOUR}, "Four").result is TeachResult.OK
    assert (recognised(gestures, THREE), recognised(gestures, FOUR)) == ("Three", "Four")


def test_what_is_too_close_to_a_taught_gesture_is_refused_with_its_name(scene, gestures):
    taught(scene, 2, {7: THREE})
    outcome = taught(scene, 2, {7: THREE}, "Drei")
    assert (outcome.result, outcome.rival, outcome.accepted) == (TeachResult.TOO_CLOSE, "Three", 0)
    assert "Three" in outcome.message
    assert [gesture.name for gesture in gestures.gestures()] == ["Three"]


def test_what_another_program_has_taught_is_a_rival_too(scene, gestures):
    with closing(GestureCollection(gestures.path, SPACE)) as theirs:
        theirs.teach("Three", [np.repeat(direction(THREE)[None], POSES, axis=0)], 0)
    assert taught(scene, 2, {7: THREE}, "Drei").rival == "Three"


def test_what_is_too_close_to_a_built_in_gesture_is_refused_with_its_name(scene, gestures):
    outcome = taught(scene, 2, {7: THREE}, "Stop", Gesture("Open_Palm", 0.9, Origin.NETWORK))
    assert (outcome.result, outcome.rival) == (TeachResult.TOO_CLOSE, "Open_Palm")
    assert gestures.gestures() == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "a\nb", "Victory", "Thumb-Up", "wave"])
def test_a_bad_name_is_refused_before_anybody_has_to_hold_still(scene, name):
    outcome = scene.teaching(TeachRequest(name))
    assert outcome.result is TeachResult.BAD_NAME and outcome.message


def test_of_two_requests_at_once_the_second_is_told_so_and_the_first_goes_on(scene, gestures):
    finish = scene.teaching.begin(TeachRequest("Three"))
    scene.show(0.5, {7: THREE})
    assert scene.teaching(TeachRequest("Four")).result is TeachResult.BUSY
    scene.show(2, {7: THREE})
    assert finish().result is TeachResult.OK
    assert [gesture.name for gesture in gestures.gestures()] == ["Three"]
    assert taught(scene, 2, {7: FOUR}, "Four").result is TeachResult.OK


def test_an_empty_set_teaches_nothing(gestures):
    scene = Scene(Teaching(gestures, embed, TeachPolicy(timeout_s=0.001)))
    assert taught(scene, 0.3, {7: THREE}).result is TeachResult.TOO_FEW_VIEWS
    assert scene.teaching(TeachRequest("Three")).result is TeachResult.TOO_FEW_VIEWS
    assert taught(scene, 0.3, {}).result is TeachResult.NO_SUCH_HAND
    assert gestures.gestures() == []


def test_a_set_that_cannot_be_described_teaches_nothing(gestures):
    scene = Scene(Teaching(gestures, lambda hands, _: np.full((len(hands), 128), np.nan), TeachPolicy()))
    outcome = taught(scene, 2, {7: THREE})
    assert (outcome.result, outcome.accepted) == (TeachResult.TOO_FEW_VIEWS, 0)
    assert gestures.gestures() == []


def test_of_two_hands_none_is_guessed_and_the_named_one_is_taken(scene, gestures):
    assert taught(scene, 1, {7: THREE, 8: FOUR}).result is TeachResult.SEVERAL_HANDS
    assert taught(scene, 2, {7: THREE, 8: FOUR}, "Four", track_id=8).result is TeachResult.OK
    assert (recognised(gestures, FOUR), recognised(gestures, THREE)) == ("Four", None)


def test_who_asks_waits_in_a_thread_of_their_own(scene, gestures):
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(scene.teaching, TeachRequest("Three"))
        while scene.teaching.state == "idle":
            pass
        assert "0 of 5 views" in scene.teaching.state
        scene.show(2, {7: THREE})
        assert answer.result(NEVER_S).result is TeachResult.OK
    assert scene.teaching.state == "idle"


def test_without_a_camera_nobody_has_to_wait(gestures):
    outcome = Teaching(gestures, embed, TeachPolicy(timeout_s=NEVER_S))(TeachRequest("Three"))
    assert outcome.result is TeachResult.NO_SUCH_HAND and "not active" in outcome.message


def test_a_camera_that_is_stopped_ends_the_waiting(scene, gestures):
    finish = scene.teaching.begin(TeachRequest("Three"))
    scene.show(0.5, {7: THREE})
    scene.teaching.cancel()
    outcome = finish()
    assert outcome.result is TeachResult.TOO_FEW_VIEWS and "stopped" in outcome.message
    assert gestures.gestures() == []


def test_a_file_that_another_program_keeps_locked_is_said_and_works_once_it_is_free(scene, gestures):
    with closing(sqlite3.connect(gestures.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        outcome = taught(scene, 2, {7: THREE})
        assert outcome.result is TeachResult.STORE_FAILED and "another program" in outcome.message
        other.execute("ROLLBACK")
    assert taught(scene, 2, {7: THREE}).result is TeachResult.OK


@pytest.mark.parametrize("timeout_s", [math.nan, -1.0, 0.0])
def test_what_is_no_time_leaves_it_to_the_policy(scene, timeout_s):
    assert taught(scene, 2, {7: THREE}, timeout_s=timeout_s).result is TeachResult.OK


def test_frames_go_by_when_nothing_is_taught(scene, gestures):
    scene.show(1, {7: THREE})
    assert scene.teaching.state == "idle" and gestures.gestures() == []


def an_example(seed):
    return np.repeat(direction(seed)[None], POSES, axis=0)


@pytest.mark.parametrize(("known", "views"), [(0, MOST_EXAMPLES + 1), (0, 255), (MOST_EXAMPLES - 2, 3)])
def test_more_views_than_there_is_room_for_are_refused_before_anybody_has_to_hold_still(scene, gestures, known, views):
    if known:
        gestures.teach("Three", [an_example(k) for k in range(100, 100 + known)], 0)
    outcome = scene.teaching(TeachRequest("three", views=views))
    assert outcome.result is TeachResult.STORE_FAILED
    assert f"would have {known + views} examples; more than {MOST_EXAMPLES}" in outcome.message
    assert scene.teaching.state == "idle"


def test_as_many_views_as_there_is_room_for_are_taken(scene, gestures):
    gestures.teach("Three", [an_example(k) for k in range(100, 98 + MOST_EXAMPLES)], 0)
    assert taught(scene, 2, {7: THREE}, views=2).result is TeachResult.OK


def test_one_gesture_too_many_is_refused_before_anybody_has_to_hold_still(scene, gestures):
    with closing(GestureStore(gestures.path, SPACE.id)) as store, store.writing():
        for k in range(MOST_GESTURES):
            store.teach(f"gesture {k}", [an_example(100 + k).astype("<f4").tobytes()], 0)
    gestures.refresh()
    outcome = scene.teaching(TeachRequest("Three"))
    assert outcome.result is TeachResult.STORE_FAILED and "would have 201 gestures" in outcome.message


def test_the_same_pictures_again_are_not_stored_again_and_it_is_said_how_many_were_new(gestures):
    views = [PoseView(marked(THREE, k), embed([marked(THREE, k)], None)[0], NONE) for k in range(3)]
    examples = [an_example(100 + k) for k in range(3)]

    def again(some):
        outcome = put(gestures, "Three", views[: len(some)], some)
        assert outcome.result is TeachResult.OK
        return outcome.accepted, outcome.message

    assert again(examples[:2]) == (2, "Three is taught with 2 new examples")
    assert again(examples) == (1, "Three is taught with 1 new example; 2 were there already")
    assert again(examples) == (0, "Three is known by these 3 examples already")
    assert gestures.gestures()[0].examples == 3


def test_what_is_taught_after_the_file_was_removed_is_in_a_new_one(scene, gestures):
    taught(scene, 2, {7: THREE})
    gestures.path.unlink()
    assert taught(scene, 2, {7: FOUR}, "Four").result is TeachResult.OK
    assert recognised(gestures, THREE) is None
    with closing(GestureCollection(gestures.path, SPACE)) as theirs:
        assert [gesture.name for gesture in theirs.gestures()] == ["Four"]
        assert recognised(theirs, FOUR) == "Four"


def test_what_is_taught_into_a_file_that_was_overwritten_is_no_success(scene, gestures):
    finish = scene.teaching.begin(TeachRequest("Three"))
    gestures.path.write_bytes(b"garbage" * 10_000)
    scene.show(2, {7: THREE})
    outcome = finish()
    assert outcome.result is TeachResult.STORE_FAILED and "overwritten" in outcome.message
