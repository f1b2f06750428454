"""All that is told of faces, beside MediaPipe's Face Landmarker with blendshapes: same frames, in turns, same run.

./perception bench faces [CLIP ...] [--rounds 3] [--json FILE]

MediaPipe 0.10.14 runs in an environment of its own, which is made the first time, with Google's face_landmarker.task,
from which our weights are too. It follows faces from frame to frame (its video mode) and looks for up to four, in the
crowd for six. Ours runs as the face node does, all parameters at their defaults: landmarks on every frame, irises,
blendshapes, expression and identity, which MediaPipe does not have; with everybody of the clip and three others
enrolled, and with nobody.

one_face   a woman close by, with a hand at her face for a third of the time
two_faces  two people beside each other, one with a hand at her face in the beginning
crowd      six people at a table, their faces 40 to 60 pixels high, seen by a moving camera

Each clip has 320 frames of 640x480 BGR at 30 Hz. Every frame goes to all, one after the other, the first one another
each time. Counted is processor time of all threads per frame, conversion to RGB included: work is spread unevenly over
frames, so the mean over a round is what compares, of the best of the rounds. After a first round nothing is loaded any
more. Found has a box of its own around the known place of a face; a bridged face does not count, but one of a crowd
that was not looked at in this frame and moved on as it moved before does, as for landmarks. How often networks looked
is told by light_landmarks and full_landmarks. Rates are per second and face that is there.

Landmarks are compared on still pictures, each shown until both have settled: the mean distance of the 478 points,
against the distance between the eyes' middles; the median over faces. For that MediaPipe looks for one face. Asked for
more than there are, it cuts every picture by its detector's box instead of its last points, and never settles: how far
its points are then from ours, and from its own, is given, too.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness.clip_gallery import enrol_people
from benchmarks.harness.compared import best_round, processor_time, rates, stages_per_frame
from benchmarks.harness.face_clips import RATE_HZ, FaceClip, crowd, one_face, stills, two_faces
from benchmarks.harness.faces import HEIGHT, WIDTH
from benchmarks.harness.peer_environment import landmarker_task
from benchmarks.harness.peer_process import PeerProcess, running
from benchmarks.peers import Record, take_turns
from benchmarks.report import Result, run_benchmark
from face_perception.landmark_motion import EYE_CORNERS

_CLIPS = {"one_face": one_face, "two_faces": two_faces, "crowd": crowd}
_OURS, _NOBODY, _MEDIAPIPE = "ours", "ours_nobody_enrolled", "mediapipe"
_LEAST_MOST_FACES = 4  # MediaPipe looks for as many, also where there are fewer
_TARGET_RATIO = {"one_face": 0.7, "two_faces": 0.7}
_TARGET_CROWD_RATIO = 1.5
_TARGET_DIFFERENCE = 0.01
_SHOWN = 20  # times in a row: both look for a face where they last saw it, and settle

Points = NDArray[np.float64]


def main() -> None:
    """The command."""
    run_benchmark("faces", __doc__, measure, _declare)


def measure(options: argparse.Namespace) -> Result:
    """Clip by clip, then the stills."""
    names = options.clips or list(_CLIPS)
    result: Result = {"rounds": options.rounds}
    means: dict[str, float] = {}
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            compared, means[name] = _compare(_CLIPS[name](), Path(folder), options.rounds)
        result[name] = compared
    if {"two_faces", "crowd"} <= means.keys():
        ratio = means["crowd"] / means["two_faces"]
        result["crowd_to_two_faces"] = {"ratio": round(ratio, 3), "target": _TARGET_CROWD_RATIO}
    with tempfile.TemporaryDirectory() as folder:
        return {**result, "landmarks": _landmarks(Path(folder))}


def differences(ours: Sequence[Points], theirs: Sequence[Points]) -> list[float]:
    """How far apart the points of each face are that both have found.

    Args:
        ours: Of each face NxD, pixels.
        theirs: Likewise, in any order.

    Returns:
        Means over the points, in distances between the middles of the eyes.
    """
    found = []
    for face in theirs:
        right, left = (face[list(corners)].mean(axis=0) for corners in EYE_CORNERS)
        eyes = float(np.linalg.norm(left - right))
        apart = [float(np.linalg.norm(other - face, axis=1).mean()) / eyes for other in ours]
        found += [min(apart)] if apart and min(apart) < 1 else []
    return found


def _compare(clip: FaceClip, folder: Path, rounds: int) -> tuple[Result, float]:
    """The figures of a clip, and our mean."""
    frames, gallery = folder / "frames.npy", folder / "known.db"
    np.save(frames, np.stack([frame.picture for frame in clip.frames]))
    enrol_people(gallery, clip.frames)
    most = str(max(_LEAST_MOST_FACES, clip.faces))
    commands = {
        _OURS: ("ours_faces", str(frames), str(gallery), "boxes"),
        _NOBODY: ("ours_faces", str(frames), str(folder / "nobody.db"), "boxes"),
        _MEDIAPIPE: ("mediapipe_faces", str(frames), str(landmarker_task()), most, "boxes"),
    }
    with running(commands) as peers:
        records = take_turns(peers, clip.frames, rounds, lambda turn: _say(f"{clip.name}: round {turn} of {rounds}"))
        about = {name: peer.about for name, peer in peers.items()}
    count = len(clip.frames)
    theirs = best_round(records[_MEDIAPIPE].cpu_ms, count)
    result: Result = {"faces_there": clip.faces}
    for name, record in records.items():
        result[name] = {**about[name], **processor_time(record.cpu_ms, count, theirs), **_done(record, clip, rounds)}
    result["target_ratio"] = _TARGET_RATIO.get(clip.name)
    return result, best_round(records[_OURS].cpu_ms, count)


def _done(record: Record, clip: FaceClip, rounds: int) -> Result:
    frames = len(clip.frames)
    result: Result = {
        "faces_found_per_frame": round(record.found[clip.name] / frames, 3),
        "false_per_frame": round(record.false[clip.name] / frames, 3),
    }
    if record.work:
        result["per_second_and_face"] = rates(record.work, rounds * frames / RATE_HZ, clip.faces)
        result["per_frame"] = stages_per_frame(record)
    return result


def _landmarks(folder: Path) -> Result:
    """Our points against theirs on still pictures."""
    _say("landmarks: stills")
    pictures = stills()
    file = folder / "stills.npy"
    # The black one comes between them, as the cut between two scenes.
    np.save(file, np.stack([np.zeros((HEIGHT, WIDTH, 3), np.uint8), *pictures]))
    theirs = ("mediapipe_faces", str(file), str(landmarker_task()))
    commands = {
        _OURS: ("ours_faces", str(file), str(folder / "nobody.db"), "points"),
        "settled": (*theirs, "1", "points"),
        "unsettled": (*theirs, str(_LEAST_MOST_FACES), "points"),
    }
    settled: list[float] = []
    unsettled: list[float] = []
    theirs_apart: list[float] = []
    with running(commands) as peers:
        for number in range(1, len(pictures) + 1):
            points = {name: _after_a_while(peer, number) for name, peer in peers.items()}
            settled += differences(points[_OURS], points["settled"])
            unsettled += differences(points[_OURS], points["unsettled"])
            theirs_apart += differences(points["settled"], points["unsettled"])
    return {
        "pictures": len(pictures),
        "faces": len(settled),
        "difference_median": round(float(np.median(settled)), 5),
        "difference_largest": round(max(settled), 5),
        "target_median": _TARGET_DIFFERENCE,
        "asked_for_more_median": round(float(np.median(unsettled)), 5),
        "theirs_asked_for_more_to_theirs_median": round(float(np.median(theirs_apart)), 5),
    }


def _after_a_while(peer: PeerProcess, number: int) -> list[Points]:
    answers = [peer.ask(each) for each in (0, *[number] * _SHOWN)]
    return [np.array(face) for face in answers[-1]["points"]]


def _say(progress: str) -> None:
    """It takes minutes until there is a result."""
    print(progress, file=sys.stderr, flush=True)


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "clips", nargs="*", choices=[*_CLIPS, []], metavar="CLIP", help=f"of {', '.join(_CLIPS)}; default all"
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each frame is timed (default 3)")


if __name__ == "__main__":
    main()
