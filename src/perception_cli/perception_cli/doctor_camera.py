"""What was heard of a camera as the facts that are checked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from rclpy.qos import DurabilityPolicy, ReliabilityPolicy
from rclpy.topic_endpoint_info import TopicEndpointInfo
from sensor_msgs.msg import CameraInfo

from perception_cli.doctor_graph import TOPICS, GraphLook
from perception_core.depth_faults import find_fault
from perception_core.diagnosis.calibration import CalibrationFacts
from perception_core.diagnosis.depth_content import DepthFacts
from perception_core.diagnosis.registration import registration_of
from perception_core.diagnosis.streams import StreamFacts, StreamsFacts
from perception_core.diagnosis.topics import Endpoint, Role, TopicFacts
from perception_core.frame import ColourImage, DepthImage, Intrinsics, IntrinsicsError
from perception_core.image_messages import ImageError, decode_camera_info
from perception_ros.image_decoding import colour_of, depth_of

_IMAGES = ("sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage")
_INFO = "sensor_msgs/msg/CameraInfo"
_OURS = ("image_annotated", "debug")
_DEPTH_WORDS = ("depth", "disparity")
_ALIGNED_WORDS = ("align", "register")
_NOT_COLOUR = (*_DEPTH_WORDS, "infra", "mono", "mask", "ir/", "thermal")
_UNKNOWN_NODE = "_NODE_NAME_UNKNOWN_"
_MOST_PAIRS = 3


def topic_facts(look: GraphLook, segments: Mapping[int, int]) -> tuple[TopicFacts, ...]:
    """Publishers and subscribers of a camera's topics.

    Args:
        look: What was heard.
        segments: Bytes of shared memory by process.
    """
    facts = []
    for role in Role:
        topic = look.subscriptions[role].topic
        publishers = look.publishers(topic)
        facts.append(
            TopicFacts(
                role=role,
                topic=topic,
                relative=TOPICS[role],
                types=(_INFO,) if role is Role.CAMERA_INFO else _IMAGES,
                publishers=tuple(_endpoint(each, segments) for each in publishers),
                subscribers=tuple(_endpoint(each, {}) for each in look.subscribers(topic)),
                others=() if publishers else _elsewhere(look, role),
                heard=bool(look.received[role].stamps_ns),
            )
        )
    return tuple(facts)


def stream_facts(look: GraphLook, topics: tuple[TopicFacts, ...]) -> StreamsFacts:
    """What arrived on the topics that are published."""
    streams = []
    for topic in topics:
        if not topic.usable:
            continue
        received = look.received[topic.role]
        seen = sorted(received.seen)
        sizes = dict.fromkeys((width, height) for _, width, height, _ in seen if width and height)
        streams.append(
            StreamFacts(
                role=topic.role,
                topic=topic.topic,
                node=topic.publishers[0].node,
                stamps_ns=tuple(received.stamps_ns),
                arrived_ns=tuple(received.arrived_ns),
                lost=look.subscriptions[topic.role].lost,
                frame_ids=tuple(dict.fromkeys(frame_id for frame_id, *_ in seen)),
                sizes=tuple(sizes),
                encodings=tuple(dict.fromkeys(encoding for *_, encoding in seen if encoding)),
                problem=_problem(look, topic.role),
            )
        )
    simulated = look.clock_ticks > 0
    return StreamsFacts(look.listened_s, tuple(streams), simulated_time=simulated, stalled_s=look.stalled_s)


def calibration_facts(look: GraphLook, topics: tuple[TopicFacts, ...]) -> CalibrationFacts | None:
    """What camera_info says; None if none came."""
    newest = look.received[Role.CAMERA_INFO].newest
    if not newest:
        return None
    topic = next(topic.topic for topic in topics if topic.role is Role.CAMERA_INFO)
    lens, problem = _lens(newest[-1])
    depth = _lens(look.depth_info)[0] if look.depth_info is not None else None
    return CalibrationFacts(topic, problem, lens, depth)


def depth_facts(look: GraphLook, topics: tuple[TopicFacts, ...]) -> DepthFacts | None:
    """What the depth images hold; None if none came that can be read."""
    messages = list(look.received[Role.DEPTH].newest)
    try:
        depth = depth_of(messages[-1]) if messages else None
    except ImageError:
        return None  # said of the stream
    if depth is None:
        return None
    topic = next(topic.topic for topic in topics if topic.role is Role.DEPTH)
    pairs = _pictures(look)
    encoding = str(getattr(messages[-1], "encoding", "") or getattr(messages[-1], "format", ""))
    return DepthFacts(
        topic=topic,
        encoding=encoding,
        fault=find_fault(depth),
        valid_share=float(np.mean(np.isfinite(depth.raw) & (depth.raw > 0))),
        registration=registration_of(pairs) if pairs else None,
    )


def _pictures(look: GraphLook) -> list[tuple[ColourImage, DepthImage]]:
    pictures = []
    for colour_message, depth_message in look.pairs[-_MOST_PAIRS:]:
        try:
            colour, depth = colour_of(colour_message), depth_of(depth_message)
        except ImageError:
            continue
        if depth.size == (colour.shape[1], colour.shape[0]):
            pictures.append((colour, depth))
    return pictures


def _problem(look: GraphLook, role: Role) -> str:
    newest = look.received[role].newest
    if role is Role.CAMERA_INFO or not newest:
        return ""
    try:
        (colour_of if role is Role.COLOUR else depth_of)(newest[-1])
    except ImageError as error:
        return str(error)
    return ""


def _lens(message: CameraInfo) -> tuple[Intrinsics | None, str]:
    try:
        return decode_camera_info(message), ""
    except (ImageError, IntrinsicsError) as error:
        return None, str(error)


def _endpoint(info: TopicEndpointInfo, segments: Mapping[int, int]) -> Endpoint:
    name = "an unknown node" if info.node_name == _UNKNOWN_NODE else info.node_name
    profile = info.qos_profile
    return Endpoint(
        node=f"{info.node_namespace.rstrip('/')}/{name}" if name == info.node_name else name,
        type_name=info.topic_type,
        reliable=profile.reliability == ReliabilityPolicy.RELIABLE,
        transient=profile.durability == DurabilityPolicy.TRANSIENT_LOCAL,
        segment_bytes=_segment_of(bytes(info.endpoint_gid), segments),
    )


def _segment_of(gid: bytes, segments: Mapping[int, int]) -> int | None:
    """Shared memory of a publisher's process, which Fast DDS names in bytes 4 and 5 of its ids; None if it is none."""
    number = int.from_bytes(gid[4:6], "little")
    fitting = [size for pid, size in segments.items() if pid & 0xFFFF == number]
    return fitting[0] if len(fitting) == 1 and gid[:2] == b"\x01\x0f" else None


def _elsewhere(look: GraphLook, role: Role) -> tuple[str, ...]:
    """Other topics that may be meant."""
    found = []
    for name, types in look.topics().items():
        words = name.lower()
        if role is Role.CAMERA_INFO:
            fits = _INFO in types and not any(word in words for word in _NOT_COLOUR)
        elif role is Role.DEPTH:
            depth = any(word in words for word in _DEPTH_WORDS) and any(word in words for word in _ALIGNED_WORDS)
            fits = _IMAGES[0] in types and depth
        else:
            fits = _IMAGES[0] in types and not any(word in words for word in _NOT_COLOUR)
        if fits and not any(word in words for word in _OURS):
            found.append(name)
    return tuple(sorted(found))
