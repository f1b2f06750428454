import os
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest

from perception_cli import commands, record
from perception_core.frame import RgbdFrame
from perception_core.recordings.reader import Recording
from perception_core.recordings.writer import RecordingWriter
from perception_core.sources.error import SourceError

COLOUR = np.zeros((6, 8, 3), np.uint8)


pytestmark = pytest.mark.usefixtures("signals_kept")


@pytest.fixture
def video(tmp_path):
    writer = cv2.VideoWriter(str(tmp_path / "v.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 100.0, (64, 48))
    for k in range(20):
        writer.write(np.full((48, 64, 3), 10 * k, np.uint8))
    writer.release()
    return tmp_path / "v.avi"


def played(folder):
    return list(Recording(folder).frames())


def test_a_video_becomes_a_recording_with_the_time_of_day(video, tmp_path, capsys):
    before_ns = time.time_ns()
    assert commands.main(["record", "--source", str(video), "--output", str(tmp_path / "r")]) == 0
    stamps = [frame.stamp_ns for frame in played(tmp_path / "r")]
    assert [stamp - stamps[0] for stamp in stamps] == [k * 10_000_000 for k in range(20)]
    assert before_ns <= stamps[0] and stamps[-1] <= time.time_ns()
    said = capsys.readouterr().out
    assert f"recording v.avi into {tmp_path}/r; Ctrl-C ends it" in said
    assert "20 frames, " in said and " MB: " in said
    assert f"play it: ./perception demo --source {tmp_path}/r\n" in said
    assert f"ros2 bag play {tmp_path}/r\n" in said


def test_it_ends_after_the_duration(video, tmp_path):
    assert commands.main(["record", "--source", str(video), "--duration", "0.1", "--output", str(tmp_path / "r")]) == 0
    assert len(played(tmp_path / "r")) == 10


def test_a_recording_is_recorded_with_its_own_stamps(tmp_path):
    with RecordingWriter(tmp_path / "old") as writer:
        for k in range(3):
            writer.write(RgbdFrame(5_000_000_000 + k * 1_000_000, "camera", COLOUR))
    assert commands.main(["record", "--source", str(tmp_path / "old"), "--output", str(tmp_path / "new")]) == 0
    assert [frame.stamp_ns for frame in played(tmp_path / "new")] == [5_000_000_000, 5_001_000_000, 5_002_000_000]


def test_a_live_camera_is_recorded_with_the_time_of_day(tmp_path, monkeypatch):
    class Camera:
        name, rate_hz, live = "camera", None, True

        def frames(self):
            return (RgbdFrame(k * 1_000_000, "camera", COLOUR) for k in range(5))

        def close(self):
            pass

    monkeypatch.setattr(record, "open_source", lambda _: Camera())
    before_ns = time.time_ns()
    assert commands.main(["record", "--source", "0", "--output", str(tmp_path / "r")]) == 0
    stamps = [frame.stamp_ns for frame in played(tmp_path / "r")]
    assert len(stamps) == 5 and before_ns <= stamps[0] <= time.time_ns()


def test_a_recording_is_never_written_over(video, tmp_path, capsys):
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "mine").touch()
    assert commands.main(["record", "--source", str(video), "--output", str(tmp_path / "r")]) == 1
    assert capsys.readouterr().err.startswith(f"perception: {tmp_path}/r is not empty: choose a folder")


def test_a_source_that_fails_leaves_what_was_recorded_until_then(tmp_path, monkeypatch, capsys):
    class Camera:
        name, rate_hz, live = "camera", None, True

        def frames(self):
            yield from (RgbdFrame(k * 1_000_000, "camera", COLOUR) for k in range(5))
            raise SourceError("camera delivers no frames any more")

        def close(self):
            pass

    monkeypatch.setattr(record, "open_source", lambda _: Camera())
    assert commands.main(["record", "--output", str(tmp_path / "r")]) == 1
    assert len(played(tmp_path / "r")) == 5
    said = capsys.readouterr().err
    assert "no frames any more" in said and f"can be played: {tmp_path}/r" in said


def test_a_source_that_is_not_there_leaves_nothing_behind(tmp_path, capsys):
    assert commands.main(["record", "--source", "/no/such.mp4", "--output", str(tmp_path / "a" / "b" / "r")]) == 1
    assert "'/no/such.mp4': there is no such file" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_it_can_be_ended_while_the_source_is_unpacked(tmp_path, monkeypatch):
    def unpack(_):
        os.kill(os.getpid(), signal.SIGINT)
        while True:
            pass

    monkeypatch.setattr(record, "open_source", unpack)
    assert commands.main(["record", "--source", "packed", "--output", str(tmp_path / "a" / "r")]) == 130
    assert not list(tmp_path.iterdir())


def test_a_camera_number_that_is_none_is_no_source(tmp_path, capsys):
    assert commands.main(["record", "--source", "9" * 20, "--output", str(tmp_path / "r")]) == 1
    assert "it is no known source" in capsys.readouterr().err


def test_nothing_is_recorded_into_its_own_source(tmp_path, capsys):
    with RecordingWriter(tmp_path / "old") as writer:
        writer.write(RgbdFrame(0, "camera", COLOUR))
    assert commands.main(["record", "--source", str(tmp_path / "old"), "--output", str(tmp_path / "old" / "new")]) == 1
    assert "in the folder of the recording" in capsys.readouterr().err
    assert not (tmp_path / "old" / "new").exists()


def test_a_disk_that_is_full_at_once_leaves_nothing_behind(tmp_path):
    program = (
        "import resource, signal, sys; from perception_cli.commands import main\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    words = [sys.executable, "-c", program, "record", "--source", "scene:empty", "--duration", "1", "--output", "a/r"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and "File too large" in done.stderr and "can be played" not in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("folder", "named"),
    [("demo", "./demo"), ("my room", "'./my room'"), ("~x", "'./~x'"), ("a/b", "./a/b"), ("../r/c", "../r/c")],
)
def test_what_it_says_to_type_plays_the_recording(video, monkeypatch, capsys, folder, named):
    (video.parent / "r").mkdir()
    monkeypatch.chdir(video.parent / "r")
    assert commands.main(["record", "--source", str(video), "--duration", "0.02", "--output", folder]) == 0
    said = capsys.readouterr().out
    assert f"demo --source {named}\n" in said and f"ros2 bag play {named}\n" in said


def test_the_output_must_be_named(capsys):
    with pytest.raises(SystemExit) as error:
        commands.main(["record"])
    assert error.value.code == 2
    assert "--output" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_a_usual_end_and_everything_is_kept(tmp_path, number):
    for k in range(100):
        cv2.imwrite(str(tmp_path / f"{k}.png"), np.full((48, 64, 3), k, np.uint8))
    process = subprocess.Popen(
        [sys.executable, "-m", "perception_cli", "record", "--source", str(tmp_path), "--output", str(tmp_path / "r")],
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not any(file.stat().st_size > 100_000 for file in tmp_path.glob("r/*.mcap")):
        assert process.poll() is None, process.stderr.read()
    process.send_signal(number)
    said, complaints = process.communicate(timeout=30)
    assert (process.returncode, complaints) == (0, "")
    assert (tmp_path / "r" / "metadata.yaml").exists()
    assert f"{len(played(tmp_path / 'r'))} frames, " in said
