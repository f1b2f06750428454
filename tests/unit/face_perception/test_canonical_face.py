import struct

import numpy as np
import pytest

from face_perception.canonical_face import SELLION, read_canonical_face
from perception_core.zoo.errors import ModelError


@pytest.fixture(scope="module")
def content(weights):
    return weights("face_geometry").read_bytes()


def test_the_face_has_the_measures_of_an_adult(canonical_face):
    points = canonical_face.points
    right_eye, left_eye = points[[33, 133]].mean(axis=0), points[[362, 263]].mean(axis=0)
    assert points.shape == (468, 3)
    assert np.linalg.norm(left_eye - right_eye) == pytest.approx(0.063, abs=0.001)
    assert points[SELLION] == pytest.approx(0)
    assert np.ptp(points, axis=0) == pytest.approx((0.1, 0.155, 0.177), abs=0.001)


def test_x_is_out_of_the_face_y_to_its_left_and_z_up(canonical_face):
    nose_tip, left_eye, chin, forehead = canonical_face.points[[4, 263, 152, 10]]
    assert nose_tip[0] > 0.02
    assert left_eye[1] > 0.04
    assert chin[2] < -0.1 < 0.04 < forehead[2]


def test_right_and_left_mirror_each_other(canonical_face):
    mirrored = canonical_face.points * (1, -1, 1)
    apart = np.linalg.norm(mirrored[:, None] - canonical_face.points, axis=2)
    assert apart.min(axis=1).max() < 1e-6


def test_the_triangles_cover_the_face_and_look_outwards(canonical_face):
    first, second, third = (canonical_face.points[canonical_face.triangles[:, i]] for i in range(3))
    normals = np.cross(second - first, third - first)
    assert len(canonical_face.triangles) == 898
    assert set(canonical_face.triangles.ravel()) == set(range(468))
    assert (normals[:, 0] > 0).mean() > 0.9


@pytest.mark.parametrize("kept", [0, 1, 100, 19000, -1])
def test_a_file_cut_short_is_refused(tmp_path, content, kept):
    path = tmp_path / "cut.binarypb"
    path.write_bytes(content[:kept] if kept >= 0 else content[:19049])
    with pytest.raises(ModelError, match=r"cut.binarypb does not hold .* models fetch face_geometry"):
        read_canonical_face(path)


def varint(number):
    return bytes([number & 0x7F | 0x80] * 9) + b"\x01"


@pytest.mark.parametrize(
    "content",
    [
        b"not a protobuf message at all",
        bytes(100),
        b"\xff" * 100,
        b"\x0a\x05\x18" + varint(2**64 - 1),
        b"\x0a\x02\x18\x01",
        b"\x0a\x05\x1d" + struct.pack("<f", float("nan")),
        b"\x0a\x00\x0a\x00",
    ],
)
def test_another_file_is_refused(tmp_path, content):
    path = tmp_path / "other.binarypb"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="does not hold MediaPipe's canonical face"):
        read_canonical_face(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"cannot be read: No such file .* models fetch"):
        read_canonical_face(tmp_path / "none")


def test_damage_anywhere_never_gives_a_face_of_another_shape(tmp_path, content, canonical_face):
    rng = np.random.default_rng(5)
    path = tmp_path / "damaged.binarypb"
    for place in rng.integers(0, len(content), 200):
        damaged = bytearray(content)
        damaged[place] ^= 0x80
        path.write_bytes(damaged)
        read_canonical_face.cache_clear()
        try:
            face = read_canonical_face(path)
        except ModelError:
            continue
        assert face.points.shape == (468, 3)
        assert np.isfinite(face.points).all()
