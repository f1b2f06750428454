"""`./perception annotate` on real pictures and clips, and on what is none."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from perception_cli.commands import main
from perception_core.frame import RgbdFrame
from perception_core.paths import models_dir
from perception_core.recordings.writer import RecordingWriter
from perception_core.sources.pictures import read_picture
from perception_core.zoo.manifest import load_models

PATIENCE_S = 60
NETWORKS = [name for name, spec in load_models().items() if spec.default]


@pytest.fixture(autouse=True)
def ready(weights, tmp_path, monkeypatch, signals_kept):
    """The networks are there, and results go into a folder of the test."""
    for name in NETWORKS:
        weights(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def annotate(capsys):
    """Runs the command; gives its exit code, its output and what it complained about."""

    def run(*words):
        code = main(["annotate", *map(str, words)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def started(*words, **options):
    command = [sys.executable, "-m", "perception_cli", "annotate", *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def frames_of(path):
    video = cv2.VideoCapture(str(path))
    frames = []
    while (read := video.read())[0]:
        frames.append(read[1])
    return frames, video.get(cv2.CAP_PROP_FPS)


def records_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def write_video(path, frames=30, rate_hz=30.0, size=(320, 240)):
    noise = np.random.default_rng(0)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), rate_hz, size)
    for _ in range(frames):
        writer.write(noise.integers(0, 255, (size[1], size[0], 3), np.uint8))
    writer.release()
    return path


def test_every_frame_of_a_video_is_annotated_once_at_its_rate_and_size(annotate, picture, tmp_path):
    clip = picture("one_face_clip")
    code, said, complaints = annotate(clip)
    assert (code, complaints) == (0, "")
    given, rate_hz = frames_of(clip)
    frames, annotated_rate_hz = frames_of(tmp_path / "output" / "one_face_clip-annotated.mp4")
    assert len(frames) == len(given) and frames[0].shape == given[0].shape
    assert annotated_rate_hz == pytest.approx(rate_hz, rel=1e-3)
    changes = [np.abs(one.astype(int) - other).max(axis=2) for one, other in zip(frames, given, strict=True)]
    assert all(np.median(change) <= 8 and 0.01 < (change > 40).mean() < 0.15 for change in changes)
    records = records_of(tmp_path / "output" / "one_face_clip-annotated.jsonl")
    assert [record["stamp"] for record in records] == pytest.approx([k / rate_hz for k in range(len(given))])
    assert all(
        set(record) - {"events"} == {"stamp", "latency_ms", "faces", "hands"} and record["latency_ms"] > 0
        for record in records
    )
    assert {face["id"] for record in records for face in record["faces"]} == {1}
    assert said.count("\n") == 1 and f"{len(given)} frames, {len(given)} faces" in said and "annotated.mp4" in said


def test_where_nobody_is_no_face_is_found(annotate, picture, tmp_path):
    code, said, _ = annotate(picture("no_face_clip"), "--duration", "1", "--output", "out.mp4", "--log", "faces.jsonl")
    assert code == 0 and "0 faces" in said
    assert {len(record["faces"]) for record in records_of(tmp_path / "faces.jsonl")} == {0}


def test_every_picture_of_a_folder_is_judged_on_its_own(annotate, picture, tmp_path):
    folder, output = tmp_path / "album", tmp_path / "annotated"
    folder.mkdir()
    names = {"six_faces": 6, "group_of_faces": 5, "astronaut": 1, "obama": 1}
    for name in names:
        shutil.copy(picture(name), folder)
    for _ in range(2):  # the second time what is there is replaced
        code, said, complaints = annotate(folder, "--output", output)
        assert (code, complaints) == (0, "") and "4 pictures, 13 faces" in said
    records = {record["file"]: record["faces"] for record in records_of(output / "faces.jsonl")}
    assert {name.partition(".")[0]: len(faces) for name, faces in records.items()} == names
    identities = [face["id"] for faces in records.values() for face in faces]
    assert len(set(identities)) == 13
    assert sorted(path.name for path in output.iterdir()) == sorted(["faces.jsonl", *records])
    for name in records:
        before, after = read_picture(folder / name), read_picture(output / name)
        assert before.shape == after.shape and (before != after).any()


def test_hands_are_drawn_and_written_with_their_gestures(annotate, picture, tmp_path, monkeypatch):
    data = tmp_path / "data"
    monkeypatch.setenv("PERCEPTION_DATA", str(data))
    clip = picture("hand_pointing_up")
    code, said, complaints = annotate(clip, "--output", "hand.png", "--log-landmarks")
    assert (code, complaints) == (0, "") and "0 faces, 1 hand," in said
    (hand,) = records_of(tmp_path / "hand.jsonl")[0]["hands"]
    assert hand["gesture"] == "Pointing_Up" and hand["fingers"] == 1 and len(hand["landmarks"]["points"]) == 21
    given, drawn = read_picture(clip), read_picture(tmp_path / "hand.png")
    column, row = map(round, hand["landmarks"]["points"][7][:2])  # the index finger's last joint
    assert (
        given[row - 4 : row + 5, column - 4 : column + 5] != drawn[row - 4 : row + 5, column - 4 : column + 5]
    ).any()
    assert not data.exists()  # looking at pictures makes no file of people or gestures


def test_gestures_in_a_scene_begin_and_go_on(annotate, pictures, tmp_path):
    assert annotate("scene:hands", "--duration", "1.7", "--output", "out.mp4")[0] == 0
    records = records_of(tmp_path / "out.jsonl")
    events = [(event["event"], event["gesture"]) for record in records for event in record.get("events", ())]
    assert events[:2] == [("started", "Pointing_Up"), ("held", "Pointing_Up")]
    pointed = [hand["pointing"] for record in records for hand in record["hands"] if hand["pointing"]]
    assert all(len(pointing["origin"]) == len(pointing["direction"]) == 3 for pointing in pointed)


def test_a_picture_alone_gives_a_picture(annotate, picture, tmp_path):
    assert annotate(picture("six_faces"), "--output", "six.png")[0] == 0
    assert read_picture(tmp_path / "six.png").shape == read_picture(picture("six_faces")).shape
    assert len(records_of(tmp_path / "six.jsonl")[0]["faces"]) == 6


def test_landmarks_are_logged_where_they_are_asked_for(annotate, picture, tmp_path):
    assert annotate(picture("astronaut"), "--output", "one.png", "--log-landmarks")[0] == 0
    assert annotate(picture("astronaut"), "--output", "two.png")[0] == 0
    ((face,), (without,)) = (records_of(tmp_path / name)[0]["faces"] for name in ("one.jsonl", "two.jsonl"))
    assert face.keys() - without.keys() == {"landmarks", "blendshapes"}
    points = np.array(face["landmarks"]["points"])
    assert face["landmarks"]["scheme"] == "MEDIAPIPE478" and points.shape == (478, 3)
    x, y, width, height = face["box"]
    assert x < points[:, 0].mean() < x + width and y < points[:, 1].mean() < y + height
    assert face["blendshapes"]["mouthSmileLeft"] > 0.5 > face["blendshapes"]["jawOpen"]


def test_a_portrait_is_read(annotate, picture, tmp_path):
    assert annotate(picture("astronaut"), "--output", "out.png")[0] == 0
    (face,) = records_of(tmp_path / "out.jsonl")[0]["faces"]
    assert (face["expression"]["state"], face["expression"]["label"]) == ("stable", "happy")
    assert abs(face["head"]["yaw"]) < 25 and abs(face["head"]["roll"]) < 15
    assert face["gaze"][2] < -0.8 and max(face["eyes_closed"].values()) < 0.5
    assert face["identity"]["state"] in {"not_examined", "unknown"}


def test_a_large_video_keeps_its_size(annotate, tmp_path):
    assert annotate(write_video(tmp_path / "large.mp4", frames=2, size=(1920, 1080)), "--output", "out.mp4")[0] == 0
    assert frames_of(tmp_path / "out.mp4")[0][0].shape == (1080, 1920, 3)


def test_a_scene_is_shown_with_its_depth_for_as_long_as_asked_for(annotate, pictures, tmp_path):
    code, _, complaints = annotate("demo", "--duration", "0.5")
    assert (code, complaints) == (0, "")
    frames, _ = frames_of(tmp_path / "output" / "demo-annotated.mp4")
    assert len(frames) == 15 and frames[0].shape == (480, 1280, 3)
    faces = [face for record in records_of(tmp_path / "output" / "demo-annotated.jsonl") for face in record["faces"]]
    assert faces and all(face["source"] == "depth" for face in faces)


def test_ros_is_not_needed(picture):
    program = (
        "import sys; from perception_cli.commands import main\n"
        "code = main(sys.argv[1:])\n"
        "ros = {'rclpy', 'perception_msgs', 'sensor_msgs', 'perception_ros'} & sys.modules.keys()\n"
        "sys.exit(f'imported: {ros}' if ros else code)"
    )
    words = [sys.executable, "-c", program, "annotate", str(picture("astronaut"))]
    completed = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert completed.returncode == 0, completed.stderr


def test_ctrl_c_leaves_a_whole_video_of_what_was_done(tmp_path, pictures):
    process = started("demo", "--duration", "3600", "--output", "long.mp4")
    log = tmp_path / "long.jsonl"
    deadline = time.monotonic() + PATIENCE_S
    while not (log.exists() and len(log.read_text().splitlines()) > 5):
        assert time.monotonic() < deadline and process.poll() is None
    process.send_signal(signal.SIGINT)
    said, complaints = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130 and "Traceback" not in complaints
    done = len(records_of(log))
    assert len(frames_of(tmp_path / "long.mp4")[0]) == done and f"{done} frames" in said


def test_a_picture_that_cannot_be_read_is_named_and_the_others_are_done(annotate, picture, tmp_path):
    folder = tmp_path / "album"
    folder.mkdir()
    shutil.copy(picture("astronaut"), folder / "b.png")
    (folder / "a.png").write_bytes(b"this is no picture")
    (folder / "c.jpg").write_bytes(b"")
    code, said, complaints = annotate(folder)
    assert code == 1 and "1 picture, 1 face" in said
    assert "a.png" in complaints and "c.jpg" in complaints and "2 of 3 pictures could not be read" in complaints
    assert [record["file"] for record in records_of(tmp_path / "output" / "album-annotated" / "faces.jsonl")] == [
        "b.png"
    ]


def test_a_video_cut_in_the_middle_is_annotated_until_there_and_said(annotate, tmp_path):
    path = write_video(tmp_path / "cut.mkv")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    code, said, complaints = annotate(path)
    done = len(frames_of(tmp_path / "output" / "cut-annotated.mp4")[0])
    assert code == 1 and 5 < done < 25 and f"{done} frames" in said
    assert complaints.endswith(f"cut.mkv: only {done} of 30 frames can be read; the video is damaged\n")


def make_nothing(folder):
    return folder / "nothing.mp4"


def make_empty_folder(folder):
    (folder / "empty").mkdir()
    return folder / "empty"


def make_text(folder):
    (folder / "text.mp4").write_text("this is no video")
    return folder / "text.mp4"


def make_picture(folder):
    cv2.imwrite(str(folder / "black.png"), np.zeros((48, 64, 3), np.uint8))
    return folder / "black.png"


def make_video(folder):
    return write_video(folder / "video.mp4", frames=2)


def make_album(folder):
    (folder / "album").mkdir()
    make_picture(folder / "album")
    return folder / "album"


def make_recording(folder):
    with RecordingWriter(folder / "recording") as writer:
        writer.write(RgbdFrame(0, "camera", np.zeros((48, 64, 3), np.uint8)))
    return folder / "recording"


@pytest.mark.parametrize(
    ("make", "words", "reason"),
    [
        (make_nothing, [], "nothing.mp4': there is no such file or folder"),
        (make_empty_folder, [], "there is no picture in this folder"),
        (make_text, [], "OpenCV can read no frame"),
        (lambda _: "demo", [], "demo never ends: say how much of it with --duration SECONDS"),
        (make_picture, ["--duration", "1"], "pictures have no duration"),
        (make_picture, ["--output", "black.txt"], "black.txt: a picture's name ends in one of"),
        (make_picture, ["--output", "black.png"], "would be overwritten"),
        (make_picture, ["--output", "other.png", "--log", "black.png"], "would be overwritten"),
        (make_picture, ["--output", "other.png", "--log", "other.png"], "cannot be both"),
        (make_picture, ["--output", "/"], "/ is a folder: name the file to write"),
        (make_picture, ["--output", "black.png/other.png"], "the folder cannot be made: "),
        (make_video, ["--output", "video.txt"], "a video's name ends in one of"),
        (make_video, ["--output", "video.mp4"], "would be overwritten"),
        (make_video, ["--output", "other.mp4", "--log", "."], "the log cannot be written: Is a directory"),
        (make_album, ["--output", "album"], "would be overwritten"),
        (make_album, ["--output", "album/black.png"], "would be overwritten"),
        (make_album, ["--output", "none/../album"], "would be overwritten"),
        (make_album, ["--output", "out", "--log", "out/black.png"], "cannot be both"),
        (make_recording, ["--output", "out.mp4", "--log", "recording/recording_0.mcap"], "would be overwritten"),
        (make_recording, ["--output", "recording/out.mp4"], "in the folder of the recording"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line_and_leaves_everything_as_it_was(annotate, make, words, reason, tmp_path):
    source = make(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    code, said, complaints = annotate(source, *words)
    assert (code, said) == (1, "")
    assert reason in complaints and complaints.count("\n") == 1
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.fixture
def public(monkeypatch):
    """A folder that everybody may read, with the networks in it; pytest's own are for their user only."""
    with tempfile.TemporaryDirectory() as name:
        models = Path(name) / "models"
        models.mkdir()
        for network in NETWORKS:
            for path in models_dir().glob(f"{network}.*"):
                shutil.copy(path, models)
        monkeypatch.setenv("PERCEPTION_CACHE", name)
        monkeypatch.setenv("XDG_CONFIG_HOME", name)
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("make", [make_picture, make_video, make_album])
@pytest.mark.parametrize("log", ["locked", "free"])
def test_a_folder_that_may_not_be_written_is_said(annotate, make, log, public, unprivileged):
    source, locked, free = make(public), public / "locked", public / "free"
    assert annotate(source, "--output", public / f"ready{source.suffix}")[0] == 0  # all is loaded that root may read
    locked.mkdir(mode=0o555)
    free.mkdir()
    free.chmod(0o777)
    people = public / "people"
    people.mkdir()
    people.chmod(0o777)
    output = locked / f"out{source.suffix}"
    with unprivileged(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERCEPTION_DATA", str(people))
        code, said, complaints = annotate(source, "--output", output, "--log", public / log / "faces.jsonl")
    assert (code, said) == (1, "") and complaints.count("\n") == 1
    assert str(locked) in complaints and "Permission denied" in complaints
    assert ("the log cannot be written" in complaints) == (log == "locked")
    assert not list(locked.iterdir()) and not list(free.iterdir())


def test_what_yields_nothing_leaves_the_last_result_as_it_was(annotate, tmp_path):
    (tmp_path / "album").mkdir()
    (tmp_path / "album" / "a.png").write_bytes(b"this is no picture")
    earlier = {tmp_path / "out" / name: name.encode() for name in ("a.png", "faces.jsonl")}
    (tmp_path / "out").mkdir()
    for path, content in earlier.items():
        path.write_bytes(content)
    assert annotate("album", "--output", "out")[0] == 1
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == earlier


def test_a_disk_that_fills_ends_it_with_a_whole_video(annotate, tmp_path, monkeypatch):
    source = write_video(tmp_path / "video.mp4", frames=40)
    left = iter([10_000_000] * 10)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=next(left, 0)))
    code, said, complaints = annotate(source, "--output", "out.mp4")
    assert (code, said) == (1, "") and "out.mp4: the disk is full; the video ends after 10 frames" in complaints
    assert complaints.count("\n") == 1 and len(frames_of(tmp_path / "out.mp4")[0]) == 10


