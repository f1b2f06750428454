"""The measures of a human face that are needed to say where it is."""

from __future__ import annotations

from perception_core.depth import BodySite
from perception_core.frame import Intrinsics
from perception_core.size_prior import KnownLength, Pixel, Segment, SizePrior, size_prior

INTER_OCULAR = KnownLength(0.063, 0.0035)
"""Between the pupils of adults: N. Dodgson, "Variation and extrema of human interpupillary distance", SPIE 5291,
2004."""

EYE_TO_MOUTH = KnownLength(0.0697, 0.0045)
"""From the middle between the eyes to that between the mouth's corners: MediaPipe's canonical face (69.7 mm at 63.0 mm
between the eyes); its spread is that of nasion to stomion in L. Farkas, "Anthropometry of the Head and Face", 1994."""

SELLION = BodySite(patch=0.024, width=0.11, behind=0.1, relief=0.17)
"""The deepest point of the nose's root. In squares of 22 to 62 mm about it the median of MediaPipe's canonical face
lies 0.8 to 3.1 mm behind it, that of an ellipsoid 0.7 to 5 mm; people and turned heads differ by somewhat more."""

# The sellion, seen from the middle between the eyes, as a combination of the nose tip and the middle of the mouth seen
# from there: solves canonical-face offsets (up, forward) sellion (6.5, 17.7), tip (-30.9, 41.2), mouth (-69.7, 8.2) mm.
_OF_NOSE, _OF_MOUTH = 0.49, -0.31


def sellion(eyes: tuple[Pixel, Pixel], nose: Pixel, mouth: tuple[Pixel, Pixel]) -> Pixel:
    """Where the sellion is in the image, for a head turned any way.

    The middle between the eyes is right only from the front: the sellion stands 18 mm before it and moves aside, by up
    to a quarter of the inter-ocular distance, when the head turns. Any affine view keeps the combination used here.

    Args:
        eyes: Pixels of the two eyes.
        nose: Pixel of the nose tip.
        mouth: Pixels of the corners of the mouth.

    Returns:
        Pixel.
    """
    (eye_x, eye_y), (mouth_x, mouth_y) = _middle(eyes), _middle(mouth)
    return (
        eye_x + _OF_NOSE * (nose[0] - eye_x) + _OF_MOUTH * (mouth_x - eye_x),
        eye_y + _OF_NOSE * (nose[1] - eye_y) + _OF_MOUTH * (mouth_y - eye_y),
    )


def face_size_prior(
    eyes: tuple[Pixel, Pixel], mouth: tuple[Pixel, Pixel], intrinsics: Intrinsics, pixel_sigma: float = 1.0
) -> SizePrior | None:
    """How far away a face is, judged by its size; a head turned or nodding does not look further away.

    Args:
        eyes: Pixels of the two eyes.
        mouth: Pixels of the corners of the mouth.
        intrinsics: Of the image.
        pixel_sigma: Standard deviation of a landmark's coordinate, pixels.

    Returns:
        The distance; None if the landmarks are too close together.
    """
    across = Segment(*eyes, INTER_OCULAR)
    down = Segment(_middle(eyes), _middle(mouth), EYE_TO_MOUTH)
    return size_prior([across, down], intrinsics, pixel_sigma)


def _middle(ends: tuple[Pixel, Pixel]) -> Pixel:
    (left, top), (right, bottom) = ends
    return (left + right) / 2, (top + bottom) / 2
