"""People: simulated ones whose faces and hands are put together, with and without depth, and what that costs.

./perception bench people [--repeats N] [--json FILE]
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, field

import numpy as np

from benchmarks.harness.made_people import RATE_HZ, Figure, Knowing, Reach, Seen, film
from benchmarks.harness.people_scenes import SCENES, SECONDS, Scene, standing
from benchmarks.report import Result, run_benchmark
from person_perception.fusion import PeopleFusion

_CROWD_S, _ROUNDS = 10.0, 5
_FIRST_SEED = 11000  # no constant was chosen by these runs
_DECIDED_AFTER = 7  # frames in which a hand was seen: when a gesture that it shows from the beginning starts
_SAID = (
    "Made up: bodies, arms and gestures, and the errors of faces, hands, sides and distances. Shares are of the hands "
    "in all frames; wrong names somebody else, unknown nobody. The hands of who was never seen are to be unknown. An "
    f"author is whose hand is held up and seen, for the {_DECIDED_AFTER}th time or later: when a gesture may be told."
)


@dataclass(slots=True)
class Tally:
    """What has become of the hands of a scene, hand by hand and frame by frame.

    Attributes:
        right: Given to their owner; or to nobody, where the owner's face was never in view.
        wrong: Given to somebody else.
        unknown: Given to nobody although the owner was in view.
        authors: Hands that may make a gesture: held up, seen in this frame and in `_DECIDED_AFTER` in all.
        authors_right: Of them, those given to their owner, or to nobody as above.
        authors_wrong: Of them, those given to somebody else.
        ids: Of people, for each figure.
        mixed: People who were two figures in turn.
    """

    right: int = 0
    wrong: int = 0
    unknown: int = 0
    authors: int = 0
    authors_right: int = 0
    authors_wrong: int = 0
    ids: list[int] = field(default_factory=list)
    mixed: int = 0

    @property
    def hands(self) -> int:
        """How many there were in all frames."""
        return self.right + self.wrong + self.unknown

    def add(self, other: Tally) -> None:
        """Takes in the tally of another run."""
        self.right, self.wrong, self.unknown = (
            self.right + other.right,
            self.wrong + other.wrong,
            self.unknown + other.unknown,
        )
        self.authors += other.authors
        self.authors_right += other.authors_right
        self.authors_wrong += other.authors_wrong
        self.ids += other.ids
        self.mixed += other.mixed


def main() -> None:
    """The command."""
    run_benchmark("people", __doc__, measure, _declare)


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--repeats", type=int, default=20, metavar="N", help="runs of each scene")


def measure(options: argparse.Namespace) -> Result:
    """Runs all scenes in the three ways to know distances, and the crowd against the clock."""
    scenes = {
        knowing.value: {name: _told(scene, knowing, options.repeats) for name, scene in SCENES.items()}
        for knowing in Knowing
    }
    return {"what": _SAID, "runs_of_each": options.repeats, **scenes, "four_people_eight_hands": _cost()}


def tally(scene: Scene, knowing: Knowing, seed: int) -> Tally:
    """One run of a scene."""
    random = np.random.default_rng(seed)
    return judge(list(film(scene(random), SECONDS, knowing, seed)))


def judge(frames: list[Seen]) -> Tally:
    """What a fusion makes of some frames, compared with the truth.

    Whose a person is, the faces say; nothing is asked of the fusion but who has which face and which hands.
    """
    fuse, result = PeopleFusion(), Tally()
    figure_of: dict[int, set[int]] = {}
    looks: dict[int, int] = {}
    for seen in frames:
        people = fuse(seen.stamp_ns, seen.faces, seen.hands)
        for person in people:
            if person.face is not None:
                figure_of.setdefault(person.track_id, set()).add(seen.face_of[person.face.track_id])
        for one in seen.hands:
            looks[one.track_id] = looks.get(one.track_id, 0) + (not one.bridged)
        known = set().union(*figure_of.values())
        owner = {hand.track_id: figure_of[person.track_id] for person in people for hand in person.hands}
        for hand, figure in seen.hand_of.items():
            right = owner[hand] == {figure} if hand in owner else figure not in known
            wrong = hand in owner and not right
            result.right += right
            result.wrong += wrong
            result.unknown += not (right or wrong)
            if hand in seen.gesturing and looks.get(hand, 0) >= _DECIDED_AFTER:
                result.authors += 1
                result.authors_right += right
                result.authors_wrong += wrong
    every = sorted({figure for figures in figure_of.values() for figure in figures})
    result.ids = [sum(figure in figures for figures in figure_of.values()) for figure in every]
    result.mixed = sum(len(figures) > 1 for figures in figure_of.values())
    return result


def _told(scene: Scene, knowing: Knowing, repeats: int) -> Result:
    total, worst = Tally(), 1.0
    for seed in range(_FIRST_SEED, _FIRST_SEED + repeats):
        one = tally(scene, knowing, seed)
        total.add(one)
        worst = min(worst, one.right / max(one.hands, 1))
    return {
        "author_right_share": round(total.authors_right / max(total.authors, 1), 4),
        "author_right": f"{total.authors_right} of {total.authors}, {total.authors_wrong} somebody else's",
        "right_share": round(total.right / max(total.hands, 1), 4),
        "wrong_share": round(total.wrong / max(total.hands, 1), 4),
        "unknown_share": round(total.unknown / max(total.hands, 1), 4),
        "wrong": f"{total.wrong} of {total.hands}",
        "worst_run_right_share": round(worst, 3),
        "ids_of_a_person": round(float(np.mean(total.ids)), 3) if total.ids else 0.0,
        "people_mixed_up": total.mixed,
    }


def _cost() -> Result:
    """Milliseconds of processor time of a frame, the best of some rounds."""
    cost: Result = {}
    for knowing in Knowing:
        frames = list(film(crowd(), _CROWD_S, knowing, 0))
        rounds = [_round_ms(frames) for _ in range(_ROUNDS)]
        best = min(rounds, key=lambda each: float(np.mean(each)))
        cost[knowing.value] = {
            "mean_ms": round(float(np.mean(best)), 3),
            "p95_ms": round(float(np.quantile(best, 0.95)), 3),
            "hands_per_frame": round(float(np.mean([len(seen.hands) for seen in frames])), 2),
        }
    return cost


def crowd() -> list[Figure]:
    """Four people who all hold up both hands, all of it in the image."""
    figures = []
    for place in range(4):
        x, z = 0.5 * (place - 1.5), 2.4
        right, left = (Reach(0.0, _CROWD_S, (aside, 0.1, -0.3), 0.02) for aside in (-0.2, 0.2))
        figures.append(Figure(standing(x, z), (right,), (left,)))
    return figures


def _round_ms(frames: list[Seen]) -> list[float]:
    fuse, took = PeopleFusion(), []
    for seen in frames:
        began = time.thread_time()
        fuse(seen.stamp_ns, seen.faces, seen.hands)
        took.append((time.thread_time() - began) * 1e3)
    return took[RATE_HZ:]


if __name__ == "__main__":
    main()
