from dataclasses import dataclass

import pytest

from perception_core.diagnosis.params_file import ParamsFacts, check_params, values_for
from perception_core.parameters import ParameterError, check, parameter


@dataclass(frozen=True, slots=True)
class Eyes:
    detect_every: int = parameter(5, "Now and then.", at_least=1)
    engine: str = parameter("auto", "What runs it.", one_of=("auto", "tensorrt"))
    least: float = parameter(0.1, "Below most.")
    most: float = parameter(0.2, "Above least.")

    def __post_init__(self):
        check(self)
        if self.least > self.most:
            raise ParameterError("least: it is above most")


@dataclass(frozen=True, slots=True)
class Hands:
    max_hands: int = parameter(4, "So many.", at_least=1)


NODES = {"eyes_node": Eyes, "hands_node": Hands}


def found(content, problem=""):
    return check_params(ParamsFacts("robot.yaml", problem, content, NODES))


def block(**values):
    return {"ros__parameters": values}


@pytest.mark.parametrize(
    ("fault", "content", "said"),
    [
        ("params-name", {"eyes_node": block(detect_evry=3)}, "detect_every is meant"),
        ("params-name", {"/**/eyes_node": block(max_hands=3)}, "one of hands_node"),
        ("params-name", {"/**": block(detect_evry=3)}, "detect_every is meant"),
        ("params-node", {"/robot/eye_node": block(detect_every=3)}, "eyes_node is meant"),
        ("params-node", {"robot": {"eyes_nod": block(detect_every=3)}}, "eyes_node is meant"),
        ("params-block", {"eyes_node": {"detect_every": 3}}, "no ros__parameters"),
        ("params-value", {"eyes_node": block(detect_every=0)}, "at least 1"),
        ("params-value", {"eyes_node": block(detect_every="three")}, "not of type int"),
        ("params-value", {"eyes_node": block(engine="cuda")}, "auto, tensorrt"),
        ("params-value", {"eyes_node": block(least=0.5)}, "above most"),
    ],
)
def test_a_mistake_is_named_with_what_would_be_right(fault, content, said):
    (finding,) = found(content)
    assert finding.fault == fault and said in finding.what and "robot.yaml" in finding.what + finding.remedy


def test_a_file_that_cannot_be_read_is_a_finding():
    (finding,) = found({}, "robot.yaml cannot be read: No such file or directory.")
    assert finding.fault == "params-file" and "No such file" in finding.what


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"/**/eyes_node": block(detect_every=3, use_sim_time=True)},
        {"eyes_node": block(qos_overrides={"/faces": {"publisher": {"depth": 3}}})},
        {"camera": {"camera": block(enable_sync=True)}},
        {"/**": block(detect_every=3, something_of_the_camera=1)},
    ],
)
def test_a_good_file_and_somebody_elses_parameters_are_none(content):
    assert not found(content)


def test_what_the_nodes_will_have_is_read_of_it():
    content = {"/**": block(detect_every=3), "robot": {"eyes_node": block(engine="tensorrt", least="wrong")}}
    assert values_for(content, "eyes_node", Eyes) == Eyes(detect_every=3, engine="tensorrt")