def test_it_can_be_ended_while_the_source_is_unpacked(annotate, monkeypatch):
    def unpack(_):
        os.kill(os.getpid(), signal.SIGINT)
        while True:
            pass

    monkeypatch.setattr("perception_cli.annotate.open_source", unpack)
    code, said, complaints = annotate("packed")
    assert (code, said, complaints) == (130, "", "perception: interrupted; nothing was done until then\n")


@pytest.mark.parametrize("duration", ["1e-30", "1e-9"])
def test_the_shortest_time_is_one_frame(annotate, pictures, duration):
    code, said, _ = annotate("demo", "--duration", duration)
    assert code == 0 and said.startswith("1 frame, ")


def make_noise(folder):
    cv2.imwrite(str(folder / "noise.png"), np.random.default_rng(0).integers(0, 255, (400, 400, 3), np.uint8))
    return folder / "noise.png"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda folder: write_video(folder / "video.mp4", frames=60), "out.mp4: 60 frames were written, 0 arrived"),
        (make_noise, "out.png: the picture cannot be written: File too large"),
    ],
)
def test_a_full_disk_is_said(make, reason, tmp_path):
    def allow_little():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    source = make(tmp_path)
    process = started(source, "--output", f"out{source.suffix}", preexec_fn=allow_little)
    _, complaints = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1 and reason in complaints and complaints.count("\n") == 1
