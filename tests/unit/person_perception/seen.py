"""Faces and hands where a test wants them."""

import math

from face_perception.identity import NOT_EXAMINED, Identity, IdentityState
from gesture_perception.hand import Side
from perception_core.depth import Position3D, PositionSource
from perception_core.geometry import Box
from person_perception.body import SHOULDER_ASIDE_M, SHOULDER_BEHIND_M, SHOULDER_BELOW_M
from person_perception.person import SeenFace, SeenHand

FOCAL, CX, CY = 600.0, 319.5, 239.5
FRAME_NS = 33_333_333
NOWHERE = Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)


def place(x, y, z, source=PositionSource.DEPTH, sigma=0.02):
    return NOWHERE if source is PositionSource.NONE else Position3D((x, y, z), sigma, 0.9, source)


def pixel(x, y, z):
    return CX + FOCAL * x / z, CY + FOCAL * y / z


def confirmed(person_id, name="Ada"):
    return Identity(IdentityState.CONFIRMED, person_id, name, 0.7)


def face(
    track_id=1, x=0.0, z=1.6, *, y=-0.3, identity=NOT_EXAMINED, source=PositionSource.DEPTH, bridged=False, looks=True
):
    middle_x, middle_y = pixel(x, y + 0.03, z)
    height = 0.2 * FOCAL / z
    box = Box.around((middle_x, middle_y), 0.78 * height, height)
    return SeenFace(track_id, box, place(x, y, z, source), bridged, identity, looks)


def shoulder(x, z, side, y=-0.3):
    """Of somebody whose face is there."""
    aside = -SHOULDER_ASIDE_M if side is Side.RIGHT else SHOULDER_ASIDE_M
    return x + aside, y + SHOULDER_BELOW_M, z + SHOULDER_BEHIND_M


def hand(
    track_id=1, x=0.0, z=1.6, *, side=Side.RIGHT, out=0.1, down=0.0, ahead=0.35, elbow=(0.0, 0.8, 0.6),
    source=PositionSource.DEPTH, bridged=False, score=0.9,
):  # fmt: skip
    """A hand held before the own shoulder of somebody whose face is at x and z; `elbow` is where its arm comes from."""
    shoulder_x, shoulder_y, shoulder_z = shoulder(x, z, side)
    outward = -1.0 if side is Side.RIGHT else 1.0
    wrist = (shoulder_x + outward * out, shoulder_y + down, shoulder_z - ahead)
    column, row = pixel(*wrist)
    flat = math.hypot(elbow[0], elbow[1])
    return SeenHand(
        track_id, Box.around((column, row - 20.0), 50.0, 60.0), place(*wrist, source), bridged, side, score,
        (column, row), (elbow[0] / flat, elbow[1] / flat), elbow if source is PositionSource.DEPTH else None,
    )  # fmt: skip
