import math

import numpy as np
import pytest

from face_perception.gallery_records import Person
from face_perception.gallery_search import GalleryIndex
from face_perception.identity import NOT_EXAMINED, IdentityState
from face_perception.identity_evidence import Identifier, IdentityPolicy
from face_perception.strangers import Strangers
from face_perception.track_evidence import Look
from perception_core.zoo.manifest import load_models

FACE_IDENTITY = load_models()["face_identity"].thresholds

S = 1_000_000_000
FRAME = S // 30
ADA, BOB, EVE = 1, 2, 3


def a_face(person, look=0, spread=0.035):
    """An embedding: looks of one person have a cosine of some 0.6, those of two people of some 0."""
    numbers = np.random.default_rng(person).normal(size=512)
    numbers /= np.linalg.norm(numbers)
    numbers += np.random.default_rng(100_000 * person + look).normal(0, spread, 512)
    return (numbers / np.linalg.norm(numbers)).astype(np.float32)


def a_gallery(*people, views=2):
    known = [Person(f"id-{person}", f"person {person}", 0, views) for person in people]
    owners = [person.id for person in known for _ in range(views)]
    rows = np.array([a_face(person, look=-view) for person in people for view in range(1, views + 1)], np.float32)
    return GalleryIndex(known, owners, rows.reshape(-1, 512))


def an_identifier(strangers=True, **policy):
    memory = Strangers(FACE_IDENTITY, 0.01, keep_s=600) if strangers else None
    return Identifier(IdentityPolicy(**policy), FACE_IDENTITY, memory)


class Scene:
    """Faces before a camera of 30 Hz: who is behind each track at each moment, looked at whenever that is due."""

    def __init__(self, identifier, gallery, weight=1.0):
        self.identifier, self.gallery, self.weight = identifier, gallery, weight
        self.stamp_ns, self.looks, self.taken = 0, [], 0

    def play(self, seconds, tracks, spread=0.035):
        """Goes on for a while; returns the identities of every frame."""
        said = []
        for _ in range(round(seconds * 30)):
            self.stamp_ns += FRAME
            looks = {}
            for track, person in tracks.items():
                if person is not None and self.identifier.due(track, self.stamp_ns):
                    self.taken += 1
                    looks[track] = Look(a_face(person, self.taken, spread), self.weight)
                    self.looks.append((self.stamp_ns, track))
            said.append(self.identifier.update(self.gallery, self.stamp_ns, list(tracks), looks))
        return said

    def looks_at(self, track):
        return [stamp for stamp, each in self.looks if each == track]


def states(said, track):
    return [frame[track].state for frame in said]


def test_nobody_is_examined_before_the_first_look():
    scene = Scene(an_identifier(), a_gallery(ADA))
    (first, *_) = scene.play(0.1, {1: None})
    assert first[1] == NOT_EXAMINED
    assert math.isnan(first[1].similarity)


def test_an_enrolled_person_is_tentative_first_and_confirmed_after_three_looks():
    scene = Scene(an_identifier(), a_gallery(ADA, BOB))
    said = scene.play(2, {1: ADA})
    assert states(said, 1)[0] is IdentityState.TENTATIVE
    confirmed = states(said, 1).index(IdentityState.CONFIRMED)
    assert len([stamp for stamp in scene.looks_at(1) if stamp <= (confirmed + 1) * FRAME]) == 3
    assert set(states(said, 1)[confirmed:]) == {IdentityState.CONFIRMED}
    assert (said[-1][1].person_id, said[-1][1].name) == ("id-1", "person 1")
    assert said[-1][1].similarity > 0.5


def test_poor_looks_need_more_of_them():
    good, poor = Scene(an_identifier(), a_gallery(ADA)), Scene(an_identifier(), a_gallery(ADA), weight=0.2)
    said = good.play(3, {1: ADA}), poor.play(3, {1: ADA})
    first = [states(each, 1).index(IdentityState.CONFIRMED) for each in said]
    assert first[1] > first[0] + 10


