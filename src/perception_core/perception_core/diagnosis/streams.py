"""What arrives on a camera's topics: rates, losses, stamps, sizes, encodings and frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perception_core.diagnosis.finding import Fault, Finding, listed
from perception_core.diagnosis.topics import Role
from perception_core.stamps import JUMP_BACK_NS

_SLOP_S = 0.015  # of the nodes' pairing, unless their parameter slop_s says otherwise
_PAIRED = 0.8  # share of colour images that have to have their depth
_FUTURE_S, _PAST_S = 0.1, 5.0  # as the nodes' own watch of the clock has it
_HOUR_S = 3600.0
_LOST = 0.2  # by default settings 40 to 65 % are lost; a busy machine loses a few for a moment
_STALLED = 0.1  # of the time listened
_FEWEST = 8  # messages that a rate is made of
_RATE_RATIO = 0.7
_SLOW_HZ = 5.0  # a follower of faces loses them from one image to the next

SILENT = Fault(
    "topic-silent",
    "nothing came within {seconds} s on {topics}, which {node} publishes",
    "The driver runs without its sensor, or its network does not let images through.",
    "look at the driver's log; on this machine set FASTRTPS_DEFAULT_PROFILES_FILE for both sides, over a network "
    "ros2 multicast receive / send shows whether it passes",
)
UNUSABLE = Fault(
    "image-unusable",
    "{topic}: {reason}",
    "Such images are left out, each of them.",
    "change the encoding or size in the driver's parameters, or remap to a topic that has one of these",
)
LOST = Fault(
    "images-lost",
    "{lost} of {sent} messages on {topic} were lost on the way",
    "They do not fit into the middleware's own memory, or this machine is busy: tracks break.",
    "set FASTRTPS_DEFAULT_PROFILES_FILE=config/fastdds_shm.xml in the camera's process and all others, or lower the "
    "camera's rate",
)
SLOW = Fault(
    "slow",
    "{topic} comes {rate} times a second",
    "Faces and hands move further between two images than they can be followed.",
    "raise the driver's rate (rgb_camera.color_profile:=640x480x30); indoors switch off auto exposure priority",
)
RATES = Fault(
    "rates-differ",
    "{topic} comes {rate} times a second, colour {colour_rate}",
    "Images without a partner have no distance, or no calibration for programs that pair them.",
    "give both streams the same profile (depth_module.depth_profile:=640x480x30 rgb_camera.color_profile:=640x480x30)",
)
ZERO_STAMPS = Fault(
    "zero-stamps",
    "{topic} is stamped with 0",
    "Nothing can be paired by stamp, and neither time nor speed be told.",
    "have the driver fill header.stamp",
)
CLOCK = Fault(
    "clock-offset",
    "the stamps of {topic} are {offset}",
    "Latencies mean nothing, TF finds no transform, and behaviours take what they see for stale.",
    "{command}",
)
JUMPS = Fault(
    "stamps-jump",
    "the stamps of {topic} went back {count} times within {seconds} s",
    "Tracks, gestures and smoothing begin anew each time.",
    "end the second publisher if there is one; else switch off the driver's global time (global_time_enabled:=false)",
)
REPEATED = Fault(
    "stamps-repeated",
    "{count} of {all} messages on {topic} have the stamp of the one before",
    "Pairs are mixed up, and speeds come out as infinite.",
    "have the driver stamp every image, or end the program that publishes images again",
)
UNSYNCHRONISED = Fault(
    "depth-apart",
    "depth lies {apart} from colour by its stamps; the nodes pair what is at most 15 ms apart",
    "Colour goes on without depth: distances are estimated.",
    "start the driver with enable_sync:=true; if both are as fast as each other but never nearer, set slop_s",
)
NO_FRAME = Fault(
    "no-frame-id",
    "{topic} has an empty frame_id",
    "Nobody can say where in the robot's frame something is.",
    "set the driver's parameter for the optical frame (such as frame_id or camera_frame_id)",
)
FRAMES = Fault(
    "frame-differs",
    "{topic} is in frame {found}, colour in {colour}",
    "Depth of another frame is not aligned: distances are those of what lies beside.",
    "start the driver with align_depth.enable:=true, and remap to aligned_depth_to_color/image_raw",
)
SIZES = Fault(
    "size-differs",
    "{topic} is {found}, colour is {colour}",
    "Depth of another size is not aligned, and calibration of another size is wrong: positions have no metres.",
    "start the driver with align_depth.enable:=true and remap to aligned_depth_to_color/image_raw; for camera_info "
    "load the calibration of this resolution",
)
FAULTS = (
    SILENT,
    UNUSABLE,
    LOST,
    SLOW,
    RATES,
    ZERO_STAMPS,
    CLOCK,
    JUMPS,
    REPEATED,
    UNSYNCHRONISED,
    NO_FRAME,
    FRAMES,
    SIZES,
)
_SET_CLOCK = "chronyc tracking on both machines, and sudo chronyc makestep; or switch on the driver's global time"
_SIM_TIME = "start the nodes with use_sim_time:=true, as a recording is played (ros2 bag play --clock)"


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What arrived on one topic.

    Attributes:
        role: What the topic is for.
        topic: Its full name.
        node: That publishes it.
        stamps_ns: Of all messages in the order of their coming.
        arrived_ns: When they came, by this machine's clock; as many.
        lost: Messages that were published meanwhile and did not come.
        frame_ids: All that were found.
        sizes: Width and height in pixels, likewise.
        encodings: Likewise; formats of compressed images.
        problem: Why one could not be read; empty if all could.
    """

    role: Role
    topic: str
    node: str
    stamps_ns: tuple[int, ...]
    arrived_ns: tuple[int, ...]
    lost: int = 0
    frame_ids: tuple[str, ...] = ()
    sizes: tuple[tuple[int, int], ...] = ()
    encodings: tuple[str, ...] = ()
    problem: str = ""

    @property
    def rate_hz(self) -> float:
        """Published messages per second between the first and the last that came; NaN of too few."""
        lasted_ns = self.arrived_ns[-1] - self.arrived_ns[0] if len(self.arrived_ns) >= _FEWEST else 0
        return (len(self.arrived_ns) - 1 + self.lost) / lasted_ns * 1e9 if lasted_ns > 0 else float("nan")


