"""Where the hands are in an image, at little cost: who was found is followed by landmarks, and looked for seldom.

A followed hand is looked for where its last landmarks were. The palm detector costs as much as the landmarks of a hand;
it runs on every n-th image as long as there may be more hands, and at once where one is lost. What it sees of the whole
image is small: small hands are found in a part of it, about where they were lost or where a person's arms reach.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gesture_perception.hand import HandLandmarks
from gesture_perception.hand_crop import box_of_hand
from gesture_perception.hand_network import HandNetwork
from gesture_perception.hand_region import region_of_hand, region_of_palm
from gesture_perception.hand_sameness import same_hand, same_palm
from gesture_perception.palms import PalmDetection, PalmDetector
from perception_core.frame import ColourImage
from perception_core.geometry import Box, RotatedRegion

_LEAST_INSIDE = 0.25  # of a hand's box: less has left the image
_SEEN_WHOLE = 0.2  # side of a hand's region, of the image's longer side, from which on the whole image shows it
_AROUND_LOST = 4.0  # sides of its region in which a smaller one is looked for
_SOUGHT_IMAGES = 3  # one that is lost is looked for in so many images at once: a blur passes, and a hand comes back
_WORTH_A_LOOK = 0.6  # a reach that is larger, of the image's longer side, looks no larger by itself
_MOST_LOOKS = 2  # runs of the detector in one image
_HANDS_OF_ONE = 2
_TRIED_PER_HAND = 2  # of so many palms the landmarks are looked at for every hand that there may be


@dataclass(frozen=True, slots=True, eq=False)
class HandSighting:
    """A hand in one image.

    Attributes:
        landmarks: Its points.
        region: Where it is looked for in the next image.
        box: Around its points, pixels; may reach beyond the image's border.
        score: Presence, 0 to 1.
        followed: Id of the hand that was followed to it; None of a newcomer.
    """

    landmarks: HandLandmarks
    region: RotatedRegion
    box: Box
    score: float
    followed: int | None = None


@dataclass(frozen=True, slots=True)
class FollowedHand:
    """A hand that is looked for where it was.

    Attributes:
        track_id: Whose sighting it will be; each id once.
        region: Where.
    """

    track_id: int
    region: RotatedRegion


@dataclass(frozen=True, slots=True)
class FindingRules:
    """How often and how closely hands are looked for.

    Attributes:
        max_hands: So many at most are followed; of newcomers the largest are taken.
        detect_every: The detector runs on every n-th image as long as there may be more hands.
        presence: From which presence on landmarks are believed, 0 to 1.
        full_hands: So many of those who are followed have the full network whatever their size, the first ones.
        light_from_px: Side of the region of the smallest hand that the light network is used for, pixels.
    """

    max_hands: int = 4
    detect_every: int = 5
    presence: float = 0.5
    full_hands: int = 2
    light_from_px: float = 140.0


@dataclass(slots=True)
class _Lost:
    """Where a hand was lost, and in how many images it is still looked for."""

    region: RotatedRegion
    images: int = _SOUGHT_IMAGES


class HandFinder:
    """Finds the hands of one camera, image after image; not safe to use from several threads."""

    def __init__(
        self,
        palms: PalmDetector,
        full: HandNetwork,
        light: HandNetwork | None = None,
        rules: FindingRules | None = None,
    ) -> None:
        """Puts the networks together.

        Args:
            palms: Finds newcomers.
            full: Finds the points.
            light: Likewise, at half the cost: of large hands off by 2 % of their size where the full one is off by
                0.6 %, and of small ones by more. None where the full one takes all.
            rules: How often.
        """
        self._palms, self._full, self._light = palms, full, light
        self.rules = rules or FindingRules()
        self.reset()

    def reset(self) -> None:
        """Begins anew: the next image goes through the detector."""
        self._images = 0
        self._turn = 0
        self._lost: list[_Lost] = []

    def __call__(
        self, colour: ColourImage, followed: Sequence[FollowedHand] = (), reaches: Sequence[Box] = ()
    ) -> list[HandSighting]:
        """The hands in an image.

        Args:
            colour: HxWx3 uint8, BGR.
            followed: Hands that were found in the last image.
            reaches: Where each person's hands can be, pixels.

        Returns:
            Those who were followed, in their order, then newcomers, largest first.
        """
        due = self._images % self.rules.detect_every == 0
        self._images += 1
        sightings = self._follow(colour, followed[: self.rules.max_hands])
        for look in itertools.islice(self._looks(colour, sightings, reaches, due=due), _MOST_LOOKS):
            sightings += self._newcomers(colour, self._palms(colour, look), sightings)
        for lost in self._lost:
            lost.images -= 1
        self._lost = [lost for lost in self._lost if lost.images > 0 and not _any_in(lost.region, sightings)]
        return sightings

    def _follow(self, colour: ColourImage, followed: Sequence[FollowedHand]) -> list[HandSighting]:
        """Those who are there still, each hand once; the others are lost."""
        found = self._landmarks(colour, [hand.region for hand in followed])
        there = []
        for hand, landmarks in zip(followed, found, strict=True):
            sighting = self._sighting(landmarks, colour, hand.track_id)
            if sighting is not None:
                there.append((_gone(hand.region, sighting.region), sighting))
        kept: list[HandSighting] = []
        for _, sighting in sorted(
            there, key=lambda each: each[0]
        ):  # of two on one hand the one that came from elsewhere goes
            if not any(same_hand(sighting.landmarks, other.landmarks) for other in kept):
                kept.append(sighting)
        by_id = {sighting.followed: sighting for sighting in kept}
        self._lost += [_Lost(hand.region) for hand in followed if hand.track_id not in by_id]
        return [by_id[hand.track_id] for hand in followed if hand.track_id in by_id]

    def _landmarks(self, colour: ColourImage, regions: Sequence[RotatedRegion]) -> list[HandLandmarks]:
        """Of every region, by the network that is meant for it."""
        rules = self.rules
        if self._light is None:
            return self._full(colour, regions)
        by_light = {
            k for k, region in enumerate(regions) if k >= rules.full_hands and region.side >= rules.light_from_px
        }
        light = iter(self._light(colour, [regions[k] for k in sorted(by_light)]))
        full = iter(self._full(colour, [region for k, region in enumerate(regions) if k not in by_light]))
        return [next(light if k in by_light else full) for k in range(len(regions))]

    def _sighting(self, landmarks: HandLandmarks, colour: ColourImage, track_id: int | None) -> HandSighting | None:
        """None if it is no hand, or has left the image."""
        if not landmarks.presence >= self.rules.presence:
            return None
        region, box = region_of_hand(landmarks), box_of_hand(landmarks)
        height, width = colour.shape[:2]
        if region is None or box.clipped(width, height).area < _LEAST_INSIDE * box.area:
            return None
        return HandSighting(landmarks, region, box, landmarks.presence, track_id)

    def _newcomers(
        self, colour: ColourImage, palms: Sequence[PalmDetection], known: Sequence[HandSighting]
    ) -> list[HandSighting]:
        """Hands that are not known yet, as far as there is room, largest palms first."""
        unknown = [palm for palm in palms if not any(same_palm(palm, sighting.landmarks) for sighting in known)]
        unknown.sort(key=lambda palm: palm.box.area, reverse=True)
        regions = [region for palm in unknown if (region := region_of_palm(palm)) is not None]
        regions = regions[: _TRIED_PER_HAND * self.rules.max_hands]
        new: list[HandSighting] = []
        while regions and (room := self._room([*known, *new])):
            tried, regions = regions[:room], regions[room:]
            for landmarks in self._full(colour, tried):
                sighting = self._sighting(landmarks, colour, None)
                if sighting and not any(same_hand(landmarks, other.landmarks) for other in (*known, *new)):
                    new.append(sighting)
        return new

    def _looks(
        self, colour: ColourImage, sightings: Sequence[HandSighting], reaches: Sequence[Box], *, due: bool
    ) -> Iterator[Box | None]:
        """Where the detector has to look, one place after the other; None is the whole image.

        Args:
            colour: The image.
            sightings: Grows by what is found in one place before the next is asked for.
            reaches: Of people.
            due: Whether newcomers are looked for.
        """
        longer = max(colour.shape[:2])
        small = [lost.region for lost in self._lost if lost.region.side < _SEEN_WHOLE * longer]
        if self._room(sightings) and (due or len(small) < len(self._lost)):
            yield None
        for region in small:
            if self._room(sightings) and not _any_in(region, sightings):
                yield Box.around(region.centre, _AROUND_LOST * region.side, _AROUND_LOST * region.side)
        close = [reach for reach in reaches if max(reach.width, reach.height) < _WORTH_A_LOOK * longer]
        wanting = [reach for reach in close if _hands_in(reach, sightings) < _HANDS_OF_ONE]
        if due and wanting and self._room(sightings):
            self._turn += 1
            yield wanting[self._turn % len(wanting)]

    def _room(self, sightings: Sequence[HandSighting]) -> int:
        return max(self.rules.max_hands - len(sightings), 0)


def _gone(before: RotatedRegion, now: RotatedRegion) -> float:
    """How far a hand has gone, and how much its size has changed, in its sizes."""
    return math.dist(before.centre, now.centre) / before.side + abs(math.log(now.side / before.side))


def _any_in(region: RotatedRegion, sightings: Sequence[HandSighting]) -> bool:
    """Whether a hand is where one was."""
    return any(math.dist(region.centre, sighting.region.centre) < region.side / 2 for sighting in sightings)


def _hands_in(reach: Box, sightings: Sequence[HandSighting]) -> int:
    centres = [sighting.box.centre for sighting in sightings]
    return sum(reach.x <= x <= reach.right and reach.y <= y <= reach.bottom for x, y in centres)
