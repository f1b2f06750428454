"""Who publishes a camera's topics, and whether publishers and subscribers can meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from perception_core.diagnosis.environment import IMAGE_PAIR_BYTES
from perception_core.diagnosis.finding import Fault, Finding, listed


class Role(Enum):
    """What a topic of a camera is for."""

    COLOUR = "colour"
    DEPTH = "depth"
    CAMERA_INFO = "camera_info"


NO_CAMERA = Fault(
    "no-camera",
    "no camera publishes {topic}",
    "Without colour images nothing is perceived.",
    "start it with ros2 launch face_perception jetson.launch.py (a RealSense), your camera's driver, or ./perception "
    "demo; ROS_DOMAIN_ID must be the same ({domain} here)",
)
ELSEWHERE = Fault(
    "camera-elsewhere",
    "nobody publishes {topic}, but there are images on {others}",
    "The nodes wait for {role} on a topic where none will come.",
    "start the nodes with a remapping: --ros-args -r {relative}:={first}; with a camera in a namespace: namespace:=...",
)
NO_DEPTH = Fault(
    "no-depth",
    "nobody publishes {topic}",
    "Distances are then estimated from the size of faces and hands; pointing and liveness need depth.",
    "start the driver with align_depth.enable:=true",
)
NO_INFO = Fault(
    "no-camera-info",
    "nobody publishes {topic}",
    "Without calibration there are no metres: positions are published without them.",
    "calibrate the camera and have its driver publish camera_info (ros2 run camera_calibration cameracalibrator)",
)
WRONG_TYPE = Fault(
    "wrong-type",
    "{topic} is published by {node} as {found}, not {wanted}",
    "Messages of another type do not arrive.",
    "remap another topic: --ros-args -r {relative}:=TOPIC; ros2 topic list -t shows the types",
)
TWO_PUBLISHERS = Fault(
    "two-publishers",
    "{topic} is published by {count}: {nodes}",
    "Images of two cameras are mixed: faces and hands jump between them.",
    "end all but one, or start the other camera with a namespace of its own",
)
MIXED = Fault(
    "mixed-reliability",
    "{topic} is published best effort by {best_effort} and reliably by {reliable}",
    "Who subscribes reliably never hears the best-effort one, without an error.",
    "give both the same quality of service, or end one of them",
)
UNHEARD = Fault(
    "unheard",
    "{node} subscribes to {topic} {asked}, which {publisher} does not offer",
    "DDS does not connect them: its callback never runs, and nobody says so.",
    "have {node} subscribe best effort and volatile (the suite's own nodes take what is offered)",
)
GONE = Fault(
    "camera-gone",
    "{topic} came, and its publisher has ended meanwhile",
    "The driver has crashed, its cable or power is loose, or a recording is over.",
    "look at the driver's log (and at sudo dmesg for USB), and start it again; respawn:=true does that by itself",
)
SMALL_SEGMENT = Fault(
    "small-segment",
    "the camera {node} has {size} of shared memory",
    "One pair of 640x480 images needs 1.5 MB; of best-effort images about half were lost with so little.",
    "export FASTRTPS_DEFAULT_PROFILES_FILE={profile} and start the camera again",
)
FAULTS = (NO_CAMERA, ELSEWHERE, NO_DEPTH, NO_INFO, WRONG_TYPE, TWO_PUBLISHERS, MIXED, UNHEARD, GONE, SMALL_SEGMENT)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A publisher or subscriber.

    Attributes:
        node: Its name with namespace.
        type_name: Such as sensor_msgs/msg/Image.
        reliable: Lost messages are sent again; of a subscriber: it insists on that.
        transient: Last messages are kept for who comes later; of a subscriber: it insists on that.
        segment_bytes: Shared memory of its process; None where that is not known.
    """

    node: str
    type_name: str
    reliable: bool
    transient: bool = False
    segment_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """One topic of a camera.

    Attributes:
        role: What it is for.
        topic: Its full name; that of the compressed one where only that is published.
        relative: The name that is remapped.
        types: That the nodes take.
        publishers: Of it.
        subscribers: Of it, without whoever looks.
        others: Other topics on which there are images of this role.
        heard: Messages came on it.
    """

    role: Role
    topic: str
    relative: str
    types: tuple[str, ...]
    publishers: tuple[Endpoint, ...]
    subscribers: tuple[Endpoint, ...] = ()
    others: tuple[str, ...] = ()
    heard: bool = False

    @property
    def usable(self) -> bool:
        """Whether somebody publishes what the nodes take."""
        return any(publisher.type_name in self.types for publisher in self.publishers)


