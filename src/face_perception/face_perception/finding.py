"""Where the faces are in an image, at little cost: who was found is followed by landmarks, and looked for seldom.

The network of 468 points tells where a face has gone since the last image, for a fraction of what the detector costs
that looks everywhere. The detector runs on every n-th image for newcomers, at once where somebody is lost, and tells
whether what is followed is a face still.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from face_perception.alignment import five_points
from face_perception.detection import FaceDetection, FaceDetector, FaceKeypoints
from face_perception.expression_crop import box_of_landmarks
from face_perception.face_region import region_of_detection, region_of_landmarks
from face_perception.landmarks import LandmarkNetwork, Landmarks
from perception_core.frame import ColourImage
from perception_core.geometry import Box, RotatedRegion

_FULL_SIZE_EVERY = 3  # of the detector's regular runs; in between, far faces are not seen by it
_LEAST_SEEN_PX = 24.0  # longer side of the smallest box that the detector is relied on to find
_SAME_FACE = 0.5  # overlap of a face that is followed with its detection
_CONTRADICTED = 0.1  # overlap with somebody's detection when there is none of its own
_ITS_OWN = 0.3  # overlap of a newcomer's landmarks with its detection
_MOST_UNCONFIRMED = 6  # runs of the detector without a word of a face that is followed, such as one behind a hand
_LEAST_INSIDE = 0.25  # of a face's box: less has left the image


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """A face in one image.

    Attributes:
        detection: Where it is. Of a face with landmarks, box and points are those of the landmarks, so that they do not
            jump when the detector runs; the score is that of its last detection.
        light: Its 468 points; None where there are none.
        region: Where the larger network finds it; None without landmarks.
        unconfirmed: So many runs of the detector have not found it since.
        resting: It was not looked at: it is where it should be if it moved on as it did, and `light` are its points
            there.
    """

    detection: FaceDetection
    light: Landmarks | None = None
    region: RotatedRegion | None = None
    unconfirmed: int = 0
    resting: bool = False


@dataclass(frozen=True, slots=True)
class Followed:
    """A face that is looked for where it was.

    Attributes:
        region: Where.
        score: Of its last detection.
        unconfirmed: See `Sighting`.
        ahead: Where its landmarks should be if it need not be looked for in this image; None if it has to be.
    """

    region: RotatedRegion
    score: float
    unconfirmed: int = 0
    ahead: Landmarks | None = None


@dataclass(frozen=True, slots=True)
class FindingRules:
    """How often and how closely faces are looked for.

    Attributes:
        detect_every: The detector runs on every n-th image at least.
        presence: From which presence on landmarks are believed, 0 to 1.
        most_followed: So many faces at most have landmarks.
    """

    detect_every: int = 5
    presence: float = 0.5
    most_followed: int = 8


class FaceFinder:
    """Finds the faces of one camera, image after image."""

    def __init__(
        self,
        detector: FaceDetector,
        quick: FaceDetector | None = None,
        light: LandmarkNetwork | None = None,
        rules: FindingRules | None = None,
    ) -> None:
        """Puts the networks together.

        Args:
            detector: At full size.
            quick: The same with a shrunk picture, which takes two of three runs; None where all are at full size.
            light: Follows faces; None where every image goes through the detector.
            rules: How often.
        """
        self._detector, self._quick, self._light = detector, quick, light
        self.rules = rules or FindingRules()
        self.reset()

    def reset(self) -> None:
        """Begins anew: the next image goes through the detector at full size."""
        self._images = 0
        self._scheduled = 0

    def __call__(
        self,
        colour: ColourImage,
        followed: Sequence[Followed] = (),
        sought: Collection[Box] = (),
        missing: Collection[Box] = (),
    ) -> list[Sighting]:
        """The faces in an image.

        Args:
            colour: HxWx3 uint8, BGR.
            followed: Faces with landmarks in the last image.
            sought: About where others are supposed to be: for them the detector runs now.
            missing: Likewise, but they can wait until it runs anyway.
        """
        due = self._light is None or self._images % self.rules.detect_every == 0
        self._images += 1
        sightings, lost = self._follow(colour, followed)
        if not (due or sought or lost):
            return sightings
        return self._looked_everywhere(colour, sightings, [*sought, *missing, *lost], due=due)

    def _follow(self, colour: ColourImage, followed: Sequence[Followed]) -> tuple[list[Sighting], list[Box]]:
        """Those who are there still, and where the others were."""
        if self._light is None or not followed:
            return [], []
        found = iter(self._light(colour, [face.region for face in followed if face.ahead is None]))
        sightings, lost = [], []
        for face in followed:
            landmarks, resting = (next(found), False) if face.ahead is None else (face.ahead, True)
            detection = self._by_landmarks(landmarks, face.score, colour)
            if detection is None:
                lost.append(Box.around(face.region.centre, face.region.side / 1.5, face.region.side / 1.5))
            else:
                sightings.append(Sighting(detection, landmarks, face.region, face.unconfirmed, resting))
        return sightings, lost

    def _by_landmarks(self, landmarks: Landmarks, score: float, colour: ColourImage) -> FaceDetection | None:
        """A face where its landmarks are; None if there is none."""
        if not (landmarks.presence >= self.rules.presence and np.isfinite(landmarks.points).all()):
            return None
        box = box_of_landmarks(landmarks.points)
        height, width = colour.shape[:2]
        if box.clipped(width, height).area < _LEAST_INSIDE * box.area:
            return None
        return FaceDetection(box, score, FaceKeypoints.from_array(five_points(landmarks.points).astype(np.float32)))

    def _looked_everywhere(
        self, colour: ColourImage, sightings: Sequence[Sighting], sought: Sequence[Box], *, due: bool
    ) -> list[Sighting]:
        """Those who are followed, as far as the detector agrees, and newcomers."""
        detector, seen_from = self._detector_for(colour, sought, due=due)
        kept, new = _compared(sightings, detector(colour), seen_from)
        return [*kept, *self._with_landmarks(colour, new, self.rules.most_followed - len(kept))]

    def _detector_for(self, colour: ColourImage, sought: Sequence[Box], *, due: bool) -> tuple[FaceDetector, float]:
        """At full size or quick, and the longer side of the smallest face that it is relied on to find, pixels."""
        far_ones_due = due and self._scheduled % _FULL_SIZE_EVERY == 0
        self._scheduled += due
        if self._quick is None or far_ones_due:
            return self._detector, _LEAST_SEEN_PX
        seen_from = _LEAST_SEEN_PX * max(1.0, colour.shape[1] / self._quick.width)
        if any(max(box.width, box.height) < seen_from for box in sought):
            return self._detector, _LEAST_SEEN_PX
        return self._quick, seen_from

    def _with_landmarks(self, colour: ColourImage, new: Sequence[FaceDetection], room: int) -> list[Sighting]:
        """Newcomers; the largest of them with landmarks, as far as there is room."""
        ordered = sorted(new, key=lambda face: face.box.area, reverse=True)
        regions = [region_of_detection(face) for face in ordered[: max(room, 0)]] if self._light is not None else []
        at = [k for k, region in enumerate(regions) if region is not None]
        found = self._light(colour, [region for region in regions if region is not None]) if self._light else []
        landmarks = dict(zip(at, found, strict=True))
        return [self._newcomer(face, landmarks.get(k), colour) for k, face in enumerate(ordered)]

    def _newcomer(self, face: FaceDetection, landmarks: Landmarks | None, colour: ColourImage) -> Sighting:
        placed = self._by_landmarks(landmarks, face.score, colour) if landmarks is not None else None
        region = region_of_landmarks(landmarks) if landmarks is not None and placed is not None else None
        if placed is None or region is None or placed.box.overlap(face.box) < _ITS_OWN:
            return Sighting(face)
        return Sighting(placed, landmarks, region)


def _compared(
    sightings: Sequence[Sighting], detections: Sequence[FaceDetection], seen_from: float
) -> tuple[list[Sighting], list[FaceDetection]]:
    """What is followed beside what was detected.

    Args:
        sightings: Of faces that are followed.
        detections: In the same image.
        seen_from: Longer side of the smallest box that the detector was relied on to find, pixels.

    Returns:
        Those that are kept, and the detections that are of nobody who is followed. Two that are followed and lie on one
        face have one detection between them, and one of them goes.
    """
    pairs = sorted(
        (
            (sighting.detection.box.overlap(face.box), -one, -other)
            for one, sighting in enumerate(sightings)
            for other, face in enumerate(detections)
        ),
        reverse=True,
    )
    match: dict[int, int] = {}
    for overlap, one, other in pairs:
        if overlap >= _SAME_FACE and -one not in match and -other not in match.values():
            match[-one] = -other
    kept = []
    for one, sighting in enumerate(sightings):
        if one in match:
            detection = replace(sighting.detection, score=detections[match[one]].score)
            kept.append(replace(sighting, detection=detection, unconfirmed=0))
        elif not _contradicted(sighting, detections):
            box = sighting.detection.box
            missed = sighting.unconfirmed + (max(box.width, box.height) >= seen_from)
            if missed <= _MOST_UNCONFIRMED:
                kept.append(replace(sighting, unconfirmed=missed))
    taken = set(match.values())
    return kept, [face for other, face in enumerate(detections) if other not in taken]


def _contradicted(sighting: Sighting, detections: Sequence[FaceDetection]) -> bool:
    """Whether the detector sees a face elsewhere on what is followed."""
    return any(sighting.detection.box.overlap(face.box) > _CONTRADICTED for face in detections)
