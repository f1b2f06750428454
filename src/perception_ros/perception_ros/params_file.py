"""Names in params files and on command lines that no node has: ROS passes over them without a word."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from perception_core.regular_files import TooLargeError, read_regular
from perception_core.wording import printable

_LARGEST_BYTES = 1_000_000
_ALIKE = 0.75  # of difflib: two letters of eight wrong, or one missing of four
_PARAMETERS = "ros__parameters"
_WILDCARDS = ("*", "**")
_EVERY_NODES = ("use_sim_time", "start_type_description_service")  # rclpy declares them
_EVERY_NODES_PREFIX = "qos_overrides."
_NOT_YAML = (yaml.YAMLError, ValueError, RecursionError)


class ParamsFileError(ValueError):
    """A params file cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Given:
    """A value that somebody gives to a parameter.

    Attributes:
        node: Name of the node without its namespace; empty for every node.
        name: Of the parameter.
        place: Where it is given, in words.
    """

    node: str
    name: str
    place: str


def mistakes(given: Sequence[Given], known: Mapping[str, Collection[str]]) -> list[str]:
    """What is certainly wrong, in words: unknown parameters of known nodes, and known nodes' names mistyped.

    Args:
        given: From `in_file` and `on_command_line`.
        known: Names of parameters by node.
    """
    words = []
    for each in given:
        if each.node in known:
            if not _is_known(each.name, known[each.node]):
                words.append(
                    f"{each.place}: {each.node} has no parameter {each.name}{_nearest(each.name, known[each.node])}"
                )
        elif each.node and (hint := _nearest(each.node, known)):
            words.append(f"{each.place}: there is no node {each.node}{hint}")
    return list(dict.fromkeys(words))


def suspicions(given: Sequence[Given], known: Mapping[str, Collection[str]]) -> list[str]:
    """What may be wrong: given to every node and not known to any of these, but much like what is."""
    names = {name for names in known.values() for name in names}
    doubtful = [each for each in given if not each.node and not _is_known(each.name, names)]
    hints = [(each, _nearest(each.name, names)) for each in doubtful]
    nodes = " and ".join(known)
    return [f"{each.place}: {nodes} has no parameter {each.name}{hint}" for each, hint in hints if hint]


def in_file(path: Path) -> list[Given]:
    """All that a params file gives.

    Raises:
        ParamsFileError: It is not there, or no YAML.
    """
    try:
        document = yaml.compose(read_regular(path, _LARGEST_BYTES), Loader=yaml.SafeLoader)
    except (OSError, TooLargeError) as error:
        raise ParamsFileError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    except _NOT_YAML as error:
        raise ParamsFileError(f"{path} is no YAML: {printable(' '.join(str(error).split()))}") from error
    return list(_sections(document, "", path))


def on_command_line(arguments: Sequence[str]) -> list[Given]:
    """All that a process's arguments for ROS give, in the params files that they name, too.

    A file that cannot be read is left to ROS, which ends the process with a line about it.
    """
    given: list[Given] = []
    words = iter(_for_ros(arguments))
    for word in words:
        if word in ("-p", "--param"):
            target, _, _ = next(words, "").partition(":=")
            node, _, name = target.rpartition(":")
            given.append(Given(node.rpartition("/")[2], name, f"-p {target}"))
        elif word == "--params-file":
            try:
                given += in_file(Path(next(words, "")))
            except ParamsFileError:
                continue
    return given


def _for_ros(arguments: Sequence[str]) -> Iterator[str]:
    for_ros = False
    for argument in arguments:
        if argument == "--ros-args":
            for_ros = True
        elif argument == "--":
            for_ros = False
        elif for_ros:
            yield argument


def _sections(content: yaml.Node | None, node: str, path: Path) -> Iterator[Given]:
    """What is given below a node's name, or a part of it."""
    if not isinstance(content, yaml.MappingNode):
        return
    for key, value in content.value:
        if not isinstance(key, yaml.ScalarNode):
            continue
        if key.value == _PARAMETERS:
            last = node.rpartition("/")[2]
            yield from _names(value, "", "" if last in _WILDCARDS else last, path)
        else:
            yield from _sections(value, f"{node}/{key.value}", path)


def _names(content: yaml.Node, prefix: str, node: str, path: Path) -> Iterator[Given]:
    if not isinstance(content, yaml.MappingNode):
        return
    for key, value in content.value:
        if not isinstance(key, yaml.ScalarNode):
            continue
        name = f"{prefix}{key.value}"
        if isinstance(value, yaml.MappingNode):
            yield from _names(value, f"{name}.", node, path)
        else:
            yield Given(node, printable(name), f"{path}:{key.start_mark.line + 1}")


def _is_known(name: str, names: Collection[str]) -> bool:
    return name in names or name in _EVERY_NODES or name.startswith(_EVERY_NODES_PREFIX)


def _nearest(name: str, names: Collection[str]) -> str:
    alike = difflib.get_close_matches(name, list(names), n=1, cutoff=_ALIKE)
    return f"; did you mean {alike[0]}?" if alike else ""
