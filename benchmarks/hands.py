"""All that is told of faces and hands, beside MediaPipe's Face Landmarker and Gesture Recognizer, in the same run.

./perception bench hands [CLIP ...] [--rounds 3] [--json FILE]

MediaPipe 0.10.14 runs in an environment of its own, which is made the first time, with the networks that ours are made
from. It follows faces and hands from frame to frame (its video mode), looks for up to four faces, in the crowd for six,
and for up to four hands. Ours runs as the two nodes do, all parameters at their defaults: of faces landmarks, irises,
blendshapes, expression and identity, which MediaPipe does not have; of hands up to four, landmarks, gestures, motions
and events. Everybody of the clip and three others are enrolled. Both do faces and hands one after the other here.

one_person  a woman close by, with a hand at her face for half of the time, much of it below the picture
two_people  two people beside each other, one of whom shows thumb up and victory in turns
crowd       six people at a table, their faces 40 to 60 pixels high, seven hands 20 to 50, seen by a moving camera

Each clip has 320 frames of 640x480 BGR at 30 Hz. Every frame goes to both, one after the other, the first one another
each time. Counted is processor time of all threads per frame, conversion to RGB included: work is spread unevenly over
frames, so the mean over a round is what compares, of the best of the rounds. After a first round nothing is loaded any
more. Found has a box of its own around the known place of a face or hand, in the round that is not timed; bridged ones
do not count. Rates are per second and face or hand that is there, of detectors per second.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.harness.clip_gallery import enrol_people
from benchmarks.harness.compared import best_round, processor_time, rates, stages_per_frame
from benchmarks.harness.face_clips import RATE_HZ, FaceClip
from benchmarks.harness.hand_clips import crowd_with_hands, one_person, two_people
from benchmarks.harness.peer_environment import gesture_task, landmarker_task
from benchmarks.harness.peer_process import running
from benchmarks.peers import Record, take_turns
from benchmarks.report import Result, run_benchmark

_CLIPS = {"one_person": one_person, "two_people": two_people, "crowd": crowd_with_hands}
_OURS, _MEDIAPIPE = "ours", "mediapipe"
_LEAST_MOST_FACES, _MOST_HANDS = 4, 4  # MediaPipe looks for as many, also where there are fewer
_TARGET_TIMES_LESS = {"one_person": 2.5, "two_people": 2.0, "crowd": 1.0}
_OF_HANDS = (
    *("palm_detector", "palm_detector_close", "full_hand_network", "light_hand_network"),
    *("hand_landmarks", "gestures", "gestures_shown"),
)


def main() -> None:
    """The command."""
    run_benchmark("hands", __doc__, measure, _declare)


def measure(options: argparse.Namespace) -> Result:
    """Clip by clip."""
    result: Result = {"rounds": options.rounds}
    for name in options.clips or list(_CLIPS):
        with tempfile.TemporaryDirectory() as folder:
            result[name] = _compare(_CLIPS[name](), Path(folder), options.rounds)
    return result


def _compare(clip: FaceClip, folder: Path, rounds: int) -> Result:
    frames, gallery = folder / "frames.npy", folder / "known.db"
    np.save(frames, np.stack([frame.picture for frame in clip.frames]))
    enrol_people(gallery, clip.frames)
    faces = max(_LEAST_MOST_FACES, clip.faces)
    tasks = (str(landmarker_task()), str(gesture_task()))
    commands = {
        _OURS: ("ours_hands", str(frames), str(gallery), str(folder / "taught.db")),
        _MEDIAPIPE: ("mediapipe_hands", str(frames), *tasks, str(faces), str(_MOST_HANDS)),
    }
    with running(commands) as peers:
        records = take_turns(peers, clip.frames, rounds, lambda turn: _say(f"{clip.name}: round {turn} of {rounds}"))
        about = {name: peer.about for name, peer in peers.items()}
    count = len(clip.frames)
    means = {name: best_round(record.cpu_ms, count) for name, record in records.items()}
    hands = sum(len(frame.hands) for frame in clip.frames) / count
    result: Result = {
        "faces_there": clip.faces,
        "hands_there_per_frame": round(hands, 3),
        "times_less": round(means[_MEDIAPIPE] / means[_OURS], 2),
        "target_times_less": _TARGET_TIMES_LESS[clip.name],
    }
    for name, record in records.items():
        times = processor_time(record.cpu_ms, count, means[_MEDIAPIPE])
        result[name] = {
            **about[name],
            **times,
            **_found(record, clip),
            **_done(record, rounds * count, clip.faces, hands),
        }
    return result


def _found(record: Record, clip: FaceClip) -> Result:
    found = {
        "faces_found_per_frame": record.found[clip.name],
        "false_faces_per_frame": record.false[clip.name],
        "hands_found_per_frame": record.hands_found,
        "false_hands_per_frame": record.hands_false,
    }
    return {kind: round(number / len(clip.frames), 3) for kind, number in found.items()}


def _done(record: Record, frames: int, faces: float, hands: float) -> Result:
    """How often what was done, and how long that took."""
    of_hands = {kind: amount for kind, amount in record.work.items() if kind in _OF_HANDS}
    of_faces = {kind: amount for kind, amount in record.work.items() if kind not in _OF_HANDS}
    result: Result = {}
    for kind, work, shown in (("per_second_and_face", of_faces, faces), ("per_second_and_hand", of_hands, hands)):
        often = rates(work, frames / RATE_HZ, shown)
        if often:
            result[kind] = often
    return {**result, "per_frame": stages_per_frame(record)}


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
