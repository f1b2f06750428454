"""Whose faces are seen, on real photographs through detector, gate, embedder and gallery."""

import math
from contextlib import closing

import cv2
import numpy as np
import pytest

from face_perception.detection import FaceDetector
from face_perception.embedding import FaceEmbedder
from face_perception.face import Face
from face_perception.gallery import FaceView, Gallery
from face_perception.identification import Identification
from face_perception.identity import NOT_EXAMINED, IdentityState
from face_perception.identity_evidence import Identifier, IdentityPolicy
from face_perception.liveness import Liveness
from face_perception.refresh import Turns
from face_perception.strangers import Strangers
from face_perception.view_gate import ViewGate
from face_perception.view_quality import Refusal
from perception_core.depth import Position3D, PositionSource
from perception_core.engines.engine import open_engine
from perception_core.geometry import Box
from perception_core.zoo.manifest import load_models

FACE_IDENTITY = load_models()["face_identity"].thresholds
FRAME_NS = 33_333_333
NOWHERE = Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)
NEAR = Position3D((0.0, 0.0, 1.25), 0.01, 1.0, PositionSource.DEPTH)


@pytest.fixture(scope="module")
def detector_engine(weights):
    return open_engine(weights("yunet"))


@pytest.fixture(scope="module")
def embedder(weights):
    return FaceEmbedder(open_engine(weights("face_identity")), load_models()["face_identity"])


class Counted:
    """An embedder that counts the faces that it is given."""

    def __init__(self, embedder):
        self._embedder, self.crops = embedder, 0

    def __call__(self, crops):
        self.crops += len(crops)
        return self._embedder(crops)


@pytest.fixture
def counted(embedder):
    return Counted(embedder)


@pytest.fixture(scope="module")
def faces_in(detector_engine):
    """Everybody in a picture, as tracks with the ids 1, 2, ..."""
    detect = FaceDetector(detector_engine)

    def find(colour, position=NOWHERE):
        found = detect(colour)
        return [Face(k, one.score, False, one.box, one.keypoints, position) for k, one in enumerate(found, start=1)]

    return find


@pytest.fixture
def gallery(tmp_path, embedder, detector_engine, faces_in, photograph):
    """Knows one person by one photograph."""
    with closing(Gallery(tmp_path / "people.sqlite", embedder.space)) as gallery:
        colour = photograph("obama")
        view = ViewGate(detector_engine)(colour, faces_in(colour)[0])
        gallery.enrol("Obama", [FaceView(embedder([view.crop])[0])], 0)
        yield gallery


@pytest.fixture
def identification(detector_engine, counted, gallery):
    strangers = Strangers(FACE_IDENTITY, 0.01, 600.0)
    return Identification(
        ViewGate(detector_engine),
        counted,
        Identifier(IdentityPolicy(), FACE_IDENTITY, strangers),
        lambda: gallery.index,
        Turns(0.34, 2, 1),
    )


def over(identification, colour, faces, frames, start_ns=0, *, doubted=()):
    for k in range(frames):
        identities = identification(colour, faces, doubted, start_ns + k * FRAME_NS)
    return identities


def test_who_is_enrolled_is_named_after_a_few_looks(identification, counted, faces_in, photograph):
    colour = photograph("obama_other")
    faces = faces_in(colour)
    assert over(identification, colour, faces, 1)[1].state is not IdentityState.CONFIRMED
    found = over(identification, colour, faces, 30, FRAME_NS)[1]
    assert (found.state, found.name) == (IdentityState.CONFIRMED, "Obama")
    assert counted.crops == 3


def test_somebody_else_is_a_stranger_with_an_id(identification, faces_in, photograph):
    colour = photograph("biden")
    found = over(identification, colour, faces_in(colour), 60)[1]
    assert (found.state, found.name) == (IdentityState.UNKNOWN, "")
    assert found.person_id.startswith("stranger-")


def test_a_stranger_who_returns_as_another_track_has_the_same_id(identification, faces_in, photograph):
    colour = photograph("biden")
    (face,) = faces_in(colour)
    before = over(identification, colour, [face], 60)[1].person_id
    again = Face(9, face.score, False, face.box, face.keypoints, NOWHERE)
    assert over(identification, colour, [again], 60, 20_000_000_000)[9].person_id == before


def test_of_several_newcomers_one_is_looked_at_per_frame(identification, counted, faces_in, picture):
    colour = cv2.imread(str(picture("six_faces")))
    faces = faces_in(colour)
    looks = []
    for k in range(30):
        before = counted.crops
        identification(colour, faces, (), k * FRAME_NS)
        looks.append(counted.crops - before)
    assert len(faces) == 6
    assert max(looks) == 1
    assert sum(looks) <= 2 + 30 / 30 / 0.34 * 2 + 1


