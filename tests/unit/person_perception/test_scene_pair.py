"""Whose hand is whose in pictures: the real networks on two people, each for themselves, then with crossed arms."""

import math
from collections import Counter
from dataclasses import replace

import pytest

from face_perception.assembly import open_face_pipeline
from face_perception.messages import face_array
from face_perception.parameters import FaceParameters
from gesture_perception.assembly import open_hand_pipeline
from gesture_perception.messages import hand_array
from gesture_perception.parameters import GestureParameters
from gesture_perception.reaches import Reaches
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import pair
from perception_core.stages import StageTimes
from person_perception.fusion import PeopleFusion
from person_perception.received import seen_face, seen_hand

APART, CROSSED = range(90, 150, 4), range(390, 480, 4)  # frames at 30 Hz


@pytest.fixture(scope="module")
def filmed(pictures):
    source = SceneSource(pair())
    return [(source.frame(k), source.truth(k)) for k in (*APART, *CROSSED)]


@pytest.fixture(scope="module")
def pipelines(pictures, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stores")
    faces = open_face_pipeline(
        FaceParameters(gallery=str(folder / "people"), identity="", expression="", blendshapes=False), print
    )
    hands = open_hand_pipeline(GestureParameters(gestures=str(folder / "gestures")), print)
    yield faces.pipeline, hands.pipeline
    faces.close()
    hands.close()


def nearest(things, box, share):
    """The one whose box lies there; None if there is none."""
    one = min(things, key=lambda each: math.dist(each.box.centre, box.centre), default=None)
    far = one is None or math.dist(one.box.centre, box.centre) > share * max(one.box.width, one.box.height)
    return None if far else one


@pytest.mark.parametrize("with_depth", [True, False], ids=["with depth", "without"])
def test_a_hand_is_its_owners_also_before_somebody_else(filmed, pipelines, with_depth):
    find_faces, find_hands = pipelines
    find_faces.reset()
    find_hands.reset()
    reaches, people_of = Reaches(), PeopleFusion()
    counts = Counter()
    for shown, truth in filmed:
        frame = shown if with_depth else replace(shown, depth=None)
        faces = find_faces(frame, StageTimes())
        hands = find_hands(frame, StageTimes(), reaches.at(frame.stamp_ns)).hands
        reaches.put(frame.stamp_ns, [face.box for face in faces])
        people = people_of(
            frame.stamp_ns,
            [seen_face(message) for message in face_array(frame, faces).faces],
            [seen_hand(message) for message in hand_array(frame, hands).hands],
        )
        owners = {hand.track_id: person for person in people for hand in person.hands}
        for hand in hands:
            true = nearest(truth.hands, hand.box, 0.5)
            if true is None or hand.bridged:
                continue
            person = owners.get(hand.track_id)
            if person is None or person.face is None:
                counts["unknown"] += 1
                continue
            owner = nearest(truth.faces, person.face.box, 0.5)
            counts["right" if owner is not None and owner.actor_id == true.owner else "wrong"] += 1
    assert counts["wrong"] == 0
    assert counts["right"] >= 0.95 * counts.total() and counts.total() > 50
