"""No claim about security without a test that is there, and no command that is none."""

import ast
import itertools
import re
import shlex
from pathlib import Path

import pytest

from perception_core.service_access import ServiceAccess

REPOSITORY = Path(__file__).parents[2]
TESTS = REPOSITORY / "tests"
PAGE = (REPOSITORY / "docs" / "security.md").read_text()
NAMED = sorted(set(re.findall(r"`((?:ros|unit)/\S+\.py)::(\w+)`", PAGE)))
HEADS = ("what", "who", "input")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and line.split("|")[1].strip() not in HEADS]
SHELL_LINES = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


def functions_of(path):
    return {each.name for each in ast.parse(path.read_text()).body if isinstance(each, ast.FunctionDef)}


@pytest.mark.parametrize(("file", "function"), NAMED)
def test_every_test_that_is_named_is_there(file, function):
    assert function in functions_of(TESTS / file)


@pytest.mark.parametrize("row", ROWS)
def test_every_claim_names_a_test(row):
    *told, test = row.strip("|").split(" | ")
    assert all(told[:2]) and "::test_" in test


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", PAGE))))
def test_every_link_leads_somewhere(link):
    assert (REPOSITORY / "docs" / link).exists()


@pytest.mark.parametrize("line", [line for line in SHELL_LINES if line.startswith("ros2 run")])
def test_every_executable_is_an_entry_point_and_every_enclave_in_the_policy(line):
    _, _, package, executable, *arguments = shlex.split(line)
    assert f'"{executable} = ' in (REPOSITORY / "src" / package / "setup.py").read_text()
    policy = (REPOSITORY / "config" / "sros2" / "policy.xml").read_text()
    for flag, value in itertools.pairwise(arguments):
        if flag == "--enclave":
            assert f'<enclave path="{value}">' in policy
        if flag == "-p":
            name, _, given = value.partition(":=")
            assert name == "services" and ServiceAccess(given).value == given
        if flag in ("--params-file", "-p", "-r"):
            assert not value.startswith("config/") or (REPOSITORY / value).exists()


def test_the_operators_enclave_is_there():
    (path,) = re.findall(r"ROS_SECURITY_ENCLAVE_OVERRIDE=(\S+)`", PAGE)
    assert f'<enclave path="{path}">' in (REPOSITORY / "config" / "sros2" / "policy.xml").read_text()