@dataclass(frozen=True, slots=True)
class StreamsFacts:
    """What arrived from a camera.

    Attributes:
        listened_s: For how long.
        streams: Of the topics that are published; that of colour first.
        simulated_time: Somebody publishes /clock.
        stalled_s: Of that, how long the listener did not get to listen, as the machine was busy.
    """

    listened_s: float
    streams: tuple[StreamFacts, ...]
    simulated_time: bool = False
    stalled_s: float = 0.0

    @property
    def busy(self) -> bool:
        """Whether losses and rates may be the listener's own fault."""
        return self.stalled_s > _STALLED * self.listened_s

    def of(self, role: Role) -> StreamFacts | None:
        """The stream of a role on which something came."""
        return next((stream for stream in self.streams if stream.role is role and stream.stamps_ns), None)


def check_streams(facts: StreamsFacts) -> list[Finding]:
    """What is wrong with what arrived."""
    findings: list[Finding] = []
    silent = [stream for stream in facts.streams if not stream.stamps_ns]
    if silent:
        names = listed([stream.topic for stream in silent])
        findings.append(SILENT.found(seconds=f"{facts.listened_s:.0f}", topics=names, node=silent[0].node))
    for stream in facts.streams:
        if not stream.stamps_ns:
            continue
        findings += _check_arrival(stream, busy=facts.busy)
        findings += _check_stamps(stream, facts)
        if "" in stream.frame_ids:
            findings.append(NO_FRAME.found(topic=stream.topic))
    return findings + _check_together(facts)


def describe_streams(facts: StreamsFacts) -> list[str]:
    """What arrived in plain lines."""
    lines = []
    for stream in facts.streams:
        if not stream.stamps_ns:
            continue
        rate = "" if facts.busy or np.isnan(stream.rate_hz) else f", {stream.rate_hz:.1f} a second"
        sizes = [f"{width}x{height}" for width, height in stream.sizes]
        told = ", ".join([*sizes, *stream.encodings, *stream.frame_ids])
        lines.append(f"{stream.role.value}: {told}{rate}")
    if facts.busy:
        lines.append("this machine is so busy that rates and losses are not judged")
    return lines


