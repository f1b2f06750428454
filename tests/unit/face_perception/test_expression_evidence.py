import itertools
import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_perception.detection import FaceDetector
from face_perception.expression_crop import FaceView
from face_perception.expression_evidence import (
    UNKNOWN,
    ExpressionEvidence,
    ExpressionState,
    ExpressionTiming,
    ReadableFace,
)
from face_perception.expression_labels import FER7
from face_perception.expression_network import ExpressionNetwork, ExpressionReader
from perception_core.engines.engine import open_engine
from perception_core.geometry import Box
from perception_core.zoo.manifest import load_models

RATES_HZ = (3, 5, 10, 30)
AT_ONCE = ExpressionTiming(first_after_s=0.0)


def ns(seconds):
    return round(seconds * 1e9)


def showing(label, score=0.97):
    rest = (1 - score) / (len(FER7.classes) - 1)
    return np.array([score if name == label else rest for name in FER7.classes])


def changes(labels):
    return sum(label != before for before, label in itertools.pairwise(labels))


def shown(results, hz, evidence=None):
    evidence = evidence or ExpressionEvidence(FER7, AT_ONCE)
    return [evidence.update(result, ns(index / hz)).label for index, result in enumerate(results)]


@pytest.fixture(scope="module")
def reader(weights):
    network = ExpressionNetwork(open_engine(weights("face_expression")), load_models()["face_expression"])
    return ExpressionReader([network], mirrored=True)


@pytest.fixture(scope="module")
def detector(weights):
    return FaceDetector(open_engine(weights("yunet")))


@pytest.mark.parametrize("hz", RATES_HZ)
def test_a_clear_change_is_shown_within_half_a_second(hz):
    results = [showing("sad")] * 5 * hz + [showing("happy")] * 2 * hz
    labels = shown(results, hz)
    # Between the change itself and the first result that shows it, up to one interval has passed.
    waited = (labels.index("happy") - 5 * hz) / hz
    assert waited + 1 / hz <= 0.5
    assert set(labels[: 5 * hz]) == {"sad"}


@pytest.mark.parametrize("hz", RATES_HZ)
@pytest.mark.parametrize("confused", [("neutral", "sad"), ("happy", "surprised")])
def test_a_face_between_two_expressions_does_not_flicker(hz, confused):
    """Half of the results say one thing and half the other, more or less surely; no face measured was that bad."""
    rng = np.random.default_rng(hz)
    for _ in range(5):
        shares = rng.beta(1.2, 1.2, 60 * hz)
        labels = shown([share * showing(confused[0]) + (1 - share) * showing(confused[1]) for share in shares], hz)
        assert changes(labels) <= 2


@pytest.mark.parametrize("hz", [3, 10])
def test_six_real_faces_seen_by_a_trembling_detector_do_not_flicker(reader, detector, picture, hz):
    colour, rng = cv2.imread(str(picture("six_faces"))), np.random.default_rng(5)
    faces = detector(colour)
    tracks = [ExpressionEvidence(FER7) for _ in faces]
    labels = [[] for _ in faces]
    for index in range(8 * hz):
        views = []
        for face in faces:
            dx, dy, wider, higher = rng.normal(0, 0.015, 4)  # as much as a detector's boxes tremble
            box, side = face.box, face.box.height
            moved = (box.centre[0] + dx * side, box.centre[1] + dy * side)
            views.append(FaceView(Box.around(moved, box.width * (1 + wider), box.height * (1 + higher))))
        for track, scores, told in zip(tracks, reader(colour, views), labels, strict=True):
            told.append(track.update(scores, ns(index / hz)).label)
    assert len(faces) == 6
    assert max(changes(told) for told in labels) <= 1
    assert sum(told[-1] == "happy" for told in labels) >= 3


def results_of(clip, reader, detector, step):
    """Time in seconds and scores of the largest face, in every `step`-th frame."""
    video = cv2.VideoCapture(str(clip))
    rate, index, results = video.get(cv2.CAP_PROP_FPS), 0, []
    while video.grab():
        if index % step == 0:
            colour = video.retrieve()[1]
            face = max(detector(colour), key=lambda face: face.box.area)
            results.append((index / rate, reader(colour, [FaceView(face.box, face.keypoints)])[0]))
        index += 1
    return results


@pytest.mark.parametrize(
    ("clip", "before", "smiles_s"), [("pexels", "sad", 226 / 23.976), ("one_face_clip", "neutral", 18 / 30)]
)
def test_a_smile_is_shown_within_half_a_second(request, clip, before, smiles_s):
    """With ten to twelve results per second. One smiles from frame 226 on, after a hand at the mouth, one from 18."""
    reader, detector, picture = map(request.getfixturevalue, ("reader", "detector", "picture"))
    evidence, told = ExpressionEvidence(FER7), []
    for time, scores in results_of(picture(clip), reader, detector, step=2 if clip == "pexels" else 3):
        told.append((time, evidence.update(scores, ns(time)).label))
    labels = [label for _, label in told]
    first = next(time for time, label in told if label == "happy")
    assert smiles_s - 0.1 <= first <= smiles_s + 0.5
    assert labels[-1] == "happy"
    assert [label for label in dict.fromkeys(labels) if label] == [before, "happy"]


