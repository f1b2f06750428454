import pytest
import yaml
from rosbags.interfaces import QosReliability
from rosbags.rosbag2.metadata import parse_qos

from perception_core.recordings.metadata import (
    MetadataError,
    RecordedTopic,
    as_file,
    bag_information,
    is_rosbag2,
    listed_files,
    offered_qos,
)

# Keys of rosbag2's versions 5, which Humble reads, and 8 (rosbag2_storage, yaml.hpp).
HUMBLE = {
    "version", "storage_identifier", "duration", "starting_time", "message_count", "topics_with_message_count",
    "compression_format", "compression_mode", "relative_file_paths", "files",
}  # fmt: skip
IRON = HUMBLE | {"custom_data", "ros_distro"}


def information():
    topic = RecordedTopic("sensor_msgs/msg/Image", "RIHS01_0", 7)
    text = as_file(bag_information("bag_0.mcap", {"/one": topic, "/two": topic}, 1_000, 5_000))
    return yaml.safe_load(text)["rosbag2_bagfile_information"]


def test_it_says_what_the_players_of_humble_and_jazzy_read():
    found = information()
    assert set(found) == IRON
    assert (found["version"], found["storage_identifier"]) == (8, "mcap")
    assert (found["starting_time"], found["duration"]) == ({"nanoseconds_since_epoch": 1_000}, {"nanoseconds": 4_000})
    assert found["message_count"] == 14
    assert found["relative_file_paths"] == ["bag_0.mcap"]
    assert [(file["path"], file["message_count"]) for file in found["files"]] == [("bag_0.mcap", 14)]


def test_the_quality_of_service_is_a_text_with_numbers_as_humble_wants_it():
    for topic in information()["topics_with_message_count"]:
        text = topic["topic_metadata"]["offered_qos_profiles"]
        assert yaml.safe_load(text)[0]["reliability"] == 1
        (profile,) = parse_qos(text)
        assert profile.reliability is QosReliability.RELIABLE


def test_no_part_of_it_refers_to_another():
    topic = RecordedTopic("sensor_msgs/msg/Image", "RIHS01_0", 7)
    assert "&id" not in as_file(bag_information("f", {"/one": topic, "/two": topic}, 0, 1)) + offered_qos()


def test_files_are_in_the_recordings_folder_whatever_is_said(tmp_path):
    (tmp_path / "metadata.yaml").write_text(
        "rosbag2_bagfile_information: {relative_file_paths: [b.db3, bag/a.db3, ../../etc/passwd]}"
    )
    assert listed_files(tmp_path) == [tmp_path / name for name in ("b.db3", "a.db3", "passwd")]


@pytest.mark.parametrize("paths", ["3", "[1, [2]]", "[{a: b}]", "text", "['']", "~"])
def test_names_that_are_none_are_an_error(tmp_path, paths):
    (tmp_path / "metadata.yaml").write_text(f"rosbag2_bagfile_information: {{relative_file_paths: {paths}}}")
    with pytest.raises(MetadataError, match="does not say which files belong to the recording"):
        listed_files(tmp_path)


def test_another_programs_metadata_is_not_that_of_a_recording(tmp_path):
    assert not is_rosbag2(tmp_path)
    (tmp_path / "metadata.yaml").write_text("album: holidays")
    assert not is_rosbag2(tmp_path)
    (tmp_path / "metadata.yaml").write_text("rosbag2_bagfile_information: {}")
    assert is_rosbag2(tmp_path)


def test_metadata_without_end_is_an_error_and_not_read(tmp_path):
    with (tmp_path / "metadata.yaml").open("wb") as file:
        file.write(b"rosbag2_bagfile_information: {}\n")
        file.truncate(2**40)
    assert is_rosbag2(tmp_path)
    with pytest.raises(MetadataError, match="it has more than 3000000 bytes"):
        listed_files(tmp_path)
