"""The face of an average adult in metres, with the same points as the landmark networks give.

MediaPipe carries it inside its face landmarker as a protobuf message, GeometryPipelineMetadata of
mediapipe/tasks/cc/vision/face_geometry/proto. Only the mesh is read, which is field 1 of it: in its field 3 five floats
per vertex, x, y, z in centimetres and two texture coordinates, and in its field 4 the corners of the triangles.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from perception_core.zoo.errors import ModelError

MODEL = "face_geometry"
SELLION = 168  # of the mesh

_MESH = 1
_VERTICES, _CORNERS = 3, 4
_FLOATS_PER_VERTEX = 5
_POINTS = 468
_METRES = 0.01
_VARINT, _BYTES, _FIXED32 = 0, 2, 5  # protobuf's wire types


@dataclass(frozen=True, slots=True, eq=False)
class CanonicalFace:
    """A face at rest, looking along x, its sellion at the origin: x out of the face, y to its own left, z up.

    Attributes:
        points: 468x3 float64, metres.
        triangles: Mx3 int64, indices of the surface's corners.
    """

    points: NDArray[np.float64]
    triangles: NDArray[np.int64]


@functools.lru_cache(maxsize=4)
def read_canonical_face(path: Path) -> CanonicalFace:
    """Reads the face out of the file of the model `face_geometry`.

    Raises:
        ModelError: It is not there, or is not such a file.
    """
    try:
        return _decoded(path.read_bytes())
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read: {error.strerror}. Run `./perception models fetch {MODEL}`."
        ) from error
    except (ValueError, OverflowError, struct.error) as error:
        raise ModelError(
            f"{path} does not hold MediaPipe's canonical face: {error}. Remove it and run `./perception models fetch "
            f"{MODEL}`."
        ) from error


def _decoded(message: bytes) -> CanonicalFace:
    meshes = [value for number, value in _fields(message) if number == _MESH and isinstance(value, bytes)]
    if len(meshes) != 1:
        raise ValueError(f"it has {len(meshes)} meshes instead of one")
    mesh = list(_fields(meshes[0]))
    vertices = np.array([value for number, value in mesh if number == _VERTICES], np.float64)
    corners = np.array([value for number, value in mesh if number == _CORNERS], np.int64)
    if vertices.size != _POINTS * _FLOATS_PER_VERTEX or not np.isfinite(vertices).all():
        raise ValueError(f"{vertices.size} finite numbers for its vertices instead of {_POINTS * _FLOATS_PER_VERTEX}")
    if corners.size == 0 or corners.size % 3 or not (corners.min() >= 0 and corners.max() < _POINTS):
        raise ValueError(f"its {corners.size} corners are no triangles of {_POINTS} points")
    right_up_out = vertices.reshape(_POINTS, _FLOATS_PER_VERTEX)[:, :3] * _METRES
    points = right_up_out[:, [2, 0, 1]]
    return CanonicalFace(points - points[SELLION], corners.reshape(-1, 3))


def _fields(message: bytes) -> Iterator[tuple[int, int | float | bytes]]:
    """Number and value of every field of a protobuf message.

    https://protobuf.dev/programming-guides/encoding; of the wire types those that the file uses.
    """
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        number, wire_type = key >> 3, key & 7
        if wire_type == _VARINT:
            value, place = _varint(message, place)
            yield number, value
        elif wire_type == _FIXED32:
            yield number, struct.unpack_from("<f", message, place)[0]
            place += 4
        elif wire_type == _BYTES:
            length, place = _varint(message, place)
            if place + length > len(message):
                raise ValueError("it is cut short")
            yield number, message[place : place + length]
            place += length
        else:
            raise ValueError(f"wire type {wire_type} at byte {place}")


def _varint(message: bytes, place: int) -> tuple[int, int]:
    """A number of seven bits per byte, least first, and the place behind it."""
    value = 0
    for shift in range(0, 64, 7):
        if place >= len(message):
            raise ValueError("it is cut short")
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place += 1
        if byte < 0x80:
            return value, place
    raise ValueError(f"a number of more than 64 bits before byte {place}")
