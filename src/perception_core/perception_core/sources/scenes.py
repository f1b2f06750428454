"""The scripts of the virtual scenes: who goes where, and when."""

from __future__ import annotations

from dataclasses import dataclass

from perception_core.frame import Point3
from perception_core.sources.scene_actor import Role, Subject
from perception_core.sources.scene_gesturing import (
    BECKON,
    CLOSED_FIST,
    PALM,
    POINTS_UP,
    THUMBS_UP,
    TWO_FINGERS,
    WAVE,
    ArmScript,
    Turn,
)
from perception_core.sources.scene_hands import FIST, HANDS, POINTING_UP, THUMB_UP, VICTORY
from perception_core.sources.scene_path import Walk, Waypoint
from perception_core.sources.scene_portraits import ASTRONAUT, BIDEN, OBAMA

RATE_HZ = 30.0

# heights of the sellion below the camera, metres
_ASTRONAUT_Y = 0.05
_OBAMA_Y = -0.05
_BIDEN_Y = -0.03
_SCREEN_Y = -0.01

_RAISE_S = 0.9  # so long takes raising a hand, and lowering it
_LOWERED_M = 0.75  # so far below its place a hand is not seen
_ORANGE, _NAVY = (46.0, 92.0, 226.0), (70.0, 46.0, 36.0)  # what the two wear, BGR
_TINTS = {1: _ORANGE, 2: _NAVY}
# of a drawn arm's wrist, metres from its shoulder: outwards, down, away
_BESIDE_HEAD = (0.10, -0.16, -0.30)
_ACROSS_HIGH = (0.40, -0.02, -0.34)  # before somebody else who stands on that side
_ACROSS_LOW = (0.36, 0.25, -0.30)


@dataclass(frozen=True, slots=True)
class Scene:
    """A closed script: after its last frame comes the first.

    Attributes:
        name: What it is called.
        seconds: Its length.
        roles: Who is in it; empty for an empty room.
    """

    name: str
    seconds: float
    roles: tuple[Role, ...]

    @property
    def frames(self) -> int:
        """Number of frames."""
        return round(self.seconds * RATE_HZ)


def demo() -> Scene:
    """Three people and a screen come and go, near and far, and cross each other; 40 s.

    Four times somebody stands still and holds up a hand for some seconds.
    """
    seconds = 40.0
    astronaut = Walk(
        (
            Waypoint(0.0, -0.32, 1.30),
            Waypoint(3.0, -0.32, 1.30),
            Waypoint(6.5, -0.08, 0.85),
            Waypoint(8.5, -0.08, 0.85),
            Waypoint(13.0, -0.55, 1.80),
            Waypoint(20.0, 0.55, 2.10),
            Waypoint(22.0, 0.55, 2.10),
            Waypoint(27.0, 1.90, 2.30),
            Waypoint(33.0, -1.90, 2.30, cut=True),
            Waypoint(38.0, -0.32, 1.30),
        ),
        seconds,
        _ASTRONAUT_Y,
    )
    obama = Walk(
        (
            Waypoint(0.0, 0.50, 3.00),
            Waypoint(4.0, 0.38, 2.90),
            Waypoint(10.0, 0.42, 1.35),
            Waypoint(14.0, 0.42, 1.35),
            Waypoint(19.5, -0.35, 1.15),
            Waypoint(23.0, -0.35, 1.15),
            Waypoint(28.0, -1.50, 1.60),
            Waypoint(33.0, 2.30, 3.00, cut=True),
            Waypoint(38.5, 0.50, 3.00),
        ),
        seconds,
        _OBAMA_Y,
    )
    screen = Walk(
        (
            Waypoint(0.0, 0.42, 1.30),
            Waypoint(2.0, 0.42, 1.30),
            Waypoint(7.0, 1.50, 1.60),
            Waypoint(21.0, 1.50, 1.60),
            Waypoint(26.0, 0.20, 0.72),
            Waypoint(30.0, 0.20, 0.72),
            Waypoint(35.0, 0.42, 1.30),
        ),
        seconds,
        _SCREEN_Y,
    )
    biden = Walk(
        (
            Waypoint(0.0, 2.30, 2.60),
            Waypoint(22.5, 2.30, 2.60),
            Waypoint(28.0, -0.35, 2.60),
            Waypoint(31.0, -0.35, 2.60),
            Waypoint(36.0, 2.30, 3.30),
        ),
        seconds,
        _BIDEN_Y,
    )
    return Scene(
        "demo",
        seconds,
        (
            Role(1, Subject.BUST, astronaut, ASTRONAUT),
            Role(2, Subject.BUST, obama, OBAMA),
            Role(3, Subject.SCREEN, screen),
            Role(4, Subject.BUST, biden, BIDEN),
            Role(
                11,
                Subject.HAND,
                raised((-0.08, 0.16, 1.00), (38.4, 42.8), seconds),
                hand=VICTORY,
                sleeve=_ORANGE,
                owner=1,
            ),
            Role(
                12, Subject.HAND, raised((-0.22, 0.10, 0.60), (6.6, 8.6), seconds), hand=FIST, sleeve=_ORANGE, owner=1
            ),
            Role(
                13,
                Subject.HAND,
                raised((0.14, 0.18, 1.05), (10.4, 14.0), seconds),
                hand=POINTING_UP,
                sleeve=_NAVY,
                owner=2,
            ),
            Role(
                14,
                Subject.HAND,
                raised((-0.10, 0.10, 0.85), (19.6, 22.9), seconds),
                hand=THUMB_UP,
                sleeve=_NAVY,
                owner=2,
            ),
        ),
    )


