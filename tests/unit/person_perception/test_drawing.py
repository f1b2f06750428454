from dataclasses import replace

import numpy as np

from perception_core.drawing import track_colour
from perception_core.frame import DepthImage
from perception_core.geometry import Box
from person_perception.drawing import draw_belongings, draw_found, draw_found_in_depth
from person_perception.person import Person

from .seen import NOWHERE, face, hand


def person(track_id=1):
    seen = replace(face(), box=Box(40, 20, 20, 20))
    own = replace(hand(), wrist=(120.0, 100.0))
    return Person(track_id, seen, (own,), NOWHERE, 2.0, seen.identity, None)


def test_a_hand_is_tied_to_the_face_that_it_belongs_to():
    picture = np.zeros((160, 200, 3), np.uint8)
    draw_belongings(picture, [person()])
    along = picture[70, 85]  # half-way from the chin to the wrist
    assert (along == track_colour(1)).all() and not picture[:38].any()


def test_who_has_no_face_in_view_is_tied_to_nothing():
    picture = np.zeros((160, 200, 3), np.uint8)
    draw_belongings(picture, [replace(person(), face=None)])
    assert not picture.any()


def test_a_picture_in_which_nothing_was_found_is_left_alone():
    picture = np.full((120, 160, 3), 90, np.uint8)
    drawn = draw_found(picture, [], [], None)
    assert (drawn == picture).all() and drawn is not picture
    depth = DepthImage(np.full((120, 160), 1500, np.uint16), 0.001)
    assert draw_found_in_depth(depth, (160, 120), [], []).shape == (120, 160, 3)
