"""Motions: made-up sequences of real hands that are recognised, and false ones on clips.

./perception bench motions [--hands FOLDER] [--repeats N] [--json FILE]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from benchmarks.harness.made_motions import MOTIONS, OTHERS, MadeMotion
from benchmarks.harness.motion_sequences import Filming, Floats, HandShape, Random, Seen, film, upright
from benchmarks.report import BenchmarkError, Result, run_benchmark
from gesture_perception.assembly import open_hand_pipeline
from gesture_perception.gesture_events import EventKind, GestureEvents
from gesture_perception.gesture_names import MOTIONS as NAMES
from gesture_perception.hand import Hand, HandLandmarks, Side
from gesture_perception.hand_smoothing import HandSmoother
from gesture_perception.motion_window import motion_sample
from gesture_perception.motions import HandMotions
from gesture_perception.parameters import GestureParameters
from perception_core.depth import Position3D, PositionSource
from perception_core.frame import RgbdFrame
from perception_core.geometry import Box
from perception_core.sources.pictures import PICTURE_SUFFIXES, read_picture
from perception_core.sources.video import VideoSource
from perception_core.stages import StageTimes
from perception_core.zoo.fetch import fetch_pictures
from perception_core.zoo.manifest import load_pictures
from perception_core.zoo.store import picture_path

_CLIPS = (
    *("pexels", "hands_clip", "one_face_clip", "no_face_clip", "still_man_clip", "speaking_man_clip"),
    *("talking_man_clip", "woman_with_telephone_clip", "talking_woman_clip"),
)
_JITTER_FROM = ("pexels", "still_man_clip")  # hands that are followed for seconds
_RATES_HZ = (10, 30, 60)
_OPEN = 0.9  # extension; see `MotionSample`
_LOOKS = 3  # at a picture: a weak newcomer is a hand when it is seen again
_EVERY = 10  # of a clip's open hands; the others look the same
_SLOW = 9  # images over which a hand's own movement is taken out of the jitter
_UNSMOOTHED_HZ = 1000.0
_NOWHERE = Position3D((np.nan,) * 3, np.nan, 0.0, PositionSource.NONE)
_SAID = (
    "Made up: all paths, turns and bends of fingers, distances, lost images, depth. Real: the hands' shapes, and the "
    "jitter of their points from image to image, as the networks found them. Nobody made these gestures."
)


def main() -> None:
    """The command."""
    run_benchmark("motions", __doc__, measure, _declare)


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--hands", type=Path, metavar="FOLDER", help="pictures of open hands; else those in the clips")
    parser.add_argument("--repeats", type=int, default=40, metavar="N", help="sequences of each kind at each rate")


def measure(options: argparse.Namespace) -> Result:
    """Runs the pipeline on the clips, and the motions on sequences that are made of the hands in them."""
    fetch_pictures([load_pictures()[name] for name in _CLIPS], print)
    clips = {name: _events_on(name) for name in _CLIPS}
    tracks = [track for name in _JITTER_FROM for track in _tracks(name)]
    jitter = np.concatenate([_jitter(track) for track in tracks])
    shapes = _open_hands(landmarks for track in tracks for landmarks in track[::_EVERY])
    if options.hands is not None:
        shapes = _open_hands(_in_pictures(options.hands))
    if not shapes:
        raise BenchmarkError(f"no open hand was found in {options.hands or 'the clips'}")
    rates = {f"{rate} Hz": _at_rate(rate, shapes, jitter, options.repeats) for rate in _RATES_HZ}
    return {"clips": clips, "made": {"what": _SAID, "hands": len(shapes), "jitter_images": len(jitter), **rates}}


def _events_on(name: str) -> Result:
    """What the whole pipeline says of a clip, once through."""
    source = VideoSource(picture_path(name))
    images = with_hand = 0
    begun: list[str] = []
    with closing(open_hand_pipeline(GestureParameters(), print)) as assembly:
        for frame in source.frames():
            found = assembly.pipeline(frame, StageTimes())
            images += 1
            with_hand += any(not hand.bridged for hand in found.hands)
            begun += [event.gesture.label for event in found.events if event.kind is EventKind.STARTED]
    motions = [label for label in begun if label in NAMES]
    seconds = round(images / (source.rate_hz or 30.0), 1)
    return {"seconds": seconds, "images": images, "with_a_hand": with_hand, "motions": " ".join(motions) or "none"}


def _tracks(name: str) -> list[list[HandLandmarks]]:
    """Every hand of a clip, image after image, as the network found it."""
    wanted = GestureParameters(smoothing_min_cutoff_hz=_UNSMOOTHED_HZ, gesture_embedder="", gesture_classifier="")
    tracks: dict[int, list[HandLandmarks]] = {}
    with closing(open_hand_pipeline(wanted, print)) as assembly:
        for frame in VideoSource(picture_path(name)).frames():
            for hand in assembly.pipeline(frame, StageTimes()).hands:
                if hand.landmarks is not None:
                    tracks.setdefault(hand.track_id, []).append(hand.landmarks)
    return [track for track in tracks.values() if len(track) > _SLOW]


def _jitter(track: list[HandLandmarks]) -> Floats:
    """Nx21x3 in shares of the hand's size: what is left when its slow movement is taken out."""
    metric = np.array([landmarks.metric for landmarks in track], np.float64)
    padded = np.concatenate([metric[:1].repeat(_SLOW // 2, 0), metric, metric[-1:].repeat(_SLOW // 2, 0)])
    slow = np.mean([padded[shift : shift + len(metric)] for shift in range(_SLOW)], axis=0)
    return np.asarray((metric - slow) / 0.09, np.float64)


def _in_pictures(folder: Path) -> Iterator[HandLandmarks]:
    """The surest hand of each picture."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURE_SUFFIXES)
    wanted = GestureParameters(smoothing_min_cutoff_hz=_UNSMOOTHED_HZ, gesture_embedder="", gesture_classifier="")
    with closing(open_hand_pipeline(wanted, print)) as assembly:
        for path in paths:
            assembly.pipeline.reset()
            picture = read_picture(path)
            for look in range(_LOOKS):
                hands = assembly.pipeline(RgbdFrame(look * 33_000_000, "camera", picture), StageTimes()).hands
            seen = [hand for hand in hands if hand.landmarks is not None]
            if seen:
                surest = max(seen, key=lambda hand: hand.score).landmarks
                assert surest is not None
                yield surest


def _open_hands(hands: Iterable[HandLandmarks]) -> list[HandShape]:
    shapes = []
    for landmarks in hands:
        sample = motion_sample(landmarks, _NOWHERE)
        if sample is not None and sample.extension >= _OPEN:
            shapes.append(upright(landmarks.metric.astype(np.float64), landmarks.right >= 0.5))
    return shapes


def _at_rate(rate_hz: int, shapes: list[HandShape], jitter: Floats, repeats: int) -> Result:
    right = dict.fromkeys(MOTIONS, 0)
    false: dict[str, int] = {}
    seconds: dict[str, float] = {}
    for name, make in MOTIONS.items():
        for made, frames in _made(make, rate_hz, shapes, jitter, repeats):
            right[name] += _begun(frames) == [made.label]
    for name, make in OTHERS.items():
        for made, frames in _made(make, rate_hz, shapes, jitter, repeats):
            false[name] = false.get(name, 0) + len(_begun(frames))
            seconds[name] = seconds.get(name, 0.0) + made.seconds
    return {
        "right_share": round(sum(right.values()) / (repeats * len(right)), 3),
        "right_of_each": {name: f"{count} of {repeats}" for name, count in right.items()},
        "false": {name: f"{count} in {seconds[name]:.0f} s" for name, count in false.items()},
    }


def _made(
    make: Callable[[Random], MadeMotion], rate_hz: int, shapes: list[HandShape], jitter: Floats, repeats: int
) -> Iterator[tuple[MadeMotion, list[Seen]]]:
    """The same paths and hands at every rate; with depth every other time."""
    for k in range(repeats):
        random = np.random.default_rng(k)
        made, shape = make(random), shapes[int(random.integers(len(shapes)))]
        yield made, film(made.path, made.seconds, shape, Filming(jitter, rate_hz, depth=k % 2 == 0), random)


def _begun(frames: list[Seen]) -> list[str]:
    """The motions that begin, told as the pipeline tells them."""
    smooth, motions, events = HandSmoother(), HandMotions(), GestureEvents()
    begun: list[str] = []
    for stamp_ns, landmarks, position in frames:
        sample = motion_sample(smooth(landmarks, stamp_ns), position) if landmarks is not None else None
        motion = motions.update(sample, stamp_ns)
        hand = Hand(1, 1.0, landmarks is None, Side.UNKNOWN, np.nan, Box(0, 0, 1, 1), position, motion=motion)
        told = events.update([hand], stamp_ns)
        begun += [event.gesture.label for event in told if event.kind is EventKind.STARTED]
    return begun


if __name__ == "__main__":
    main()
