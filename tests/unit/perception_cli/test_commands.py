import subprocess
import sys

import pytest

from perception_cli.bootstrap.main import COMMANDS as BOOTSTRAP_COMMANDS
from perception_cli.commands import COMMANDS, main


def test_every_command_can_be_reached_from_the_launcher():
    through = {name for name, command in BOOTSTRAP_COMMANDS.items() if command.module == "perception_cli"}
    assert through == set(COMMANDS)


@pytest.mark.parametrize("words", [["--help"], ["annotate", "--help"]])
def test_help_names_what_there_is(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    printed = capsys.readouterr().out
    assert ended.value.code == 0
    assert all(name in printed for name in (COMMANDS if words == ["--help"] else ["--output", "--log"]))


@pytest.mark.parametrize("words", [[], ["anotate"]])
def test_what_is_no_command_is_refused_with_those_there_are(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2 and "usage" in capsys.readouterr().err


def test_a_command_does_not_import_what_only_others_need():
    program = (
        "import sys; from perception_cli.commands import parser; parser(['models']); sys.exit('rclpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
