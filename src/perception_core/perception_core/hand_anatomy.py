"""The measures of a human hand that are needed to say where it is, between the points that hand networks mark."""

from __future__ import annotations

from perception_core.depth import BodySite
from perception_core.size_prior import KnownLength

HAND_SIZE_SPREAD = 0.06
"""Standard deviation of the length of adults' hands, as a share of it: 193 mm with 10 mm of men, 180 mm with 10 mm of
women. C. Gordon et al., "1988 Anthropometric Survey of U.S. Army Personnel", 1989."""

WRIST_TO_MIDDLE = KnownLength(0.1025, 0.003)
"""From the wrist to the root of the middle finger; its spread, as that of the others here, is that among hands of one
length. In pictures of open hands the wrist of the networks lies as far from there as the finger is long (0.99 of it,
115 hands), further up the arm than the wrist's crease. The finger from its root's joint is 0.544 of the hand's length:
B. Buchholz, T. Armstrong, S. Goldstein, "Anthropometric data for describing the kinematics of the human hand",
Ergonomics 35(3), 1992."""

WRIST_TO_INDEX = KnownLength(0.1040, 0.003)
"""From the wrist to the root of the index finger: 1.01 of the former in the same pictures."""

WRIST_TO_LITTLE = KnownLength(0.0860, 0.003)
"""From the wrist to the root of the little finger: likewise 0.84 of it."""

INDEX_TO_LITTLE = KnownLength(0.0640, 0.003)
"""Between the roots of the index and the little finger: likewise 0.62 of it."""

WRIST_SITE = BodySite(patch=0.03, width=0.055, behind=0.07, relief=0.2)
"""The skin before the wrist, which is 55 mm wide. On an ellipse of 56 x 38 mm, in squares of 30 and 54 mm, the median
lies 0.7 and 2.4 mm behind its foremost line; a forearm that points to the camera, or away, slopes."""
