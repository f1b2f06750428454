import math
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import pytest
from perception_msgs.srv import Enroll

from face_perception.enrolment import Enrolment, EnrolPolicy, EnrolRequest
from face_perception.gallery import FaceView, Gallery
from face_perception.identification import Candidate
from face_perception.liveness import Liveness
from face_perception.view_gate import View
from face_perception.view_gathering import EnrolResult
from face_perception.view_quality import Refusal, ViewQuality
from perception_core.embedding_space import EmbeddingSpace
from perception_core.geometry import Box
from perception_core.zoo.manifest import load_models

SPACE = EmbeddingSpace("face_identity", 512, "0123456789abcdef")
TABLE = load_models()["face_identity"].thresholds
ADA, BOB = 1, 2  # seeds of faces that are not alike
RATE_HZ = 30
NEVER_S = 500.0  # a test that waits for so long has failed
CROP = np.zeros((112, 112, 3), np.uint8)


@pytest.fixture
def gallery(tmp_path):
    with closing(Gallery(tmp_path / "gallery.sqlite", SPACE)) as gallery:
        yield gallery


@pytest.fixture
def scene(gallery):
    return Scene(Enrolment(gallery, TABLE, EnrolPolicy(timeout_s=NEVER_S)))


def unit(vector):
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def face_of(person, look=0):
    """An embedding; two looks at one person have a cosine of about 0.8, two people one of about 0."""
    chance = np.random.default_rng((person, look))
    return unit(unit(np.random.default_rng(person).normal(size=512)) + 0.5 * unit(chance.normal(size=512)))


@dataclass(frozen=True)
class Shown:
    """A face before the camera."""

    track_id: int
    person: int = ADA
    refusals: tuple[Refusal, ...] = ()
    liveness: Liveness = Liveness.UNKNOWN
    distance: float = math.nan

    def seen(self, frame):
        embedding = None if self.refusals else face_of(self.person, frame + 1)
        view = View(CROP, ViewQuality(self.refusals, 1.0, 80.0, 0.3))
        return Candidate(self.track_id, view, embedding, self.liveness, Box(0, 0, 80, 80), self.distance)


class Scene:
    """A camera, and a pipeline that looks at who is wanted."""

    def __init__(self, enrolment):
        self.enrolment = enrolment
        self.frame = 0
        self.looks = []
        enrolment.camera_started()

    def show(self, seconds, *faces):
        for _ in range(round(seconds * RATE_HZ)):
            self.frame += 1
            visible = [face.track_id for face in faces]
            wanted = self.enrolment.wanted(visible)
            self.looks += [(self.frame, track_id) for track_id in wanted]
            candidates = [face.seen(self.frame) for face in faces if face.track_id in wanted]
            self.enrolment.take(round(self.frame / RATE_HZ * 1e9), visible, candidates)


def enrol(scene, seconds, *faces, name="Ada", **request):
    """What is answered after faces were shown."""
    finish = scene.enrolment.begin(EnrolRequest(name, **request))
    scene.show(seconds, *faces)
    return finish()


def names(gallery):
    return [person.name for person in gallery.people()]


def knows(gallery, person):
    (best, *_) = gallery.index.search(face_of(person)[None])[0]
    assert not 0.2 < best.similarity < 0.75
    return best.similarity > 0.5


def test_the_results_are_those_of_the_service():
    constants = {name: getattr(Enroll.Response, name) for name in dir(Enroll.Response) if name.isupper()}
    assert {result.name: result.value for result in EnrolResult} == {
        name: value for name, value in constants.items() if isinstance(value, int)
    }


def test_who_is_seen_long_enough_is_known_from_then_on(scene, gallery):
    outcome = enrol(scene, 2, Shown(7))
    (person,) = gallery.people()
    assert (outcome.result, outcome.person_id, outcome.accepted) == (EnrolResult.OK, person.id, 5)
    assert (person.name, person.views, outcome.refused) == ("Ada", 5, ())
    assert knows(gallery, ADA) and not knows(gallery, BOB)


