"""The virtual RGB-D camera: paints what stands in the room, far things first, into colour and depth."""

from __future__ import annotations

import math
from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.frame import ColourImage, DepthImage, Intrinsics, RgbdFrame
from perception_core.geometry import Affine
from perception_core.sources.scene_noise import BASELINE_M, FOCAL_PX, StereoErrors, disparity_of
from perception_core.sources.scene_path import Pose
from perception_core.sources.scene_robot import AT_REST, RobotPose
from perception_core.sources.scene_room import paint_room
from perception_core.sources.scene_sprite import Level, Sprite, level_to_metres
from perception_core.sources.scene_walls import Walls

INTRINSICS = Intrinsics(640, 480, FOCAL_PX, FOCAL_PX, 319.5, 239.5)
FRAME_ID = "camera_color_optical_frame"
MISREGISTRATION_PX = 2  # depth lies this far to the right of colour
NEAREST_M = 0.3

_GRAIN_SIGMA = 1.8  # sensor noise of the colour image, grey levels
_GRAIN_OFFSET = 8
_GRAIN_MARGIN_PX = 64
_FB = FOCAL_PX * BASELINE_M

_Canvas = tuple[NDArray[np.uint8], NDArray[np.float32]]


class VirtualCamera:
    """Renders frames; frame k depends on nothing but its number, what stands where, and the seed."""

    def __init__(self, seed: int = 0) -> None:
        # A margin on the left holds what the shifted depth image sees beyond the colour image.
        colour, depth = paint_room(INTRINSICS, MISREGISTRATION_PX, seed)
        self._room = colour, disparity_of(depth)
        self._walls = Walls(seed)
        self._errors = StereoErrors(INTRINSICS.width, INTRINSICS.height, seed)
        self._seed = seed
        rng = np.random.default_rng([seed, 3])
        shape = (INTRINSICS.height + _GRAIN_MARGIN_PX, INTRINSICS.width + _GRAIN_MARGIN_PX, 3)
        grain = rng.normal(_GRAIN_OFFSET, _GRAIN_SIGMA, shape)
        self._grain = np.clip(np.rint(grain), 0, 2 * _GRAIN_OFFSET).astype(np.uint8)

    def get_ready_to_move(self) -> None:
        """Paints what only a camera sees that has moved, in a second or two; else the first such frame does."""
        self._walls.paint()

    def render(
        self,
        things: Iterable[tuple[Pose, tuple[Sprite, ...]]],
        frame: int,
        stamp_ns: int,
        robot: RobotPose = AT_REST,
    ) -> RgbdFrame:
        """What the camera sees.

        Args:
            things: Where each thing is and the sprites it consists of, in the order in which they are painted.
            frame: Frame number, not negative; selects the noise and the picture of a clip.
            stamp_ns: Stamp of the frame.
            robot: Where the camera stands; places of things are relative to it already.
        """
        colour, disparity = self._room if robot == AT_REST else self._walls.seen(robot, INTRINSICS, MISREGISTRATION_PX)
        canvas = colour.copy(), disparity.copy()
        for pose, sprites in sorted(things, key=lambda thing: -thing[0].z):
            for sprite in sprites:
                _paint(canvas, sprite, pose, frame)
        seen = self._with_grain(canvas[0][:, MISREGISTRATION_PX:], frame)
        depth = self._errors(canvas[1][:, : INTRINSICS.width], frame)
        return RgbdFrame(stamp_ns, FRAME_ID, seen, DepthImage(depth, 0.001), INTRINSICS)

    def _with_grain(self, colour: ColourImage, frame: int) -> ColourImage:
        row, column = np.random.default_rng([self._seed, 4, frame]).integers(0, _GRAIN_MARGIN_PX, 2)
        height, width = colour.shape[:2]
        grain = self._grain[row : row + height, column : column + width]
        return np.asarray(cv2.addWeighted(colour, 1.0, grain, 1.0, -_GRAIN_OFFSET), np.uint8)


def metres_to_image(pose: Pose, z: float) -> Affine:
    """The transform from metres beside and below a thing's position, at distance z, to pixels of the colour image."""
    per_metre = INTRINSICS.fx / z
    cos, sin = per_metre * math.cos(pose.roll), per_metre * math.sin(pose.roll)
    x, y = INTRINSICS.fx * pose.x / z + INTRINSICS.cx, INTRINSICS.fy * pose.y / z + INTRINSICS.cy
    return np.array([[cos, -sin, x], [sin, cos, y]])


def chained(first: Affine, second: Affine) -> Affine:
    """The 2x3 transform that does one after the other."""
    linear = second[:, :2] @ first[:, :2]
    return np.column_stack([linear, second[:, :2] @ first[:, 2] + second[:, 2]])


def _paint(canvas: _Canvas, sprite: Sprite, pose: Pose, frame: int) -> None:
    z = pose.z + sprite.behind
    if z < NEAREST_M:
        return
    level = sprite.level(INTRINSICS.fx / z / sprite.pixels_per_metre, frame)
    to_canvas = chained(level_to_metres(level, sprite), metres_to_image(pose, z))
    to_canvas[0, 2] += MISREGISTRATION_PX
    colour, disparity = canvas
    left, top, right, bottom = _reach(level, to_canvas, disparity.shape)
    if left >= right or top >= bottom:
        return
    to_canvas[:, 2] -= left, top
    rows, columns = slice(top, bottom), slice(left, right)
    coverage = _paint_colour(colour[rows, columns], level, to_canvas)
    _paint_disparity(disparity[rows, columns], level, to_canvas, z, coverage)


def _reach(level: Level, to_canvas: Affine, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """The part of the canvas that a level covers: left, top, right, bottom, the last two exclusive."""
    height, width = level.colour.shape[:2]
    corners = np.array([[-1, -1, 1], [width, -1, 1], [-1, height, 1], [width, height, 1]], np.float64) @ to_canvas.T
    limit = np.array([shape[1], shape[0]])
    low = np.clip(np.floor(corners.min(axis=0)), 0, limit).astype(int)
    high = np.clip(np.ceil(corners.max(axis=0)) + 1, 0, limit).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _paint_colour(target: ColourImage, level: Level, transform: Affine) -> NDArray[np.uint8]:
    """Blend a level into a part of the colour canvas, in place; returns the coverage."""
    size = target.shape[1], target.shape[0]
    painted = cv2.warpAffine(level.colour, transform, size, flags=cv2.INTER_LINEAR)
    coverage = np.asarray(cv2.extractChannel(painted, 3), np.uint8)
    transparent = cv2.cvtColor(cv2.bitwise_not(coverage), cv2.COLOR_GRAY2BGR)
    background = cv2.multiply(target, transparent, scale=1 / 255)
    cv2.add(background, cv2.cvtColor(painted, cv2.COLOR_BGRA2BGR), dst=target)
    return coverage


def _paint_disparity(
    target: NDArray[np.float32], level: Level, transform: Affine, z: float, coverage: NDArray[np.uint8]
) -> None:
    """Write the disparity of a level where it covers at least half a pixel, in place."""
    solid = coverage >= 128
    if level.relief is None:
        target[solid] = _FB / z
        return
    size = target.shape[1], target.shape[0]
    relief = cv2.warpAffine(level.relief, transform, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    np.copyto(target, np.float32(_FB) / (relief + np.float32(z)), where=solid)
