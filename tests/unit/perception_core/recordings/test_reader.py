import logging
import stat
import tempfile
from dataclasses import replace

import cv2
import numpy as np
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perception_core.recordings.error import RecordingError
from perception_core.recordings.messages import typestore
from perception_core.recordings.reader import Recording

COLOUR = "/camera/camera/color/image_raw"
DEPTH = "/camera/camera/aligned_depth_to_color/image_raw"
CAMERA_INFO = "/camera/camera/color/camera_info"
COMPRESSED = "sensor_msgs/msg/CompressedImage"


def played(path, **choice):
    recording = Recording(path, **choice)
    frames = list(recording.frames())
    recording.close()
    return frames


def assert_played(path, frames, bags, **choice):
    for before, after in zip(frames, played(path, **choice), strict=True):
        bags.assert_same(before, after)


def compressed_image(bags, k, format_name, data):
    types = typestore().types
    seconds, nanoseconds = divmod(bags.frame(k).stamp_ns, 1_000_000_000)
    header = types["std_msgs/msg/Header"](
        stamp=types["builtin_interfaces/msg/Time"](sec=seconds, nanosec=nanoseconds), frame_id="head_optical_frame"
    )
    message = types[COMPRESSED](header=header, format=format_name, data=np.frombuffer(data, np.uint8))
    return bytes(typestore().serialize_cdr(message, COMPRESSED))


def test_what_was_recorded_is_played(recorded, bags):
    frames = [bags.frame(k) for k in range(40)]
    path = recorded(frames)
    assert_played(path, frames, bags)
    assert_played(next(path.glob("*.mcap")), frames, bags)


def test_a_second_run_begins_at_the_first_frame(recorded, bags):
    recording = Recording(recorded([bags.frame(k) for k in range(3)]))
    assert [len(list(recording.frames())) for _ in range(2)] == [3, 3]


@pytest.mark.parametrize(
    ("storage", "version", "compression"),
    [
        ("mcap", 8, None),
        ("mcap", 9, None),
        ("mcap", 9, "message"),
        ("mcap", 9, "file"),
        ("mcap", 9, "storage"),
        ("sqlite3", 8, None),
        ("sqlite3", 9, "message"),
        ("sqlite3", 9, "file"),
    ],
)
def test_bags_of_iron_and_jazzy_are_played(tmp_path, bags, storage, version, compression):
    frames = [bags.frame(k) for k in range(5)]
    path = bags.write_with_rosbags(tmp_path / "bag", bags.messages_of(frames), storage, version, compression)
    assert_played(path, frames, bags)


