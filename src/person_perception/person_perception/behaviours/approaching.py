"""How fast a robot may drive towards somebody without coming closer than it should.

The sum is that of speed and separation monitoring (ISO/TS 15066:2016, 5.5.4): what the person covers while the robot
notices and brakes, what the robot covers in that time, its braking distance, and the uncertainty of the measurement
have to fit into what is left of the distance. Unlike there, a person who stands is not taken for one who runs: their
speed is estimated, and a start from rest is allowed for. This is no safety function; see the documentation.
"""

from __future__ import annotations

import math

from person_perception.behaviours.sight import Place

_STARTS_AT = 2.2  # metres per second squared: how somebody who stood begins to walk (gait initiation: 1 to 2)
_NOTICED_S = 0.08  # one image at 30 Hz is being taken, one command is due, and then on its way to the wheels
_SIGMAS = 3.0  # of the measured distance
_SETTLES_S = 0.25  # time constant of the estimated speed: noise of 2 cm at 30 Hz is 0.85 m/s from image to image
_FASTEST = 2.0  # metres per second: faster is a mistake of the measurement
_TRACKS_AFTER_S = 0.5  # so long after the last image the estimate is forgotten


class ClosingSpeed:
    """How fast somebody comes, the robot's own motion taken off; from distances with noise."""

    def __init__(self) -> None:
        """Nothing is known."""
        self._at_s = -math.inf
        self._distance_m = math.nan
        self._speed = 0.0

    def update(self, at_s: float, place: Place, own: float) -> None:
        """Takes in where somebody is.

        Args:
            at_s: When the image was taken.
            place: Then.
            own: Metres per second that the robot drives towards them.
        """
        since_s = at_s - self._at_s
        if since_s <= 0:
            return
        if since_s > _TRACKS_AFTER_S:
            self._speed = 0.0
        else:
            seen = (self._distance_m - place.distance_m) / since_s - own
            share = since_s / (_SETTLES_S + since_s)
            self._speed += share * (min(max(seen, -_FASTEST), _FASTEST) - self._speed)
        self._at_s, self._distance_m = at_s, place.distance_m

    @property
    def metres_per_second(self) -> float:
        """Towards the robot; 0 of somebody who goes away."""
        return max(0.0, self._speed)


def approach_speed(place: Place, keep_m: float, closing: float, age_s: float, deceleration: float) -> float:
    """The highest speed towards a place from which the robot still stops before it is too close.

    Args:
        place: As it was seen, moved on by what the robot has driven since.
        keep_m: The distance to be kept.
        closing: How fast who is there comes, metres per second.
        age_s: Of the image.
        deceleration: Of the robot, metres per second squared.

    Returns:
        Metres per second, 0 where there is no room.
    """
    reaction_s = age_s + _NOTICED_S
    person_m = closing * reaction_s + 0.5 * _STARTS_AT * reaction_s**2
    room_m = place.distance_m - keep_m - _SIGMAS * place.sigma_m - person_m
    if room_m <= 0:
        return 0.0
    # Reaction and braking fill the room: v t + v^2 / 2 a = room.
    return -deceleration * reaction_s + math.sqrt((deceleration * reaction_s) ** 2 + 2 * deceleration * room_m)
