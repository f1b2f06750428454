"""Frames from recorded messages, with words for what is left out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from perception_core.compressed_images import decode_compressed_colour, decode_compressed_depth
from perception_core.frame import ColourImage, DepthImage, Intrinsics, IntrinsicsError, RgbdFrame
from perception_core.image_messages import ImageError, decode_camera_info, decode_colour, decode_depth, nanoseconds
from perception_core.pairing import StampPairing
from perception_core.recordings.camera_topics import CameraTopics
from perception_core.recordings.messages import CAMERA_INFO, COMPRESSED_IMAGE, IMAGE, MessageError, decoded
from perception_core.recordings.stored import StoredMessage

A = TypeVar("A")
T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Image:
    """An image message whose pixels are not decoded yet."""

    stamp_ns: int
    message: Any


_Pairing = StampPairing[_Image, _Image]


class FrameAssembler:
    """Puts the messages of a recording together to frames, one for every colour image that can be decoded.

    What cannot be used is left out and said once for each topic and reason, however often the recording is played.
    """

    def __init__(self, topics: CameraTopics) -> None:
        self._topics = topics
        self._said: set[tuple[str, str]] = set()

    def frames(self, messages: Iterator[StoredMessage], intrinsics: Intrinsics | None) -> Iterator[RgbdFrame]:
        """Frames in the order of their colour images.

        Args:
            messages: Of the camera's topics.
            intrinsics: Those that hold until the first camera_info comes.
        """
        pairing = _Pairing(expect_depth=self._topics.depth is not None)
        for stored in messages:
            if stored.topic == self._topics.camera_info:
                intrinsics = self.intrinsics(stored) or intrinsics
                continue
            image = self._image(stored)
            if image is None:
                continue
            add = pairing.add_colour if stored.topic == self._topics.colour.name else pairing.add_depth
            yield from self._built(add(image.stamp_ns, image), intrinsics)
        yield from self._built(pairing.release(), intrinsics)

    def stamp_ns(self, stored: StoredMessage) -> int | None:
        """When an image was taken; None if the message cannot be used."""
        image = self._image(stored)
        return image.stamp_ns if image is not None else None

    def intrinsics(self, stored: StoredMessage) -> Intrinsics | None:
        """Those of a camera_info message; None if it cannot be used."""
        message = self._usable(stored.topic, _camera_info, stored.data)
        return self._usable(stored.topic, decode_camera_info, message) if message is not None else None

    def _image(self, stored: StoredMessage) -> _Image | None:
        depth = self._topics.depth
        topic = depth if depth is not None and stored.topic == depth.name else self._topics.colour
        message = self._usable(topic.name, _compressed_image if topic.compressed else _raw_image, stored.data)
        if message is None:
            return None
        # A driver that does not stamp leaves 0, and the time of recording is the best there is.
        return _Image(nanoseconds(message.header) or stored.log_ns, message)

    def _built(self, pairs: list[tuple[_Image, _Image | None]], intrinsics: Intrinsics | None) -> Iterator[RgbdFrame]:
        topic = self._topics.colour
        for image, depth_image in pairs:
            colour: ColourImage | None = self._usable(
                topic.name, decode_compressed_colour if topic.compressed else decode_colour, image.message
            )
            if colour is None:
                continue
            size = (colour.shape[1], colour.shape[0])
            yield RgbdFrame(
                stamp_ns=image.stamp_ns,
                frame_id=image.message.header.frame_id,
                colour=colour,
                depth=self._depth(depth_image, size),
                intrinsics=self._fitting(intrinsics, size),
            )

    def _depth(self, image: _Image | None, size: tuple[int, int]) -> DepthImage | None:
        topic = self._topics.depth
        if image is None or topic is None:
            return None
        depth: DepthImage | None = self._usable(
            topic.name, decode_compressed_depth if topic.compressed else decode_depth, image.message
        )
        if depth is not None and depth.size != size:
            self._say(
                topic.name,
                "size",
                f"depth is {depth.size[0]}x{depth.size[1]}, colour is {size[0]}x{size[1]}: it is not aligned to colour "
                "and is left out. Record the topic of aligned depth",
            )
            return None
        return depth

    def _fitting(self, intrinsics: Intrinsics | None, size: tuple[int, int]) -> Intrinsics | None:
        if intrinsics is not None and (intrinsics.width, intrinsics.height) != size:
            self._say(
                str(self._topics.camera_info),
                "size",
                f"the calibration is for {intrinsics.width}x{intrinsics.height}, colour is {size[0]}x{size[1]}: "
                "it belongs to another image and is left out",
            )
            return None
        return intrinsics

    def _usable(self, topic: str, decode: Callable[[A], T], content: A) -> T | None:
        try:
            return decode(content)
        except (MessageError, ImageError, IntrinsicsError) as error:
            self._say(topic, type(error).__name__, f"{error}; such messages are skipped")
            return None

    def _say(self, topic: str, kind: str, text: str) -> None:
        if (topic, kind) not in self._said:
            self._said.add((topic, kind))
            _log.warning("%s: %s", topic, text)


def _raw_image(data: bytes) -> Any:
    return decoded(data, IMAGE)


def _compressed_image(data: bytes) -> Any:
    return decoded(data, COMPRESSED_IMAGE)


def _camera_info(data: bytes) -> Any:
    return decoded(data, CAMERA_INFO)