def test_an_unsure_face_is_uncertain_and_still_has_scores():
    evidence = ExpressionEvidence(FER7)
    for index in range(30):
        told = evidence.update(showing("angry", 0.5), ns(index / 10))
    assert (told.state, told.label, told.label_set) == (ExpressionState.UNCERTAIN, "", "FER7")
    assert told.scores[FER7.classes.index("angry")] == pytest.approx(0.5)
    assert told.valence < 0


def test_a_label_that_fades_is_withdrawn():
    evidence = ExpressionEvidence(FER7)
    labels = shown([showing("happy")] * 20 + [np.full(7, 1 / 7)] * 60, 10, evidence)
    assert labels[19] == "happy"
    assert labels[21] == "happy"
    assert labels[-1] == ""


@given(
    st.lists(
        st.tuples(
            st.integers(-(10**9), 3 * 10**9),
            st.one_of(
                st.just([math.nan] * 7),
                st.lists(st.floats(0, 1), min_size=7, max_size=7).filter(lambda scores: sum(scores) > 1e-9),
            ),
        ),
        max_size=30,
    )
)
def test_what_is_told_always_holds_together(steps):
    evidence, stamp = ExpressionEvidence(FER7), 10**12
    for step, scores in steps:
        stamp += step
        told = evidence.update(scores, stamp)
        assert (told.label != "") == (told.state is ExpressionState.STABLE)
        if told.state is ExpressionState.UNKNOWN:
            assert told == UNKNOWN or math.isnan(told.valence)
            assert not told.scores
        else:
            assert sum(told.scores) == pytest.approx(1)
            assert told.classes == FER7.classes
            assert -1 <= told.valence <= 1


def test_unreadable_frames_are_bridged_and_then_forgotten():
    evidence = ExpressionEvidence(FER7, AT_ONCE)
    assert evidence.at(ns(1)) is UNKNOWN
    evidence.update(showing("happy"), ns(1))
    assert evidence.update([math.nan] * 7, ns(1.5)).label == "happy"
    assert evidence.at(ns(2.9)).label == "happy"
    assert evidence.at(ns(3.1)) is UNKNOWN


def test_stamps_that_jump_back_start_anew():
    evidence = ExpressionEvidence(FER7)
    evidence.update(showing("happy"), ns(10))
    told = evidence.update(showing("sad", 0.6), ns(4))
    assert told.state is ExpressionState.UNCERTAIN
    assert told.scores == pytest.approx(tuple(showing("sad", 0.6)))


def test_the_same_stamp_counts_once():
    evidence = ExpressionEvidence(FER7)
    first = evidence.update(showing("happy"), ns(1))
    assert evidence.update(showing("sad"), ns(1)) == first


@pytest.mark.parametrize("scores", [[0.5] * 6, [0.0] * 7, [-0.1, 1.1, 0, 0, 0, 0, 0], [[1.0] * 7]])
def test_scores_that_are_no_probabilities_are_an_error(scores):
    with pytest.raises(ValueError, match=r"classes|probabilities"):
        ExpressionEvidence(FER7).update(scores, 0)


@pytest.mark.parametrize("wrong", [{"kept": 0.8}, {"shown": 0.9}, {"certain": 0.8}, {"certain": 1.1}, {"slow_s": 0.0}])
def test_timing_that_contradicts_itself_is_refused(wrong):
    with pytest.raises(ValueError, match="needs"):
        ExpressionTiming(**wrong)


def test_small_and_turned_faces_are_not_read():
    readable = ReadableFace()
    assert readable(40, None)
    assert readable(40, math.nan)
    assert readable(40, -0.6)
    assert not readable(31, 0.0)
    assert not readable(math.nan, 0.0)
    assert not readable(100, 0.9)
    assert not readable(100, -0.9)


def test_no_label_is_told_after_a_single_result():
    evidence = ExpressionEvidence(FER7)
    happy = [0.01, 0.94, 0.01, 0.01, 0.01, 0.01, 0.01]
    shown = [evidence.update(happy, stamp_ns) for stamp_ns in range(0, 600_000_000, 100_000_000)]
    assert [each.state for each in shown] == [ExpressionState.UNCERTAIN] * 3 + [ExpressionState.STABLE] * 3
    assert shown[0].scores[1] == pytest.approx(0.94) and shown[-1].label == "happy"
