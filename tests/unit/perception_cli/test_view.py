import math
from dataclasses import replace
from io import BytesIO, StringIO, TextIOWrapper

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

from face_perception.expression_evidence import Expression, ExpressionState
from face_perception.expression_labels import FER7
from face_perception.face import Face
from face_perception.head_pose import HeadPose, rotation_of
from face_perception.identity import Identity, IdentityState
from face_perception.landmarks import Landmarks, LandmarkScheme
from face_perception.liveness import Liveness
from gesture_perception.hand import NOT_EXAMINED, Gesture, Hand, Origin, Pointing, Side
from perception_cli.view import Figures, live_view, stage_table
from perception_core.depth import Position3D, PositionSource
from perception_core.geometry import Box

FIGURES = Figures(seconds=10.0, frames=300, rate_hz=30.0, latency_median_ms=8.4, latency_p95_ms=12.6, dropped=2)
NOWHERE = Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)
HERE = Position3D((0.1, -0.2, 1.25), 0.02, 0.9, PositionSource.DEPTH)
BARE = Face(7, 0.88, False, Box(0, 0, 10, 10), None, NOWHERE)
SCORES = (0.06, 0.01, 0.01, 0.01, 0.01, 0.88, 0.02)
ADA = replace(
    BARE,
    position=HERE,
    pose=HeadPose(rotation_of(-12, 5, 3), HERE, 2.5, np.eye(3), 0.001),
    looking_at_camera=True,
    expression=Expression(ExpressionState.STABLE, "FER7", "disgusted", FER7.classes, SCORES, -0.5, 0.3),
    identity=Identity(IdentityState.CONFIRMED, "1f", "Ada Lovelace", 0.6),
    liveness=Liveness.REAL,
    landmarks=Landmarks(LandmarkScheme.MEDIAPIPE478, np.zeros((478, 3), np.float32), 0.99),
)


def printed(renderable, width=100):
    console = Console(width=width, record=True, file=StringIO(), force_terminal=True)
    console.print(renderable)
    return console.export_text()


def named(name):
    return replace(ADA, identity=replace(ADA.identity, name=name))


def showing(score):
    scores = (*SCORES[:5], score, SCORES[6])
    return replace(ADA, expression=replace(ADA.expression, scores=scores))


def with_landmarks(scheme):
    return replace(ADA, landmarks=Landmarks(scheme, np.zeros((scheme.points, 3), np.float32), 0.99))


def test_all_that_is_known_of_a_face_is_in_its_line():
    line = printed(live_view([ADA], [], FIGURES, "")).splitlines()[1]
    words = ("7", "Ada Lovelace", "+0.10 -0.20 1.25", "yes", "disgusted 0.88", "-12", "+5", "+3", "real", "478")
    assert all(word in line for word in words)


def test_a_face_of_which_nothing_is_known_has_dashes():
    line = printed(live_view([BARE], [], FIGURES, "")).splitlines()[1]
    assert line.split() == ["7", *"-" * 7]


def test_an_estimated_place_is_marked():
    guessed = replace(ADA, position=replace(HERE, source=PositionSource.SIZE_PRIOR))
    for width in (100, 60):
        assert "~" in printed(live_view([guessed], [], FIGURES, ""), width).splitlines()[1]


@pytest.mark.parametrize("width", [56, 100])
@pytest.mark.parametrize(
    ("score", "bar"), [(0.0, ""), (0.25, "█▌"), (0.5, "███"), (0.88, "█████▎"), (1.0, "██████"), (7.0, "██████")]
)
def test_the_bar_before_an_expression_is_as_long_as_its_score(width, score, bar):
    line = printed(live_view([showing(score)], [], FIGURES, ""), width).splitlines()[1]
    assert f"  {bar:6} disgusted" in line


def test_a_score_that_is_no_number_has_no_bar():
    assert "█" not in printed(live_view([showing(math.nan)], [], FIGURES, ""))


def test_an_expression_that_is_not_sure_has_no_bar_and_stands_below_the_others():
    unsure = replace(ADA, expression=replace(ADA.expression, state=ExpressionState.UNCERTAIN, label=""))
    _, sure, other = printed(live_view([ADA, unsure], [], FIGURES, "")).splitlines()[:3]
    assert sure.index("disgusted") == other.index("uncertain")
    assert "█" not in other


@pytest.mark.parametrize("scheme", LandmarkScheme)
def test_a_wide_terminal_shows_which_landmarks_there_are(scheme):
    line = printed(live_view([with_landmarks(scheme)], [], FIGURES, ""), 92).splitlines()[1]
    assert line.split()[-1] == str(scheme.points)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_unicode_shows_what_it_can(encoding):
    file = TextIOWrapper(BytesIO(), encoding)
    Console(width=100, file=file).print(live_view([named("李明")], [], FIGURES, ""))
    file.flush()
    line = file.buffer.getvalue().decode(encoding).splitlines()[1]
    assert "??" in line and "#####  disgusted" in line


