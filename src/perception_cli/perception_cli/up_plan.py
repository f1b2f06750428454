"""The processes of `./perception up`, as the launch files have them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from perception_cli.up_settings import SettingsError, UpSettings
from perception_ros import params_file, suite
from perception_ros.suite import SuiteNode

CONFIG = Path(__file__).parents[3] / "config"
IMAGES, NO_IMAGES = CONFIG / "fastdds_shm.xml", CONFIG / "fastdds_receiver.xml"
BRING_UP = "bring_up"


@dataclass(frozen=True, slots=True)
class Planned:
    """A process.

    Attributes:
        name: For the log.
        command: Python module and its arguments.
        profile: What it tells Fast DDS of its images.
        respawn: Start it again when it ends.
        needed: Without it the others are of no use.
    """

    name: str
    command: tuple[str, ...]
    profile: Path
    respawn: bool
    needed: bool = True


def plan(settings: UpSettings) -> list[Planned]:
    """All processes, the one that brings the nodes up last."""
    nodes = suite.perceivers(gestures=settings.gestures, people=settings.people)
    acting = [node for node in suite.BEHAVIOURS if node.name in settings.chosen_behaviours]
    processes = [*_camera(settings), *_perceivers(settings, nodes), *(_behaviour(settings, node) for node in acting)]
    keep = ["--keep"] if settings.respawn else []
    command = ("perception_ros.bring_up", *(node.name for node in [*nodes, *acting]), *keep)
    arguments = ("--timeout", str(settings.timeout_s), *_ros(settings, []))
    return [*processes, Planned(BRING_UP, (*command, *arguments), NO_IMAGES, settings.respawn)]


def check_params_file(settings: UpSettings) -> list[str]:
    """Reads the params file before anything runs.

    Returns:
        What may be wrong with it, in words.

    Raises:
        SettingsError: Something certainly is.
    """
    known = suite.known_parameters()
    try:
        given = params_file.in_file(_params_file(settings))
    except params_file.ParamsFileError as error:
        raise SettingsError(str(error)) from error
    wrong = params_file.mistakes(given, known)
    if wrong:
        raise SettingsError("\n".join(wrong))
    return params_file.suspicions(given, known)


def _camera(settings: UpSettings) -> list[Planned]:
    if settings.camera == "none":
        return []
    source = settings.source if settings.camera == "replay" else "realsense"
    given = ["-p", f"source:={json.dumps(source, ensure_ascii=False)}", "-p", "loop:=true", *_names(settings)]
    if settings.camera_name != suite.USUAL_CAMERA:
        given += ["-p", f"frame_id:={suite.camera_frame(settings.camera_name)}"]
    return [Planned("camera", ("perception_ros.replay_node", *_ros(settings, given)), IMAGES, settings.respawn)]


def _perceivers(settings: UpSettings, nodes: Sequence[SuiteNode]) -> list[Planned]:
    given = [*_parameters(settings), *_names(settings)]
    if suite.PEOPLE in nodes:
        given += ["-r", ":=".join(suite.TO_PERSON_NODE)]
    if settings.composed:
        given += [part for node in nodes for part in _engine(settings, node)]
        command = ("perception_ros.container", *(node.component for node in nodes), *_ros(settings, given))
        return [Planned("perception", command, IMAGES, settings.respawn)]
    return [
        Planned(
            node.name,
            (node.module, *_ros(settings, [*given, *_engine(settings, node)])),
            IMAGES,
            settings.respawn,
        )
        for node in nodes
    ]


def _behaviour(settings: UpSettings, node: SuiteNode) -> Planned:
    table = ["-p", f"table:={json.dumps(_table(settings))}"] if node.name == "gesture_actions" else []
    command = (node.module, *_ros(settings, [*_parameters(settings), *table]))
    return Planned(node.name, command, NO_IMAGES, respawn=False, needed=False)


def _engine(settings: UpSettings, node: SuiteNode) -> list[str]:
    """For the nodes that have networks."""
    chosen = {"engine": settings.engine, "precision": settings.precision} if node is not suite.PEOPLE else {}
    return [part for name, value in chosen.items() if value for part in ("-p", f"{node.name}:{name}:={value}")]


def _parameters(settings: UpSettings) -> list[str]:
    sim_time = ["-p", "use_sim_time:=true"] if settings.use_sim_time else []
    return ["--params-file", str(_params_file(settings)), *sim_time]


def _names(settings: UpSettings) -> list[str]:
    remappings = suite.camera_remappings(
        settings.camera_name,
        colour=settings.colour_topic,
        depth=settings.depth_topic,
        camera_info=settings.camera_info_topic,
    )
    return [part for topic, name in remappings for part in ("-r", f"{topic}:={name}")]


def _ros(settings: UpSettings, given: Sequence[str]) -> list[str]:
    namespace = settings.namespace.strip("/")
    moved = ["-r", f"__ns:=/{namespace}"] if namespace else []
    return ["--ros-args", *moved, *given, "--log-level", settings.log_level]


def _params_file(settings: UpSettings) -> Path:
    return Path(settings.params_file).expanduser() if settings.params_file else CONFIG / "perception.yaml"


def _table(settings: UpSettings) -> str:
    return settings.table or str(CONFIG / "gesture_actions.yaml")