def raised(wrist: Point3, shown: tuple[float, float], period: float) -> Walk:
    """The way of a hand that is raised, held up, and lowered.

    Args:
        wrist: Where it is held up, metres in the camera's frame.
        shown: From when to when, seconds.
        period: Of the scene.
    """
    x, y, z = wrist
    start, end = shown
    return Walk(
        (
            Waypoint(start - _RAISE_S, x, z, below=_LOWERED_M),
            Waypoint(start, x, z),
            Waypoint(end, x, z),
            Waypoint(end + _RAISE_S, x, z, below=_LOWERED_M),
        ),
        period,
        y,
    )


def hands(distance_m: float = 1.0) -> Scene:
    """Somebody holds up a hand four times, each time for 3 s and with another gesture; 20 s.

    Args:
        distance_m: Of the hand; who holds it up stands an arm's length behind.
    """
    seconds = 20.0
    behind = distance_m + 0.35
    standing = Walk((Waypoint(0.0, -0.17 * behind, behind),), seconds, _OBAMA_Y)
    wrist = 0.11 * distance_m, 0.16, distance_m
    shown = [
        Role(11 + k, Subject.HAND, raised(wrist, (5.0 * k + 1, 5.0 * k + 4), seconds), hand=hand, sleeve=_NAVY, owner=1)
        for k, hand in enumerate(HANDS)
    ]
    return Scene("hands", seconds, (Role(1, Subject.BUST, standing, OBAMA), *shown))


def crossing(far_m: float = 2.2, near_m: float = 1.3) -> Scene:
    """Two people change places and back; each time the far one is hidden for two thirds of a second; 28 s.

    Args:
        far_m: Distance of the one who is hidden.
        near_m: Distance of the one who hides; nearly `far_m` for the hard case.
    """
    seconds = 28.0
    return Scene(
        "crossing",
        seconds,
        (
            Role(1, Subject.BUST, _to_and_fro(-0.205 * far_m, far_m, seconds, _ASTRONAUT_Y), ASTRONAUT),
            Role(2, Subject.BUST, _to_and_fro(0.190 * near_m, near_m, seconds, _OBAMA_Y), OBAMA),
        ),
    )


def _to_and_fro(x: float, z: float, period: float, y: float) -> Walk:
    rest = period / 7
    way = period / 2 - rest
    return Walk(
        (
            Waypoint(0.0, x, z),
            Waypoint(rest / 2, x, z),
            Waypoint(rest / 2 + way, -x, z),
            Waypoint(rest * 1.5 + way, -x, z),
            Waypoint(rest * 1.5 + 2 * way, x, z),
        ),
        period,
        y,
    )


def close_crossing() -> Scene:
    """As `crossing`, with a hand's breadth between the two."""
    scene = crossing(far_m=1.62, near_m=1.5)
    return Scene("close_crossing", scene.seconds, scene.roles)


def one_second_miss() -> Scene:
    """One walks behind a pillar and is not seen for just under a second, while another stays in view; 16 s."""
    seconds = 16.0
    walker = Walk(
        (Waypoint(1.0, -0.70, 2.4), Waypoint(5.5, 0.55, 2.4), Waypoint(9.0, 0.55, 2.4), Waypoint(13.5, -0.70, 2.4)),
        seconds,
        _OBAMA_Y,
    )
    waiting = Walk((Waypoint(0.0, 0.48, 1.2),), seconds, _ASTRONAUT_Y)
    pillar = Walk((Waypoint(0.0, -0.05, 1.8),), seconds, 0.0, sway=False)
    return Scene(
        "one_second_miss",
        seconds,
        (
            Role(1, Subject.BUST, walker, OBAMA),
            Role(2, Subject.BUST, waiting, ASTRONAUT),
            Role(3, Subject.PILLAR, pillar),
        ),
    )


