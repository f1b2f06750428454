"""What docs/doctor.md says is what is there."""

import re
import shlex
from pathlib import Path

import pytest

from perception_cli.commands import parser
from perception_core.diagnosis.catalogue import FAULTS, manual

PAGE = (Path(__file__).parents[2] / "docs" / "doctor.md").read_text()
SHELL_LINES = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


def test_the_list_of_findings_is_the_declaration():
    assert PAGE.partition("<!-- findings -->\n")[2].partition("<!-- /findings -->")[0] == manual()


@pytest.mark.parametrize("line", SHELL_LINES)
def test_every_command_is_one(line):
    parser(["doctor"]).parse_args(shlex.split(line)[1:])


@pytest.mark.parametrize(
    "fault", [fault for faults in FAULTS.values() for fault in faults], ids=lambda fault: fault.name
)
def test_every_finding_says_what_why_and_what_to_do_in_one_line_of_a_table(fault):
    assert all((fault.what, fault.why, fault.remedy)) and "\n" not in fault.what + fault.why + fault.remedy
    assert fault.why.endswith(".") and not fault.what.endswith(".")
