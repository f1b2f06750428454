"""Frames from the messages of a camera, with words for what is missing."""

from __future__ import annotations

from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from perception_core.depth_faults import DepthFault, find_fault
from perception_core.frame import DepthImage, Intrinsics, IntrinsicsError, RgbdFrame
from perception_core.image_messages import ImageError, decode_camera_info, nanoseconds
from perception_ros.image_decoding import colour_of, depth_of
from perception_ros.notices import Notices

_WITHOUT_METRES = "Positions are published without metres until then."
_FROM_SIZE = "Distances are estimated from the size of faces until then."
_ALIGN = "Start the camera with align_depth.enable:=true, or remap to aligned_depth_to_color/image_raw."
_SECONDS = range(-(2**31), 2**31)  # builtin_interfaces/Time
_PATIENCE_S = 1.0  # at activation the topics of a camera are found one after the other; a hand may cover the lens
_WRONG_UNIT = {
    DepthFault.MILLIMETRES_AS_METRES: "32FC1, which means metres, but half of it lies beyond 100 m: these are "
    "millimetres. Have the camera's driver publish them as 16UC1.",
    DepthFault.METRES_AS_MILLIMETRES: "16UC1, which means millimetres, but all of it is nearer than 20 mm: these are "
    "metres. Have the camera's driver publish them as 32FC1.",
}


class FrameBuilder:
    """Builds frames; keeps the intrinsics so that they are decoded once, not on every frame."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self._camera_info: CameraInfo | None = None
        self._intrinsics: Intrinsics | None = None

    def build(
        self,
        colour: Image | CompressedImage,
        depth: Image | CompressedImage | None,
        camera_info: CameraInfo | None,
        *,
        depth_comes: bool = False,
        depth_lost: bool = False,
    ) -> RgbdFrame:
        """One frame.

        Args:
            colour: The image.
            depth: Of the same moment; None if there is none.
            camera_info: The newest; None before the first.
            depth_comes: Depth images come, whether one belongs to this moment or not.
            depth_lost: Some were lost on the way just now, which is said elsewhere.

        Raises:
            ImageError: The colour image cannot be used. Unusable depth or calibration is left out and said once.
        """
        pixels = colour_of(colour)
        size = (pixels.shape[1], pixels.shape[0])
        stamp_ns = nanoseconds(colour.header)
        self._check_stamp(stamp_ns)
        if depth is None and not depth_lost:
            self._miss_depth(depth_comes)
        return RgbdFrame(
            stamp_ns=stamp_ns,
            frame_id=colour.header.frame_id,
            colour=pixels,
            depth=None if depth is None else self._depth(depth, size),
            intrinsics=self._intrinsics_for(camera_info, size),
        )

    def _check_stamp(self, stamp_ns: int) -> None:
        if stamp_ns // 1_000_000_000 not in _SECONDS:
            raise ImageError("its stamp lies beyond the year 2038, where ROS's time ends")
        if stamp_ns != 0:
            self._notices.ends("no stamps")
            return
        self._notices.begins(
            "no stamps",
            "the colour images are stamped 0: the camera's driver sets no stamps. Colour and depth are paired by "
            "chance, and latency means nothing; have the driver stamp its images.",
            _PATIENCE_S,  # simulated time begins at 0, too
        )

    def _miss_depth(self, depth_comes: bool) -> None:
        if depth_comes:
            reason = (
                "depth images come, but their stamps are too far from those of the colour images. Have one clock stamp "
                f"both, or raise slop_s. {_FROM_SIZE}"
            )
        else:
            reason = f"no depth image belongs to the colour image. {_ALIGN} {_FROM_SIZE}"
        self._notices.begins("depth", reason, _PATIENCE_S)

    def _depth(self, message: Image | CompressedImage, size: tuple[int, int]) -> DepthImage | None:
        try:
            depth = depth_of(message)
        except ImageError as error:
            self._notices.begins("depth", f"the depth image cannot be used: {error}. {_FROM_SIZE}")
            return None
        if depth.size != size:
            self._notices.begins(
                "depth",
                f"depth is {depth.size[0]}x{depth.size[1]}, colour is {size[0]}x{size[1]}: the depth image is not "
                f"aligned. {_ALIGN} {_FROM_SIZE}",
            )
            return None
        fault = find_fault(depth)
        if fault in _WRONG_UNIT:
            self._notices.begins("depth", f"the depth image is {_WRONG_UNIT[fault]} {_FROM_SIZE}")
            return None
        self._notices.ends("depth")
        self._check_empty(fault)
        return depth

    def _check_empty(self, fault: DepthFault | None) -> None:
        if fault is not DepthFault.EMPTY:
            self._notices.ends("empty depth")
            return
        self._notices.begins(
            "empty depth",
            "the depth image holds no distance at all: is the sensor covered, is everything too near, or is its "
            f"projector off? {_FROM_SIZE}",
            _PATIENCE_S,
        )

    def _intrinsics_for(self, message: CameraInfo | None, size: tuple[int, int]) -> Intrinsics | None:
        if message is None:
            self._notices.begins("camera_info", f"no camera_info has come. {_WITHOUT_METRES}", _PATIENCE_S)
            return None
        if self._camera_info is None or not _same_calibration(message, self._camera_info):
            self._camera_info, self._intrinsics = message, self._decoded(message)
        if self._intrinsics is not None and (self._intrinsics.width, self._intrinsics.height) != size:
            swapped = (self._intrinsics.height, self._intrinsics.width) == size
            cause = "its width and height are swapped" if swapped else "it belongs to another image"
            self._notices.begins(
                "camera_info",
                f"camera_info is for {self._intrinsics.width}x{self._intrinsics.height}, the image is "
                f"{size[0]}x{size[1]}: {cause}. {_WITHOUT_METRES}",
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
