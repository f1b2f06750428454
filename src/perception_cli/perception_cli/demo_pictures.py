"""The pictures that the demo shows: colour with faces and hands drawn in, and depth beside it.

They are drawn here, and not taken from the nodes, so that what is said of faces covers no hand and the other way round.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from sensor_msgs.msg import CameraInfo, Image

from perception_cli.late_pictures import LatePictures
from perception_cli.seen_frame import SeenFrame
from perception_core.frame import ColourImage, DepthImage, Intrinsics, IntrinsicsError
from perception_core.image_messages import ImageError, decode_camera_info, nanoseconds
from perception_ros.image_decoding import colour_of, depth_of
from person_perception.drawing import draw_found, draw_found_in_depth

_STANDS_IN_NS = 500_000_000  # what one node found stands in for a frame on which only the other one has worked

Show = Callable[[ColourImage, int], bool]  # picture and stamp in nanoseconds; False when no more is to be seen


class DemoPictures:
    """Draws what was found in a frame when its images are there.

    Attributes:
        closed: Whether no more is to be seen.
    """

    def __init__(self, show: Show, *, has_depth: bool) -> None:
        """Nothing has come yet.

        Args:
            show: Takes every picture; returns False when no more is to be seen.
            has_depth: Whether there are depth images.
        """
        self.closed = False
        self._show = show
        self._has_depth = has_depth
        self._colours: LatePictures[SeenFrame, Image] = LatePictures()
        self._depths: LatePictures[tuple[SeenFrame, Image], Image] = LatePictures()
        self._intrinsics: Intrinsics | None = None
        self._last = SeenFrame(0, [], [])

    def take_colour(self, image: Image) -> None:
        """Takes an image of the camera."""
        self._join_depth(self._colours.add_depth(nanoseconds(image.header), image, len(image.data)))

    def take_depth(self, image: Image) -> None:
        """Takes a depth image."""
        self._draw(self._depths.add_depth(nanoseconds(image.header), image, len(image.data)))

    def take_camera_info(self, message: CameraInfo) -> None:
        """Takes the calibration, without which it is not shown what a hand points at."""
        try:
            self._intrinsics = decode_camera_info(message)
        except (ImageError, IntrinsicsError):
            self._intrinsics = None

    def take_frame(self, frame: SeenFrame) -> None:
        """Takes what was found in a frame."""
        self._last = _filled(frame, self._last)
        self._join_depth(self._colours.add_picture(frame.stamp_ns, self._last))

    def _join_depth(self, pairs: list[tuple[SeenFrame, Image | None]]) -> None:
        for frame, colour in pairs:
            if colour is None:
                continue
            if self._has_depth:
                self._draw(self._depths.add_picture(frame.stamp_ns, (frame, colour)))
            else:
                self._draw([((frame, colour), None)])

    def _draw(self, ready: list[tuple[tuple[SeenFrame, Image], Image | None]]) -> None:
        for (frame, colour), depth in ready:
            try:
                pixels = colour_of(colour)
            except ImageError:
                continue
            faces, hands = frame.faces or [], frame.hands or []
            picture = draw_found(pixels, faces, hands, self._intrinsics)
            if self._has_depth:
                size = (pixels.shape[1], pixels.shape[0])
                picture = np.hstack([picture, draw_found_in_depth(_readable(depth), size, faces, hands)])
            self.closed = self.closed or not self._show(picture, frame.stamp_ns)


def _filled(frame: SeenFrame, last: SeenFrame) -> SeenFrame:
    """The frame; what a node has not told of is as it was shortly before."""
    if not 0 <= frame.stamp_ns - last.stamp_ns <= _STANDS_IN_NS:
        return frame
    return replace(
        frame,
        faces=last.faces if frame.faces is None else frame.faces,
        hands=last.hands if frame.hands is None else frame.hands,
    )


def _readable(depth: Image | None) -> DepthImage | None:
    """None for what is none, too."""
    try:
        return None if depth is None else depth_of(depth)
    except ImageError:
        return None
