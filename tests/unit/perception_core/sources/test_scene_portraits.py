import cv2
import numpy as np
import pytest

from perception_core.sources.pictures import read_picture
from perception_core.sources.scene_portraits import ASTRONAUT, BIDEN, OBAMA, PEXELS
from perception_core.zoo.manifest import load_pictures

STILLS = [ASTRONAUT, OBAMA, BIDEN]


@pytest.mark.parametrize("portrait", [*STILLS, PEXELS], ids=lambda portrait: portrait.picture)
def test_only_pictures_whose_licence_is_clear_are_shown(portrait):
    assert not load_pictures()[portrait.picture].test_only


@pytest.mark.parametrize("portrait", STILLS, ids=lambda portrait: portrait.picture)
def test_the_features_of_a_face_lie_in_its_outline(portrait):
    outline = np.array(portrait.outline, np.float32)
    for point in (*portrait.eyes, portrait.sellion, portrait.nose_tip):
        assert cv2.pointPolygonTest(outline, point, False) > 0
    assert portrait.eyes[0][0] < portrait.sellion[0] < portrait.eyes[1][0]
    assert portrait.nose_tip[1] > portrait.sellion[1]


@pytest.mark.parametrize("portrait", STILLS, ids=lambda portrait: portrait.picture)
def test_a_head_is_as_large_as_heads_are(portrait):
    assert 0.15 < portrait.head.width / portrait.pixels_per_metre < 0.23
    assert 0.20 < portrait.head.height / portrait.pixels_per_metre < 0.28


@pytest.mark.parametrize("portrait", STILLS, ids=lambda portrait: portrait.picture)
def test_recorded_sellions_agree_with_the_eyes_that_a_detector_finds(portrait, scene_pictures, detect_faces):
    photograph = read_picture(scene_pictures[portrait.picture])
    between_eyes = np.hypot(*np.subtract(*portrait.eyes))
    found = []
    for scale in np.arange(24, 50, 3) / between_eyes:  # the detector's own error changes with the size of the face
        picture = cv2.resize(photograph, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        row = max(detect_faces(picture), key=lambda row: row[2])
        found.append((row[4:6] + row[6:8]) / 2 / scale)
    assert np.hypot(*(np.mean(found, axis=0) - portrait.sellion)) < 0.1 * between_eyes


def test_recorded_sellions_follow_the_clip(scene_pictures, detect_faces):
    capture = cv2.VideoCapture(str(scene_pictures[PEXELS.picture]))
    off = []
    for number in range(0, PEXELS.pictures):
        picture = capture.read()[1]
        if number % 20 == 7:
            row = max(detect_faces(picture), key=lambda row: row[2])
            off.append(np.hypot(*((row[4:6] + row[6:8]) / 2 - PEXELS.sellion_at(number))))
    assert np.median(off) < 3
    assert max(off) < 12  # the eyes are 107 px apart


def test_the_last_picture_of_the_clip_has_a_sellion():
    assert PEXELS.sellion_at(PEXELS.pictures - 1) == PEXELS.sellions[-1]
    assert PEXELS.sellion_at(6) == PEXELS.sellions[1]