def static(distance_m: float = 1.0) -> Scene:
    """A head with relief on the left and a flat photograph on the right, both at rest at one distance; 10 s."""
    seconds = 10.0
    head = Walk((Waypoint(0.0, -0.21, distance_m),), seconds, _OBAMA_Y, sway=False)
    photograph = Walk((Waypoint(0.0, 0.25, distance_m),), seconds, _ASTRONAUT_Y, sway=False)
    return Scene(
        "static",
        seconds,
        (Role(1, Subject.BUST, head, OBAMA), Role(2, Subject.FRAMED, photograph, ASTRONAUT)),
    )


def beckon(distance_m: float = 2.5) -> Scene:
    """Somebody beckons for nearly five seconds, lets the hand hang, walks aside and then shows an open palm; 26 s.

    The hand and its arm are drawn, and so is the coat: there is no photograph of a hand that beckons.

    Args:
        distance_m: Of the person at first.
    """
    seconds = 26.0
    way = (
        Waypoint(0.0, 0.25, distance_m),
        Waypoint(9.0, 0.25, distance_m),
        Waypoint(12.0, -0.65, distance_m + 0.4),
        Waypoint(19.0, -0.65, distance_m + 0.4),
        Waypoint(23.0, 0.25, distance_m),
    )
    standing = Walk(way, seconds, _ASTRONAUT_Y)
    script = ArmScript(
        right=True,
        turns=(Turn(2.5, 7.3, BECKON, _BESIDE_HEAD), Turn(11.0, 17.0, PALM, _BESIDE_HEAD)),
    )
    return Scene(
        "beckon",
        seconds,
        (
            Role(1, Subject.BUST, standing, ASTRONAUT, coat=_ORANGE),
            Role(11, Subject.ARM, standing, sleeve=_ORANGE, arm=script, owner=1),
        ),
    )


def signs(distance_m: float = 1.5) -> Scene:
    """Somebody shows all that a drawn hand can say, each for three seconds; 35 s.

    Args:
        distance_m: Of the person.
    """
    shown = (PALM, CLOSED_FIST, POINTS_UP, TWO_FINGERS, THUMBS_UP, WAVE, BECKON)
    seconds = 5.0 * len(shown)
    standing = Walk((Waypoint(0.0, 0.1, distance_m),), seconds, _OBAMA_Y)
    turns = tuple(Turn(5.0 * k + 1, 5.0 * k + 4, sign, _BESIDE_HEAD) for k, sign in enumerate(shown))
    return Scene(
        "signs",
        seconds,
        (
            Role(1, Subject.BUST, standing, OBAMA, coat=_NAVY),
            Role(11, Subject.ARM, standing, sleeve=_NAVY, arm=ArmScript(right=True, turns=turns), owner=1),
        ),
    )


def pair(distance_m: float = 1.7) -> Scene:
    """Two people side by side make signs, each before their own body, then each before the other's; 30 s.

    The one on the left of the image is actor 1; its arms are 11 (right) and 12 (left), those of actor 2 are 21 and 22.

    Args:
        distance_m: Of both; so near, hands that hang are below the image.
    """
    seconds = 30.0
    first = Walk((Waypoint(0.0, -0.31, distance_m),), seconds, _ASTRONAUT_Y)
    second = Walk((Waypoint(0.0, 0.31, distance_m + 0.03),), seconds, _OBAMA_Y)
    scripts = (
        (
            11,
            1,
            ArmScript(right=True, turns=(Turn(2.0, 5.0, PALM, _BESIDE_HEAD), Turn(25.0, 28.0, WAVE, _BESIDE_HEAD))),
        ),
        (12, 1, ArmScript(right=False, turns=(Turn(12.0, 19.0, TWO_FINGERS.leaning(25.0), _ACROSS_HIGH),))),
        (21, 2, ArmScript(right=True, turns=(Turn(13.0, 17.0, PALM.leaning(60.0), _ACROSS_LOW),))),
        (22, 2, ArmScript(right=False, turns=(Turn(3.0, 7.0, TWO_FINGERS, _BESIDE_HEAD),))),
    )
    arms = [
        Role(arm, Subject.ARM, first if owner == 1 else second, sleeve=_TINTS[owner], arm=script, owner=owner)
        for arm, owner, script in scripts
    ]
    people = (
        Role(1, Subject.BUST, first, ASTRONAUT, coat=_TINTS[1]),
        Role(2, Subject.BUST, second, OBAMA, coat=_TINTS[2]),
    )
    return Scene("pair", seconds, (*people, *arms))


def empty() -> Scene:
    """The room without anybody."""
    return Scene("empty", 10.0, ())


SCENES = {
    "demo": demo,
    "crossing": crossing,
    "close_crossing": close_crossing,
    "one_second_miss": one_second_miss,
    "static": static,
    "hands": hands,
    "signs": signs,
    "beckon": beckon,
    "pair": pair,
    "empty": empty,
}
