"""`./perception demo` as its user meets it: a process that is given time, a file, or Ctrl-C."""

import json
import signal

import cv2
import psutil
import pytest

FIELDS = {
    "id", "box", "score", "position", "source", "sigma",
    "head", "gaze", "looking_at_camera", "eyes_closed", "expression", "identity", "liveness",
}  # fmt: skip
HAND_FIELDS = {
    "id", "side", "box", "score", "position", "source", "sigma",
    "gesture", "gesture_score", "fingers", "motion", "pointing",
}  # fmt: skip


def found(records, what):
    """All faces, or all hands, that were found."""
    return [each for record in records for each in record[what] or ()]


def frames_of(path):
    video = cv2.VideoCapture(str(path))
    frames = []
    while (read := video.read())[0]:
        frames.append(read[1])
    return frames


def run_demo(graph, folder, *arguments):
    """With the profile that it chooses itself; its processes' log lies in the folder.

    Of a scene that is drawn quickly, unless the test names another.
    """
    if "--source" not in arguments and "--behaviour" not in arguments:
        arguments = ("--source", "scene:static", *arguments)
    graph._environment.pop("FASTRTPS_DEFAULT_PROFILES_FILE", None)
    graph._environment["TMPDIR"] = str(folder)
    return graph.start(
        "perception_cli", "demo", "--headless", "--output", str(folder / "demo.mp4"),
        "--log", str(folder / "demo.jsonl"), *arguments,
    )  # fmt: skip


def records_of(folder):
    return [json.loads(line) for line in (folder / "demo.jsonl").read_text().splitlines()]


def test_the_virtual_camera_gives_a_video_a_log_and_figures(graph, tmp_path):
    demo = run_demo(graph, tmp_path, "--source", "demo", "--duration", "6")
    assert demo.exit_code() == 0, demo.text()
    records = records_of(tmp_path)
    assert all(set(record) - {"events"} == {"stamp", "latency_ms", "faces", "hands"} for record in records)
    assert all(record["faces"] is not None or record["hands"] is not None for record in records)
    for fields, what in ((FIELDS, "faces"), (HAND_FIELDS, "hands")):
        seen = found(records, what)
        assert seen and all(set(each) == fields for each in seen)
        measured = [each for each in seen if each["source"] == "depth"]
        assert len(measured) > 0.8 * len(seen)
        assert all(0.3 < each["position"][2] < 4 and 0 < each["sigma"] < 0.3 for each in measured)
    frames = frames_of(tmp_path / "demo.mp4")
    assert frames[0].shape == (480, 1280, 3)
    assert "demo.mp4" in demo.text() and "+-" in demo.text()
    assert all(word in demo.text() for word in ("face_perception", "detect", "gesture_perception", "hands"))
    assert "RTPS" not in demo.text()  # Fast DDS takes its profile without a word


def test_a_hand_that_is_held_up_is_told_with_its_gesture(graph, tmp_path):
    demo = run_demo(graph, tmp_path, "--source", "scene:hands", "--every-frame", "--duration", "30")
    log = tmp_path / "demo.jsonl"
    graph.spin_until(lambda: log.exists() and log.read_text().count("started") >= 1, "an event")
    demo.send(signal.SIGINT)
    assert demo.exit_code() == 0, demo.text()
    records = records_of(tmp_path)
    (first, *_) = [event for record in records for event in record.get("events", ())]
    assert (first["event"], first["gesture"], first["side"]) == ("started", "Pointing_Up", "right")
    held = [
        hand for hand in found(records, "hands") if hand["id"] == first["hand"] and hand["gesture"] == "Pointing_Up"
    ]
    assert held and all(hand["position"][2] == pytest.approx(1.0, abs=0.05) for hand in held if hand["position"])


def test_every_frame_of_a_recording_is_seen_and_two_runs_write_the_same_log(graph, tmp_path, recording):
    for run in ("one", "two"):
        (tmp_path / run).mkdir()
        demo = run_demo(graph, tmp_path / run, "--source", str(recording.folder), "--every-frame")
        assert demo.exit_code() == 0, demo.text()
    records = records_of(tmp_path / "one")
    assert [record["stamp"] for record in records] == pytest.approx([stamp / 1e9 for stamp in recording.stamps])
    assert all(record["latency_ms"] is None for record in records)
    assert all(record["faces"] is not None and record["hands"] is not None for record in records)
    assert records == records_of(tmp_path / "two")
    assert len(frames_of(tmp_path / "one" / "demo.mp4")) >= len(records) - 1


