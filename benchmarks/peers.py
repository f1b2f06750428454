"""Face detection beside what else robots use, MediaPipe, OpenCV and dlib: same frames, in turns, in the same run.

./perception bench peers [PEER ...] [--rounds 3] [--json FILE]

Each peer runs as a process in an environment of its own, which is made the first time, with pinned packages. All get
each frame one after the other, the first one another each time, so that whatever else the machine does hits all alike.
A frame is 640x480 BGR as a camera gives it; the time is that until the boxes are there, colour conversion included;
processor time is that of all threads. The C library is told to keep freed memory, for all alike: a program that does
nothing else would give every picture's memory back and get it anew, which costs 3 ms a frame. Ratios are to ours, above
1 is slower. Where the faces are is known: found has a box of its own around it, false is a box on none.

ours           YuNet through ONNX Runtime as in the face node, its score threshold
ours_320       likewise with detection_width 320
ours_tracking  detection, ids and prediction; none of the peers has that: MediaPipe's Face Detector takes videos frame
               by frame without ids, dlib's correlation tracker follows one box that it is given
mediapipe      MediaPipe Tasks, Face Detector, default options. The package holds no weights: they are those that lie in
               Google's face_landmarker.task, which the suite knows already. It is made for faces within two metres;
               the weights for longer range lack the metadata that this interface asks for
opencv         FaceDetectorYN with the same weights as ours, unmodified, and our score threshold
dlib           the HOG detector that face_recognition and many robots use, upsampled once as there

Not in: insightface and ultralytics, whose packages hold no weights for faces and get them from a hub; MTCNN of
facenet-pytorch and retina-face, for a Torch or TensorFlow of a gigabyte.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness.faces import KnownFrame, found_and_false, found_and_false_hands, known_frames
from benchmarks.harness.peer_environment import mediapipe_weights
from benchmarks.harness.peer_process import PeerProcess
from benchmarks.report import Result, run_benchmark
from perception_core.zoo.store import model_path

_OURS = "ours"
_PEERS: Mapping[str, tuple[str, ...]] = {
    _OURS: ("ours", "0", "detection"),
    "ours_320": ("ours", "320", "detection"),
    "ours_tracking": ("ours", "0", "tracking"),
    "mediapipe": ("mediapipe",),
    "opencv": ("opencv",),
    "dlib": ("dlib",),
}


@dataclass(slots=True)
class Record:
    """What one peer has answered.

    Attributes:
        wall_ms: Of every frame, round by round.
        cpu_ms: Likewise.
        found: Faces by where their pictures are from, in one round.
        false: Boxes on no face, likewise.
        hands_found: Hands in one round.
        hands_false: Boxes on no hand, likewise.
        work: Sums, over all frames that were timed, of what a peer says that it did, by its name.
    """

    wall_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    found: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    false: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    hands_found: int = 0
    hands_false: int = 0
    work: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def count(self, answer: Mapping[str, Any], frame: KnownFrame) -> None:
        """Takes in what was found in a frame: `boxes` of faces, and `hands`, which only some look for."""
        found, false = found_and_false(_boxes(answer["boxes"]), frame)
        self.found[frame.origin] += found
        self.false[frame.origin] += false
        found, false = found_and_false_hands(_boxes(answer.get("hands", ())), frame)
        self.hands_found += found
        self.hands_false += false


def main() -> None:
    """The command."""
    run_benchmark("peers", __doc__, measure, _declare)


def measure(options: argparse.Namespace) -> Result:
    """Has all peers look at all frames."""
    names = [_OURS, *(name for name in options.peers or _PEERS if name != _OURS)]
    frames = known_frames()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "frames.npy"
        np.save(file, np.stack([frame.picture for frame in frames]))
        peers: dict[str, PeerProcess] = {}
        try:
            for name in names:
                worker, *arguments = _PEERS[name]
                weights = mediapipe_weights() if worker == "mediapipe" else model_path("yunet", original=True)
                peers[name] = PeerProcess(name, worker, str(file), str(weights), *arguments)
            records = take_turns(peers, frames, options.rounds)
            about = {name: peer.about for name, peer in peers.items()}
        finally:
            for peer in peers.values():
                peer.close()
    there: dict[str, int] = defaultdict(int)
    for frame in frames:
        there[frame.origin] += len(frame.faces)
    return {
        "frames": len(frames),
        "rounds": options.rounds,
        "faces_there": dict(there),
        **{name: {**about[name], **figures(records[name], records[_OURS])} for name in names},
    }


def take_turns(
    peers: Mapping[str, Any],
    frames: Sequence[KnownFrame],
    rounds: int,
    begun: Callable[[int], None] = lambda _: None,
) -> dict[str, Record]:
    """Gives every frame to every peer; after a first round that is not counted, for caches to fill.

    Args:
        peers: What answers `ask(number of the frame)` with boxes, wall_ms and cpu_ms, and perhaps hands and work.
        frames: All of them.
        rounds: How often each frame is timed; what is found is counted once.
        begun: Called with 0 before the round that is not counted, then with the number of each.
    """
    records = {name: Record() for name in peers}
    order = list(peers)
    for turn in range(rounds + 1):
        begun(turn)
        for number, frame in enumerate(frames):
            order.append(order.pop(0))
            for name in order:
                answer, record = peers[name].ask(number), records[name]
                if turn == 0:
                    record.count(answer, frame)
                else:
                    record.wall_ms.append(answer["wall_ms"])
                    record.cpu_ms.append(answer["cpu_ms"])
                    for kind, amount in answer.get("work", {}).items():
                        record.work[kind] += amount
    return records


def figures(record: Record, ours: Record) -> Result:
    """Median and 95th percentile, as milliseconds and as ratios to ours, and what was found."""
    result: Result = {}
    for kind, values, reference in (("cpu", record.cpu_ms, ours.cpu_ms), ("wall", record.wall_ms, ours.wall_ms)):
        for name, share in (("median", 0.5), ("p95", 0.95)):
            value = float(np.quantile(values, share))
            result[f"{kind}_{name}_ms"] = round(value, 2)
            result[f"{kind}_{name}_ratio"] = round(value / float(np.quantile(reference, share)), 2)
    return {**result, "found": dict(record.found), "false": dict(record.false)}


def _boxes(answered: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    return np.array(answered, np.float64).reshape(-1, 4)


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "peers", nargs="*", choices=[*_PEERS, []], metavar="PEER", help=f"of {', '.join(_PEERS)}; default all"
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each frame is timed (default 3)")


if __name__ == "__main__":
    main()
