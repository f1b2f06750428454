"""Who and what is in the virtual room, and where its faces and hands are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from perception_core.geometry import Box
from perception_core.sources.scene_arm import Tint, arm
from perception_core.sources.scene_coat import COAT_REACHES_M, coat
from perception_core.sources.scene_cutout import bust, framed_photograph
from perception_core.sources.scene_drawn_arm import arm_sprite, hand_box
from perception_core.sources.scene_furniture import pillar, pole
from perception_core.sources.scene_gesturing import ArmScript
from perception_core.sources.scene_hands import HandPicture
from perception_core.sources.scene_path import Pose, Walk
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
    ARM = "a drawn arm of a person"


@dataclass(frozen=True, slots=True)
class Role:
    """One line of a scene's script.

    Attributes:
        actor_id: Stable and unique in the scene.
        subject: What is seen.
        walk: Where it goes; of a drawn arm where the one goes whose it is.
        portrait: Of whom; None for a screen, which has its own clip, for a pillar and for a hand.
        hand: Which hand; None for all else.
        sleeve: What its arm wears.
        arm: What a drawn arm does; None for all else.
        coat: A drawn coat that a person wears over the photograph; None for none.
        owner: Who it belongs to, the actor_id; None for what is nobody's part.
    """

    actor_id: int
    subject: Subject
    walk: Walk
    portrait: Portrait | None = None
    hand: HandPicture | None = None
    sleeve: Tint = (60.0, 60.0, 60.0)
    arm: ArmScript | None = None
    coat: Tint | None = None
    owner: int | None = None

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
        gesture: What it shows, by the name that the gesture node gives it.
        right: Whether it is its owner's own right hand; None where that was not noted.
    """

    wrist: Point
    box: Box
    gesture: str
    right: bool | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """A role with its pictures loaded.

    Attributes:
        role: What the script says.
        sprites: What is painted, in this order. The last one carries the face or the hand. Of a drawn arm there are
            none: it is drawn as it is needed.
        scale: Pixels of that sprite per pixel of the picture file.
        origin: Pixel of the picture file, times `scale`, that is the sprite's first.
    """

    role: Role
    sprites: tuple[Sprite, ...]
    scale: float = 1.0
    origin: Point = (0.0, 0.0)

    def face(self, frame: int, sprite: Sprite) -> FaceOnSprite | None:
        """The face at one frame of the scene, on the last of the sprites that are painted; None for a thing."""
        if isinstance(sprite, ClipSprite):
            sellion = PEXELS.sellion_at(sprite.picture_at(frame))
            offset = PEXELS.face
            box = Box(sellion[0] + offset.x, sellion[1] + offset.y, offset.width, offset.height)
        elif self.role.portrait is not None:
            sellion, box = self.role.portrait.sellion, self.role.portrait.face
        else:
            return None
        return FaceOnSprite(self._on_sprite(sellion), self._box_on_sprite(box))

    def at(self, second: float) -> Pose:
        """Where it is at a time of the scene; of a hand that is its wrist."""
        pose = self.role.walk.at(second)
        if self.role.arm is None:
            return pose
        x, y, z = self.role.arm.wrist(second)
        cos, sin = math.cos(pose.roll), math.sin(pose.roll)
        return replace(pose, x=pose.x + cos * x - sin * y, y=pose.y + sin * x + cos * y, z=pose.z + z)

    def painted(self, second: float, pixels_per_metre: float) -> tuple[Sprite, ...]:
        """What is painted at a time of the scene, at least as fine as it will be shown, within limits."""
        if self.role.arm is None:
            return self.sprites
        return (arm_sprite(self.role.arm.posture(second), self.role.sleeve, pixels_per_metre),)

    def hand(self, second: float, sprite: Sprite) -> HandOnSprite | None:
        """The hand; None for what is none.

        Args:
            second: Of the scene.
            sprite: The last of those that are painted.
        """
        if self.role.arm is not None:
            return self._drawn_hand(self.role.arm, second, sprite)
        hand = self.role.hand
        if hand is None:
            return None
        return HandOnSprite(self._on_sprite(hand.wrist), self._box_on_sprite(hand.box), hand.gesture)

    def _drawn_hand(self, script: ArmScript, second: float, sprite: Sprite) -> HandOnSprite:
        box, per_metre, (x, y) = hand_box(script.posture(second)), sprite.pixels_per_metre, sprite.anchor
        on_sprite = Box(x + box.x * per_metre, y + box.y * per_metre, box.width * per_metre, box.height * per_metre)
        return HandOnSprite(sprite.anchor, on_sprite, script.gesture(second), script.right)

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
    if role.arm is not None:
        return Actor(role, ())
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
    return _portrayed(role, role.portrait, path, to_floor)


def _portrayed(role: Role, portrait: Portrait, path: Path, to_floor: float) -> Actor:
    """A person or a photograph, on a stand."""
    if role.subject is Subject.FRAMED:
        photograph, scale, origin = framed_photograph(portrait, path)
        return Actor(role, (pole(0.0, to_floor), photograph), scale, origin)
    person, scale = bust(portrait, path, in_coat=role.coat is not None)
    if role.coat is not None:
        return Actor(role, (pole(COAT_REACHES_M - 0.02, to_floor), coat(role.coat), person), scale)
    stand = pole(portrait.reach_below_sellion_m - 0.02, to_floor)
    return Actor(role, (stand, person), scale)
