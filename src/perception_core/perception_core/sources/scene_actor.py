"""Who and what is in the virtual room, and where its faces and hands are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from perception_core.geometry import Box
from perception_core.sources.scene_arm import Tint, arm
from perception_core.sources.scene_cutout import bust, framed_photograph
from perception_core.sources.scene_furniture import pillar, pole
from perception_core.sources.scene_hands import HandPicture
from perception_core.sources.scene_path import Walk
from perception_core.sources.scene_portraits import PEXELS, Point, Portrait, at_scale
from perception_core.sources.scene_room import FLOOR_M
from perception_core.sources.scene_screen import display_case, playing_clip
from perception_core.sources.scene_sprite import ClipSprite, Sprite

_PILLAR_WIDTH_M = 0.30
_PILLAR_REACH_M = 3.0  # above and below: beyond the floor and the ceiling


class Subject(Enum):
    """What an actor looks like."""

    BUST = "a person with relief"
    FRAMED = "a flat photograph in a frame"
    SCREEN = "a display that plays a clip of a face"
    PILLAR = "a round pillar without a face"
    HAND = "a hand on an arm, held up"


@dataclass(frozen=True, slots=True)
class Role:
    """One line of a scene's script.

    Attributes:
        actor_id: Stable and unique in the scene.
        subject: What is seen.
        walk: Where it goes.
        portrait: Of whom; None for a screen, which has its own clip, for a pillar and for a hand.
        hand: Which hand; None for all else.
        sleeve: What its arm wears.
    """

    actor_id: int
    subject: Subject
    walk: Walk
    portrait: Portrait | None = None
    hand: HandPicture | None = None
    sleeve: Tint = (60.0, 60.0, 60.0)

    @property
    def picture(self) -> str | None:
        """Name of the picture that is needed."""
        if self.hand is not None:
            return self.hand.picture
        if self.subject is Subject.SCREEN:
            return PEXELS.picture
        return self.portrait.picture if self.portrait else None


@dataclass(frozen=True, slots=True)
class FaceOnSprite:
    """A face in the pixels of a sprite at full resolution.

    Attributes:
        sellion: Pixel of the sellion.
        box: As a detector frames the face.
    """

    sellion: Point
    box: Box


@dataclass(frozen=True, slots=True)
class HandOnSprite:
    """A hand in the pixels of a sprite at full resolution.

    Attributes:
        wrist: Pixel of the wrist.
        box: Around hand and fingers.
        gesture: What it shows, by the name of MediaPipe's classes.
    """

    wrist: Point
    box: Box
    gesture: str


@dataclass(frozen=True, slots=True)
class Actor:
    """A role with its pictures loaded.

    Attributes:
        role: What the script says.
        sprites: What is painted, in this order. The last one carries the face or the hand.
        scale: Pixels of that sprite per pixel of the picture file.
        origin: Pixel of the picture file, times `scale`, that is the sprite's first.
    """

    role: Role
    sprites: tuple[Sprite, ...]
    scale: float = 1.0
    origin: Point = (0.0, 0.0)

    def face(self, frame: int) -> FaceOnSprite | None:
        """The face at one frame of the scene; None for a thing."""
        sprite = self.sprites[-1]
        if isinstance(sprite, ClipSprite):
            sellion = PEXELS.sellion_at(sprite.picture_at(frame))
            offset = PEXELS.face
            box = Box(sellion[0] + offset.x, sellion[1] + offset.y, offset.width, offset.height)
        elif self.role.portrait is not None:
            sellion, box = self.role.portrait.sellion, self.role.portrait.face
        else:
            return None
        return FaceOnSprite(self._on_sprite(sellion), self._box_on_sprite(box))

    def hand(self) -> HandOnSprite | None:
        """The hand; None for what is none."""
        hand = self.role.hand
        if hand is None:
            return None
        return HandOnSprite(self._on_sprite(hand.wrist), self._box_on_sprite(hand.box), hand.gesture)

    def _on_sprite(self, point: Point) -> Point:
        column, row = at_scale(point, self.scale)
        return column - self.origin[0], row - self.origin[1]

    def _box_on_sprite(self, box: Box) -> Box:
        scale, (x, y) = self.scale, self.origin
        return Box(box.x * scale - x, box.y * scale - y, box.width * scale, box.height * scale)


def cast(role: Role, pictures: Mapping[str, Path], scene_frames: int, rate_hz: float) -> Actor:
    """Load what a role needs.

    Args:
        role: The role.
        pictures: Where each picture lies, by name.
        scene_frames: Length of the scene.
        rate_hz: Frames per second of the scene.

    Raises:
        SourceError: A picture cannot be read.
    """
    to_floor = FLOOR_M - role.walk.y + 0.5
    if role.subject is Subject.PILLAR:
        return Actor(role, (pillar(_PILLAR_WIDTH_M, -_PILLAR_REACH_M, _PILLAR_REACH_M),))
    path = pictures[role.picture or ""]
    if role.subject is Subject.SCREEN:
        clip = playing_clip(PEXELS, path, scene_frames, rate_hz)
        origin = PEXELS.window.x, PEXELS.window.y
        return Actor(role, (pole(0.0, to_floor), display_case(PEXELS), clip), origin=origin)
    if role.hand is not None:
        sprite, scale, origin = arm(role.hand, path, role.sleeve)
        return Actor(role, (sprite,), scale, origin)
    if role.portrait is None:
        raise ValueError(f"role {role.actor_id} is {role.subject.value} but names no portrait or hand")
    if role.subject is Subject.FRAMED:
        photograph, scale, origin = framed_photograph(role.portrait, path)
        return Actor(role, (pole(0.0, to_floor), photograph), scale, origin)
    person, scale = bust(role.portrait, path)
    stand = pole(role.portrait.reach_below_sellion_m - 0.02, to_floor)
    return Actor(role, (stand, person), scale)
