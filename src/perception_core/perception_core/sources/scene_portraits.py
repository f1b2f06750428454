"""Where the faces are in the pictures of the virtual scene.

Pupils, sellions, nose tips and heads of the photographs were read off them by hand; outlines were traced by hand, drawn
to the edge by GrabCut and thinned. Face boxes are as YuNet frames them at several sizes. The sellions of the clip are
the middle between the eyes that YuNet found, smoothed over a few pictures, and looked over in every 24th picture.

Pixels of the original files, x to the right, y down, the centre of the first pixel at 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from perception_core.geometry import Box

Point = tuple[float, float]

# between the pupils, adult mean: Dodgson, "Variation and extrema of human interpupillary distance", 2004
EYE_DISTANCE_M = 0.063


@dataclass(frozen=True, slots=True)
class Portrait:
    """A photograph of one person.

    Attributes:
        picture: Its name in models/pictures.yaml.
        outline: The person against the background.
        eyes: The pupils, the one at the left of the picture first.
        sellion: The deepest point of the nasal bridge, between the eyes.
        nose_tip: The foremost point of the nose.
        head: The box around the skull with the hair, without ears and neck.
        face: The face as a detector frames it.
    """

    picture: str
    outline: tuple[Point, ...]
    eyes: tuple[Point, Point]
    sellion: Point
    nose_tip: Point
    head: Box
    face: Box

    @property
    def pixels_per_metre(self) -> float:
        """Pixels of the file per metre of the person."""
        return math.dist(*self.eyes) / EYE_DISTANCE_M

    @property
    def reach_below_sellion_m(self) -> float:
        """How far the cut-out reaches below the sellion, in metres."""
        return (max(y for _, y in self.outline) - self.sellion[1]) / self.pixels_per_metre


@dataclass(frozen=True, slots=True)
class PortraitClip:
    """A clip of one person.

    Attributes:
        picture: Its name in models/pictures.yaml.
        window: The part that is shown.
        eye_distance: Pixels between the pupils when the face is seen from the front.
        sellions: The sellion in every `sellion_step`-th picture and in the last.
        sellion_step: Pictures.
        pictures: Number of pictures.
        face: The face as a detector frames it, relative to the sellion.
    """

    picture: str
    window: Box
    eye_distance: float
    sellions: tuple[Point, ...]
    sellion_step: int
    pictures: int
    face: Box

    @property
    def pixels_per_metre(self) -> float:
        """Pixels of the file per metre of the person."""
        return self.eye_distance / EYE_DISTANCE_M

    def sellion_at(self, picture: int) -> Point:
        """The sellion in one picture of the clip."""
        before = min(picture // self.sellion_step, len(self.sellions) - 2)
        start = before * self.sellion_step
        end = min(start + self.sellion_step, self.pictures - 1)
        part = (picture - start) / (end - start)
        (x0, y0), (x1, y1) = self.sellions[before : before + 2]
        return x0 + part * (x1 - x0), y0 + part * (y1 - y0)


def at_scale(point: Point, scale: float) -> Point:
    """A pixel after its picture was resized; pixel centres are whole numbers, so the origin moves too."""
    return (point[0] + 0.5) * scale - 0.5, (point[1] + 0.5) * scale - 0.5


def points(text: str) -> tuple[Point, ...]:
    """Pixels written as "x,y x,y"."""
    pairs = (pair.split(",") for pair in text.split())
    return tuple((float(x), float(y)) for x, y in pairs)


_ASTRONAUT_OUTLINE = points(
    "205,21 193,29 185,38 163,51 157,57 153,68 156,101 162,110 169,116 174,128 182,134 183,146 181,148 157,150 "
    "140,158 131,167 121,183 120,192 123,204 120,206 114,201 107,211 91,226 69,242 60,253 45,280 40,294 39,306 "
    "34,315 26,342 26,366 19,390 19,417 24,432 23,460 26,484 29,491 21,501 21,504 26,511 511,511 511,501 509,502 "
    "507,500 505,485 496,469 496,466 502,461 502,457 495,451 493,421 486,400 478,384 455,361 436,351 418,345 "
    "393,344 366,349 361,344 359,338 361,329 357,323 356,302 352,287 347,281 341,264 331,253 303,232 299,219 "
    "289,203 276,189 255,172 256,163 264,149 266,139 275,134 290,117 296,107 300,92 299,72 296,66 296,58 288,43 "
    "276,31 248,18 241,19 236,16 227,16 212,22"
)
_OBAMA_OUTLINE = points(
    "519,32 478,29 450,44 438,42 427,47 404,68 404,74 395,84 385,81 380,85 379,103 367,113 364,124 367,135 "
    "366,158 371,164 369,185 359,198 348,195 340,198 337,229 356,290 361,295 367,295 377,288 387,306 406,383 "
    "403,416 387,435 321,472 303,475 267,488 203,522 187,525 179,533 158,585 156,609 143,630 140,652 130,672 "
    "130,688 126,696 129,712 116,722 106,738 108,762 93,806 85,815 69,864 66,889 50,954 50,968 61,999 66,1044 "
    "72,1065 89,1091 139,1091 195,1104 200,1108 198,1136 756,1136 757,1073 754,1055 768,1031 777,1023 791,981 "
    "806,951 818,910 822,872 831,847 836,802 831,723 839,712 835,694 836,638 830,620 839,612 839,596 843,585 "
    "841,543 828,516 788,483 762,470 733,467 707,458 690,448 670,443 651,432 628,427 582,382 577,371 593,338 "
    "603,300 607,293 617,295 622,290 633,264 641,235 640,205 624,193 622,179 614,163 612,143 617,135 609,98 "
    "564,53 553,47 541,47"
)
_BIDEN_OUTLINE = points(
    "662,114 638,114 609,101 587,101 580,97 535,97 490,112 480,110 465,128 447,138 414,176 394,220 389,241 "
    "391,271 380,292 387,304 383,324 383,389 391,400 387,411 420,431 417,500 405,513 394,534 369,555 315,587 "
    "223,596 179,609 144,612 122,622 100,623 64,640 57,647 42,681 42,728 38,735 38,752 46,766 40,796 46,807 "
    "48,828 40,844 37,862 40,1053 64,1156 90,1212 90,1224 114,1260 105,1294 103,1336 82,1407 81,1469 73,1486 "
    "71,1530 59,1556 59,1575 68,1582 64,1631 50,1729 40,1763 28,1899 940,1899 937,1795 926,1764 928,1751 924,1744 "
    "922,1711 902,1635 889,1554 908,1534 908,1529 893,1505 886,1483 871,1467 861,1444 850,1430 845,1402 832,1384 "
    "831,1366 825,1351 825,1234 831,1228 860,1230 867,1234 912,1232 940,1218 950,1204 968,1197 968,919 948,898 "
    "942,871 924,839 930,821 928,792 919,779 919,762 908,739 854,718 822,694 800,684 766,678 741,666 698,659 "
    "664,628 632,590 638,556 675,510 686,479 702,464 718,417 726,376 742,352 741,345 746,337 744,326 757,306 "
    "752,287 755,247 750,227 739,213 733,187 712,149 691,130 680,127"
)
_PEXELS_SELLIONS = points(
    "419,171 420,173 422,174 426,168 436,169 457,183 470,189 461,174 446,156 442,157 433,162 426,169 418,188 "
    "421,197 429,195 442,207 438,200 432,194 436,200 441,206 448,204 449,204 456,200 448,177 434,153 430,141 "
    "424,129 417,126 420,126 424,126 426,127 428,129 430,129 430,128 429,131 433,131 434,132 437,131 448,130 "
    "451,129 452,130 454,131 455,129 452,127 447,127 444,127 441,124 444,124 450,125 452,123 454,115 461,108 "
    "465,113 459,123 457,132 456,143 462,138 467,134 474,136 485,137 485,144 484,148 483,150 484,150 486,151 "
    "485,150 455,149 429,156 428,160 427,160 421,161 416,161 420,160 428,153 440,170 453,191 479,191 484,187 "
    "478,185 475,185"
)

ASTRONAUT = Portrait(
    picture="astronaut",
    outline=_ASTRONAUT_OUTLINE,
    eyes=((203.4, 101.0), (246.2, 103.3)),
    sellion=(224.4, 101.5),
    nose_tip=(223.0, 124.5),
    head=Box(153, 16, 147, 168),
    face=Box(179.5, 63.5, 90, 113),
)
OBAMA = Portrait(
    picture="obama",
    outline=_OBAMA_OUTLINE,
    eyes=((444.0, 213.5), (545.0, 211.0)),
    sellion=(495.0, 210.0),
    nose_tip=(495.0, 272.0),
    head=Box(357, 29, 268, 420),
    face=Box(372, 84, 238, 333),
)
BIDEN = Portrait(
    picture="biden",
    outline=_BIDEN_OUTLINE,
    eyes=((531.6, 322.0), (650.6, 347.0)),
    sellion=(594.0, 331.0),
    nose_tip=(604.0, 408.0),
    head=Box(392, 97, 362, 500),
    face=Box(429, 178, 282, 395),
)
PEXELS = PortraitClip(
    picture="pexels",
    window=Box(196, 0, 444, 360),
    eye_distance=107.0,
    sellions=_PEXELS_SELLIONS,
    sellion_step=6,
    pictures=472,
    face=Box(-108, -114, 213, 298),
)
