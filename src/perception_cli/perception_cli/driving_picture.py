"""A drive through the virtual room from above: where the robot went, to whom, and what it was told on the way."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from perception_cli.driving_robot import DrivenPoint
from perception_core.frame import ColourImage
from perception_core.sources.scene_camera import INTRINSICS
from perception_core.sources.scene_robot import RobotPose
from perception_core.sources.scene_room import BACK_WALL_M, SIDE_M
from perception_core.sources.scene_walls import BEHIND_M

_PIXELS_PER_METRE = 170
_FINER = 2  # painted so much larger, then shrunk: smooth lines of any width
_MARGIN_PX = 46
_LEAST_BEHIND_M = 0.7  # of the room behind where the robot begins
_ROBOT_RADIUS_M, _ARROW_M, _ARROW_EVERY_M = 0.16, 0.075, 0.3
_HEAD_M, _SHOULDERS_M, _CHEST_M = 0.09, 0.23, 0.11
_VIEW_M = 0.9  # of the wedge that the camera sees
_LEAST_STEP_M = 0.02  # of somebody's path, to be drawn
_TAG_BESIDE_PX, _LINE_PX = 26, 21

_Tint = tuple[int, int, int]  # BGR
_PAPER: _Tint = (250, 250, 248)
_FLOOR: _Tint = (226, 234, 238)
_GRID: _Tint = (208, 216, 220)
_WALL: _Tint = (92, 96, 98)
_INK: _Tint = (52, 50, 48)
_PATH: _Tint = (176, 98, 26)
_PERSON: _Tint = (46, 92, 226)
_KEPT: _Tint = (120, 148, 236)
_GO: _Tint = (70, 140, 60)
_HALT: _Tint = (50, 50, 200)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened on the way.

    Attributes:
        at_s: When, by the robot's time.
        text: What, in a few words of ASCII.
        halts: Whether it was to stop the robot.
    """

    at_s: float
    text: str
    halts: bool = False


@dataclass(frozen=True, slots=True)
class Walked:
    """Where a person was.

    Attributes:
        name: Of a few letters of ASCII.
        places: Metres ahead of the robot's beginning and to the left, in the order of time; at least one.
    """

    name: str
    places: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Drive:
    """What there is to draw.

    Attributes:
        trail: Where the robot was, at least one point.
        people: Who was in the room.
        marks: In the order of time.
        distance_m: What it was to keep to whom it followed; 0 draws none.
    """

    trail: Sequence[DrivenPoint]
    people: Sequence[Walked] = ()
    marks: Sequence[Mark] = ()
    distance_m: float = 0.0


class _Sheet:
    """Metres on the floor to fine pixels; ahead is up, left is left."""

    def __init__(self, behind_m: float) -> None:
        self.behind_m = behind_m
        width = round(2 * SIDE_M * _PIXELS_PER_METRE) + 2 * _MARGIN_PX
        height = round((BACK_WALL_M + behind_m) * _PIXELS_PER_METRE) + 2 * _MARGIN_PX
        self.picture = np.full((height * _FINER, width * _FINER, 3), _PAPER, np.uint8)

    def at(self, ahead: float, left: float) -> tuple[int, int]:
        scale, margin = _PIXELS_PER_METRE * _FINER, _MARGIN_PX * _FINER
        return round((SIDE_M - left) * scale) + margin, round((BACK_WALL_M - ahead) * scale) + margin

    def line(self, points: Sequence[tuple[float, float]], tint: _Tint, thickness: float) -> None:
        pixels = np.array([self.at(*point) for point in points], np.int32)
        cv2.polylines(self.picture, [pixels], False, tint, round(thickness * _FINER), cv2.LINE_AA)

    def area(self, points: Sequence[tuple[float, float]], tint: _Tint) -> None:
        cv2.fillPoly(self.picture, [np.array([self.at(*point) for point in points], np.int32)], tint, cv2.LINE_AA)

    def disc(self, place: tuple[float, float], radius_m: float, tint: _Tint) -> None:
        radius = round(radius_m * _PIXELS_PER_METRE * _FINER)
        cv2.circle(self.picture, self.at(*place), radius, tint, cv2.FILLED, cv2.LINE_AA)

    def text(self, pixel: tuple[int, int], words: str, tint: _Tint = _INK, size: float = 0.45) -> None:
        cv2.putText(self.picture, words, pixel, cv2.FONT_HERSHEY_SIMPLEX, size * _FINER, tint, _FINER, cv2.LINE_AA)


