"""Whether the networks that the nodes want are there and whole, and plans can be kept."""

from __future__ import annotations

from dataclasses import dataclass

from perception_core.diagnosis.finding import Fault, Finding

NO_LIST = Fault(
    "model-list",
    "the list of models cannot be read: {reason}",
    "No model is found without it.",
    "git checkout models/models.yaml, or mend your own list",
)
MODEL = Fault(
    "model",
    "the model {model} cannot be used: {reason}",
    "The node that wants it refuses to configure, and names it.",
    "{command}",
)
PLANS = Fault(
    "plan-folder",
    "TensorRT's plans cannot be kept: {reason}",
    "They are built anew at every start, which takes minutes on a Jetson.",
    'mkdir -p {folder} && sudo chown -R "$USER" {folder}',
)
FAULTS = (NO_LIST, MODEL, PLANS)


@dataclass(frozen=True, slots=True)
class Weight:
    """A model that the parameters want.

    Attributes:
        name: As the parameters call it.
        problem: Why it cannot be used, in words; empty if it can.
        listed: Whether models.yaml has it.
    """

    name: str
    problem: str = ""
    listed: bool = True


@dataclass(frozen=True, slots=True)
class WeightFacts:
    """The networks on this machine.

    Attributes:
        folder: Where they lie.
        list_problem: Why models.yaml cannot be read; empty if it can.
        weights: Those that are wanted.
        plans_folder: Where TensorRT's plans lie.
        plans: How many there are.
        plans_problem: Why none can be kept; empty if they can, or nobody wants any.
    """

    folder: str
    list_problem: str
    weights: tuple[Weight, ...]
    plans_folder: str = ""
    plans: int = 0
    plans_problem: str = ""


def check_weights(facts: WeightFacts) -> list[Finding]:
    """What is wrong with the networks."""
    findings = []
    if facts.list_problem:
        findings.append(NO_LIST.found(reason=facts.list_problem))
    for weight in facts.weights:
        if weight.problem:
            command = f"./perception models fetch {weight.name}" if weight.listed else "./perception models list"
            findings.append(MODEL.found(model=weight.name, reason=weight.problem, command=command))
    if facts.plans_problem:
        findings.append(PLANS.found(reason=facts.plans_problem, folder=facts.plans_folder))
    return findings


def describe_weights(facts: WeightFacts) -> list[str]:
    """The networks in plain lines."""
    usable = sum(not weight.problem for weight in facts.weights)
    lines = [f"{usable} of {len(facts.weights)} models that the parameters name are whole ({facts.folder})"]
    if facts.plans_folder:
        lines.append(f"TensorRT plans: {facts.plans} in {facts.plans_folder}")
    return lines