def check_topics(topics: Sequence[TopicFacts], domain: str, profile: str) -> list[Finding]:
    """What is wrong with a camera's topics.

    Args:
        topics: That of colour first.
        domain: ROS_DOMAIN_ID.
        profile: The suite's own profiles file.
    """
    findings: list[Finding] = []
    camera = any(topic.publishers for topic in topics) or any(topic.others or topic.heard for topic in topics)
    for topic in topics:
        if not topic.publishers:
            findings += _missing(topic, domain, camera=camera)
            continue
        findings += _check_types(topic)
        findings += _check_publishers(topic)
        findings += _check_subscribers(topic)
    cameras = {each.node: each.segment_bytes for topic in topics for each in topic.publishers if topic.usable}
    findings += [
        SMALL_SEGMENT.found(node=node, size=f"{size / 1e6:.1f} MB", profile=profile)
        for node, size in cameras.items()
        if size is not None and size < IMAGE_PAIR_BYTES
    ]
    return findings


def _missing(topic: TopicFacts, domain: str, *, camera: bool) -> list[Finding]:
    if topic.heard:
        return [GONE.found(topic=topic.topic)]
    if topic.others:
        others = list(topic.others)
        first = others[0]
        words = {"topic": topic.topic, "others": listed(others), "role": topic.role.value}
        return [ELSEWHERE.found(relative=topic.relative, first=first, **words)]
    if topic.role is Role.COLOUR:
        return [NO_CAMERA.found(topic=topic.topic, domain=domain or "0")]
    if not camera:
        return []  # said already
    return [(NO_DEPTH if topic.role is Role.DEPTH else NO_INFO).found(topic=topic.topic)]


def _check_types(topic: TopicFacts) -> list[Finding]:
    wanted = " or ".join(topic.types)
    return [
        WRONG_TYPE.found(
            topic=topic.topic, node=each.node, found=each.type_name, wanted=wanted, relative=topic.relative
        )
        for each in topic.publishers
        if each.type_name not in topic.types
    ]


def _check_publishers(topic: TopicFacts) -> list[Finding]:
    fitting = [publisher for publisher in topic.publishers if publisher.type_name in topic.types]
    findings = []
    if len(fitting) > 1:
        nodes = listed([each.node for each in fitting])
        findings.append(TWO_PUBLISHERS.found(topic=topic.topic, count=len(fitting), nodes=nodes))
    reliable = [each.node for each in fitting if each.reliable]
    best_effort = [each.node for each in fitting if not each.reliable]
    if reliable and best_effort:
        findings.append(MIXED.found(topic=topic.topic, best_effort=listed(best_effort), reliable=listed(reliable)))
    return findings


def _check_subscribers(topic: TopicFacts) -> list[Finding]:
    """Who asks for more than is offered (DDS 1.4, 2.2.3: reliability and durability are requested and offered)."""
    findings = []
    for subscriber in topic.subscribers:
        for publisher in topic.publishers:
            asked = ["reliably"] if subscriber.reliable and not publisher.reliable else []
            asked += ["transient local"] if subscriber.transient and not publisher.transient else []
            if asked and subscriber.type_name == publisher.type_name:
                words = {"node": subscriber.node, "topic": topic.topic, "publisher": publisher.node}
                findings.append(UNHEARD.found(asked=" and ".join(asked), **words))
                break
    return findings


def describe_topics(topics: Sequence[TopicFacts]) -> list[str]:
    """The topics in plain lines."""
    return [
        f"{topic.role.value}: {topic.topic}, by {listed([each.node for each in topic.publishers])}, "
        f"{'reliable' if all(each.reliable for each in topic.publishers) else 'best effort'}"
        for topic in topics
        if topic.usable
    ]
