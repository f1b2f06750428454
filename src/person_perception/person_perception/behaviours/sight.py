"""What a policy sees: people, hands and gestures in the robot's own plane, and how far all that can be trusted."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from face_perception.identity import NOT_EXAMINED, Identity
from gesture_perception.gesture_events import EventKind


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is in the plane that the robot moves in.

    Attributes:
        ahead_m: Metres ahead of the robot.
        left_m: Metres to its left.
        sigma_m: Standard deviation of the distance.
    """

    ahead_m: float
    left_m: float
    sigma_m: float = 0.0

    @property
    def distance_m(self) -> float:
        """Metres from the robot."""
        return math.hypot(self.ahead_m, self.left_m)

    @property
    def bearing_rad(self) -> float:
        """0 is straight ahead, to the left is positive."""
        return math.atan2(self.left_m, self.ahead_m)

    def after(self, linear: float, angular: float, seconds: float) -> Place:
        """Where that is, seen from a robot that has moved on.

        Args:
            linear: Metres per second ahead.
            angular: Radians per second to the left.
            seconds: So long.
        """
        turned = angular * seconds
        ahead = self.ahead_m - linear * seconds
        cosine, sine = math.cos(turned), math.sin(turned)
        return Place(cosine * ahead + sine * self.left_m, cosine * self.left_m - sine * ahead, sigma_m=self.sigma_m)


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """One person in one image.

    Attributes:
        track_id: The same from image to image.
        place: None where it is not known.
        measured: Seen in this image; otherwise the place is predicted from those before.
        identity: Whose face it is.
        looking: At the camera; None where that is not known.
    """

    track_id: int
    place: Place | None
    measured: bool = True
    identity: Identity = NOT_EXAMINED
    looking: bool | None = None


@dataclass(frozen=True, slots=True)
class HandSeen:
    """What one hand shows in one image, whoever's it is.

    Attributes:
        track_id: The same from image to image.
        pose: Such as Open_Palm; None where it shows nothing, empty where it was not examined.
        motion: Such as Beckon, likewise.
    """

    track_id: int
    pose: str
    motion: str = ""

    def shows(self, label: str) -> bool:
        """As a pose or a motion."""
        return label in (self.pose, self.motion)


@dataclass(frozen=True, slots=True)
class GestureSeen:
    """A gesture begins, goes on or ends.

    Attributes:
        kind: Which of them.
        event_id: The same from STARTED to ENDED.
        label: Such as Beckon.
        stamp_ns: Of the image that decided.
        held_s: Since it was first seen.
        hand_id: Track of the hand.
        author_id: Track of the person; None where nobody knows who made it.
        author: Whose face that person has.
        timely: The image is not too old, nor from the future; set by `Sightings`.
    """

    kind: EventKind
    event_id: int
    label: str
    stamp_ns: int
    held_s: float = 0.0
    hand_id: int = 0
    author_id: int | None = None
    author: Identity = NOT_EXAMINED
    timely: bool = True


@dataclass(frozen=True, slots=True)
class Sight:
    """All that a policy is told at one moment.

    Attributes:
        people: Of the newest image that can be trusted; empty where there is none.
        people_at_s: When that image was taken, by the policy's clock; -inf where there is none.
        images: What hands show, in each image since the policy was last asked, oldest first.
        events: What has become of gestures since then.
        age_s: How old the older of what is needed is; inf where something is missing or cannot be trusted.
        trouble: Why that is too old to act on, in words; empty while it is not.
        jumped: Stamps have jumped back since then: who was followed and what was held is of another time.
    """

    people: tuple[PersonSeen, ...] = ()
    people_at_s: float = -math.inf
    images: tuple[tuple[HandSeen, ...], ...] = ()
    events: tuple[GestureSeen, ...] = ()
    age_s: float = math.inf
    trouble: str = ""
    jumped: bool = False

    def person(self, track_id: int | None) -> PersonSeen | None:
        """Whoever has this track, if in view."""
        return next((each for each in self.people if each.track_id == track_id), None)


@dataclass(frozen=True, slots=True)
class Command:
    """What the robot is to do.

    Attributes:
        linear: Metres per second ahead.
        angular: Radians per second to the left.
        active: The behaviour wants to be the one that commands; otherwise it has come to rest and stays silent soon.
        state: What it does and why, in words.
    """

    linear: float = 0.0
    angular: float = 0.0
    active: bool = False
    state: str = field(default="", compare=False)

    @property
    def moves(self) -> bool:
        """Whether this is not rest."""
        return self.linear != 0 or self.angular != 0