def draw_drive(drive: Drive) -> ColourImage:
    """The picture, HxWx3 uint8 BGR, some 770 x 1060 pixels.

    Raises:
        ValueError: The trail is empty.
    """
    if not drive.trail:
        raise ValueError("a drive without a single point of its trail cannot be drawn")
    furthest_back = -min(point.pose.x for point in drive.trail)
    sheet = _Sheet(min(BEHIND_M, max(_LEAST_BEHIND_M, furthest_back + 2 * _ROBOT_RADIUS_M)))
    _draw_room(sheet)
    for person in drive.people:
        _draw_person(sheet, person, drive)
    _draw_path(sheet, drive.trail)
    _draw_robot(sheet, drive.trail[0].pose, ghost=True)
    _draw_robot(sheet, drive.trail[-1].pose, ghost=False)
    _draw_marks(sheet, drive)
    _draw_legend(sheet, drive)
    height, width = (side // _FINER for side in sheet.picture.shape[:2])
    return np.asarray(cv2.resize(sheet.picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _draw_room(sheet: _Sheet) -> None:
    near, far = -sheet.behind_m, BACK_WALL_M
    sheet.area([(near, SIDE_M), (far, SIDE_M), (far, -SIDE_M), (near, -SIDE_M)], _FLOOR)
    for ahead in range(math.ceil(near), math.ceil(far)):
        sheet.line([(ahead, SIDE_M), (ahead, -SIDE_M)], _GRID, 1)
        x, y = sheet.at(ahead, SIDE_M)
        sheet.text((x - 40 * _FINER, y + 5 * _FINER), f"{ahead} m")
    for left in range(math.ceil(-SIDE_M) + 1, math.ceil(SIDE_M)):
        sheet.line([(near, left), (far, left)], _GRID, 1)
    walls = [(near, SIDE_M), (far, SIDE_M), (far, -SIDE_M), (near, -SIDE_M)]
    sheet.line(walls if sheet.behind_m < BEHIND_M else [*walls, walls[0]], _WALL, 4)


def _draw_person(sheet: _Sheet, person: Walked, drive: Drive) -> None:
    ahead, left = person.places[-1]
    if _length(person.places) > _LEAST_STEP_M:
        sheet.line(person.places, _KEPT, 2)
    if drive.distance_m > 0:
        _draw_dashed_circle(sheet, (ahead, left), drive.distance_m)
    robot = drive.trail[-1].pose
    towards = math.atan2(robot.y - left, robot.x - ahead)  # pictures of people face the camera
    turn = np.radians(np.linspace(0, 360, 40))
    shoulders = [
        _beside((ahead, left), towards, _CHEST_M * math.cos(angle), _SHOULDERS_M * math.sin(angle)) for angle in turn
    ]
    sheet.area(shoulders, _PERSON)
    sheet.disc((ahead, left), _HEAD_M, _INK)
    sheet.disc(_beside((ahead, left), towards, _HEAD_M, 0.0), 0.02, _INK)
    x, y = sheet.at(ahead, left)
    sheet.text((x + round((_SHOULDERS_M + 0.04) * _PIXELS_PER_METRE * _FINER), y + 5 * _FINER), person.name)


def _draw_dashed_circle(sheet: _Sheet, centre: tuple[float, float], radius: float) -> None:
    dashes = 48
    for start in range(dashes):
        angles = np.linspace(start, start + 0.55, 6) * (2 * math.pi / dashes)
        sheet.line([_beside(centre, float(angle), radius, 0.0) for angle in angles], _KEPT, 1.5)


def _draw_path(sheet: _Sheet, trail: Sequence[DrivenPoint]) -> None:
    places = [(point.pose.x, point.pose.y) for point in trail]
    sheet.line(places, _PATH, 3)
    gone, next_arrow = 0.0, _ARROW_EVERY_M
    for before, point in itertools.pairwise(trail):
        gone += math.hypot(point.pose.x - before.pose.x, point.pose.y - before.pose.y)
        if gone >= next_arrow:
            next_arrow = gone + _ARROW_EVERY_M
            _draw_arrow(sheet, point.pose, backwards=before.linear < 0)


def _draw_arrow(sheet: _Sheet, pose: RobotPose, *, backwards: bool) -> None:
    heading = pose.heading + (math.pi if backwards else 0.0)
    corners = ((_ARROW_M, 0.0), (-0.6 * _ARROW_M, 0.7 * _ARROW_M), (-0.6 * _ARROW_M, -0.7 * _ARROW_M))
    sheet.area([_beside((pose.x, pose.y), heading, *corner) for corner in corners], _PATH)


def _draw_robot(sheet: _Sheet, pose: RobotPose, *, ghost: bool) -> None:
    """Where it began is an outline; where it ended it has its wheels, and what its camera sees."""
    place = pose.x, pose.y
    round_about = [_beside(place, float(angle), _ROBOT_RADIUS_M, 0.0) for angle in np.linspace(0, 2 * math.pi, 48)]
    if ghost:
        sheet.line(round_about, _PATH, 2)
        return
    half = math.atan(INTRINSICS.width / 2 / INTRINSICS.fx)
    for side in (-half, half):
        sheet.line([place, _beside(place, pose.heading + side, _VIEW_M, 0.0)], _PATH, 1)
    sheet.area(round_about, _PATH)
    for side in (-1, 1):
        beside = 0.8 * side * _ROBOT_RADIUS_M
        ends = [_beside(place, pose.heading, along, beside) for along in (-0.06, 0.06)]
        sheet.line(ends, _INK, 5)
    sheet.area([_beside(place, pose.heading, *corner) for corner in ((0.12, 0), (0.0, 0.06), (0.0, -0.06))], _PAPER)


def _draw_marks(sheet: _Sheet, drive: Drive) -> None:
    """A dot where the robot was, and the words beside it, one below the other."""
    lowest = 0
    at_right = np.mean([point.pose.y for point in drive.trail]) >= 0
    for mark in sorted(drive.marks, key=lambda mark: (-round(_pose_at(drive.trail, mark.at_s).x, 2), mark.at_s)):
        pose, tint = _pose_at(drive.trail, mark.at_s), _HALT if mark.halts else _GO
        x, y = sheet.at(pose.x, pose.y)
        words = f"{mark.at_s:.1f} s {mark.text}"
        beside = round(_ROBOT_RADIUS_M * _PIXELS_PER_METRE + _TAG_BESIDE_PX) * _FINER
        width = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, 0.45 * _FINER, _FINER)[0][0]
        start = x + beside if at_right else x - beside - width
        row = max(y + 5 * _FINER, lowest + _LINE_PX * _FINER)
        lowest = row
        end = (start - 4 * _FINER if at_right else start + width + 4 * _FINER), row - 5 * _FINER
        cv2.line(sheet.picture, (x, y), end, tint, _FINER, cv2.LINE_AA)
        cv2.circle(sheet.picture, (x, y), 5 * _FINER, tint, cv2.FILLED, cv2.LINE_AA)
        sheet.text((round(start), round(row)), words, tint)


def _draw_legend(sheet: _Sheet, drive: Drive) -> None:
    trail = drive.trail
    length = _length([(point.pose.x, point.pose.y) for point in trail])
    fastest = max(abs(point.linear) for point in trail)
    words = f"{trail[-1].at_s - trail[0].at_s:.1f} s, {length:.2f} m driven, at most {fastest:.2f} m/s"
    if drive.distance_m > 0:
        words += f"; dashed: {drive.distance_m:g} m, the distance kept"
    sheet.text((_MARGIN_PX * _FINER, sheet.picture.shape[0] - (_MARGIN_PX - 28) * _FINER), words)


def _pose_at(trail: Sequence[DrivenPoint], at_s: float) -> RobotPose:
    """Where it was at the last point until then, or the first."""
    until = [point for point in trail if point.at_s <= at_s]
    return (until[-1] if until else trail[0]).pose


def _beside(place: tuple[float, float], heading: float, ahead: float, left: float) -> tuple[float, float]:
    cos, sin = math.cos(heading), math.sin(heading)
    return place[0] + ahead * cos - left * sin, place[1] + ahead * sin + left * cos


def _length(places: Sequence[tuple[float, float]]) -> float:
    return sum(math.dist(start, end) for start, end in itertools.pairwise(places))