def test_there_are_at_most_three_looks_a_second_until_confirmed_and_few_after():
    scene = Scene(an_identifier(recheck_s=3.0), a_gallery(ADA))
    scene.play(20, {1: ADA})
    stamps = np.array(scene.looks_at(1))
    assert (np.diff(stamps) >= S // 3).all()
    assert len(stamps) <= 3 + 20 / 3 + 1
    assert np.diff(stamps)[3:].max() <= 3.1 * S


def test_a_stranger_is_unknown_and_never_takes_more_than_three_looks_a_second():
    scene = Scene(an_identifier(), a_gallery(ADA, BOB))
    said = scene.play(10, {1: EVE})
    assert set(states(said, 1)) == {IdentityState.UNKNOWN}
    assert said[-1][1].name == ""
    assert said[-1][1].similarity < 0.3
    per_second = np.histogram(scene.looks_at(1), bins=10)[0]
    assert per_second.max() <= 3
    assert per_second[-1] <= 2


def test_with_an_empty_gallery_everybody_is_unknown():
    said = Scene(an_identifier(), a_gallery()).play(2, {1: ADA})
    assert set(states(said, 1)) == {IdentityState.UNKNOWN}
    assert math.isnan(said[-1][1].similarity)


def test_a_stranger_keeps_the_anonymous_id_after_leaving_and_coming_back():
    scene = Scene(an_identifier(), a_gallery(ADA))
    first = scene.play(2, {1: EVE, 2: 7})[-1]
    scene.play(30, {})
    second = scene.play(2, {8: 7, 9: EVE})[-1]
    assert first[1].person_id == second[9].person_id != ""
    assert first[2].person_id == second[8].person_id != first[1].person_id


def test_without_a_memory_of_strangers_they_have_no_id():
    said = Scene(an_identifier(strangers=False), a_gallery(ADA)).play(2, {1: EVE})
    assert said[-1][1].person_id == ""


def test_a_name_is_withdrawn_when_the_face_behind_the_track_is_another():
    scene = Scene(an_identifier(recheck_s=3.0), a_gallery(ADA, BOB))
    scene.play(5, {1: ADA})
    said = scene.play(8, {1: EVE})
    assert said[0][1].state is IdentityState.CONFIRMED
    unknown = states(said, 1).index(IdentityState.UNKNOWN)
    assert unknown / 30 < 3 + 1.2
    assert set(states(said, 1)[unknown:]) == {IdentityState.UNKNOWN}


def test_a_name_turns_into_that_of_the_other_person():
    scene = Scene(an_identifier(recheck_s=3.0), a_gallery(ADA, BOB))
    scene.play(5, {1: ADA})
    said = scene.play(8, {1: BOB})
    assert said[-1][1].name == "person 2"
    assert said[-1][1].state is IdentityState.CONFIRMED
    assert {each[1].name for each in said} == {"person 1", "person 2"}


def test_a_track_in_doubt_is_looked_at_soon_and_loses_a_wrong_name_at_once():
    scene = Scene(an_identifier(recheck_s=5.0), a_gallery(ADA, BOB))
    scene.play(5.5, {1: ADA})
    scene.identifier.doubt(1)
    said = scene.play(1, {1: EVE})
    assert IdentityState.CONFIRMED not in states(said, 1)[11:]


def test_a_doubt_that_is_unfounded_changes_nothing():
    scene = Scene(an_identifier(recheck_s=5.0), a_gallery(ADA, BOB))
    scene.play(5, {1: ADA})
    looks = len(scene.looks)
    scene.identifier.doubt(1)
    scene.identifier.doubt(77)
    assert set(states(scene.play(4, {1: ADA}), 1)) == {IdentityState.CONFIRMED}
    assert len(scene.looks) <= looks + 2


def test_one_bad_look_does_not_take_a_name():
    scene = Scene(an_identifier(recheck_s=1.0), a_gallery(ADA, BOB))
    scene.play(3, {1: ADA})
    bad = {1: Look(a_face(EVE), 1.0)}
    scene.stamp_ns += FRAME
    assert scene.identifier.update(scene.gallery, scene.stamp_ns, [1], bad)[1].state is IdentityState.CONFIRMED
    assert set(states(scene.play(5, {1: ADA}), 1)) == {IdentityState.CONFIRMED}


def test_noisy_looks_do_not_make_the_name_flicker():
    scene = Scene(an_identifier(recheck_s=1.0), a_gallery(ADA, BOB, 4, 5, 6))
    scene.play(3, {1: ADA})
    said = scene.play(60, {1: ADA}, spread=0.06)
    assert set(states(said, 1)) == {IdentityState.CONFIRMED}


def test_somebody_enrolled_while_in_view_is_named_at_once_and_forgotten_at_once():
    scene = Scene(an_identifier(), a_gallery(BOB))
    before = scene.play(3, {1: ADA})[-1][1]
    assert before.state is IdentityState.UNKNOWN
    scene.gallery = a_gallery(ADA, BOB)
    assert scene.play(1 / 30, {1: ADA})[0][1].name == "person 1"
    scene.gallery = a_gallery(BOB)
    forgotten = scene.play(1 / 30, {1: ADA})[0][1]
    assert forgotten.state is IdentityState.UNKNOWN
    assert forgotten.name == ""


def test_nobody_is_in_two_places_and_the_better_track_keeps_the_name():
    scene = Scene(an_identifier(), a_gallery(ADA, BOB))
    scene.play(3, {1: ADA})
    for frame in scene.play(10, {1: ADA, 2: ADA}):
        named = [identity.person_id for identity in frame.values() if identity.name]
        assert len(named) == len(set(named)) == 1
        assert frame[1].name == "person 1"


def test_the_name_goes_over_when_who_had_it_leaves():
    scene = Scene(an_identifier(), a_gallery(ADA, BOB))
    scene.play(3, {1: ADA, 2: ADA})
    assert scene.play(3, {2: ADA})[-1][2].name == "person 1"


def test_two_people_in_view_have_their_own_names():
    scene = Scene(an_identifier(), a_gallery(ADA, BOB))
    said = scene.play(3, {1: BOB, 2: ADA, 3: EVE})[-1]
    assert {track: identity.name for track, identity in said.items()} == {1: "person 2", 2: "person 1", 3: ""}


def test_a_person_enrolled_twice_is_not_confirmed():
    twice = a_gallery(ADA)
    people = [Person("id-1", "Ada", 0, 2), Person("id-9", "Countess", 0, 2)]
    rows = np.concatenate([a_gallery(ADA)._rows, a_gallery(ADA)._rows])
    twice = GalleryIndex(people, ["id-1", "id-1", "id-9", "id-9"], rows)
    said = Scene(an_identifier(), twice).play(3, {1: ADA})
    assert set(states(said, 1)) == {IdentityState.TENTATIVE}


def test_stamps_that_jump_back_start_anew_with_other_ids_for_strangers():
    scene = Scene(an_identifier(), a_gallery(ADA))
    first = scene.play(3, {1: ADA, 2: EVE})[-1]
    scene.stamp_ns = 0
    again = scene.play(3, {1: ADA, 2: EVE})
    assert again[0][1].state is IdentityState.TENTATIVE
    assert again[-1][1].state is IdentityState.CONFIRMED
    assert again[-1][2].person_id != first[2].person_id


def test_the_same_looks_give_the_same_answers():
    one, other = (Scene(an_identifier(), a_gallery(ADA, BOB)) for _ in range(2))
    tracks = {1: ADA, 2: EVE, 3: BOB}
    assert repr(one.play(4, tracks)) == repr(other.play(4, tracks))


def test_evidence_of_tracks_that_left_is_dropped():
    scene = Scene(an_identifier(), a_gallery(ADA))
    for track in range(200):
        scene.play(0.1, {track: ADA})
    scene.play(6, {})
    assert scene.identifier._tracks == {}


def test_the_threshold_grows_with_the_gallery_and_says_when_it_is_extrapolated():
    identifier = an_identifier()
    for people, extrapolated in ((5, False), (300, True)):
        known = [Person(f"{k}", f"{k}", 0, 1) for k in range(people)]
        index = GalleryIndex(known, [each.id for each in known], np.eye(people, 512, dtype=np.float32))
        identifier.update(index, people * S, [], {})
        assert identifier.threshold.extrapolated is extrapolated
    assert identifier.threshold.cosine > 0.43


@pytest.mark.parametrize("looks", [{}, {5: Look(a_face(ADA), 1.0)}])
def test_a_look_at_a_track_that_is_not_in_view_is_ignored(looks):
    assert an_identifier().update(a_gallery(ADA), S, [], looks) == {}
