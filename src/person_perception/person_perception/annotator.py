"""The camera's picture with everything that was found in it; made only while somebody looks."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from rclpy.lifecycle import LifecycleNode
from rclpy.publisher import Publisher
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from face_perception.face import Face
from gesture_perception.hand import Hand
from perception_core.frame import Intrinsics, IntrinsicsError
from perception_core.image_messages import ImageError, decode_camera_info, nanoseconds
from perception_core.newest import NewestOnly
from perception_core.topics import CAMERA_INFO_TOPIC, COLOUR_TOPIC
from perception_ros.image_codec import encode_image
from perception_ros.image_decoding import colour_of
from perception_ros.matched_subscription import MatchedSubscription, Variant
from person_perception.drawing import draw_belongings, draw_found
from person_perception.person import Person

_KEPT = 8  # images that wait for what is found in them
_COLOUR = (Variant(Image), Variant(CompressedImage, "/compressed"))

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """What is drawn into one image.

    Attributes:
        faces: None of them where the face node did not work on it.
        hands: Likewise.
        people: Whose they are, in the camera's frame.
    """

    faces: Sequence[Face]
    hands: Sequence[Hand]
    people: Sequence[Person]


class Annotator:
    """Subscribes to the camera's images while its own are wanted, and draws on a thread of its own."""

    def __init__(self, node: LifecycleNode, publisher: Publisher) -> None:
        """Begins; it looks for who wants pictures when told to.

        Args:
            node: Whose executor runs the callbacks.
            publisher: Of the pictures.
        """
        self._node, self._publisher = node, publisher
        self._subscriptions: list[MatchedSubscription] = []
        self._images: dict[int, Image | CompressedImage] = {}
        self._found: dict[int, Found] = {}
        self._camera_info: CameraInfo | None = None
        self._work: NewestOnly[tuple[Image | CompressedImage, Found]] = NewestOnly()
        self._thread = threading.Thread(target=self._draw_all, name=f"{node.get_name()} annotator", daemon=True)
        self._thread.start()

    @property
    def is_wanted(self) -> bool:
        """Whether somebody looks."""
        return bool(self._subscriptions)

    def look(self) -> None:
        """Subscribes where somebody has begun to look, and no longer where nobody does; call it now and then."""
        wanted = self._publisher.get_subscription_count() > 0
        if wanted and not self._subscriptions:
            self._subscriptions = [
                MatchedSubscription(self._node, CAMERA_INFO_TOPIC, [Variant(CameraInfo)], self._take_camera_info),
                MatchedSubscription(self._node, COLOUR_TOPIC, _COLOUR, self._take_image),
            ]
        elif not wanted:
            self._unsubscribe()
        for subscription in self._subscriptions:
            subscription.follow_publishers()

    def put(self, stamp_ns: int, found: Found) -> None:
        """Takes what was found in the image of that stamp."""
        _keep(self._found, stamp_ns, found)
        self._match(stamp_ns)

    def close(self) -> None:
        """Ends; the picture in work is finished."""
        self._unsubscribe()
        self._work.close()
        self._thread.join()

    def _unsubscribe(self) -> None:
        for subscription in self._subscriptions:
            subscription.close()
        self._subscriptions = []
        self._images.clear()
        self._found.clear()

    def _take_camera_info(self, message: CameraInfo) -> None:
        self._camera_info = message

    def _take_image(self, message: Image | CompressedImage) -> None:
        stamp_ns = nanoseconds(message.header)
        _keep(self._images, stamp_ns, message)
        self._match(stamp_ns)

    def _match(self, stamp_ns: int) -> None:
        if stamp_ns in self._images and stamp_ns in self._found:
            self._work.put((self._images.pop(stamp_ns), self._found.pop(stamp_ns)))

    def _draw_all(self) -> None:
        while (work := self._work.take()) is not None:
            image, found = work
            try:
                colour = colour_of(image)
            except ImageError:
                continue  # likewise said by them
            picture = draw_found(colour, found.faces, found.hands, self._intrinsics())
            draw_belongings(picture, found.people)
            if self._node.context.ok():
                self._publisher.publish(encode_image(picture, "bgr8", image.header))

    def _intrinsics(self) -> Intrinsics | None:
        try:
            return decode_camera_info(self._camera_info) if self._camera_info is not None else None
        except (ImageError, IntrinsicsError):
            return None  # said by the nodes that look for faces and hands


def _keep(kept: dict[int, T], stamp_ns: int, thing: T) -> None:
    """Puts a thing in, and the oldest out where there are too many."""
    kept[stamp_ns] = thing
    while len(kept) > _KEPT:
        del kept[next(iter(kept))]