def test_views_are_taken_apart_so_that_they_are_not_one_picture_five_times(scene):
    assert enrol(scene, 3, Shown(7)).result is EnrolResult.OK
    frames = [frame for frame, _ in scene.looks]
    assert len(frames) == 5
    assert min(np.diff(frames)) >= 0.25 * RATE_HZ > max(np.diff(frames)) - 2


def test_the_request_may_ask_for_more_views(scene, gallery):
    assert enrol(scene, 2, Shown(7), views=7).result is EnrolResult.OK
    assert gallery.people()[0].views == 7


def test_nobody_is_looked_at_when_nobody_is_enrolled(scene):
    scene.show(1, Shown(7))
    assert scene.looks == []


def test_of_two_faces_none_is_guessed(scene, gallery):
    outcome = enrol(scene, 1, Shown(7), Shown(8, BOB))
    assert outcome.result is EnrolResult.SEVERAL_FACES and "track_id" in outcome.message
    assert names(gallery) == []


def test_a_second_face_that_comes_meanwhile_ends_what_was_meant_for_one_alone(scene, gallery):
    finish = scene.enrolment.begin(EnrolRequest("Ada"))
    scene.show(0.5, Shown(7))
    scene.show(0.5, Shown(7), Shown(8, BOB))
    assert finish().result is EnrolResult.SEVERAL_FACES
    assert names(gallery) == []


def test_who_is_named_is_enrolled_though_another_is_nearer(scene, gallery):
    outcome = enrol(scene, 2, Shown(8, BOB, distance=0.5), Shown(7, ADA, distance=2.0), track_id=7)
    assert outcome.result is EnrolResult.OK
    assert {track_id for _, track_id in scene.looks} == {7}
    assert knows(gallery, ADA) and not knows(gallery, BOB)


def test_a_track_that_ends_ends_the_enrolment(scene, gallery):
    finish = scene.enrolment.begin(EnrolRequest("Ada", track_id=7))
    scene.show(0.5, Shown(7))
    scene.show(2, Shown(8, BOB))
    outcome = finish()
    assert outcome.result is EnrolResult.NO_SUCH_TRACK and "7" in outcome.message
    assert names(gallery) == []


def test_a_track_that_is_missed_for_a_second_goes_on(scene):
    finish = scene.enrolment.begin(EnrolRequest("Ada", track_id=7))
    scene.show(0.5, Shown(7))
    scene.show(1.0)
    scene.show(1.0, Shown(7))
    assert finish().result is EnrolResult.OK


def test_a_track_that_never_was_is_said(scene):
    assert enrol(scene, 2, Shown(7), track_id=99).result is EnrolResult.NO_SUCH_TRACK


def test_a_track_that_goes_over_to_somebody_else_enrols_neither(scene, gallery):
    finish = scene.enrolment.begin(EnrolRequest("Ada", track_id=7))
    scene.show(0.6, Shown(7, ADA))
    scene.show(1.0, Shown(7, BOB))
    outcome = finish()
    assert outcome.result is EnrolResult.NO_SUCH_TRACK and "another face" in outcome.message
    assert names(gallery) == []


def test_one_view_that_is_unlike_the_others_is_left_out(scene, gallery):
    finish = scene.enrolment.begin(EnrolRequest("Ada", track_id=7))
    scene.show(0.3, Shown(7, ADA))
    scene.show(0.25, Shown(7, BOB))
    scene.show(2.0, Shown(7, ADA))
    outcome = finish()
    assert outcome.result is EnrolResult.OK and outcome.refused == ("it was another face than before",)
    assert not knows(gallery, BOB)


def test_who_looks_like_somebody_in_the_gallery_is_not_enrolled_again(scene, gallery):
    known = gallery.enrol("Ada", [FaceView(face_of(ADA))], 0)
    gallery.enrol("Bob", [FaceView(face_of(BOB))], 0)
    outcome = enrol(scene, 2, Shown(7, ADA), name="Countess")
    assert (outcome.result, outcome.person_id, outcome.accepted) == (EnrolResult.LOOKS_LIKE_OTHER, known.id, 0)
    assert "Ada" in outcome.message
    assert names(gallery) == ["Ada", "Bob"]


