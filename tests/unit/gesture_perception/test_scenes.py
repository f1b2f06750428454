"""The whole pipeline on hands in the virtual camera's scene, whose truth is known."""

import math
from contextlib import closing

import pytest

from gesture_perception.assembly import open_hand_pipeline
from gesture_perception.gesture_events import EventKind
from gesture_perception.parameters import GestureParameters
from perception_core.depth import PositionSource
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import hands
from perception_core.stages import StageTimes
from perception_core.zoo.manifest import load_models

_TURNS = [range(20 + 150 * turn, 86 + 150 * turn, 3) for turn in range(4)]  # each of the four hands, held up


@pytest.fixture(scope="module")
def seen(pictures, weights, tmp_path_factory):
    """For each hand that is held up: its truth, the hand that was found there, and the events of its frame."""
    for spec in load_models().values():
        if spec.default:
            weights(spec.name)
    source = SceneSource(hands())
    parameters = GestureParameters(gestures=str(tmp_path_factory.mktemp("taught") / "gestures.sqlite"))
    turns = []
    with closing(open_hand_pipeline(parameters, print)) as assembly:
        for frames in _TURNS:
            turns.append([])
            for k in frames:
                found = assembly.pipeline(source.frame(k), StageTimes())
                for truth in source.truth(k).hands:
                    if truth.visible_share > 0.99:
                        near = [each for each in found.hands if _is_at(each, truth)]
                        turns[-1].append((truth, near[0] if near else None, found.events))
    return turns


def _is_at(hand, truth):
    return math.dist(hand.box.centre, truth.box.centre) < 0.3 * truth.box.height


def test_a_hand_that_is_held_up_is_followed(seen):
    for turn in seen:
        found = [hand for _, hand, _ in turn if hand is not None]
        assert len(found) >= 0.9 * len(turn)
        assert len({hand.track_id for hand in found}) == 1


def test_a_hand_is_where_it_is(seen):
    for turn in seen:
        measured = [(truth, hand) for truth, hand, _ in turn if hand and hand.position.source is PositionSource.DEPTH]
        assert len(measured) >= 0.9 * len(turn)
        off = sorted(math.dist(truth.wrist, hand.position.xyz) for truth, hand in measured)
        assert off[len(off) // 2] < 0.08  # of the thumb that is up; the others are within 2 cm


def test_what_a_hand_shows_is_told(seen):
    for turn in seen:
        told = [hand.gesture.label for _, hand, _ in turn if hand is not None]
        assert told.count(turn[0][0].gesture) >= 0.7 * len(told)
        started = [event.gesture.label for _, _, events in turn for event in events if event.kind is EventKind.STARTED]
        assert turn[0][0].gesture in started
