"""Behaviours: whether a robot that follows people ever does what it must not, on simulated time and over real DDS.

./perception bench behaviours [--runs 1000] [--wire 20] [--json FILE]

Every run is a made-up world, drawn from a seed: people who walk, beckon, stop the robot and leave; noise, lost images,
restarts of perception, and stamps that are wrong. A judge who knows the world and the commands only counts where the
robot moved although nobody with authority had told it to, drove towards somebody closer than the set distance, exceeded
a limit, or was not at rest 0.3 s after perception had failed or a stop was shown. Exit code 1 says that there is one.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator

from benchmarks.harness.behaviour_graph import WireRun, run_on_the_wire
from benchmarks.harness.behaviour_judge import Bounds, Verdict, judge
from benchmarks.harness.behaviour_runs import PERIOD_S, run
from benchmarks.harness.behaviour_world import WIRE_SEEDS, scenario
from benchmarks.report import Result, run_benchmark
from person_perception.behaviours.authority import AuthorityRule, Who
from person_perception.behaviours.following import FollowPerson, FollowRules
from person_perception.behaviours.freshness import FreshnessRules
from person_perception.behaviours.limits import Limits

COUNTED = ("unauthorised_motions", "too_close", "limit_violations", "late_stops")
_DROVE_M = 0.2
_JITTER_S = 0.02  # between the moment that a command is for and its stamp, on a machine that does other things as well
_SHOWN = 3


def main() -> int:
    """The command."""
    wrong = 0

    def measure(options: argparse.Namespace) -> Result:
        nonlocal wrong
        result = _measured(options.runs, options.wire)
        wrong = sum(int(str(result[name])) for name in COUNTED)
        return result

    run_benchmark("behaviours", __doc__, measure, _declare)
    return 1 if wrong else 0


def simulated(seed: int) -> Verdict:
    """One run of the policy on simulated time."""
    made, limits, freshness = scenario(seed), Limits(), FreshnessRules(period_s=PERIOD_S)
    policy = FollowPerson(FollowRules(made.distance_m), AuthorityRule(Who(made.who), made.listed), limits, freshness)
    return judge(made, run(made, policy, freshness), bounds(limits))


def bounds(limits: Limits, jitter_s: float = 0.0) -> Bounds:
    """What the judge holds a robot to."""
    return Bounds(
        limits.linear,
        limits.angular,
        limits.linear_acceleration,
        limits.angular_acceleration,
        limits.linear_stop,
        limits.angular_stop,
        jitter_s,
    )


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runs", type=int, default=1000, metavar="N", help="on simulated time (default 1000)")
    parser.add_argument("--wire", type=int, default=20, metavar="N", help="over DDS, at most 20 (default 20)")


def _measured(runs: int, wire: int) -> Result:
    verdicts = list(_each("simulated", range(runs), simulated))
    on_the_wire: list[WireRun] = []

    def wired(seed: int) -> Verdict:
        ran = run_on_the_wire(seed)
        on_the_wire.append(ran)
        return judge(ran.scenario, ran.record, bounds(Limits(), _JITTER_S))

    wired_verdicts = list(_each("over DDS", WIRE_SEEDS[:wire], wired))
    together = _counts([*verdicts, *wired_verdicts])
    return {
        **together,
        "simulated": _counts(verdicts),
        "over_dds": {
            **_counts(wired_verdicts),
            **_spread("event_to_command_ms", [ms for ran in on_the_wire for ms in ran.event_to_command_ms]),
            **_spread("palm_to_zero_ms", [ms for ran in on_the_wire for ms in ran.palm_to_zero_ms]),
            **_spread("death_to_zero_ms", [ms for ran in on_the_wire for ms in ran.death_to_zero_ms]),
        },
    }


def _each(what: str, seeds: Iterable[int], make: Callable[[int], Verdict]) -> Iterator[Verdict]:
    """One verdict after the other; what is wrong is told as soon as it is known."""
    for seed in seeds:
        verdict = make(seed)
        for name in COUNTED:
            for words in getattr(verdict, name)[:_SHOWN]:
                print(f"{what}, seed {seed}: {name}: {words}", flush=True)
        yield verdict


def _counts(verdicts: list[Verdict]) -> Result:
    return {
        "runs": len(verdicts),
        **{name: sum(len(getattr(verdict, name)) for verdict in verdicts) for name in COUNTED},
        "runs_with_driving": sum(verdict.drove_m > _DROVE_M for verdict in verdicts),
    }


def _spread(name: str, values: list[float]) -> Result:
    if not values:
        return {f"{name}_count": 0}
    median, most = round(statistics.median(values), 1), round(max(values), 1)
    return {f"{name}_median": median, f"{name}_most": most, f"{name}_count": len(values)}


if __name__ == "__main__":
    sys.exit(main())
