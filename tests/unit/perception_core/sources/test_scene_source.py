import itertools

import numpy as np
import pytest

from perception_core.frame import DepthImage
from perception_core.sources.error import SourceError
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import demo, empty, static

SHOWN = 0.99


@pytest.fixture(scope="module")
def demo_source(scene_pictures):
    return SceneSource(demo(), scene_pictures)


def same(a, b):
    assert isinstance(a.depth, DepthImage)
    return a.stamp_ns == b.stamp_ns and np.array_equal(a.colour, b.colour) and np.array_equal(a.depth.raw, b.depth.raw)


def test_a_frame_rendered_alone_equals_the_frame_in_sequence(scene_pictures, demo_source):
    *_, fifth = itertools.islice(demo_source.frames(), 5)
    assert same(fifth, SceneSource(demo(), scene_pictures).frame(4))


def test_frames_are_stamped_at_thirty_hertz_and_never_end():
    source = SceneSource(empty(), {})
    stamps = [frame.stamp_ns for frame in itertools.islice(source.frames(), 4)]
    assert stamps == [0, 33333333, 66666667, 100000000]
    assert source.frame(source.scene.frames + 1).stamp_ns == pytest.approx(10.0333e9, rel=1e-4)


def test_the_scene_loops_without_a_jump(demo_source):
    last, first, second = (
        demo_source.frame(k).colour.astype(float) for k in (demo().frames - 1, demo().frames, demo().frames + 1)
    )
    assert np.abs(first - last).mean() < 1.5 * np.abs(second - first).mean()


def test_the_same_moment_of_the_next_loop_differs_only_in_noise(demo_source):
    now, later = demo_source.frame(10).colour.astype(float), demo_source.frame(10 + demo().frames).colour.astype(float)
    assert 0 < np.abs(now - later).max() < 16


def test_holes_are_fifteen_percent_throughout_the_demo(demo_source):
    for k in range(0, demo().frames, 150):
        assert np.mean(demo_source.frame(k).depth.raw == 0) == pytest.approx(0.15, abs=0.02)


@pytest.mark.parametrize("distance", [1.0, 3.0])
def test_depth_at_the_true_sellion_is_the_true_distance(scene_pictures, distance):
    source = SceneSource(static(distance), scene_pictures)
    sigma = distance**2 * 0.15 / (615 * 0.05)
    for index in range(2):
        found = []
        for k in range(30):
            (u, v), z = source.truth(k).faces[index].pixel, source.truth(k).faces[index].sellion[2]
            found.append(source.frame(k).depth.metres()[round(v), round(u) + 2] - z)
        assert np.nanmean(found) == pytest.approx(0, abs=4 * sigma / np.sqrt(20) + 0.001)


def test_a_head_has_relief_and_a_photograph_has_none(scene_pictures):
    source = SceneSource(static(1.0), scene_pictures)
    depths = [source.frame(k).depth.metres() for k in range(5)]
    head, photograph = source.truth(0).faces

    def behind_sellion(face, share_of_width):
        u, v = round(face.pixel[0] + share_of_width * face.box.width) + 2, round(face.pixel[1])
        return np.nanmedian([depth[v - 3 : v + 4, u - 3 : u + 4] for depth in depths]) - face.sellion[2]

    assert behind_sellion(head, 0.5) > 0.03
    assert behind_sellion(head, -0.5) > 0.03
    assert behind_sellion(photograph, 0.5) == pytest.approx(0, abs=0.005)


@pytest.mark.parametrize("distance", [1.0, 2.0, 3.0])
def test_a_detector_finds_the_faces_where_they_truly_are(scene_pictures, detect_faces, distance):
    source = SceneSource(static(distance), scene_pictures)
    found = detect_faces(source.frame(0).colour)
    truth = source.truth(0).faces
    assert len(found) == len(truth) == 2
    for row, face in zip(sorted(found, key=lambda row: row[0]), truth, strict=True):
        eyes = (row[4:6] + row[6:8]) / 2
        assert np.hypot(*(eyes - face.pixel)) < 0.05 * face.box.width + 1  # 3 to 5 px at 1 m: what YuNet is able to
        assert row[2] == pytest.approx(face.box.width, rel=0.15)
        assert row[3] == pytest.approx(face.box.height, rel=0.15)


def test_a_detector_finds_every_face_that_is_shown_in_the_demo(scene_pictures, detect_faces, demo_source):
    for k in range(0, demo().frames, 60):
        found = [np.add(row[:2], row[2:4] / 2) for row in detect_faces(demo_source.frame(k).colour)]
        for face in demo_source.truth(k).faces:
            if face.visible_share > SHOWN:
                nearest = min((np.hypot(*(centre - face.box.centre)) for centre in found), default=np.inf)
                assert nearest < 0.3 * face.box.width, f"actor {face.actor_id} in frame {k}"


def test_the_empty_scene_needs_no_pictures_and_has_no_face(detect_faces):
    source = SceneSource(empty(), {})
    assert source.truth(0).faces == ()
    assert detect_faces(source.frame(0).colour) == []


def test_a_missing_picture_is_named(tmp_path):
    nowhere = dict.fromkeys(("obama", "astronaut"), tmp_path / "gone.jpg")
    with pytest.raises(SourceError, match=r"gone\.jpg"):
        SceneSource(static(), nowhere)


def test_a_clip_that_is_cut_short_is_refused(scene_pictures, tmp_path):
    cut = tmp_path / "clip.mp4"
    cut.write_bytes(scene_pictures["pexels"].read_bytes()[:1000])
    with pytest.raises(SourceError, match="0 readable pictures, expected 472"):
        SceneSource(demo(), {**scene_pictures, "pexels": cut})
