"""Where the hands are in the pictures of the virtual scene.

Outlines were traced by hand, drawn to the edge by GrabCut and thinned; dots that the author of the clip had drawn onto
the hand were marked by hand. Joints are where MediaPipe's hand network has them, looked over, as is their depth. How
large a hand is follows from wrist and root of the middle finger, which are 0.446 of the hand's length apart in space,
in adults 0.19 m: B. Buchholz, T. Armstrong, S. Goldstein, "Anthropometric data for describing the kinematics of the
human hand", 1992.

Pixels of the original files, x to the right, y down, the centre of the first pixel at 0.
"""

from __future__ import annotations

from dataclasses import dataclass

from perception_core.geometry import Box
from perception_core.sources.scene_portraits import Point, points

_HAND_END_M = 0.02  # what lies further towards the elbow is arm


@dataclass(frozen=True, slots=True)
class Joint:
    """A point of a hand.

    Attributes:
        pixel: Where it is.
        behind_mm: Millimetres that it lies behind the wrist; below 0 for what is nearer.
    """

    pixel: Point
    behind_mm: float


@dataclass(frozen=True, slots=True)
class HandPicture:
    """A photograph of one hand.

    Attributes:
        picture: Its name in models/pictures.yaml.
        gesture: What it shows, by the name of MediaPipe's classes.
        outline: Hand and forearm against the background.
        joints: MediaPipe's 21 points, the wrist first, then four of each finger from the thumb on.
        elbow: A point of the forearm's axis, further away from the hand.
        cuff_m: Metres from the wrist to where a sleeve covers what is missing of the arm.
        pixels_per_metre: Pixels of the file per metre of the hand.
        frame: Number of the picture in a clip; None where the file is a picture.
        marks: Dots that were drawn onto the hand, which are painted over.
    """

    picture: str
    gesture: str
    outline: tuple[Point, ...]
    joints: tuple[Joint, ...]
    elbow: Point
    cuff_m: float
    pixels_per_metre: float
    frame: int | None = None
    marks: tuple[Point, ...] = ()

    @property
    def wrist(self) -> Point:
        """Pixel of the wrist."""
        return self.joints[0].pixel

    @property
    def box(self) -> Box:
        """Around the hand without the forearm."""
        (x, y), (elbow_x, elbow_y) = self.wrist, self.elbow
        along = elbow_x - x, elbow_y - y
        farthest = _HAND_END_M * self.pixels_per_metre * (along[0] ** 2 + along[1] ** 2) ** 0.5
        hand = [p for p in self.outline if (p[0] - x) * along[0] + (p[1] - y) * along[1] <= farthest]
        left, top = (min(values) for values in zip(*hand, strict=True))
        right, bottom = (max(values) for values in zip(*hand, strict=True))
        return Box(left, top, right - left, bottom - top)


def _joints(text: str) -> tuple[Joint, ...]:
    triples = (tuple(map(float, triple.split(","))) for triple in text.split())
    return tuple(Joint((x, y), behind_mm) for x, y, behind_mm in triples)