def test_landmarks_are_logged_where_they_are_asked_for(graph, tmp_path, recording):
    demo = run_demo(graph, tmp_path, "--source", str(recording.folder), "--every-frame", "--log-landmarks")
    assert demo.exit_code() == 0, demo.text()
    faces, hands = (found(records_of(tmp_path), what) for what in ("faces", "hands"))
    assert faces and all(set(face) == FIELDS | {"landmarks", "blendshapes"} for face in faces)
    assert all(set(hand) == HAND_FIELDS | {"landmarks"} for hand in hands)
    landmarks = [face["landmarks"] for face in faces if face["landmarks"]]
    assert any(each["scheme"] == "MEDIAPIPE478" for each in landmarks)
    assert all(each["scheme"] == f"MEDIAPIPE{len(each['points'])}" for each in landmarks)
    assert any(face["blendshapes"] and len(face["blendshapes"]) == 52 for face in faces)


def test_a_recording_that_is_cut_off_is_shown_until_there_and_said_at_the_end(graph, tmp_path, recording):
    (whole,) = recording.folder.glob("*.mcap")
    cut = tmp_path / "cut.mcap"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    demo = run_demo(graph, tmp_path, "--source", str(cut), "--every-frame")
    assert demo.exit_code() == 0, demo.text()
    assert 0 < len(records_of(tmp_path)) < len(recording.stamps)
    assert demo.text().count(f"camera: {cut} is cut off or damaged") == 1


def test_a_robot_that_follows_leaves_a_picture_of_its_way(graph, tmp_path):
    demo = run_demo(graph, tmp_path, "--behaviour", "follow_person", "--duration", "3")
    assert demo.exit_code() == 0, demo.text()
    way = cv2.imread(str(tmp_path / "demo-path.png"))
    assert way is not None and min(way.shape[:2]) > 500
    assert "demo-path.png" in demo.text().replace("\n", "")
    assert frames_of(tmp_path / "demo.mp4")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--source", "0"], "a robot drives in the virtual scenes only"),
        (["--every-frame"], "a robot drives in real time"),
    ],
)
def test_a_robot_does_not_drive_where_it_cannot(graph, tmp_path, arguments, words):
    demo = run_demo(graph, tmp_path, "--behaviour", "follow_person", *arguments)
    assert demo.exit_code() == 1
    assert words in demo.text() and "Traceback" not in demo.text()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ended_by_a_signal_it_leaves_a_whole_video(graph, tmp_path, sent):
    demo = run_demo(graph, tmp_path)
    log = tmp_path / "demo.jsonl"
    graph.spin_until(lambda: log.exists() and len(log.read_text().splitlines()) > 20, "twenty lines")
    demo.send(sent)
    assert demo.exit_code() == 0, demo.text()
    assert "Traceback" not in demo.text()
    assert len(frames_of(tmp_path / "demo.mp4")) > 10
    assert all(isinstance(record["faces"] or record["hands"], list) for record in records_of(tmp_path))


def test_ended_by_a_signal_while_it_starts_it_leaves_nothing(graph, tmp_path):
    graph._environment["TMPDIR"] = str(tmp_path)
    (tmp_path / "demo.mp4").write_bytes(b"of the last time")
    demo = run_demo(graph, tmp_path)
    graph.spin_until(lambda: any(tmp_path.glob("perception-demo-*.log")), "the processes")
    demo.send(signal.SIGINT)
    assert demo.exit_code() == 130
    assert [path.name for path in (*tmp_path.glob("demo*"), *tmp_path.glob("*demo*.log"))] == ["demo.mp4"]
    assert (tmp_path / "demo.mp4").read_bytes() == b"of the last time"


def test_killed_it_takes_camera_and_node_along(graph, tmp_path):
    demo = run_demo(graph, tmp_path)
    log = tmp_path / "demo.jsonl"
    graph.spin_until(lambda: log.exists() and log.read_text(), "a line")
    children = psutil.Process(demo.pid).children(recursive=True)
    assert len(children) == 2
    demo.send(signal.SIGKILL)
    assert psutil.wait_procs(children, timeout=30)[1] == []


