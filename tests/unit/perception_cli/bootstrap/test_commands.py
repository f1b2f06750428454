import os
import signal
import sys
import threading

import pytest

from perception_cli.bootstrap.commands import CommandError, Runner


@pytest.fixture
def runner(tmp_path):
    with (tmp_path / "lock").open("w") as lock:
        yield Runner(tmp_path / "setup.log", lock.fileno())


def python(text):
    return [sys.executable, "-S", "-c", text]


def test_what_a_command_says_is_returned_and_logged(runner, tmp_path):
    runner.quiet(python("print('first')"), os.environ, tmp_path)
    assert runner.quiet(python("print('second')"), os.environ, tmp_path) == "second\n"
    log = runner.log.read_text()
    assert log.index("$ ") < log.index("first\n") < log.index("second\n")


def test_a_failure_carries_what_the_command_said(runner, tmp_path):
    with pytest.raises(CommandError) as error:
        runner.quiet(python("import sys; print('no such header'); sys.exit(3)"), os.environ, tmp_path)
    assert error.value.returncode == 3
    assert error.value.output == "no such header\n"


def test_output_that_is_not_text_is_no_obstacle(runner, tmp_path):
    said = runner.quiet(python(r"import os; os.write(1, b'\xff ok\n')"), os.environ, tmp_path)
    assert said.endswith(" ok\n")


def test_an_interrupt_ends_the_command_and_what_it_started(runner, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    # The grandchild holds the pipe's writing end: reading it to its end proves that the grandchild is gone.
    grandchild = f"import signal; pipe = open({str(fifo)!r}, 'w'); pipe.write('x'); pipe.flush(); signal.pause()"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', {grandchild!r}])"
    ended = []

    def interrupt_when_running():
        with fifo.open() as pipe:
            pipe.read(1)
            signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)
            ended.append(pipe.read() == "")

    def interrupt(_number, _frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGUSR1, interrupt)
    watcher = threading.Thread(target=interrupt_when_running)
    watcher.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            runner.quiet(python(child), os.environ, tmp_path)
    finally:
        watcher.join()
        signal.signal(signal.SIGUSR1, before)
    assert ended == [True]
