"""Landmarks of hands against MediaPipe's own, how good they are by the size of the hand, and what each network costs.

./perception bench hand_landmarks [--pictures FOLDER] [--json FILE]

Still pictures of 640x480 are shown for a while to both, a black one before each, as the cut between two scenes: both
then look for a hand where they last saw it, and settle. MediaPipe 0.10.14 runs in an environment of its own, with the
networks that ours are made from. Differences are medians over the 21 points of a hand, in parts of the longer side of
the box around them.

By size: the hands are shrunk, and what each network finds is compared with what the full one finds at full size.

Of FOLDER, pictures of your own with hands, all are shown too.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.harness.face_clips import pictures_of
from benchmarks.harness.faces import HEIGHT, WIDTH
from benchmarks.harness.peer_environment import gesture_task
from benchmarks.harness.peer_process import PeerProcess, running
from benchmarks.report import BenchmarkError, Result, run_benchmark
from gesture_perception.hand_finding import FindingRules, FollowedHand, HandFinder
from gesture_perception.hand_network import HandNetwork
from gesture_perception.hand_region import region_of_hand
from gesture_perception.palms import PalmDetector
from perception_core.engines.engine import Engine, open_engine
from perception_core.frame import ColourImage
from perception_core.geometry import RotatedRegion
from perception_core.sources.pictures import PICTURE_SUFFIXES, read_picture
from perception_core.zoo.fetch import fetch_models, fetch_pictures
from perception_core.zoo.manifest import load_models, load_pictures
from perception_core.zoo.store import model_path, picture_path

_NETWORKS = ("palm_detection", "hand_landmarks", "hand_landmarks_light", "gesture_embedder", "gesture_classifier")
_STILLS = ("hand_pointing_up", "hand_fist")
_CLIPS = {"hands_clip": 2, "pexels": 8}  # of so many pictures one
_SHOWN = 15
_MOST_HANDS = 4
_SAME_HAND = 0.3  # of its size: whose points lie further apart are two hands
_SIDES_PX = (224, 140, 100, 70, 50, 35)  # of the region that goes into the network
_LOOKS = 3
_RUNS = 60
_TARGET_DIFFERENCE = 0.01

Points = NDArray[np.float64]


def main() -> None:
    """The command."""
    run_benchmark("hand_landmarks", __doc__, measure, _declare)


def measure(options: argparse.Namespace) -> Result:
    """All three."""
    models, pictures = load_models(), load_pictures()
    fetch_models([models[name] for name in _NETWORKS], print)
    fetch_pictures([pictures[name] for name in _STILLS], print)
    engines = {name: open_engine(model_path(name)) for name in _NETWORKS}
    shown = _pictures(options.pictures)
    full, light = HandNetwork(engines["hand_landmarks"]), HandNetwork(engines["hand_landmarks_light"])
    finder = HandFinder(PalmDetector(engines["palm_detection"]), full, None, FindingRules(max_hands=_MOST_HANDS))
    ours = [_settled(finder, picture) for picture in shown]
    return {
        "pictures": len(shown),
        "beside_mediapipe": _beside_mediapipe(shown, ours),
        "by_side_of_region": _by_size(shown, ours, {"full": full, "light": light}),
        "networks": _times(engines),
    }


def _pictures(folder: Path | None) -> list[ColourImage]:
    files = [picture_path(name) for name in _STILLS]
    if folder is not None:
        files += sorted(file for file in folder.rglob("*") if file.suffix.lower() in PICTURE_SUFFIXES)
    pictures = [read_picture(file) for file in files]
    for name, every in _CLIPS.items():
        pictures += pictures_of(name)[::every]
    return [_in_frame(picture) for picture in pictures]


def _in_frame(picture: ColourImage) -> ColourImage:
    """The picture as large as it goes into a frame, on black."""
    height, width = picture.shape[:2]
    scale = min(WIDTH / width, HEIGHT / height)
    size = (round(width * scale), round(height * scale))
    frame = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    top, left = (HEIGHT - size[1]) // 2, (WIDTH - size[0]) // 2
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    frame[top : top + size[1], left : left + size[0]] = cv2.resize(picture, size, interpolation=method)
    return frame


def _settled(finder: HandFinder, picture: ColourImage) -> list[Points]:
    finder.reset()
    followed: list[FollowedHand] = []
    points: list[Points] = []
    for _ in range(_SHOWN):
        sightings = finder(picture, followed)
        followed = [FollowedHand(place, each.region) for place, each in enumerate(sightings)]
        points = [each.landmarks.points[:, :2].astype(np.float64) for each in sightings]
    return points


def _beside_mediapipe(pictures: Sequence[ColourImage], ours: Sequence[list[Points]]) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "stills.npy"
        np.save(file, np.stack([np.zeros((HEIGHT, WIDTH, 3), np.uint8), *pictures]))
        command = ("mediapipe_hand_points", str(file), str(gesture_task()), str(_MOST_HANDS))
        with running({"mediapipe": command}) as peers:
            theirs = [_after_a_while(peers["mediapipe"], number) for number in range(1, len(pictures) + 1)]
    apart = [
        min(near)
        for found, expected in zip(ours, theirs, strict=True)
        for hand in expected
        if (near := [each for other in found if (each := _apart(other, hand)) < _SAME_HAND])
    ]
    if not apart:
        raise BenchmarkError("no hand was found by both")
    return {
        "hands_of_mediapipe": sum(map(len, theirs)),
        "hands_of_ours": sum(map(len, ours)),
        "hands_of_both": len(apart),
        "difference_median": round(float(np.median(apart)), 5),
        "difference_p90": round(float(np.quantile(apart, 0.9)), 5),
        "target_median": _TARGET_DIFFERENCE,
    }


def _after_a_while(peer: PeerProcess, number: int) -> list[Points]:
    answers = [peer.ask(each) for each in (0, *[number] * _SHOWN)]
    return [np.array(hand) for hand in answers[-1]["points"]]


def _apart(one: Points, other: Points) -> float:
    """Median distance of the points in sizes of the second hand."""
    size = float(np.ptp(other, axis=0).max())
    return float(np.median(np.linalg.norm(one - other, axis=1))) / size


def _by_size(
    pictures: Sequence[ColourImage], hands: Sequence[list[Points]], networks: dict[str, HandNetwork]
) -> Result:
    result: Result = {}
    for side in _SIDES_PX:
        off: dict[str, list[float]] = {name: [] for name in networks}
        kept: dict[str, list[bool]] = {name: [] for name in networks}
        for picture, found in zip(pictures, hands, strict=True):
            for hand in found:
                shrunk, points, region = _shrunk(picture, hand, networks["full"], side)
                for name, network in networks.items():
                    seen = _after_looks(network, shrunk, region)
                    kept[name].append(seen is not None)
                    off[name] += [] if seen is None else [_apart(seen, points)]
        result[f"{side}_px"] = {
            name: {
                "kept": round(float(np.mean(kept[name])), 3),
                "difference_median": round(float(np.median(off[name])), 4) if off[name] else None,
            }
            for name in networks
        }
    return result


def _shrunk(
    picture: ColourImage, hand: Points, network: HandNetwork, side: float
) -> tuple[ColourImage, Points, RotatedRegion]:
    """The picture with a hand of this size, where its points and its region are then."""
    around = RotatedRegion(
        tuple((hand.min(axis=0) + hand.max(axis=0)) / 2), 1.8 * float(np.ptp(hand, axis=0).max()), 0.0
    )
    region = region_of_hand(network(picture, [around])[0]) or around
    scale = min(1.0, side / region.side)
    small = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    factor = np.array(small.shape[1::-1]) / picture.shape[1::-1]
    x, y = (np.array(region.centre) + 0.5) * factor - 0.5
    return small, (hand + 0.5) * factor - 0.5, RotatedRegion((float(x), float(y)), region.side * scale, region.angle)


def _after_looks(network: HandNetwork, picture: ColourImage, region: RotatedRegion | None) -> Points | None:
    """What a network finds that follows its own points; None if it loses the hand."""
    found = None
    for _ in range(_LOOKS):
        if region is None:
            return None
        (found,) = network(picture, [region])
        if found.presence < FindingRules().presence:
            return None
        region = region_of_hand(found)
    return None if found is None else found.points[:, :2].astype(np.float64)


def _times(engines: dict[str, Engine]) -> Result:
    """Processor time of one run in one thread, by turns, so that another program's load falls on all alike."""
    rng = np.random.default_rng(0)
    feeds = {
        name: {spec.name: rng.random([size or 1 for size in spec.shape], np.float32) for spec in engine.inputs}
        for name, engine in engines.items()
    }
    taken: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(_RUNS):
        for name, engine in engines.items():
            began = time.process_time()
            engine.run(feeds[name])
            taken[name].append(time.process_time() - began)
    medians = {name: 1e3 * float(np.median(each)) for name, each in taken.items()}
    return {
        name: {"cpu_ms": round(ms, 2), "to_palm_detection": round(ms / medians["palm_detection"], 3)}
        for name, ms in medians.items()
    }


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="pictures of your own with hands")


if __name__ == "__main__":
    main()