def test_nodes_that_do_not_answer_at_the_end_keep_nobody_from_the_result(graph, tmp_path):
    demo = run_demo(graph, tmp_path, "--duration", "3")
    log = tmp_path / "demo.jsonl"
    graph.spin_until(lambda: log.exists() and log.read_text(), "a line")
    next(child for child in psutil.Process(demo.pid).children() if "container" in " ".join(child.cmdline())).suspend()
    assert demo.exit_code() == 0, demo.text()
    assert "video: " in demo.text() and frames_of(tmp_path / "demo.mp4")


def test_a_camera_that_dies_is_said_and_the_video_is_kept(graph, tmp_path):
    demo = run_demo(graph, tmp_path)
    log = tmp_path / "demo.jsonl"
    graph.spin_until(lambda: log.exists() and len(log.read_text().splitlines()) > 20, "twenty lines")
    next(child for child in psutil.Process(demo.pid).children() if "replay_node" in " ".join(child.cmdline())).kill()
    assert demo.exit_code() == 1
    assert "the camera process has ended with -9" in demo.text() and "video until then" in demo.text()
    assert len(frames_of(tmp_path / "demo.mp4")) > 10


def test_a_camera_that_shows_nothing_is_said(graph, tmp_path):
    code = (
        "import sys; from perception_cli import commands, graph; graph._FIRST_FRAME_S = -1; sys.exit(commands.main())"
    )
    words = ["--headless", "--source", "scene:empty", "--output", str(tmp_path / "demo.mp4")]
    demo = graph.start_code(code, "demo", *words)
    assert demo.exit_code() == 1
    assert "no frame was seen within" in demo.text() and "Traceback" not in demo.text()
    assert not (tmp_path / "demo.mp4").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["--output", "demo.txt"],
        ["--output", "same.mp4", "--log", "same.mp4"],
        ["--output", "video.mp4", "--source", "video.mp4"],
    ],
)
def test_an_output_that_cannot_be_is_refused_before_anything_starts(graph, words):
    demo = graph.start("perception_cli", "demo", "--headless", *words)
    assert demo.exit_code() == 1
    assert words[1] in demo.text() and "starting" not in demo.text()


def test_landmarks_without_a_log_are_refused(graph):
    demo = graph.start("perception_cli", "demo", "--headless", "--output", "demo.mp4", "--log-landmarks")
    assert demo.exit_code() == 1
    assert "--log FILE" in demo.text() and "starting" not in demo.text()


def test_a_second_demo_says_that_there_is_one(graph, tmp_path):
    run_demo(graph, tmp_path)
    log = tmp_path / "demo.jsonl"
    graph.spin_until(lambda: log.exists() and log.read_text(), "a line of the first")
    second = graph.start("perception_cli", "demo", "--headless", "--output", str(tmp_path / "second.mp4"))
    assert second.exit_code() == 1
    assert "set ROS_DOMAIN_ID to a number of your own" in second.text()


def test_pictures_have_no_depth_and_so_no_metres(graph, tmp_path, picture):
    folder = tmp_path / "pictures"
    folder.mkdir()
    cv2.imwrite(str(folder / "astronaut.png"), cv2.imread(str(picture("astronaut"))))
    demo = run_demo(graph, tmp_path, "--source", str(folder))
    assert demo.exit_code() == 0, demo.text()
    faces = found(records_of(tmp_path), "faces")
    assert faces
    assert all(face["position"] is None and face["source"] == "none" and face["sigma"] is None for face in faces)


def test_a_source_that_is_not_there_is_said_in_a_line(graph, tmp_path):
    demo = run_demo(graph, tmp_path, "--source", str(tmp_path / "nothing.mp4"))
    assert demo.exit_code() == 1
    assert "nothing.mp4" in demo.text()
    assert "Traceback" not in demo.text()


@pytest.mark.parametrize("duration", ["0", "-1", "nan", "soon"])
def test_a_duration_that_is_none_is_refused(graph, tmp_path, duration):
    demo = run_demo(graph, tmp_path, "--duration", duration)
    assert demo.exit_code() == 2
    assert "seconds above 0" in demo.text()