def test_what_was_unpacked_is_removed_and_private_while_it_is_there(tmp_path, bags, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    path = bags.write_with_rosbags(tmp_path / "bag", bags.messages_of([bags.frame(0)]), compression="file")
    recording = Recording(path)
    (folder,) = tmp_path.glob("perception-recording-*")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    recording.close()
    assert not folder.exists()


def test_a_bag_of_humble_is_played(tmp_path, bags):
    frames = [bags.frame(k) for k in range(5)]
    path = bags.write_as_humble(tmp_path / "bag", bags.messages_of(frames))
    assert_played(path, frames, bags)
    assert_played(path / "bag_0.db3", frames, bags)


def test_splits_are_played_one_after_the_other(tmp_path, bags):
    frames = [bags.frame(k) for k in range(12)]
    for k, frame in enumerate(frames):
        bags.write_as_humble(tmp_path / "bag", bags.messages_of([frame]), f"bag_{k}.db3")
    (tmp_path / "bag" / "metadata.yaml").unlink()
    assert_played(tmp_path / "bag", frames, bags)  # and bag_10 after bag_9


def test_the_order_of_splits_is_that_of_the_metadata(tmp_path, bags):
    frames = [bags.frame(k) for k in range(2)]
    for name, frame in zip(("z.db3", "a.db3"), frames, strict=True):
        bags.write_as_humble(tmp_path / "bag", bags.messages_of([frame]), name)
    (tmp_path / "bag" / "metadata.yaml").write_text(
        "rosbag2_bagfile_information: {version: 5, relative_file_paths: [bag/z.db3, bag/a.db3, bag/gone.db3]}"
    )
    assert_played(tmp_path / "bag", frames, bags)


@pytest.mark.parametrize(
    "text", ["", "{", "rosbag2_bagfile_information: 3", "- a", "\0", "[" * 2000, "\xff", "rosbag2_bagfile_information:"]
)
def test_metadata_that_cannot_be_read_is_said_and_not_needed(recorded, bags, caplog, text):
    frames = [bags.frame(0)]
    path = recorded(frames)
    (path / "metadata.yaml").write_text(text, encoding="latin-1")
    assert_played(path, frames, bags)
    assert "metadata.yaml" in caplog.text
    assert "The files are played in the order of their names" in caplog.text


def test_the_first_frames_have_their_depth_and_calibration_although_colour_comes_first(tmp_path, bags):
    frames = [bags.frame(k) for k in range(6)]
    messages = [message for frame in frames for message in reversed(bags.messages_of([frame]))]
    assert messages[0][0] == COLOUR
    assert_played(bags.write_with_rosbags(tmp_path / "bag", messages), frames, bags)


def test_every_colour_image_is_played_once_whether_it_has_depth_or_not(tmp_path, bags):
    frames = [bags.frame(k, depth=k not in (0, 3, 7)) for k in range(8)]
    assert_played(bags.write_with_rosbags(tmp_path / "bag", bags.messages_of(frames)), frames, bags)


def test_a_robots_namespace_does_not_matter(tmp_path, bags):
    frames = [bags.frame(k) for k in range(3)]
    messages = [(f"/robot1{topic}", *rest) for topic, *rest in bags.messages_of(frames)]
    assert_played(bags.write_with_rosbags(tmp_path / "bag", messages), frames, bags)


def test_one_of_several_cameras_is_chosen_by_the_user(tmp_path, bags):
    messages = [
        (f"/{camera}/image", kind, stamp_ns, data)
        for camera, frames in (("left", [bags.frame(0)]), ("right", [bags.frame(1)]))
        for topic, kind, stamp_ns, data in bags.messages_of(frames)
        if topic == COLOUR
    ]
    path = bags.write_with_rosbags(tmp_path / "bag", messages)
    with pytest.raises(RecordingError, match=r"several topics could be .* /left/image, /right/image\. Choose by"):
        Recording(path)
    assert_played(path, [bags.frame(1, depth=False, intrinsics=None)], bags, colour="/right/image")


def test_compressed_images_are_played(tmp_path, bags):
    frame = bags.frame(0)
    png = cv2.imencode(".png", frame.colour)[1].tobytes()
    depth = b"\0" * 12 + cv2.imencode(".png", frame.depth.raw)[1].tobytes()
    path = bags.write_with_rosbags(
        tmp_path / "bag",
        [
            (f"{DEPTH}/compressedDepth", COMPRESSED, 0, compressed_image(bags, 0, "16UC1; compressedDepth png", depth)),
            (f"{COLOUR}/compressed", COMPRESSED, 1, compressed_image(bags, 0, "bgr8; png compressed bgr8", png)),
        ],
    )
    assert_played(path, [replace(frame, intrinsics=None)], bags)


def test_raw_images_are_preferred_to_compressed_ones(tmp_path, bags):
    frame = bags.frame(0)
    jpeg = cv2.imencode(".jpg", frame.colour)[1].tobytes()
    messages = [
        (f"{COLOUR}/compressed", COMPRESSED, 0, compressed_image(bags, 0, "bgr8; jpeg compressed bgr8", jpeg)),
        *bags.messages_of([frame]),
    ]
    assert_played(bags.write_with_rosbags(tmp_path / "bag", messages), [frame], bags)


def test_a_damaged_image_is_skipped_and_said_once(tmp_path, bags, caplog):
    good = [bags.frame(k) for k in range(6)]
    messages = bags.messages_of(good)
    broken = [
        (topic, kind, stamp_ns, data[:-30] if topic == COLOUR and stamp_ns != good[0].stamp_ns else data)
        for topic, kind, stamp_ns, data in messages
    ]
    path = bags.write_with_rosbags(tmp_path / "bag", broken)
    with caplog.at_level(logging.WARNING):
        assert_played(path, good[:1], bags)
    assert len([record for record in caplog.records if COLOUR in record.getMessage()]) == 1
    assert "such messages are skipped" in caplog.text


def test_depth_and_calibration_of_another_size_are_left_out_and_said_once(tmp_path, bags, caplog):
    small = bags.frame(0, size=(4, 4)).depth
    lens = replace(bags.lens, width=4, height=4, cx=2.0, cy=2.0)
    frames = [replace(bags.frame(k), depth=small, intrinsics=lens) for k in range(3)]
    found = played(bags.write_with_rosbags(tmp_path / "bag", bags.messages_of(frames)))
    assert [(frame.depth, frame.intrinsics) for frame in found] == [(None, None)] * 3
    assert len([record for record in caplog.records if "depth is 4x4, colour is 8x6" in record.getMessage()]) == 1
    assert len([record for record in caplog.records if "calibration is for 4x4" in record.getMessage()]) == 1


def test_images_without_a_stamp_have_the_time_at_which_they_were_recorded(tmp_path, bags):
    messages = [
        (topic, kind, bags.begin_ns + k * bags.step_ns, data)
        for k in range(3)
        for topic, kind, _, data in bags.messages_of([bags.frame(k, stamp_ns=0)])
    ]
    frames = played(bags.write_with_rosbags(tmp_path / "bag", messages))
    assert [frame.stamp_ns for frame in frames] == [bags.begin_ns + k * bags.step_ns for k in range(3)]
    assert all(frame.depth is not None for frame in frames)


@pytest.mark.parametrize(("step_ns", "rate_hz"), [(33_333_333, 30), (100_000_000, 10), (1, 30), (0, 30)])
def test_the_rate_is_that_of_the_stamps_if_they_have_one(recorded, bags, step_ns, rate_hz):
    frames = [bags.frame(k, bags.begin_ns + k * step_ns) for k in range(5)]
    assert Recording(recorded(frames)).rate_hz == pytest.approx(rate_hz, abs=0.01)


def test_a_bag_without_a_camera_is_answered_with_what_it_has(tmp_path, bags):
    types = typestore().types
    data = bytes(typestore().serialize_cdr(types["std_msgs/msg/String"](data="hello"), "std_msgs/msg/String"))
    path = bags.write_with_rosbags(tmp_path / "bag", [("/chatter", "std_msgs/msg/String", 0, data)])
    with pytest.raises(RecordingError, match=r"no topic with colour.*It has: /chatter \(std_msgs/msg/String\)"):
        Recording(path)


def test_an_empty_bag_is_said_to_be_empty(tmp_path, bags):
    with pytest.raises(RecordingError, match="No topic can be read from it: it is empty, damaged"):
        Recording(bags.write_with_rosbags(tmp_path / "mcap", []))
    with pytest.raises(RecordingError, match="No topic can be read from it: it is empty, damaged"):
        Recording(bags.write_as_humble(tmp_path / "sqlite", []))


def test_a_folder_without_files_is_no_recording(tmp_path):
    (tmp_path / "metadata.yaml").write_text("rosbag2_bagfile_information: {relative_file_paths: [gone.mcap]}")
    with pytest.raises(RecordingError, match=r"there is no file of a recording in it \(\.mcap, \.db3"):
        Recording(tmp_path)


def test_a_recording_that_may_not_be_read_is_named(recorded, bags, unprivileged, tmp_path):
    path = recorded([bags.frame(0)])
    with unprivileged(), pytest.raises(RecordingError, match=r"the recording cannot be read: Permission denied"):
        Recording(path)


@pytest.fixture(scope="module")
def whole(bags, tmp_path_factory):
    """Each kind of recording as bytes, with the frames that are in it."""
    folder = tmp_path_factory.mktemp("whole")
    frames = [bags.frame(k) for k in range(60)]
    messages = bags.messages_of(frames)
    large = [bags.frame(k, size=(320, 240), intrinsics=None) for k in range(12)]
    mcap = bags.write_with_rosbags(folder / "mcap", bags.messages_of(large))
    packed = folder / "file.mcap.zstd"
    packed.write_bytes(zstandard.compress((mcap / "mcap.mcap").read_bytes()))
    return {
        ".mcap": ((mcap / "mcap.mcap").read_bytes(), large),
        ".db3": ((bags.write_as_humble(folder / "db3", messages) / "db3_0.db3").read_bytes(), frames),
        ".mcap.zstd": (packed.read_bytes(), large),
    }


@pytest.mark.parametrize("suffix", [".mcap", ".db3", ".mcap.zstd"])
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_recording_that_is_cut_off_is_played_up_to_there(whole, tmp_path, caplog, suffix, share):
    content, frames = whole[suffix]
    path = tmp_path / f"cut{suffix}"
    path.write_bytes(content[: int(len(content) * share)])
    caplog.clear()
    try:
        found = played(path)
    except RecordingError as error:
        assert str(path) in str(error)
        return
    for before, after in zip(frames[: len(found) - 1], found[:-1], strict=True):  # the last may lack its depth
        assert before.stamp_ns == after.stamp_ns
        np.testing.assert_array_equal(before.colour, after.colour)
        np.testing.assert_array_equal(before.depth.raw, after.depth.raw)
    assert len(found) == len(frames) or f"cut{suffix.removesuffix('.zstd')}" in caplog.text


def test_most_of_a_recording_is_played_if_it_is_cut_off_late(whole, tmp_path):
    for suffix, (content, frames) in whole.items():
        path = tmp_path / f"cut{suffix}"
        path.write_bytes(content[: int(len(content) * 0.9)])
        assert len(played(path)) > 0.6 * len(frames), suffix


@pytest.mark.parametrize("suffix", [".mcap", ".db3", ".mcap.zstd"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_anywhere_ends_in_words_and_never_in_a_traceback(whole, tmp_path, suffix, data):
    content = bytearray(whole[suffix][0])
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, min(len(content), 20_000) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / f"damaged{suffix}"
    path.write_bytes(content)
    try:
        played(path)
    except RecordingError as error:
        assert str(path) in str(error)
