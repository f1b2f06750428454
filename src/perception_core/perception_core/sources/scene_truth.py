"""What is true in a frame of a virtual scene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perception_core.frame import Point3
from perception_core.geometry import Affine, Box, inverse, transformed
from perception_core.sources.scene_actor import Actor, FaceOnSprite, HandOnSprite, Role
from perception_core.sources.scene_camera import INTRINSICS, chained, metres_to_image
from perception_core.sources.scene_path import Pose
from perception_core.sources.scene_portraits import Point
from perception_core.sources.scene_sprite import Sprite, level_to_metres

_SAMPLES_PER_SIDE = 24

_Others = Sequence[tuple[Sprite, Pose]]


@dataclass(frozen=True, slots=True)
class FaceTruth:
    """One face in the room, seen or not.

    Attributes:
        actor_id: Whose face; stable.
        sellion: Metres in the camera's frame.
        pixel: Where the sellion is in the colour image; possibly outside.
        box: The face as a detector frames it, pixels of the colour image; not clipped.
        visible_share: Share of the face that is inside the image and not behind something nearer, 0 to 1.
    """

    actor_id: int
    sellion: Point3
    pixel: Point
    box: Box
    visible_share: float


@dataclass(frozen=True, slots=True)
class HandTruth:
    """One hand in the room, seen or not.

    Attributes:
        actor_id: Which hand; stable.
        gesture: What it shows, by the name that the gesture node gives it; None, by that name, for nothing.
        wrist: Metres in the camera's frame.
        pixel: Where the wrist is in the colour image; possibly outside.
        box: Around hand and fingers, pixels of the colour image; not clipped.
        visible_share: Share of the hand that is inside the image and not behind something nearer, 0 to 1.
        owner: Whose hand, the actor_id of the person; None where the scene does not say.
        right: Whether it is the owner's own right hand; None where the scene does not say.
    """

    actor_id: int
    gesture: str
    wrist: Point3
    pixel: Point
    box: Box
    visible_share: float
    owner: int | None = None
    right: bool | None = None


@dataclass(frozen=True, slots=True)
class SceneTruth:
    """All faces and hands of one frame.

    Attributes:
        frame: Frame number.
        faces: In the order of the scene's roles; also those that nobody sees.
        hands: Likewise.
    """

    frame: int
    faces: tuple[FaceTruth, ...]
    hands: tuple[HandTruth, ...] = ()


def truth_of(actors: Sequence[tuple[Actor, Pose]], frame: int, second: float) -> SceneTruth:
    """What is true when the actors stand like this.

    Args:
        actors: Everything in the room and where it is, for the camera.
        frame: Frame number, for the record and for the clips.
        second: Of the scene.
    """
    things = [(actor, pose, actor.painted(second, INTRINSICS.fx / pose.z)) for actor, pose in actors]
    faces, hands = [], []
    for actor, pose, sprites in things:
        nearer = [(sprite, place) for _, place, others in things if place.z < pose.z for sprite in others]
        face, hand = actor.face(frame, sprites[-1]), actor.hand(second, sprites[-1])
        if face is not None:
            faces.append(_face_truth(actor.role, (sprites[-1], pose), face, nearer))
        if hand is not None:
            hands.append(_hand_truth(actor.role, (sprites[-1], pose), hand, nearer))
    return SceneTruth(frame, tuple(faces), tuple(hands))


def _face_truth(role: Role, here: tuple[Sprite, Pose], face: FaceOnSprite, nearer: _Others) -> FaceTruth:
    pixel, place, box, visible = _seen(here, face.sellion, face.box, nearer)
    return FaceTruth(role.actor_id, place, pixel, box, visible)


def _hand_truth(role: Role, here: tuple[Sprite, Pose], hand: HandOnSprite, nearer: _Others) -> HandTruth:
    pixel, place, box, visible = _seen(here, hand.wrist, hand.box, nearer)
    return HandTruth(role.actor_id, hand.gesture, place, pixel, box, visible, role.owner, hand.right)


def _seen(here: tuple[Sprite, Pose], point: Point, box: Box, nearer: _Others) -> tuple[Point, Point3, Box, float]:
    """Pixel and place of a point of a sprite, and the box in the image with its visible share."""
    sprite, pose = here
    to_image = _to_image(sprite, pose)
    z = pose.z + sprite.behind
    pixel = transformed([point], to_image)[0]
    centre = transformed([box.centre], to_image)[0]
    scale = INTRINSICS.fx / z / sprite.pixels_per_metre
    return (
        (float(pixel[0]), float(pixel[1])),
        INTRINSICS.deproject(pixel[0], pixel[1], z),
        Box.around((float(centre[0]), float(centre[1])), box.width * scale, box.height * scale),
        _visible_share(transformed(_inside_ellipse(box), to_image), nearer),
    )


def _visible_share(points: NDArray[np.float64], nearer: _Others) -> float:
    """Share of image points that lie inside the image and that nothing nearer covers."""
    x, y = points[:, 0], points[:, 1]
    visible = (x >= -0.5) & (x < INTRINSICS.width - 0.5) & (y >= -0.5) & (y < INTRINSICS.height - 0.5)
    for sprite, pose in nearer:
        visible &= ~_covers(sprite, pose, points)
    return float(visible.mean())


def _covers(sprite: Sprite, pose: Pose, points: NDArray[np.float64]) -> NDArray[np.bool_]:
    level = sprite.level(1.0, 0)
    coverage = level.colour[..., 3]
    to_level = inverse(chained(level_to_metres(level, sprite), metres_to_image(pose, pose.z + sprite.behind)))
    column, row = np.rint(transformed(points, to_level)).astype(np.int64).T
    height, width = coverage.shape
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    covered = np.zeros(len(points), np.bool_)
    covered[inside] = coverage[row[inside], column[inside]] >= 128
    return covered


def _to_image(sprite: Sprite, pose: Pose) -> Affine:
    """From the sprite's pixels at full resolution to the colour image."""
    step = 1 / sprite.pixels_per_metre
    to_metres = np.array([[step, 0.0, -sprite.anchor[0] * step], [0.0, step, -sprite.anchor[1] * step]])
    return chained(to_metres, metres_to_image(pose, pose.z + sprite.behind))


def _inside_ellipse(box: Box) -> NDArray[np.float64]:
    """A grid of points in the ellipse that fills a box."""
    side = (np.arange(_SAMPLES_PER_SIDE) + 0.5) / _SAMPLES_PER_SIDE - 0.5
    x, y = (grid.ravel() for grid in np.meshgrid(side, side))
    keep = np.hypot(x, y) <= 0.5
    return np.column_stack([box.centre[0] + x[keep] * box.width, box.centre[1] + y[keep] * box.height])