def test_a_face_that_is_bridged_is_not_looked_at_and_keeps_its_name(identification, counted, faces_in, photograph):
    colour = photograph("obama_other")
    over(identification, colour, faces_in(colour), 40)
    looks = counted.crops
    gone = Face(1, 0.9, True, Box(0, 0, 90, 90), None, NOWHERE)
    later = over(identification, colour, [gone], 5, 4_000_000_000)
    assert counted.crops == looks
    assert later[1].name == "Obama"


def test_a_track_that_may_have_gone_over_to_somebody_else_is_looked_at_and_loses_the_name(
    identification, counted, faces_in, photograph
):
    colour = photograph("obama_other")
    over(identification, colour, faces_in(colour), 40)
    looks, now_ns = counted.crops, 40 * FRAME_NS
    other = photograph("biden")
    over(identification, other, faces_in(other), 1, now_ns, doubted=[1])
    later = over(identification, other, faces_in(other), 15, now_ns + FRAME_NS)
    assert counted.crops > looks
    assert later[1].name == ""


@pytest.mark.parametrize(
    "harm", [lambda colour: (colour * 0.1).astype(np.uint8), lambda c: cv2.GaussianBlur(c, (0, 0), 9)]
)
def test_a_view_that_is_no_good_is_not_examined_and_not_tried_on_every_frame(
    identification, counted, faces_in, photograph, harm
):
    colour = photograph("obama_other")
    faces = faces_in(colour)
    assert over(identification, harm(colour), faces, 30)[1] == NOT_EXAMINED
    assert counted.crops == 0


class Curious:
    """Wants to see one track, and remembers what it was shown."""

    def __init__(self, track_id):
        self._track_id, self.seen, self.frames = track_id, [], []

    def wanted(self, visible):
        return [self._track_id]

    def take(self, stamp_ns, visible, candidates):
        self.frames.append((stamp_ns, tuple(visible)))
        self.seen += candidates


def test_who_enrols_gets_a_look_at_whom_they_want_on_every_frame(identification, faces_in, photograph):
    colour = photograph("biden")
    identification.enrolment = curious = Curious(1)
    over(identification, colour, faces_in(colour, NEAR), 5)
    assert curious.frames == [(k * FRAME_NS, (1,)) for k in range(5)]
    assert [each.track_id for each in curious.seen] == [1] * 5
    look = curious.seen[0]
    assert look.view.usable and np.linalg.norm(look.embedding) == pytest.approx(1, abs=1e-3)
    assert (look.distance, look.liveness) == (1.25, Liveness.UNKNOWN)


def test_who_enrols_is_told_why_a_view_is_refused(identification, faces_in, photograph):
    colour = photograph("biden")
    identification.enrolment = curious = Curious(1)
    over(identification, (colour * 0.1).astype(np.uint8), faces_in(colour), 1)
    (look,) = curious.seen
    assert look.embedding is None and Refusal.TOO_DARK in look.view.quality.refusals
    assert math.isnan(look.distance)


def test_a_track_that_is_wanted_and_not_in_view_is_no_trouble(identification, faces_in, photograph):
    colour = photograph("biden")
    identification.enrolment = curious = Curious(77)
    assert set(over(identification, colour, faces_in(colour), 1)) == {1}
    assert all(each.track_id != 77 for each in curious.seen)


def test_points_that_lie_in_one_place_are_no_view(identification, faces_in, photograph):
    colour = photograph("biden")
    (face,) = faces_in(colour)
    points = type(face.keypoints)(*[(50.0, 50.0)] * 5)
    collapsed = Face(1, face.score, False, face.box, points, NOWHERE)
    assert over(identification, colour, [collapsed], 3)[1] == NOT_EXAMINED


def test_a_person_who_is_forgotten_while_in_view_loses_the_name_at_once(identification, gallery, faces_in, photograph):
    colour = photograph("obama_other")
    faces = faces_in(colour)
    found = over(identification, colour, faces, 40)[1]
    gallery.forget(found.person_id)
    assert identification(colour, faces, (), 40 * FRAME_NS)[1].name == ""


def test_when_time_jumps_back_everybody_is_examined_anew(identification, counted, faces_in, photograph):
    colour = photograph("obama_other")
    faces = faces_in(colour)
    over(identification, colour, faces, 40, 50_000_000_000)
    looks = counted.crops
    assert over(identification, colour, faces, 1)[1].state is not IdentityState.CONFIRMED
    assert counted.crops == looks + 1
