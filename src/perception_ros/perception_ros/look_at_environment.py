"""Gathers the facts of the environment: variables, versions, processes, shared memory; needs no ROS to be there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree

from perception_core.diagnosis.environment import FAST_DDS, EnvironmentFacts, Profile
from perception_core.diagnosis.shared_memory import Segment, SharedMemoryFacts
from perception_core.paths import ShareError, share_file
from perception_core.regular_files import TooLargeError, read_regular
from perception_core.shared_memory import FOLDER, stale_segments

PROFILE_VARIABLES = ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE")
_LOCK = "_el"
_SEGMENT_LOCK = re.compile(rf"(?:fastrtps|fastdds)_[0-9a-f]{{16}}{_LOCK}")
_LARGEST_PROFILE = 1_000_000
_WHEELS = ("jazzy", "kilted", "rolling")  # distributions that come as Python wheels
_PATIENCE_S = 20.0


def environment_facts(environ: Mapping[str, str]) -> EnvironmentFacts:
    """The environment of a process with these variables."""
    ros_problem, middleware, middleware_problem = _middleware(environ)
    wheels = _distro_of_wheels()
    try:
        shipped = share_file("config/fastdds_shm.xml")
    except ShareError:
        shipped = Path("config/fastdds_shm.xml")
    return EnvironmentFacts(
        distro=environ.get("ROS_DISTRO") or wheels,
        from_wheels=bool(wheels) and not environ.get("ROS_DISTRO"),
        python=sys.version_info[:2],
        ros_problem=ros_problem,
        middleware=middleware,
        middleware_problem=middleware_problem,
        domain=environ.get("ROS_DOMAIN_ID", ""),
        discovery=environ.get("ROS_AUTOMATIC_DISCOVERY_RANGE", ""),
        profile=_profile(environ),
        shipped_profile=shipped,
    )


def own_segments(folder: Path = FOLDER, locks: Path = Path("/proc/locks")) -> dict[int, int]:
    """Bytes of shared memory of Fast DDS by the number of the process that holds it.

    Fast DDS holds a lock beside each of its segments, and the kernel tells who holds a lock (proc(5), /proc/locks).
    """
    try:
        lines = locks.read_text().splitlines()
        files = [path for path in folder.iterdir() if _SEGMENT_LOCK.fullmatch(path.name)]
        by_inode = {path.stat().st_ino: path for path in files}
    except OSError:
        return {}
    held: dict[int, int] = {}
    for line in lines:
        words = line.split()
        inode = words[5].rpartition(":")[2] if len(words) > 5 else ""
        if words[1:2] == ["FLOCK"] and inode.isdecimal() and (lock := by_inode.get(int(inode))):
            segment = lock.with_name(lock.name.removesuffix(_LOCK))
            with suppress(OSError):
                held[int(words[4])] = held.get(int(words[4]), 0) + segment.stat().st_size
    return held


def shared_memory_facts(folder: Path = FOLDER) -> SharedMemoryFacts | None:
    """The shared memory; None where there is none."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    stale = tuple(Segment(segment.path.name, segment.size) for segment in stale_segments(folder))
    return SharedMemoryFacts(str(folder), usage.total, usage.free, stale)


def _profile(environ: Mapping[str, str]) -> Profile | None:
    named = next((environ[name] for name in PROFILE_VARIABLES if environ.get(name)), None)
    if named is None:
        return None
    try:
        tree = ElementTree.fromstring(read_regular(Path(named), _LARGEST_PROFILE))
    except FileNotFoundError:
        return Profile(named, "is not there")
    except (OSError, TooLargeError) as error:
        return Profile(named, f"cannot be read ({getattr(error, 'strerror', None) or error})")
    except (ElementTree.ParseError, ValueError) as error:
        return Profile(named, f"is no XML ({error})")
    if not Path(named).is_absolute():
        return Profile(named, "is found from this folder only: name it by its whole path")
    return Profile(named, segment_bytes=_segment_bytes(tree))


def _segment_bytes(tree: ElementTree.Element) -> int | None:
    """The size of the shared-memory transport; None if the file has none, or leaves its size open."""
    sizes = []
    for transport in _children(tree, "transport_descriptor"):
        words = {element.tag.rpartition("}")[2]: (element.text or "").strip() for element in transport}
        if words.get("type") == "SHM" and words.get("segment_size", "").isdecimal():
            sizes.append(int(words["segment_size"]))
    return max(sizes, default=None)


def _children(tree: ElementTree.Element, tag: str) -> Iterator[ElementTree.Element]:
    return (element for element in tree.iter() if element.tag.rpartition("}")[2] == tag)


def _distro_of_wheels() -> str:
    for distro in _WHEELS:
        with suppress(metadata.PackageNotFoundError):
            metadata.distribution(f"ros-{distro}-rclpy")
            return distro
    return ""


def _middleware(environ: Mapping[str, str]) -> tuple[str, str, str]:
    """Why there is no rclpy, the middleware, and why that cannot be loaded."""
    wanted = environ.get("RMW_IMPLEMENTATION") or FAST_DDS
    if wanted != FAST_DDS and "rclpy" not in sys.modules:
        problem = _tried_apart(environ)
        if problem:
            return "", wanted, problem
    try:
        from rclpy.utilities import get_rmw_implementation_identifier  # noqa: PLC0415 - may be missing
    except Exception as error:  # noqa: BLE001 - whatever it is that keeps ROS from being imported
        return _one_line(str(error)), "", ""
    try:
        return "", str(get_rmw_implementation_identifier()), ""
    except Exception as error:  # noqa: BLE001 - rclpy raises errors of several kinds
        return "", wanted, _one_line(str(error))


def _tried_apart(environ: Mapping[str, str]) -> str:
    """Why ROS does not start with a middleware, by a process of its own: rcl ends the one in which it is not found."""
    try:
        tried = subprocess.run(
            [sys.executable, "-c", "import rclpy; rclpy.init()"],
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return _one_line(str(error))
    return "" if tried.returncode == 0 else _one_line(tried.stderr.strip().rpartition("[rcl]: ")[2])


def _one_line(text: str) -> str:
    """The first line, without the place in rcl's sources at its end."""
    return (text.strip() or "it does not say why").splitlines()[0].partition(", at /")[0][:200]