def test_a_terminal_of_60_columns_shows_who_is_how_far_away_and_feels_how():
    line = printed(live_view([ADA], [], FIGURES, ""), 60).splitlines()[1]
    assert all(word in line for word in ("7", "Ada Lovelace", "1.25 m", "yes", "disgusted 0.88"))


def test_a_terminal_of_20_columns_shows_who_is_how_far_away():
    line = printed(live_view([ADA], [], FIGURES, ""), 20).splitlines()[1]
    assert line.startswith(" 7  Ada") and line.rstrip().endswith("1.25 m")


@pytest.mark.parametrize("width", [20, 40, 56, 60, 92, 100, 200])
def test_every_face_has_one_line_that_fits(width):
    names = ["Ada", "x" * 64, "李明" * 32, "👩\u200d🚀 Zoë", "[red]Bob[/red]", "\x1b[2Jgone\nand gone\u202e"]
    faces = [replace(named(name), track_id=10**index) for index, name in enumerate(names)]
    lines = printed(live_view(faces, [], FIGURES, ""), width).splitlines()
    assert all(str(face.track_id) in line for face, line in zip(faces[:4], lines[1:], strict=False))
    assert all(cell_len(line) <= width for line in lines)
    assert "30.0 frames" in " ".join(lines[len(faces) + 1 :])


def test_a_name_is_shown_as_it_is_and_moves_no_cursor():
    shown = [
        printed(live_view([named(name)], [], FIGURES, "")) for name in ("[red]Bob[/red]", "\x1b[2Jgone\n", "Зоя 🙂")
    ]
    assert "[red]Bob[/red]" in shown[0]
    assert "?[2Jgone?" in shown[1]
    assert "Зоя 🙂" in shown[2]


def test_rate_latency_and_drops_are_always_shown():
    text = printed(live_view([], [], FIGURES, "no depth"))
    assert all(part in text for part in ("nobody in view", "30.0", "8.4", "12.6", "2 dropped", "no depth"))


def test_stages_are_shown_with_mean_and_deviation():
    values = {"stage/detect/mean_ms": "6.4", "stage/detect/sd_ms": "0.31", "stage/detect/cpu_ms": "6.2", "frames": "3"}
    text = printed(stage_table(values))
    assert "detect" in text and "6.40 +- 0.31" in text and "6.20" in text and "frames" not in text


HAND = Hand(
    4, 0.97, False, Side.LEFT, 0.99, Box(0, 0, 10, 10), HERE, gesture=Gesture("Thumb_Up", 0.88, Origin.NETWORK, 1)
)


def shown_hand(hand, width=100):
    """The line of a hand."""
    return printed(live_view([], [hand], FIGURES, ""), width).splitlines()[2]


def test_all_that_is_known_of_a_hand_is_in_its_line():
    target = Position3D((0.5, -0.25, 2.0), 0.02, 0.9, PositionSource.DEPTH)
    waving = replace(HAND, motion=Gesture("Wave", 0.7, Origin.MOTION), pointing=Pointing((0, 0, 1), (0, 0, 1), target))
    line = shown_hand(waving, 120)
    words = ("4", "█████▎ Thumb Up 0.88", "Wave", "left", "1", "+0.10 -0.20 1.25", "+0.50 -0.25 2.00")
    assert all(word in line for word in words)
    missed = replace(waving, pointing=replace(waving.pointing, target=NOWHERE))
    assert shown_hand(missed, 120).endswith("nothing")


def test_a_hand_of_which_nothing_is_known_has_dashes():
    bare = replace(HAND, side=Side.UNKNOWN, position=NOWHERE, gesture=NOT_EXAMINED)
    assert shown_hand(bare).split() == ["4", *"-" * 6]


@pytest.mark.parametrize("width", [20, 40, 60])
def test_a_narrow_terminal_shows_what_a_hand_says_how_far_away(width):
    line = shown_hand(HAND, width)
    assert "Thum" in line and "1.25 m" in line and cell_len(line) <= width


def test_hands_are_below_the_faces_and_have_a_table_of_their_own():
    lines = printed(live_view([ADA], [HAND], FIGURES, "")).splitlines()
    assert "Ada" in lines[1] and "gesture" in lines[2] and "Thumb Up" in lines[3]
    assert not any("gesture" in line for line in printed(live_view([ADA], [], FIGURES, "")).splitlines())


@pytest.mark.parametrize("width", [20, 56, 92, 200])
def test_the_name_of_a_taught_gesture_moves_no_cursor_and_fits(width):
    hand = replace(HAND, gesture=Gesture("\x1b[2Jgone\n" + "李" * 40, 0.9, Origin.TAUGHT, 3))
    text = printed(live_view([], [hand], FIGURES, ""), width)
    assert "\x1b" not in text and all(cell_len(line) <= width for line in text.splitlines())
