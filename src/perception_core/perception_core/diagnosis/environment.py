"""Whether ROS and Python fit together, and whether processes will find each other and pass images on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from perception_core.diagnosis.finding import Fault, Finding, megabytes

FAST_DDS = "rmw_fastrtps_cpp"
IMAGE_PAIR_BYTES = 1_536_000  # 640x480 in bgr8 and 16UC1
_PYTHONS = {"humble": ((3, 10),), "jazzy": ((3, 12),)}  # what a distribution's binaries are built for
_WHEEL_PYTHONS = ((3, 10), (3, 11), (3, 12))
_LAST_DOMAIN = 232  # beyond it the UDP ports of DDS end (DDSI-RTPS 9.6.1.1)
_RANGES = ("SUBNET", "LOCALHOST", "OFF", "SYSTEM_DEFAULT")
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)

ROS_MISSING = Fault(
    "ros-missing",
    "Python cannot use ROS: {reason}",
    "No node can start, and nothing of the graph can be looked at.",
    "source /opt/ros/jazzy/setup.bash and run ./perception setup; or, in a shell without ROS, ./perception setup alone",
)
DISTRO = Fault(
    "ros-distro",
    "ROS_DISTRO is {distro}",
    "The suite is tested with Humble and Jazzy; messages and lifecycle of others differ.",
    "source /opt/ros/jazzy/setup.bash (or humble)",
)
PYTHON = Fault(
    "python-version",
    "Python {python} runs with ROS {distro}, which is built for {fitting}",
    "rclpy's compiled part cannot be loaded by another Python.",
    "./perception setup, which takes the right Python where it is installed (apt-get install python{fitting})",
)
MIDDLEWARE = Fault(
    "middleware",
    "the middleware {wanted} cannot be loaded: {reason}",
    "Every process of ROS ends at its start.",
    "unset RMW_IMPLEMENTATION, or apt-get install ros-{distro}-{package}",
)
DOMAIN = Fault(
    "domain",
    "ROS_DOMAIN_ID is {domain}, which is no number from 0 to 232",
    "Processes cannot join the graph, or join another one.",
    "export ROS_DOMAIN_ID=0, the same in every shell",
)
DISCOVERY = Fault(
    "discovery-range",
    "ROS_AUTOMATIC_DISCOVERY_RANGE is {range}",
    "With OFF or an unknown word processes do not look for each other: the camera is not found.",
    "export ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST (this machine) or SUBNET (the network)",
)
PROFILE_MISSING = Fault(
    "profile-missing",
    "FASTRTPS_DEFAULT_PROFILES_FILE names {profile}, which {reason}",
    "Fast DDS then goes on without it and without a word, and images are lost between processes.",
    "export FASTRTPS_DEFAULT_PROFILES_FILE={shipped}",
)
PROFILE_SMALL = Fault(
    "profile-small",
    "the profile {profile} gives shared memory of {size}",
    "One pair of 640x480 images needs 1.5 MB; of best-effort images about half were lost with the built-in segment.",
    "export FASTRTPS_DEFAULT_PROFILES_FILE={shipped}",
)
PROFILE_NOT_SET = Fault(
    "profile-not-set",
    "this node runs without FASTRTPS_DEFAULT_PROFILES_FILE",
    "Images do not fit into the middleware's own shared memory: of best-effort ones about half were lost.",
    "export FASTRTPS_DEFAULT_PROFILES_FILE={shipped} before starting the node",
)

FAULTS = (
    ROS_MISSING,
    DISTRO,
    PYTHON,
    MIDDLEWARE,
    DOMAIN,
    DISCOVERY,
    PROFILE_MISSING,
    PROFILE_SMALL,
    PROFILE_NOT_SET,
)


@dataclass(frozen=True, slots=True)
class Profile:
    """The file of Fast DDS profiles that a process is told to read.

    Attributes:
        path: As the variable has it.
        problem: Why it cannot be read, such as "is not there"; empty if it can.
        segment_bytes: Size of its shared memory; 0 if it has none, None if it does not say.
    """

    path: str
    problem: str = ""
    segment_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentFacts:
    """The environment that ROS starts in.

    Attributes:
        distro: Such as jazzy; empty if it is not known.
        from_wheels: ROS comes from Python wheels and not from an installation.
        python: Version, such as (3, 12).
        ros_problem: Why rclpy cannot be imported; empty if it can.
        middleware: Such as rmw_fastrtps_cpp.
        middleware_problem: Why it cannot be loaded; empty if it can.
        domain: ROS_DOMAIN_ID as it is set.
        discovery: ROS_AUTOMATIC_DISCOVERY_RANGE as it is set.
        profile: Of Fast DDS; None if none is named.
        shipped_profile: The suite's own.
    """

    distro: str
    from_wheels: bool
    python: tuple[int, int]
    ros_problem: str
    middleware: str
    middleware_problem: str
    domain: str
    discovery: str
    profile: Profile | None
    shipped_profile: Path


def check_environment(facts: EnvironmentFacts, *, of_node: bool = False) -> list[Finding]:
    """What is wrong with the environment.

    Args:
        facts: The environment.
        of_node: It is that of a node which takes images, and not only that of a shell.
    """
    findings = _check_ros(facts)
    if facts.domain and not (_NUMBER.fullmatch(facts.domain) and int(facts.domain) <= _LAST_DOMAIN):
        findings.append(DOMAIN.found(domain=repr(facts.domain)))
    if facts.discovery and facts.discovery.upper() not in _RANGES[:2] + _RANGES[3:]:
        findings.append(DISCOVERY.found(range=facts.discovery))
    if facts.middleware == FAST_DDS:
        findings += _check_profile(facts, of_node=of_node)
    return findings


def describe_environment(facts: EnvironmentFacts) -> list[str]:
    """The environment in plain lines."""
    source = "wheels" if facts.from_wheels else "an installation"
    python = ".".join(map(str, facts.python))
    lines = [
        f"ROS {facts.distro or 'of an unknown distribution'} from {source}, Python {python}, "
        f"{facts.middleware or 'no middleware'}",
        f"domain {facts.domain or '0'}, discovery range {facts.discovery or 'SUBNET (not set)'}",
    ]
    if facts.middleware == FAST_DDS:
        unset = "not set in this shell; launch files and demo set it themselves"
        lines.append(f"shared-memory profile: {facts.profile.path if facts.profile else unset}")
    elif facts.middleware:
        lines.append(f"the shared-memory profile is for {FAST_DDS} only")
    return lines


def _check_ros(facts: EnvironmentFacts) -> list[Finding]:
    findings = []
    if facts.ros_problem:
        findings.append(ROS_MISSING.found(reason=facts.ros_problem))
    fitting = _WHEEL_PYTHONS if facts.from_wheels else _PYTHONS.get(facts.distro, ())
    if facts.distro and facts.distro not in _PYTHONS:
        findings.append(DISTRO.found(distro=facts.distro))
    elif fitting and facts.python not in fitting:
        versions = " or ".join(f"{major}.{minor}" for major, minor in fitting)
        python = ".".join(map(str, facts.python))
        findings.append(PYTHON.found(python=python, distro=facts.distro, fitting=versions))
    if facts.middleware_problem and not facts.ros_problem:
        package = facts.middleware.replace("_", "-")
        findings.append(
            MIDDLEWARE.found(
                wanted=facts.middleware,
                reason=facts.middleware_problem,
                distro=facts.distro or "jazzy",
                package=package,
            )
        )
    return findings


def _check_profile(facts: EnvironmentFacts, *, of_node: bool) -> list[Finding]:
    profile, shipped = facts.profile, facts.shipped_profile
    if profile is None:
        return [PROFILE_NOT_SET.found(shipped=shipped)] if of_node else []
    if profile.problem:
        return [PROFILE_MISSING.found(profile=profile.path, reason=profile.problem, shipped=shipped)]
    if profile.segment_bytes is not None and profile.segment_bytes < IMAGE_PAIR_BYTES:
        size = megabytes(profile.segment_bytes)
        return [PROFILE_SMALL.found(profile=profile.path, size=size, shipped=shipped)]
    return []
