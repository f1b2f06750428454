"""`./perception doctor`: what is wrong with this machine, its ROS, the camera and the nodes, and how to repair it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perception_cli.arguments import seconds
from perception_cli.doctor_report import Examined, exit_code, for_people, for_programs
from perception_cli.processes import Interruption, ros_environment
from perception_core.diagnosis.calibration import check_calibration, describe_calibration
from perception_core.diagnosis.catalogue import Area
from perception_core.diagnosis.depth_content import check_depth, describe_depth
from perception_core.diagnosis.environment import EnvironmentFacts, check_environment, describe_environment
from perception_core.diagnosis.look_at_machine import machine_facts
from perception_core.diagnosis.machine import check_machine, describe_machine
from perception_core.diagnosis.nodes import check_nodes, describe_nodes
from perception_core.diagnosis.params_file import check_params, describe_params
from perception_core.diagnosis.shared_memory import check_shared_memory, describe_shared_memory
from perception_core.diagnosis.streams import check_streams, describe_streams
from perception_core.diagnosis.topics import check_topics, describe_topics
from perception_core.diagnosis.weights import check_weights, describe_weights
from perception_ros.look_at_environment import environment_facts, own_segments, shared_memory_facts

_SECONDS = 5.0
_INTERRUPTED = 130
_GRAPH = (Area.CAMERA, Area.NODES)
_RECEIVER_PROFILE = "fastdds_receiver.xml"


def add_arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command."""
    parser = commands.add_parser(
        "doctor",
        help="find what is wrong with this machine, the camera and the nodes, and say how to repair it",
        description="Exit code: 0 nothing is wrong, 1 something is, 2 something could not be looked at.",
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument(
        "--seconds", type=seconds, default=_SECONDS, metavar="S", help="listen to the camera for so long (default 5)"
    )
    parser.add_argument("--namespace", default="", metavar="NS", help="that the camera and the nodes are in")
    parser.add_argument("--params-file", type=Path, metavar="FILE", help="check a params file, and what it asks for")
    areas = [area.value for area in Area]
    parser.add_argument("--only", action="append", choices=areas, help="look at this part only; may be repeated")
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Looks at everything that is asked for and says what is found."""
    areas = [Area(name) for name in options.only] if options.only else list(Area)
    interruption = Interruption()
    environment = environment_facts(os.environ)
    content: Mapping[str, Any] = {}
    parts = []
    if Area.ENVIRONMENT in areas:
        parts.append(_examine_environment(environment))
    if options.params_file is not None and Area.PARAMETERS in areas:
        part, content = _examine_params(options.params_file)
        parts.append(part)
    if not {Area.MACHINE, Area.MODELS}.isdisjoint(areas):
        parts += [part for part in _examine_machine(content) if part.area in areas]
    if not set(_GRAPH).isdisjoint(areas):
        try:
            found = _examine_graph(options, environment, interruption)
        except KeyboardInterrupt:
            return _INTERRUPTED
        parts += [part for part in found if part.area in areas]
    print(for_programs(parts) if options.json else for_people(parts))
    return exit_code(parts)


def _examine_environment(facts: EnvironmentFacts) -> Examined:
    memory = shared_memory_facts()
    lines, findings = describe_environment(facts), check_environment(facts)
    if memory is not None:
        lines, findings = lines + describe_shared_memory(memory), findings + check_shared_memory(memory)
    return Examined(Area.ENVIRONMENT, lines, findings)


def _examine_params(path: Path) -> tuple[Examined, Mapping[str, Any]]:
    from perception_cli.doctor_files import params_facts  # noqa: PLC0415 - takes half a second to import

    facts = params_facts(path)
    return Examined(Area.PARAMETERS, describe_params(facts), check_params(facts)), facts.content


def _examine_machine(content: Mapping[str, Any]) -> list[Examined]:
    from perception_cli.doctor_files import settings, weight_facts  # noqa: PLC0415 - likewise

    nodes = settings(content)
    machine = machine_facts(sorted({values.engine for values in nodes}))
    weights = weight_facts(nodes)
    return [
        Examined(Area.MACHINE, describe_machine(machine), check_machine(machine)),
        Examined(Area.MODELS, describe_weights(weights), check_weights(weights)),
    ]


def _examine_graph(
    options: argparse.Namespace, environment: EnvironmentFacts, interruption: Interruption
) -> list[Examined]:
    blocked = environment.ros_problem or environment.middleware_problem
    if blocked:
        return [Examined(area, unseen=blocked) for area in _GRAPH]
    # As the demo's viewer: images of all processes of this machine arrive, and little memory is taken.
    os.environ.update(ros_environment(environment.shipped_profile.with_name(_RECEIVER_PROFILE)))
    try:
        return _listen(options, environment, interruption)
    except (RuntimeError, ValueError) as error:  # of rclpy: a domain, a namespace or a profile that cannot be
        reason = str(error).splitlines()[0].partition(", at /")[0]  # rcl adds the place in its sources
        return [Examined(area, unseen=reason) for area in _GRAPH]


def _listen(options: argparse.Namespace, environment: EnvironmentFacts, interruption: Interruption) -> list[Examined]:
    from perception_cli.doctor_camera import (  # noqa: PLC0415 - need ROS, which may be what is missing
        calibration_facts,
        depth_facts,
        stream_facts,
        topic_facts,
    )
    from perception_cli.doctor_graph import GraphLook  # noqa: PLC0415 - likewise

    with GraphLook(options.namespace, lambda: interruption.asked) as look:
        look.listen(options.seconds)
        topics = topic_facts(look, own_segments())
        streams = stream_facts(look, topics)
        calibration, depth = calibration_facts(look, topics), depth_facts(look, topics)
        nodes = look.nodes()
    lines: list[str] = [*describe_topics(topics), *describe_streams(streams)]
    findings = [*check_topics(topics, environment.domain, str(environment.shipped_profile)), *check_streams(streams)]
    if calibration is not None:
        lines, findings = [*lines, *describe_calibration(calibration)], [*findings, *check_calibration(calibration)]
    if depth is not None:
        lines, findings = [*lines, *describe_depth(depth)], [*findings, *check_depth(depth)]
    return [
        Examined(Area.CAMERA, lines, findings),
        Examined(Area.NODES, describe_nodes(nodes), check_nodes(nodes)),
    ]
