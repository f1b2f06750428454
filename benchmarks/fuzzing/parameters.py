"""Values of parameters, from a params file, at start and while a node runs."""

from __future__ import annotations

import dataclasses
import itertools
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import rclpy
import yaml
from hypothesis import strategies as st
from rclpy.context import Context
from rclpy.exceptions import ParameterException
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.parameter import Parameter

from benchmarks.fuzzing.mutation import damaged
from benchmarks.fuzzing.reader import Reader, WrongAnswerError
from face_perception.parameters import FaceParameters
from perception_core.parameters import ParameterError, declarations, with_changes
from perception_ros import parameters

_EVERY = 200  # params files to one that a whole node is started with
_PATIENCE_S = 30.0
_NODE = "face_perception"
_VALID = dataclasses.asdict(FaceParameters())
_WORDS = (".nan", "-.inf", "1e999", "9" * 30, "''", "~", "[1, a]", "[[1]]", "{a: 1}", "!!int x", "*a", "&a [*a]", "\\")
# A component that gets as far as its parameters, says so and ends the process.
_START = f"""
import rclpy.node, sys
from face_perception.parameters import FaceParameters
from perception_ros import container, parameters
class Probe(rclpy.node.Node):
    def __init__(self):
        super().__init__({_NODE!r})
        parameters.declare(self, FaceParameters)
        raise container.ComponentError("it started")
sys.modules["probe"] = sys.modules["__main__"]
container.run(["probe:Probe"])
"""

_scalar = st.one_of(st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(), st.text(max_size=9))
_value = st.one_of(
    *(_scalar, st.none()),
    *(st.lists(each, max_size=3) for each in (st.booleans(), st.integers(-9, 9), st.floats(), st.text(max_size=3))),
)
_likely = st.one_of(st.floats(0, 10), st.integers(0, 70), st.sampled_from(("auto", "raw", "onnxruntime", "yunet")))
_changes = st.dictionaries(st.sampled_from([*_VALID, "use_sim_time", "x"]), st.one_of(_value, _likely), max_size=4)


def readers(folder: Path) -> list[Reader]:
    """What reads parameters."""
    os.environ |= {"ROS_AUTOMATIC_DISCOVERY_RANGE": "OFF", "RCUTILS_LOGGING_SEVERITY_THRESHOLD": "FATAL"}
    rclpy.init(args=[])
    rclpy.logging.set_logger_level("rcl", rclpy.logging.LoggingSeverity.FATAL)
    node = rclpy.create_node("running", enable_rosout=False, start_parameter_services=False)
    parameters.declare(node, FaceParameters)

    def set_while_running(changes: dict[str, Any]) -> None:
        asked = [_parameter(name, value) for name, value in changes.items() if name in _VALID]
        results = node.set_parameters(asked)
        parameters.read(node, FaceParameters)
        for change, result in zip(asked, results, strict=True):
            if not result.successful and not result.reason:
                raise WrongAnswerError(f"{change.name} was refused without a reason")

    return [
        Reader("values", _changes, _check_values, (ParameterError,)),
        Reader("changes", st.tuples(_changes, st.booleans()), _check_changes, ()),
        Reader("running node", _changes, set_while_running, (ParameterError, ParameterException)),
        _file_reader(folder),
    ]


def _parameter(name: str, value: Any) -> Parameter:
    kind = None if not isinstance(value, list) or value else Parameter.Type.STRING_ARRAY
    return Parameter(name, kind, value)  # type: ignore[no-untyped-call]


def _check_values(changes: dict[str, Any]) -> None:
    """What is taken must be what the declaration allows."""
    _assert_allowed(with_changes(FaceParameters(), changes))


def _check_changes(given: tuple[dict[str, Any], bool]) -> None:
    changes, configured = given
    asked = [_parameter(name, value) for name, value in changes.items()]
    present = FaceParameters()
    result = parameters.check_change(FaceParameters, asked, present if configured else None)
    if not result.successful:
        if not result.reason:
            raise WrongAnswerError("refused without a reason")
        return
    if configured:
        _assert_allowed(parameters.with_changes(present, asked))


def _assert_allowed(values: FaceParameters) -> None:
    for declaration in declarations(FaceParameters):
        value: Any = getattr(values, declaration.name)
        low, high = declaration.at_least, declaration.at_most
        right = type(value) is type(declaration.default)
        right = right and (low is None or low <= value) and (high is None or value <= high)
        if not right or (declaration.one_of and value not in declaration.one_of):
            raise WrongAnswerError(f"{declaration.name} is {value!r}")


def _file_reader(folder: Path) -> Reader:
    """Params files: ROS reads them, in C, when a context begins; what comes out of it must come out as words."""
    path = folder / "params.yaml"
    count = itertools.count()
    text = yaml.safe_dump({f"/**/{_NODE}": {"ros__parameters": _VALID}})
    other = _changes.map(lambda changes: yaml.safe_dump({"/**": {"ros__parameters": {**_VALID, **changes}}}).encode())

    def read(data: bytes) -> None:
        path.write_bytes(data)
        arguments = ["--ros-args", "--params-file", str(path)]
        if next(count) % _EVERY == 0:
            _start_node(arguments)
        context = Context()
        context.init(arguments)
        context.shutdown()

    return Reader(
        "params file",
        st.one_of(damaged([text.encode()]), _with_words(text), other),
        read,
        (rclpy_implementation.RCLError,),
        may_say=r"\[rcutils\|error_handling\.c",  # rcl's note that its error text, which comes as well, was cut
    )


@st.composite
def _with_words(draw: st.DrawFn, text: str) -> bytes:
    words = text.split(" ")
    place = draw(st.integers(0, len(words) - 1))
    words[place] = draw(st.sampled_from(_WORDS)) + ("\n" if words[place].endswith("\n") else "")
    return " ".join(words).encode()


def _start_node(arguments: list[str]) -> None:
    command = [sys.executable, "-c", _START, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=_PATIENCE_S, check=False)
    last = done.stderr.strip().rpartition("\n")[2]
    if "Traceback" in done.stderr or done.returncode != 1 or not last.startswith("cannot start: "):
        raise WrongAnswerError(f"a node ends with {done.returncode}: {last}")