def likeness_to(embedding, cosine):
    """A face of this cosine to another."""
    aside = np.random.default_rng(99).normal(size=512)
    aside -= (aside @ embedding) * embedding
    return unit(cosine * embedding + math.sqrt(1 - cosine**2) * unit(aside))


def test_who_looks_like_somebody_as_twins_do_is_enrolled_when_asked_for(scene, gallery):
    gallery.enrol("Ada", [FaceView(face_of(ADA))], 0)
    refused = enrol(scene, 2, Shown(7, ADA), name="Eva")
    assert refused.result is EnrolResult.LOOKS_LIKE_OTHER and "even_if_alike" in refused.message
    assert enrol(scene, 2, Shown(7, ADA), name="Eva", even_if_alike=True).result is EnrolResult.OK
    assert names(gallery) == ["Ada", "Eva"]


def test_one_stranger_in_a_thousand_is_turned_away_not_one_in_a_hundred(scene, gallery):
    seen = unit(np.random.default_rng(ADA).normal(size=512))
    mean_length = 0.9  # of views that have cosines of 0.8
    alike = scene.enrolment.threshold.cosine + 0.02
    gallery.enrol("Eva", [FaceView(likeness_to(seen, alike / mean_length))], 0)
    assert enrol(scene, 2, Shown(7, ADA)).result is EnrolResult.OK


@pytest.mark.parametrize("name", ["Ada", " ADA ", "ada"])
def test_a_name_that_somebody_has_is_refused_before_anybody_holds_still(scene, gallery, name):
    known = gallery.enrol("Ada", [FaceView(face_of(ADA))], 0)
    outcome = enrol(scene, 0, name=name)
    assert (outcome.result, outcome.person_id) == (EnrolResult.NAME_TAKEN, known.id)


def test_a_name_that_is_given_away_meanwhile_is_refused_at_the_end(scene, gallery):
    finish = scene.enrolment.begin(EnrolRequest("Ada", track_id=7))
    scene.show(2, Shown(7))
    gallery.enrol("Ada", [FaceView(face_of(BOB))], 0)
    assert finish().result is EnrolResult.NAME_TAKEN


@pytest.mark.parametrize("name", ["", "   ", "x" * 10_000, "two\nlines", "\u202egnihton"])
def test_what_cannot_be_a_name_is_refused_before_anybody_holds_still(scene, name):
    outcome = enrol(scene, 0, name=name)
    assert outcome.result is EnrolResult.BAD_NAME and 0 < len(outcome.message) < 200


@pytest.mark.parametrize("name", ["🤖 Ada 👩‍🚀", "../../etc/passwd", "a/b\\c", "'; DROP TABLE person; --"])
def test_a_name_may_have_emoji_and_slashes(scene, gallery, name):
    assert enrol(scene, 2, Shown(7), name=name).result is EnrolResult.OK
    assert names(gallery) == [name]


def test_a_flat_face_is_refused_unless_flat_ones_are_welcome(scene, gallery):
    photograph = Shown(7, liveness=Liveness.FLAT)
    assert enrol(scene, 2, photograph).result is EnrolResult.FLAT
    assert names(gallery) == []
    scene.enrolment.policy = EnrolPolicy(timeout_s=NEVER_S, flat=True)
    assert enrol(scene, 2, photograph).result is EnrolResult.OK


def test_it_is_said_why_views_were_refused_the_most_frequent_reason_first(scene, gallery):
    finish = scene.enrolment.begin(EnrolRequest("Ada", timeout_s=0.01))
    scene.show(0.5, Shown(7, refusals=(Refusal.TOO_DARK,)))
    scene.show(1.5, Shown(7, refusals=(Refusal.BLURRED, Refusal.TOO_SMALL)))
    scene.show(0.5, Shown(7, refusals=(Refusal.BLURRED,)))
    scene.show(0.3, Shown(7))
    outcome = finish()
    assert (outcome.result, outcome.accepted) == (EnrolResult.TOO_FEW_VIEWS, 0)
    assert outcome.refused == (Refusal.BLURRED.value, Refusal.TOO_SMALL.value, Refusal.TOO_DARK.value)
    assert "1 of 5" in outcome.message and Refusal.BLURRED.value in outcome.message
    assert names(gallery) == []


