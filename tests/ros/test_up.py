"""`./perception up` as its user meets it: brought up, kept up, and ended."""

import os
import signal

import psutil

FACES_ONLY = ("--gestures", "false")


def test_a_process_that_is_killed_comes_back_active_and_all_end_together(graph):
    up = graph.start("perception_cli", "up", *FACES_ONLY)
    graph.spin_until(lambda: "face_perception is active" in up.text(), "the bring-up")
    assert "[bring_up] [INFO]" in up.text()
    children = {process.cmdline()[4]: process for process in psutil.Process(up.pid).children()}
    os.kill(children["perception_ros.container"].pid, signal.SIGKILL)
    graph.spin_until(lambda: up.text().count("face_perception is active") == 2, "the second bring-up")
    assert "[up] perception has ended with -9; it is started again in 1 s" in up.text()
    left = psutil.Process(up.pid).children()
    up.send(signal.SIGTERM)
    assert up.exit_code() == 0, up.text()
    assert "Traceback" not in up.text()
    assert not any(process.is_running() for process in left)


def test_a_typo_is_said_before_anything_runs(graph, tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text("/**/face_perception:\n  ros__parameters:\n    max_distnce: 2.0\n")
    up = graph.start("perception_cli", "up", "--params-file", str(path))
    assert up.exit_code() == 2
    assert up.text() == (
        f"perception up: {path}:3: face_perception has no parameter max_distnce; did you mean max_distance?\n"
    )
