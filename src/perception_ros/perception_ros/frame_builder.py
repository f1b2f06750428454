"""Frames from the messages of a camera, with words for what is missing."""

from __future__ import annotations

from sensor_msgs.msg import CameraInfo, Image

from perception_core.frame import DepthImage, Intrinsics, IntrinsicsError, RgbdFrame
from perception_ros.image_codec import ImageError, decode_camera_info, decode_colour, decode_depth, nanoseconds
from perception_ros.notices import Notices

_WITHOUT_METRES = "Positions are published without metres until then."
_PATIENCE_S = 1.0  # at activation the topics of a camera are found one after the other


class FrameBuilder:
    """Builds frames; keeps the intrinsics so that they are decoded once, not on every frame."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self._camera_info: CameraInfo | None = None
        self._intrinsics: Intrinsics | None = None

    def build(self, colour: Image, depth: Image | None, camera_info: CameraInfo | None) -> RgbdFrame:
        """One frame.

        Raises:
            ImageError: The colour image cannot be used. Unusable depth or calibration is left out and said once.
        """
        pixels = decode_colour(colour)
        size = (pixels.shape[1], pixels.shape[0])
        return RgbdFrame(
            stamp_ns=nanoseconds(colour.header),
            frame_id=colour.header.frame_id,
            colour=pixels,
            depth=self._depth(depth, size),
            intrinsics=self._intrinsics_for(camera_info, size),
        )

    def _depth(self, message: Image | None, size: tuple[int, int]) -> DepthImage | None:
        if message is None:
            self._notices.begins(
                "depth",
                "no depth image belongs to the colour image. Start the camera with align_depth.enable:=true, or remap "
                "aligned_depth_to_color/image_raw. Distances are estimated from the size of faces until then.",
                _PATIENCE_S,
            )
            return None
        try:
            depth = decode_depth(message)
        except ImageError as error:
            self._notices.begins("depth", f"the depth image cannot be used: {error}")
            return None
        if depth.size != size:
            self._notices.begins(
                "depth",
                f"depth is {depth.size[0]}x{depth.size[1]}, colour is {size[0]}x{size[1]}: the depth image is not "
                "aligned. Start the camera with align_depth.enable:=true, or remap to "
                "aligned_depth_to_color/image_raw. Distances are estimated from the size of faces until then.",
            )
            return None
        self._notices.ends("depth")
        return depth

    def _intrinsics_for(self, message: CameraInfo | None, size: tuple[int, int]) -> Intrinsics | None:
        if message is None:
            self._notices.begins("camera_info", f"no camera_info has come. {_WITHOUT_METRES}", _PATIENCE_S)
            return None
        if self._camera_info is None or not _same_calibration(message, self._camera_info):
            self._camera_info, self._intrinsics = message, self._decoded(message)
        if self._intrinsics is not None and (self._intrinsics.width, self._intrinsics.height) != size:
            self._notices.begins(
                "camera_info",
                f"camera_info is for {self._intrinsics.width}x{self._intrinsics.height}, the image is "
                f"{size[0]}x{size[1]}: it belongs to another image. {_WITHOUT_METRES}",
            )
            return None
        if self._intrinsics is not None:
            self._notices.ends("camera_info")
        return self._intrinsics

    def _decoded(self, message: CameraInfo) -> Intrinsics | None:
        try:
            return decode_camera_info(message)
        except (ImageError, IntrinsicsError) as error:
            self._notices.begins("camera_info", f"camera_info cannot be used: {error}. {_WITHOUT_METRES}")
            return None


def _same_calibration(one: CameraInfo, other: CameraInfo) -> bool:
    return (
        (one.width, one.height, one.distortion_model) == (other.width, other.height, other.distortion_model)
        and list(one.k) == list(other.k)
        and list(one.d) == list(other.d)
    )