def test_when_nobody_comes_it_ends_and_says_so(scene):
    finish = scene.enrolment.begin(EnrolRequest("Ada", timeout_s=0.01))
    scene.show(0.5)
    outcome = finish()
    assert outcome.result is EnrolResult.NO_SUCH_TRACK and "nobody was in view" in outcome.message


def test_when_no_image_comes_it_ends_and_says_so(scene):
    outcome = enrol(scene, 0, timeout_s=0.01)
    assert outcome.result is EnrolResult.TOO_FEW_VIEWS and "no image" in outcome.message


@pytest.mark.parametrize("timeout_s", [0.0, -1.0, math.nan])
def test_what_is_no_time_leaves_it_to_the_policy(scene, timeout_s):
    scene.enrolment.policy = EnrolPolicy(timeout_s=0.01)
    assert "0.01 s" in enrol(scene, 0, timeout_s=timeout_s).message


def test_one_at_a_time(scene, gallery):
    first = scene.enrolment.begin(EnrolRequest("Ada", track_id=7))
    assert enrol(scene, 0, name="Bob").result is EnrolResult.BUSY
    scene.show(2, Shown(7))
    assert enrol(scene, 0, name="Bob").result is EnrolResult.BUSY  # not before the first one is in the gallery
    assert first().result is EnrolResult.OK
    assert enrol(scene, 2, Shown(8, BOB), name="Bob").result is EnrolResult.OK
    assert names(gallery) == ["Ada", "Bob"]


def test_when_the_camera_stops_who_waits_is_told_at_once(scene, gallery):
    finish = scene.enrolment.begin(EnrolRequest("Ada", track_id=7))
    scene.show(0.5, Shown(7))
    scene.enrolment.cancel()
    outcome = finish()
    assert outcome.result is EnrolResult.TOO_FEW_VIEWS and "camera was stopped" in outcome.message
    assert "not active" in enrol(scene, 0).message
    assert names(gallery) == []


def test_images_from_before_end_the_tracks_and_with_them_the_enrolment(scene):
    finish = scene.enrolment.begin(EnrolRequest("Ada", track_id=7))
    scene.show(0.5, Shown(7))
    scene.frame = 0
    scene.show(0.1, Shown(7))
    assert finish().result is EnrolResult.NO_SUCH_TRACK


def test_the_state_tells_how_far_it_is_and_no_name(scene):
    assert scene.enrolment.state == "idle"
    finish = scene.enrolment.begin(EnrolRequest("Ada"))
    assert scene.enrolment.state == "0 of 5 views of nobody yet"
    scene.show(0.4, Shown(7))
    assert scene.enrolment.state == "2 of 5 views of track 7"
    scene.show(2, Shown(7))
    finish()
    assert scene.enrolment.state == "idle"


def test_the_camera_goes_on_while_another_program_keeps_the_gallery_locked(scene, gallery):
    finish = scene.enrolment.begin(EnrolRequest("Ada", track_id=7))
    scene.show(2, Shown(7))
    with closing(sqlite3.connect(gallery.path, isolation_level=None)) as other, ThreadPoolExecutor(1) as service:
        other.execute("BEGIN IMMEDIATE")
        outcome = service.submit(finish)
        scene.show(10, Shown(7))  # would wait until the other thread had given up
        other.execute("ROLLBACK")
        assert outcome.result().result is EnrolResult.OK


def test_a_gallery_that_cannot_be_written_is_said(scene, gallery):
    finish = scene.enrolment.begin(EnrolRequest("Ada", track_id=7, views=40))
    scene.show(15, Shown(7))
    gallery._store._connection.execute("PRAGMA max_page_count = 1")  # as a full disk
    outcome = finish()
    assert outcome.result is EnrolResult.STORE_FAILED and "full" in outcome.message
    assert names(gallery) == []


def test_the_threshold_grows_with_the_people(scene, gallery):
    alone = scene.enrolment.threshold
    for k in range(20):
        gallery.enrol(f"Person {k}", [FaceView(face_of(100 + k))], 0)
    assert scene.enrolment.threshold.cosine > alone.cosine + 0.05
    assert not scene.enrolment.threshold.extrapolated
