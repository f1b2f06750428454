"""metadata.yaml, which says what a recording's files hold.

Written in version 8 of rosbag2's format, which both distributions play: Jazzy's own version 9 has the quality of
service as a list, where Humble wants a text (rosbag2_storage: metadata_io.cpp of Humble, yaml.hpp of Jazzy). Humble
passes over what is newer than its version 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import yaml

METADATA_FILE = "metadata.yaml"

_ROOT = "rosbag2_bagfile_information"
_VERSION = 8
_DISTRIBUTION = "jazzy"  # whose message definitions are written
_MOST_BYTES = 3_000_000  # of the file: ten thousand splits have 2 MB, for which PyYAML needs 8 s
_NO_FOLDING = 4096  # the quality of service stays on one line, as rosbag2 writes it


class MetadataError(ValueError):
    """A metadata.yaml that does not say which files belong to the recording."""


@dataclass(frozen=True, slots=True)
class RecordedTopic:
    """What a recording holds of a topic.

    Attributes:
        message_type: Such as sensor_msgs/msg/Image.
        type_hash: Of the message's definition (REP 2016).
        messages: How many there are.
    """

    message_type: str
    type_hash: str
    messages: int


def offered_qos() -> str:
    """The quality of service that a player offers: reliable. A text, with policies as rmw/types.h numbers them."""
    profile = {
        "history": 1,  # keep last
        "depth": 10,
        "reliability": 1,  # reliable
        "durability": 2,  # volatile
        "deadline": _infinite(),
        "lifespan": _infinite(),
        "liveliness": 1,  # automatic
        "liveliness_lease_duration": _infinite(),
        "avoid_ros_namespace_conventions": False,
    }
    return _dumped([profile])


def bag_information(file_name: str, topics: Mapping[str, RecordedTopic], begin_ns: int, end_ns: int) -> dict[str, Any]:
    """What is known of a recording of one MCAP file.

    Args:
        file_name: Without its folder.
        topics: By name.
        begin_ns: Time of the first message.
        end_ns: Time of the last one.
    """
    count = sum(topic.messages for topic in topics.values())
    return {
        "version": _VERSION,
        "storage_identifier": "mcap",
        **_extent(begin_ns, end_ns, count),
        "topics_with_message_count": [_topic_entry(name, topic) for name, topic in topics.items()],
        "compression_format": "",
        "compression_mode": "",
        "relative_file_paths": [file_name],
        "files": [{"path": file_name, **_extent(begin_ns, end_ns, count)}],
        "custom_data": {},
        "ros_distro": _DISTRIBUTION,
    }


def as_file(information: Mapping[str, Any]) -> str:
    """The text of metadata.yaml."""
    return _dumped({_ROOT: dict(information)})


def as_record(information: Mapping[str, Any]) -> str:
    """The text that rosbag2 also puts into the MCAP file itself."""
    return _dumped(dict(information))


def listed_files(folder: Path) -> list[Path]:
    """The files that a recording's metadata.yaml names, in their order.

    Only their names count: old versions wrote the folder's name before them, and no other folder can be meant.

    Raises:
        MetadataError: It cannot be read, or is not rosbag2's.
    """
    path = folder / METADATA_FILE
    if path.stat().st_size > _MOST_BYTES:
        raise MetadataError(f"{path} cannot be read: it has more than {_MOST_BYTES} bytes")
    try:
        # All values stay text: nothing in the file is converted that is not needed.
        content = yaml.load(_beginning(path).decode(), Loader=yaml.BaseLoader)
        names = content[_ROOT]["relative_file_paths"]
    except (OSError, yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise MetadataError(f"{path} cannot be read: {_first_line(error)}") from error
    except (KeyError, TypeError, IndexError) as error:
        raise MetadataError(f"{path} does not say which files belong to the recording") from error
    if not isinstance(names, list) or not all(isinstance(name, str) and PurePath(name).name for name in names):
        raise MetadataError(f"{path} does not say which files belong to the recording")
    return [folder / PurePath(name).name for name in names]


def is_rosbag2(folder: Path) -> bool:
    """Whether a folder has a metadata.yaml of rosbag2."""
    path = folder / METADATA_FILE
    try:
        return path.is_file() and _ROOT.encode() in _beginning(path)
    except OSError:
        return False


def _beginning(path: Path) -> bytes:
    """The content of a file, or what of it is read at most."""
    with path.open("rb") as file:
        return file.read(_MOST_BYTES)


def _topic_entry(name: str, topic: RecordedTopic) -> dict[str, Any]:
    return {
        "topic_metadata": {
            "name": name,
            "type": topic.message_type,
            "serialization_format": "cdr",
            "offered_qos_profiles": offered_qos(),
            "type_description_hash": topic.type_hash,
        },
        "message_count": topic.messages,
    }


def _extent(begin_ns: int, end_ns: int, messages: int) -> dict[str, Any]:
    return {
        "starting_time": {"nanoseconds_since_epoch": begin_ns},
        "duration": {"nanoseconds": end_ns - begin_ns},
        "message_count": messages,
    }


def _infinite() -> dict[str, int]:
    """RMW_DURATION_INFINITE; a new object each time, because PyYAML writes one that it meets again as an alias."""
    return {"sec": 9223372036, "nsec": 854775807}


def _dumped(content: Any) -> str:
    return str(yaml.safe_dump(content, sort_keys=False, width=_NO_FOLDING))


def _first_line(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error).partition("\n")[0]
