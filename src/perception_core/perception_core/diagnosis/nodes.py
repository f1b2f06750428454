"""Whether the suite's nodes are there, work, and complain."""

from __future__ import annotations

from dataclasses import dataclass

from perception_core.diagnosis.finding import Fault, Finding, listed

_ACTIVE = "active"

TWICE = Fault(
    "node-twice",
    "{count} nodes are called {node}",
    "Both answer to the same services, and both publish: every face and hand is there twice.",
    "end all but one, or start the others with another namespace (namespace:=robot2) or ROS_DOMAIN_ID",
)
SILENT = Fault(
    "node-silent",
    "{node} is there and has published no diagnostics for {seconds} s",
    "Its executor is stuck, or it is another program of that name.",
    "look at its log, and start it again",
)
NOT_ACTIVE = Fault(
    "node-not-active",
    "{node} is {state}",
    "It publishes nothing before it is active.",
    "ros2 run perception_ros bring_up {node} (with the wheels: python -m perception_ros.bring_up {node})",
)
COMPLAINT = Fault(
    "node-complains",
    "{node} says: {complaint}",
    "That is what it sees of the camera, its models or its parameters just now.",
    "as it says; the notes on the camera above may name the cause",
)
FAULTS = (TWICE, SILENT, NOT_ACTIVE, COMPLAINT)


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """One of the suite's nodes.

    Attributes:
        name: With its namespace.
        count: How many have this name.
        state: Of its lifecycle as its diagnostics have it; empty if it published none.
        complaints: What it finds wrong.
        figures: What else its diagnostics tell, such as frame_rate_hz.
    """

    name: str
    count: int
    state: str
    complaints: tuple[str, ...] = ()
    figures: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class NodesFacts:
    """All of them.

    Attributes:
        listened_s: For how long their diagnostics were listened to.
        nodes: Those that are there.
    """

    listened_s: float
    nodes: tuple[NodeFacts, ...]


def check_nodes(facts: NodesFacts) -> list[Finding]:
    """What is wrong with the nodes; none at all is no fault."""
    findings = []
    for node in facts.nodes:
        if node.count > 1:
            findings.append(TWICE.found(count=node.count, node=node.name))
        if not node.state:
            findings.append(SILENT.found(node=node.name, seconds=f"{facts.listened_s:.0f}"))
        elif node.state != _ACTIVE:
            findings.append(NOT_ACTIVE.found(node=node.name, state=node.state))
        findings += [COMPLAINT.found(node=node.name, complaint=text) for text in node.complaints]
    return findings


def describe_nodes(facts: NodesFacts) -> list[str]:
    """The nodes in plain lines."""
    if not facts.nodes:
        return ["none of the suite's nodes runs; start them with ros2 launch face_perception perception.launch.py"]
    lines = []
    for node in facts.nodes:
        figures = dict(node.figures)
        told = [f"{figures[key]} {unit}".strip() for key, unit in _TOLD.items() if key in figures]
        lines.append(f"{node.name}: {listed([node.state or 'silent', *told])}")
    return lines


_TOLD = {"frame_rate_hz": "frames/s", "latency_median_ms": "ms median latency", "engine": ""}
