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


def test_a_reader_who_has_seen_enough_gets_no_traceback():
    command = [sys.executable, "-m", "perception_cli", "models", "list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as listing:
        listing.stdout.close()
        assert (listing.stderr.read(), listing.wait()) == ("", 141)


def test_a_signal_that_came_before_it_could_be_taken_ends_it_without_a_traceback():
    """As the launcher leaves it: blocked until there is a handler."""
    program = (
        "import os, signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT]); "
        "os.kill(os.getpid(), signal.SIGINT); "
        "os.execv(sys.executable, [sys.executable, '-m', 'perception_cli', 'models', 'list'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
