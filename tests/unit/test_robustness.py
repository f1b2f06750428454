"""What docs/robustness.md promises has a test, and what is tested of bad input is told there."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "robustness.md").read_text()
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| what arrives")]
NAMED = re.findall(r"`((?:ros|unit)/\S+\.py)::(\w+)`", PAGE)
OF_BAD_INPUT = [*sorted((TESTS / "ros").glob("test_bad_*.py")), TESTS / "ros" / "test_camera_returns.py"]


def functions_of(path):
    definitions = ast.parse(path.read_text()).body
    return {each.name for each in definitions if isinstance(each, ast.FunctionDef) and each.name.startswith("test_")}


@pytest.mark.parametrize(("file", "function"), NAMED)
def test_every_test_that_is_named_is_there(file, function):
    assert function in functions_of(TESTS / file)


@pytest.mark.parametrize("row", ROWS)
def test_every_row_says_what_is_seen_and_done_and_names_a_test(row):
    arrives, seen, done, test = row.strip("|").split(" | ")
    assert arrives and seen and done and "::test_" in test


@pytest.mark.parametrize("path", OF_BAD_INPUT, ids=lambda path: path.name)
def test_every_test_of_bad_input_is_named(path):
    assert functions_of(path) <= {function for _, function in NAMED}
