"""The README's commands, run as they stand there by the real command line."""

import os
import re
import shlex
import subprocess
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from perception_core.frame import RgbdFrame
from perception_core.recordings.reader import Recording
from perception_core.recordings.writer import RecordingWriter

REPOSITORY = Path(__file__).parents[2]
LINES = re.findall(r"^\./perception .*$", (REPOSITORY / "README.md").read_text(), re.MULTILINE)
NEEDS_HARDWARE = {"0": "camera", "realsense": "pyrealsense2"}  # what is said where it is missing


def run(line, folder, environment, *more):
    command = [str(REPOSITORY / "perception"), *shlex.split(line)[1:], *more]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False
    )


def source_of(line):
    return line.partition("--source ")[2].split(" ")[0]


@pytest.fixture
def environment():
    """That of a terminal in which no environment is active."""
    of_a_terminal = {"HOME", "PATH", "LANG", "TERM", "PERCEPTION_CACHE", "XDG_CACHE_HOME", "ROS_DISTRO"}
    return {name: value for name, value in os.environ.items() if name in of_a_terminal} | {"ROS_DOMAIN_ID": "99"}


@pytest.mark.parametrize("line", [line for line in LINES if line.split()[1] in {"models", "bench", "setup"}])
def test_a_command_does_what_it_says(line, tmp_path, environment):
    result = run(line, tmp_path, environment)
    assert result.returncode == 0, result.stderr


@pytest.fixture
def files(tmp_path):
    """What the README's commands name."""
    black = np.zeros((48, 64, 3), np.uint8)
    writer = cv2.VideoWriter(str(tmp_path / "video.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), 30.0, (64, 48))
    for _ in range(30):
        writer.write(black)
    writer.release()
    (tmp_path / "pictures").mkdir()
    cv2.imwrite(str(tmp_path / "pictures" / "black.png"), black)
    with RecordingWriter(tmp_path / "monday") as recording:
        for k in range(30):
            recording.write(RgbdFrame(time.time_ns() + k * 33_000_000, "camera", black))


@pytest.mark.parametrize("line", [line for line in LINES if line.split()[1] == "record"])
def test_what_is_recorded_can_be_played(line, tmp_path, environment):
    result = run(line, tmp_path, environment, "--duration", "0.5")
    assert result.returncode == 0, result.stderr
    played = re.search(r"play it: \./perception demo --source (\S+)", result.stdout)[1]
    assert len(list(Recording(tmp_path / played).frames())) == 15


@pytest.mark.parametrize("line", [line for line in LINES if line.split()[1] == "annotate"])
def test_what_is_annotated_lies_where_it_says(line, tmp_path, environment, files):
    result = run(line, tmp_path, environment)
    assert result.returncode == 0, result.stderr
    output, log = re.search(r"per second: (\S+) and (\S+)", result.stdout).groups()
    assert (tmp_path / output).exists() and (tmp_path / log).read_text()


@pytest.mark.parametrize("line", [line for line in LINES if " demo" in line and source_of(line) not in NEEDS_HARDWARE])
def test_a_demo_leaves_a_video(line, tmp_path, environment, files):
    result = run(line, tmp_path, environment, "--duration", "3")
    assert result.returncode == 0, result.stderr
    video = re.search(r"video: (\S+\.mp4)", result.stdout)
    assert video and cv2.VideoCapture(str(tmp_path / video[1])).read()[0]


@pytest.mark.parametrize("line", [line for line in LINES if source_of(line) in NEEDS_HARDWARE])
def test_what_is_missing_for_a_camera_is_said(line, tmp_path, environment):
    result = run(line, tmp_path, environment, "--duration", "1")
    if result.returncode == 0:
        pytest.skip("there is such a camera here")
    assert NEEDS_HARDWARE[source_of(line)] in result.stderr
    assert "Traceback" not in result.stderr
