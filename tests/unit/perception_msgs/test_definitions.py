"""The message definitions are the contract: nothing in them is left without a word."""

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[3] / "src" / "perception_msgs"
DEFINITIONS = sorted([*PACKAGE.glob("msg/*.msg"), *PACKAGE.glob("srv/*.srv")])
RESULT_CODE = re.compile(r"^uint8 [A-Z_]+=\d+$")  # of a service, such as NO_SUCH_PERSON: the name says it


def lines(path):
    return [line for line in path.read_text().splitlines() if line.strip() and line.strip() != "---"]


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.name)
def test_every_definition_begins_with_what_it_is(path):
    assert lines(path)[0].startswith("# ")


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.name)
def test_every_field_and_constant_is_commented(path):
    silent = [line for line in lines(path) if "#" not in line]
    assert not [line for line in silent if not (path.suffix == ".srv" and RESULT_CODE.match(line))]


def test_the_cmake_file_lists_every_definition():
    listed = set(re.findall(r"(?:msg|srv)/\w+\.(?:msg|srv)", (PACKAGE / "CMakeLists.txt").read_text()))
    assert listed == {f"{path.parent.name}/{path.name}" for path in DEFINITIONS}
