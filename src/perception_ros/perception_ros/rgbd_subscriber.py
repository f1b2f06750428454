"""Colour, aligned depth and camera_info of one camera, paired by stamp."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleNode
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from perception_core.image_messages import nanoseconds
from perception_core.pairing import StampPairing
from perception_core.stages import StageTimes
from perception_core.topics import CAMERA_INFO_TOPIC, COLOUR_TOPIC, DEPTH_TOPIC
from perception_ros.matched_subscription import MatchedSubscription, Variant

_LOOK_FOR_PUBLISHERS_S = 0.25
_FIRST_S = 1.0  # so long after a topic was found its first message is waited for
_SILENT_S = 1.0
_HELD = 4  # images that wait; a pair in flight on each side
_RAW = {"colour": (Variant(Image),), "depth": (Variant(Image),)}
_COMPRESSED = {
    # The second of each is for who remaps the topic to a compressed one by its full name.
    "colour": (Variant(CompressedImage, "/compressed"), Variant(CompressedImage)),
    "depth": (Variant(CompressedImage, "/compressedDepth"), Variant(CompressedImage)),
}


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """How a camera's topics are read, and kept up with.

    Attributes:
        slop_s: How far the stamps of colour and depth may lie apart, in seconds.
        transport: raw, compressed, or auto: raw where it is published, else compressed.
        keep_up: Do less about each image where images wait.
    """

    slop_s: float
    transport: str
    keep_up: bool = False


@dataclass(frozen=True, slots=True)
class RgbdMessages:
    """What belongs to one moment, still as messages.

    Attributes:
        colour: The image.
        depth: Of the same moment; None if there is none.
        camera_info: The newest; None before the first.
        depth_comes: Depth images come, whether one belongs to this moment or not.
        depth_lost: Some were lost on the way just now.
    """

    colour: Image | CompressedImage
    depth: Image | CompressedImage | None
    camera_info: CameraInfo | None
    depth_comes: bool
    depth_lost: bool


class RgbdSubscriber:
    """Subscribes to a camera until closed and hands on each moment of it."""

    def __init__(
        self,
        node: LifecycleNode,
        settings: CameraSettings,
        on_moment: Callable[[RgbdMessages], None],
        times: StageTimes,
    ) -> None:
        """Subscribes.

        Args:
            node: Whose executor runs the callbacks.
            settings: How to read the topics.
            on_moment: Takes each moment on the executor's thread; it must not take long.
            times: Takes the time that pairing takes.
        """
        self._node = node
        self._on_moment = on_moment
        self._times = times
        self._camera_info: CameraInfo | None = None
        self._last_colour = time.monotonic()
        self._last_depth: float | None = None
        self._last_depth_loss = -math.inf
        self._depth_losses = 0
        self._held: list[RgbdMessages] = []
        self._pairing: StampPairing[Image, Image] = StampPairing(slop_s=settings.slop_s)
        colour, depth = (_variants(kind, settings.transport) for kind in ("colour", "depth"))
        # The executor takes what has arrived in this order, so that no image overtakes its camera_info.
        self._info = MatchedSubscription(node, CAMERA_INFO_TOPIC, [Variant(CameraInfo)], self._take_camera_info)
        self._depth = MatchedSubscription(node, DEPTH_TOPIC, depth, self._take_depth)
        self._colour = MatchedSubscription(node, COLOUR_TOPIC, colour, self._take_colour)
        self._subscriptions = (self._colour, self._depth, self._info)
        # The clock on the wall: simulated time may stand still or jump.
        self._timer = node.create_timer(
            _LOOK_FOR_PUBLISHERS_S, self._follow_publishers, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )
        self._follow_publishers()

    def complaints(self) -> list[str]:
        """What is wrong with the topics, in words."""
        missing = [each.topic for each in self._subscriptions if not each.published and not each.other_types]
        texts = [f"nobody publishes {', '.join(missing)}"] if missing else []
        for each in self._subscriptions:
            if each.publishers > 1:
                texts.append(f"{each.topic} is published by {each.publishers}, whose images are mixed: end all but one")
            if each.other_types:
                texts.append(
                    f"{each.topic} is published as {', '.join(sorted(each.other_types))}, which is not read here"
                )
        return texts

    def colour_is_published(self) -> bool:
        """Whether somebody could send colour images."""
        return self._colour.published

    def silent_s(self) -> float:
        """Seconds since the last colour image, or since the beginning."""
        return time.monotonic() - self._last_colour

    @property
    def reliable(self) -> bool:
        """Whether images that are lost on the way are sent again."""
        return self._colour.reliable and (self._depth.reliable or not self._depth.published)

    @property
    def lost_colour(self) -> int:
        """How many colour images were published and did not arrive."""
        return self._colour.lost

    @property
    def lost_depth(self) -> int:
        """How many depth images were published and did not arrive."""
        return self._depth.lost

    @property
    def frames_without_depth(self) -> int:
        """How many colour images went on without depth."""
        return self._pairing.unpaired_colour

    @property
    def jumps(self) -> int:
        """How many times the stamps went back."""
        return self._pairing.jumps

    def close(self) -> None:
        """Unsubscribes from everything."""
        self._node.destroy_timer(self._timer)
        for subscription in self._subscriptions:
            subscription.close()

    def _follow_publishers(self) -> None:
        for subscription in self._subscriptions:
            subscription.follow_publishers()
        self._pairing.expect_depth = self._depth.published and (self._last_depth is not None or _new(self._depth))
        self._release()

    def _take_colour(self, image: Image | CompressedImage) -> None:
        self._last_colour = time.monotonic()
        with self._times.stage("pair"):
            self._hand_on(self._pairing.add_colour(nanoseconds(image.header), image))

    def _take_depth(self, image: Image | CompressedImage) -> None:
        self._last_depth = time.monotonic()
        with self._times.stage("pair"):
            self._hand_on(self._pairing.add_depth(nanoseconds(image.header), image))

    def _take_camera_info(self, camera_info: CameraInfo) -> None:
        self._camera_info = camera_info
        self._release()

    def _hand_on(self, pairs: list[tuple[Image, Image | None]]) -> None:
        for colour, depth in pairs:
            self._held.append(
                RgbdMessages(colour, depth, self._camera_info, self._depth_comes(), self._depth_was_lost())
            )
        self._release()

    def _release(self) -> None:
        """Hands on what is held, unless the first camera_info is about to come."""
        awaited = self._camera_info is None and self._info.published and _new(self._info)
        while self._held and (not awaited or len(self._held) > _HELD):
            self._on_moment(replace(self._held.pop(0), camera_info=self._camera_info))

    def _depth_was_lost(self) -> bool:
        now = time.monotonic()
        if self._depth.lost > self._depth_losses:
            self._depth_losses, self._last_depth_loss = self._depth.lost, now
        return now - self._last_depth_loss < _SILENT_S

    def _depth_comes(self) -> bool:
        return self._last_depth is not None and time.monotonic() - self._last_depth < _SILENT_S


def _new(subscription: MatchedSubscription) -> bool:
    return time.monotonic() - subscription.subscribed_at < _FIRST_S


def _variants(kind: str, transport: str) -> tuple[Variant, ...]:
    if transport == "raw":
        return _RAW[kind]
    return _COMPRESSED[kind] if transport == "compressed" else _RAW[kind] + _COMPRESSED[kind]
