"""A params file of the user against what the nodes declare."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from perception_core.diagnosis.finding import Fault, Finding, listed
from perception_core.parameters import ParameterError, declarations, with_changes
from perception_core.wording import shown

_OF_EVERY_NODE = ("use_sim_time", "start_type_description_service", "qos_overrides", "diagnostic_updater")
_BLOCK = "ros__parameters"
_LIKE = 0.7  # as difflib measures; below it a node is taken for somebody else's

UNREADABLE = Fault(
    "params-file",
    "the params file cannot be used: {reason}",
    "Nodes that are started with it end at once.",
    "mend {file}, or begin with a copy of config/perception.yaml",
)
UNKNOWN_NODE = Fault(
    "params-node",
    "{file}: {key} names no node of the suite; {nearest} is meant?",
    "ROS drops what is meant for a node that is not there without a word: the defaults hold.",
    "sed -i 's/{key}/{nearest}/' {file}",
)
NO_BLOCK = Fault(
    "params-block",
    "{file}: {key} has no ros__parameters",
    "ROS refuses the file, or drops what stands there.",
    "put a line `ros__parameters:` below {key}, and its parameters further in",
)
UNKNOWN_NAME = Fault(
    "params-name",
    "{file}: {node} has no parameter {name}{hint}",
    "ROS drops an unknown parameter without a word: the default holds.",
    "correct the name in {file}; config/perception.yaml and the README's tables have all of them",
)
BAD_VALUE = Fault(
    "params-value",
    "{file}: {node}: {reason}",
    "The node refuses to start or to configure.",
    "correct the value in {file}",
)
FAULTS = (UNREADABLE, UNKNOWN_NODE, NO_BLOCK, UNKNOWN_NAME, BAD_VALUE)


@dataclass(frozen=True, slots=True)
class ParamsFacts:
    """A params file.

    Attributes:
        file: Its name.
        problem: Why it cannot be read; empty if it can.
        content: What it holds.
        nodes: The dataclass of parameters of every node, by the node's name.
    """

    file: str
    problem: str
    content: Mapping[str, Any]
    nodes: Mapping[str, type[Any]]


@dataclass(frozen=True, slots=True)
class _Block:
    key: str
    node: str
    values: dict[str, object]


def check_params(facts: ParamsFacts) -> list[Finding]:
    """What is wrong with a params file."""
    if facts.problem:
        return [UNREADABLE.found(reason=facts.problem, file=facts.file)]
    findings = []
    for path, below in _nodes_of(facts.content):
        node = path.rstrip("/").rpartition("/")[2]
        if node in ("*", "**"):
            findings += _check_everybodys(facts, _values(below))
        elif node not in facts.nodes:
            near = difflib.get_close_matches(node, facts.nodes, n=1, cutoff=_LIKE)
            findings += [UNKNOWN_NODE.found(file=facts.file, key=node, nearest=near[0])] if near else []
        elif not isinstance(below, Mapping) or _BLOCK not in below:
            findings.append(NO_BLOCK.found(file=facts.file, key=path))
        else:
            findings += _check_block(facts, _Block(path, node, _values(below)))
    return findings


def values_for(content: Mapping[str, Any], node: str, parameters: type[Any]) -> Any:
    """The parameters that a node would have with a params file; defaults for what it cannot use."""
    given: dict[str, object] = {}
    for path, below in _nodes_of(content):
        if path.rstrip("/").rpartition("/")[2] in ("*", "**", node):
            given |= _values(below)
    known = {each.name: each for each in declarations(parameters)}
    usable = {name: value for name, value in given.items() if name in known and not known[name].refusal(value)}
    try:
        return with_changes(parameters(), usable)
    except ParameterError:
        return parameters()


def _nodes_of(content: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Names of nodes with what stands below them; a namespace may be written as a level of its own."""
    for key, below in content.items():
        path = f"{above}/{str(key).strip('/')}"
        inner = below if isinstance(below, Mapping) else {}
        if inner and _BLOCK not in inner and all(isinstance(value, Mapping) for value in inner.values()):
            yield from _nodes_of(inner, path)
        else:
            yield path, below


def _values(below: Any) -> dict[str, object]:
    block = below.get(_BLOCK) if isinstance(below, Mapping) else None
    return dict(_flat(block, "")) if isinstance(block, Mapping) else {}


def _flat(block: Mapping[Any, Any], above: str) -> Iterator[tuple[str, object]]:
    for key, value in block.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _check_block(facts: ParamsFacts, block: _Block) -> list[Finding]:
    known = {each.name: each for each in declarations(facts.nodes[block.node])}
    findings = [
        UNKNOWN_NAME.found(file=facts.file, node=block.node, name=name, hint=_hint(name, known, facts.nodes))
        for name in block.values
        if name not in known and name.partition(".")[0] not in _OF_EVERY_NODE
    ]
    refusals = [known[name].refusal(value) for name, value in block.values.items() if name in known]
    reasons = [refusal for refusal in refusals if refusal]
    if not reasons:
        try:
            with_changes(facts.nodes[block.node](), block.values)
        except ParameterError as error:
            reasons = [str(error)]
    return findings + [BAD_VALUE.found(file=facts.file, node=block.node, reason=reason) for reason in reasons]


def _check_everybodys(facts: ParamsFacts, values: Mapping[str, object]) -> list[Finding]:
    """What is meant for all nodes may be for somebody else's, unless it is nearly one of ours."""
    known = {each.name for parameters in facts.nodes.values() for each in declarations(parameters)}
    return [
        UNKNOWN_NAME.found(file=facts.file, node="no node of the suite", name=name, hint=f": {near[0]} is meant?")
        for name in values
        if name not in known and name.partition(".")[0] not in _OF_EVERY_NODE
        if (near := difflib.get_close_matches(name, known, n=1, cutoff=0.8))
    ]


def _hint(name: str, known: Mapping[str, object], nodes: Mapping[str, type[Any]]) -> str:
    elsewhere = [node for node, each in nodes.items() if any(name == other.name for other in declarations(each))]
    if elsewhere:
        return f", which is one of {listed(elsewhere)}"
    near = difflib.get_close_matches(name, known, n=1)
    return f": {near[0]} is meant?" if near else ""


def describe_params(facts: ParamsFacts) -> list[str]:
    """The file in plain lines."""
    names = [path for path, _ in _nodes_of(facts.content)]
    return [f"{facts.file} is for {listed(names) or 'no node'}"] if not facts.problem else [shown(facts.file)]
