"""What `./perception up` starts: its settings, from a file, from the command line, or as they are by default."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from perception_core.parameters import Declaration, ParameterError, check, declarations, parameter, with_changes
from perception_core.regular_files import TooLargeError, read_regular
from perception_core.wording import printable, shown
from perception_ros import suite

BEHAVIOURS = [node.name for node in suite.BEHAVIOURS]
CAMERAS = ("none", "realsense", "replay")
LOG_LEVELS = ("debug", "info", "warn", "error")
_LARGEST_BYTES = 100_000
_NOT_YAML = (yaml.YAMLError, ValueError, RecursionError)
_YES_NO = {"true": True, "false": False}


class SettingsError(ValueError):
    """The settings cannot be used; the text names the file, the setting, and what is possible."""


@dataclass(frozen=True, slots=True)
class UpSettings:
    """All of them; the options and the keys of the file are made from these lines."""

    camera: str = parameter(
        "none", "What brings the images: realsense (needs no driver), replay (of source), or none.", one_of=CAMERAS
    )
    source: str = parameter("demo", "Of replay: what replay_node shows; see `./perception demo --help`.")
    camera_name: str = parameter("camera", "Images are found at camera/<camera_name>/color/image_raw, and so on.")
    colour_topic: str = parameter("", "Of a driver that has other names; empty for that of camera_name.")
    depth_topic: str = parameter("", "Likewise; depth has to be aligned to colour.")
    camera_info_topic: str = parameter("", "Likewise.")
    namespace: str = parameter("", "Namespace of all nodes and topics.")
    params_file: str = parameter("", "Parameters of the nodes; empty for config/perception.yaml.")
    engine: str = parameter("", "Parameter engine of the nodes; empty leaves it to the params file.")
    precision: str = parameter("", "Parameter precision of the nodes; likewise.")
    gestures: bool = parameter(True, "Whether hands are perceived beside faces.")
    people: bool = parameter(True, "Whether faces and hands are brought together to people, where there are gestures.")
    behaviours: str = parameter("", f"Of {', '.join(BEHAVIOURS)}, with commas: what the robot does.")
    table: str = parameter("", "Of gesture_actions: its table; empty for config/gesture_actions.yaml.")
    composed: bool = parameter(True, "One process for all nodes of perception, or one for each.")
    respawn: bool = parameter(True, "Whether a process that ends is started again; otherwise all end with it.")
    use_sim_time: bool = parameter(False, "Take the time from /clock.")
    log_level: str = parameter("info", "What the nodes log.", one_of=LOG_LEVELS)
    timeout_s: float = parameter(60.0, "For each step of a node's bring-up, in seconds.", at_least=1.0, at_most=3600.0)

    def __post_init__(self) -> None:
        check(self)
        for name in self.chosen_behaviours:
            if name not in BEHAVIOURS:
                raise ParameterError(
                    f"behaviours: there is no {shown(name)}{_nearest(name, BEHAVIOURS)}; there are "
                    f"{', '.join(BEHAVIOURS)}"
                )

    @property
    def chosen_behaviours(self) -> list[str]:
        """Names of behaviours, none twice."""
        return list(dict.fromkeys(name.strip() for name in self.behaviours.split(",") if name.strip()))


def settings_from(file: Path | None, options: Mapping[str, str]) -> UpSettings:
    """The settings of a file, with those of the command line over them.

    Args:
        file: YAML, a mapping of settings; None for none.
        options: Texts by the names of settings.

    Raises:
        SettingsError: One cannot be used.
    """
    place = "" if file is None else f"{file}: "
    try:
        changed = with_changes(UpSettings(), _read(file) if file is not None else {})
    except ParameterError as error:
        raise SettingsError(f"{place}{error}") from error
    known = {each.name: each for each in declarations(UpSettings)}
    try:
        return with_changes(changed, {name: _value(known[name], text) for name, text in options.items()})
    except ParameterError as error:
        raise SettingsError(str(error)) from error


def _read(file: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(read_regular(file, _LARGEST_BYTES))
    except (OSError, TooLargeError) as error:
        raise SettingsError(f"{file}: {getattr(error, 'strerror', None) or error}") from error
    except _NOT_YAML as error:
        raise SettingsError(f"{file} is no YAML: {printable(' '.join(str(error).split()))}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise SettingsError(f"{file} holds no settings: write lines such as `camera: realsense`")
    known = {each.name: each for each in declarations(UpSettings)}
    for name in content:
        if name not in known:
            raise SettingsError(f"{file}: there is no setting {shown(name)}{_nearest(str(name), known)}")
    return {name: _tolerant(known[name], value) for name, value in content.items()}


def _tolerant(declaration: Declaration, value: object) -> object:
    """60 for a number of seconds, and a source that is a camera's number, mean what they look like."""
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    return type(declaration.default)(value) if isinstance(declaration.default, float | str) else value


def _value(declaration: Declaration, text: str) -> object:
    if isinstance(declaration.default, bool):
        if text not in _YES_NO:
            raise ParameterError(f"{declaration.name}: {shown(text)} is neither true nor false")
        return _YES_NO[text]
    if isinstance(declaration.default, float):
        try:
            return float(text)
        except ValueError:
            return text
    return text


def _nearest(name: str, names: Any) -> str:
    alike = difflib.get_close_matches(name, list(names), n=1)
    return f"; did you mean {alike[0]}?" if alike else ""