_POINTING_UP_OUTLINE = points(
    "215,96 207,99 202,107 202,125 196,149 197,170 193,192 192,241 189,262 181,289 177,325 173,335 160,350 157,360 "
    "158,399 168,462 171,516 167,526 152,544 144,558 138,574 127,586 123,603 116,611 104,619 97,639 253,639 287,589 "
    "305,554 323,535 336,516 343,499 366,460 398,379 396,365 372,339 364,326 358,309 351,302 345,301 331,308 324,303 "
    "316,292 310,289 294,290 257,300 252,299 247,294 244,227 238,183 241,134 238,122 228,104"
)
_FIST_OUTLINE = points(
    "322,289 312,288 303,293 298,292 290,284 275,276 260,260 246,258 236,263 214,281 173,325 145,338 135,348 129,366 "
    "129,406 154,504 154,517 151,527 130,557 118,585 111,592 100,612 86,624 81,639 242,638 275,588 293,549 319,512 "
    "327,488 341,458 369,371 370,358 368,353 344,328 328,295"
)
_VICTORY_OUTLINE = points(
    "188.1,101.6 187.1,103.4 187.9,112.4 192.9,127.9 197.9,136.6 201.9,146.4 203.9,155.1 204.9,167.4 210.9,183.6 "
    "226.1,205.9 232.9,212.1 242.1,222.6 252.9,239.4 306.4,239.4 305.9,237.9 294.6,224.9 263.9,195.6 261.6,191.6 "
    "257.6,188.4 254.1,183.9 252.4,180.1 253.4,176.9 253.1,167.4 250.9,160.1 246.9,153.4 246.4,148.6 243.6,145.6 "
    "245.4,141.9 245.4,138.6 237.9,133.9 231.4,134.6 229.4,132.6 229.4,128.1 232.4,116.4 233.4,103.4 235.4,98.6 "
    "235.4,95.6 236.4,93.4 235.9,89.6 232.9,87.6 230.4,87.1 227.4,88.4 225.6,90.4 223.4,98.1 224.1,100.6 222.9,101.6 "
    "219.6,113.6 217.9,129.1 217.1,130.9 214.9,132.6 211.4,132.1 204.9,122.9 200.1,114.4 196.1,102.6 193.1,100.1"
)
_THUMB_UP_OUTLINE = points(
    "227.4,102.9 224.1,106.6 221.4,114.1 221.4,120.6 223.4,127.1 223.1,131.6 210.6,134.9 205.4,141.1 205.4,143.9 "
    "209.4,151.1 206.9,158.4 209.4,163.6 212.4,166.4 210.4,175.1 216.6,178.6 217.4,183.1 220.4,186.4 224.4,188.6 "
    "233.4,189.9 236.1,192.1 241.6,193.6 244.1,195.6 253.6,212.6 256.6,220.9 261.4,230.4 258.6,233.1 257.9,236.9 "
    "256.4,239.4 312.4,239.4 304.9,224.4 295.9,212.4 281.9,196.6 280.6,193.6 275.1,188.9 274.4,186.4 268.4,178.9 "
    "267.4,176.1 262.1,171.1 261.1,167.9 251.9,151.6 251.6,146.9 247.6,138.9 239.6,132.9 236.1,128.9 234.1,117.6 "
    "234.1,107.9 232.4,102.9"
)
_VICTORY_MARKS = points(
    "195,111 212,141 231,86 187,100 192,112 200,124 210,141 227,100 224,117 225,138 241,135 237,143 234,148 230,158 "
    "222,159 234,154 211,170 219,183 248,154 241,160 236,172 234,185"
)
_THUMB_UP_MARKS = points(
    "226,117 230,139 239,162 206,138 211,144 220,145 240,134 246,150 216,166 228,167 249,166 209,175 204,158 222,182 "
    "233,182 249,182 252,190 244,137 233,106 233,111 251,152"
)
_POINTING_UP_JOINTS = _joints(
    "233,554,0 301,514,-32 348,449,-46 376,382,-69 356,332,-82 195,363,-52 213,244,-63 222,174,-68 216,115,-86 "
    "199,367,-40 302,316,-58 319,369,-57 289,403,-42 212,370,-34 303,320,-50 312,378,-45 278,399,-32 226,371,-23 "
    "293,338,-35 303,371,-38 283,391,-36"
)
_VICTORY_JOINTS = _joints(
    "237,193,0 223,188,-26 216,177,-50 222,167,-84 229,158,-95 209,144,-49 200,126,-58 195,115,-65 191,104,-84 "
    "223,142,-46 226,118,-55 228,104,-68 231,92,-83 235,147,-47 239,139,-73 233,153,-87 229,163,-88 244,156,-45 "
    "243,155,-62 238,165,-70 234,173,-68"
)
_FIST_JOINTS = _joints(
    "213,555,0 278,512,-39 323,441,-51 345,359,-68 320,304,-81 172,371,-64 260,285,-73 294,340,-61 276,384,-54 "
    "158,364,-48 256,299,-62 286,361,-56 265,399,-42 162,365,-39 255,313,-54 276,366,-42 251,394,-30 167,369,-22 "
    "244,328,-36 258,366,-38 237,389,-35"
)
_THUMB_UP_JOINTS = _joints(
    "258,182,0 244,164,-14 232,141,-27 228,124,-50 229,108,-70 240,138,-69 211,144,-75 217,151,-50 227,150,-28 "
    "245,151,-76 213,159,-85 221,163,-57 231,161,-37 248,165,-79 219,173,-82 226,175,-57 235,173,-41 250,179,-75 "
    "226,184,-72 233,185,-57 243,183,-43"
)

POINTING_UP = HandPicture(
    picture="hand_pointing_up",
    gesture="Pointing_Up",
    outline=_POINTING_UP_OUTLINE,
    joints=_POINTING_UP_JOINTS,
    elbow=(183.0, 640.0),
    cuff_m=0.030,
    pixels_per_metre=2410.0,
)
FIST = HandPicture(
    picture="hand_fist",
    gesture="Closed_Fist",
    outline=_FIST_OUTLINE,
    joints=_FIST_JOINTS,
    elbow=(163.0, 640.0),
    cuff_m=0.030,
    pixels_per_metre=2680.0,
)
VICTORY = HandPicture(
    picture="hands_clip",
    frame=31,
    gesture="Victory",
    outline=_VICTORY_OUTLINE,
    joints=_VICTORY_JOINTS,
    elbow=(304.0, 267.0),
    cuff_m=0.068,
    pixels_per_metre=720.0,
    marks=_VICTORY_MARKS,
)
THUMB_UP = HandPicture(
    picture="hands_clip",
    frame=42,
    gesture="Thumb_Up",
    outline=_THUMB_UP_OUTLINE,
    joints=_THUMB_UP_JOINTS,
    elbow=(312.0, 269.0),
    cuff_m=0.062,
    pixels_per_metre=720.0,  # the same arm at the same distance
    marks=_THUMB_UP_MARKS,
)
HANDS = (POINTING_UP, VICTORY, FIST, THUMB_UP)