def _check_arrival(stream: StreamFacts, *, busy: bool) -> list[Finding]:
    findings = []
    if stream.problem:
        findings.append(UNUSABLE.found(topic=stream.topic, reason=stream.problem))
    if busy:
        return findings
    sent = len(stream.stamps_ns) + stream.lost
    if sent >= _FEWEST and stream.lost > _LOST * sent:
        findings.append(LOST.found(lost=stream.lost, sent=sent, topic=stream.topic))
    if stream.role is Role.COLOUR and stream.rate_hz < _SLOW_HZ:
        findings.append(SLOW.found(topic=stream.topic, rate=f"{stream.rate_hz:.1f}"))
    return findings


def _check_stamps(stream: StreamFacts, facts: StreamsFacts) -> list[Finding]:
    stamps = np.array(stream.stamps_ns, np.int64)
    if not stamps.any():
        return [ZERO_STAMPS.found(topic=stream.topic)]
    findings = []
    steps = np.diff(stamps)
    jumps = int((steps < -JUMP_BACK_NS).sum())
    if jumps:
        findings.append(JUMPS.found(topic=stream.topic, count=jumps, seconds=f"{facts.listened_s:.0f}"))
    repeated = int((steps == 0).sum())
    if repeated > _LOST * len(stamps):
        findings.append(REPEATED.found(count=repeated, all=len(stamps), topic=stream.topic))
    late_s = float(np.median(np.array(stream.arrived_ns, np.int64) - stamps)) / 1e9
    if not facts.simulated_time and not -_FUTURE_S <= late_s <= _PAST_S:
        where = "in the future" if late_s < 0 else "in the past"
        recorded = late_s > 24 * _HOUR_S
        command = _SIM_TIME if recorded else _SET_CLOCK
        findings.append(CLOCK.found(topic=stream.topic, offset=f"{_span(abs(late_s))} {where}", command=command))
    return findings


def _check_together(facts: StreamsFacts) -> list[Finding]:
    colour = facts.of(Role.COLOUR)
    if colour is None:
        return []
    findings = []
    depth, info = facts.of(Role.DEPTH), facts.of(Role.CAMERA_INFO)
    for other in (stream for stream in (depth, info) if stream is not None):
        rate, colour_rate = other.rate_hz, colour.rate_hz
        differ = rate < _RATE_RATIO * colour_rate or (other is depth and colour_rate < _RATE_RATIO * rate)
        if differ and not facts.busy:
            findings.append(RATES.found(topic=other.topic, rate=f"{rate:.1f}", colour_rate=f"{colour_rate:.1f}"))
        if set(other.frame_ids) - {""} and set(colour.frame_ids) - {""} and other.frame_ids != colour.frame_ids:
            found, expected = listed(list(other.frame_ids)), listed(list(colour.frame_ids))
            findings.append(FRAMES.found(topic=other.topic, found=found, colour=expected))
        if other.sizes and colour.sizes and other.sizes != colour.sizes:
            found, expected = _sizes(other), _sizes(colour)
            findings.append(SIZES.found(topic=other.topic, found=found, colour=expected))
    if depth is not None:
        findings += _check_pairs(colour, depth)
    return findings


def _check_pairs(colour: StreamFacts, depth: StreamFacts) -> list[Finding]:
    if not any(colour.stamps_ns) or not any(depth.stamps_ns) or len(colour.stamps_ns) < _FEWEST:
        return []
    depths = np.sort(np.array(depth.stamps_ns, np.int64))
    apart_s = np.array([np.abs(depths - stamp).min() for stamp in colour.stamps_ns]) / 1e9
    if (apart_s <= _SLOP_S).mean() >= _PAIRED:
        return []
    if depth.rate_hz < _RATE_RATIO * colour.rate_hz and np.quantile(apart_s, 0.2) <= _SLOP_S:
        return []  # those that there are fit: the rates differ, which is said
    return [UNSYNCHRONISED.found(apart=_span(float(np.median(apart_s))))]


def _sizes(stream: StreamFacts) -> str:
    return listed([f"{width}x{height}" for width, height in stream.sizes])


def _span(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1e3:.0f} ms"
    if seconds < 2 * 60:
        return f"{seconds:.1f} s"
    if seconds < 2 * _HOUR_S:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / _HOUR_S:.1f} h" if seconds < 48 * _HOUR_S else f"{seconds / _HOUR_S / 24:.0f} days"
