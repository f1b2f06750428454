"""A RealSense camera: colour, aligned depth and intrinsics, without ROS."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np

from perception_core.frame import DepthImage, Intrinsics, RgbdFrame
from perception_core.sources.error import SourceError

_RATE_HZ = 30


class RealSenseSource:
    """A live RealSense camera; see `FrameSource`.

    Attributes:
        name: Model and serial number.
        rate_hz: None: the camera sets the pace.
        live: True.
    """

    rate_hz: float | None = None
    live = True

    def __init__(self, size: tuple[int, int] = (640, 480)) -> None:
        """Start the camera.

        Args:
            size: Width and height of colour and depth.

        Raises:
            SourceError: pyrealsense2 is not installed, there is no camera, or it does not offer this size.
        """
        rs = _library()
        config = rs.config()
        config.enable_stream(rs.stream.color, *size, rs.format.bgr8, _RATE_HZ)
        config.enable_stream(rs.stream.depth, *size, rs.format.z16, _RATE_HZ)
        self._pipeline: Any = rs.pipeline()
        if not len(rs.context().query_devices()):
            raise SourceError("no RealSense camera is connected. Check the cable (USB 3) and `rs-enumerate-devices`.")
        try:
            profile = self._pipeline.start(config)
        except RuntimeError as error:
            raise SourceError(f"the RealSense camera does not start at {size[0]}x{size[1]}: {error}") from error
        device = profile.get_device()
        self.name = f"{device.get_info(rs.camera_info.name)} {device.get_info(rs.camera_info.serial_number)}"
        self._metres_per_unit = float(device.first_depth_sensor().get_depth_scale())
        self._intrinsics = _intrinsics(
            rs, profile.get_stream(rs.stream.color).as_video_stream_profile().get_intrinsics()
        )
        self._align: Any = rs.align(rs.stream.color)

    def frames(self) -> Iterator[RgbdFrame]:
        """Frames as they come, stamped with the time since this call.

        Raises:
            SourceError: The camera has stopped delivering.
        """
        begin = time.monotonic_ns()
        while True:
            try:
                frames = self._pipeline.wait_for_frames()
            except RuntimeError as error:
                raise SourceError(f"{self.name} delivers no frames any more: {error}") from error
            stamp = time.monotonic_ns() - begin
            aligned = self._align.process(frames)
            # the camera reuses its buffers, so both pictures are copied
            colour = np.array(aligned.get_color_frame().get_data(), np.uint8)
            depth = np.array(aligned.get_depth_frame().get_data(), np.uint16)
            image = DepthImage(depth, self._metres_per_unit)
            yield RgbdFrame(stamp, "camera_color_optical_frame", colour, image, self._intrinsics)

    def close(self) -> None:
        """Stop the camera."""
        self._pipeline.stop()


def _library() -> ModuleType:
    try:
        return importlib.import_module("pyrealsense2")
    except ImportError as error:
        raise SourceError(
            "realsense needs the Python package pyrealsense2, which is not installed: "
            "`.venv/bin/pip install -r requirements/realsense.lock`. On arm64 build it with librealsense, or use the "
            "ROS driver."
        ) from error


def _intrinsics(rs: ModuleType, found: Any) -> Intrinsics:
    """The camera's own numbers as ours; the inverse model of some colour streams has coefficients of 0 only."""
    coefficients = tuple(float(value) for value in found.coeffs)
    forward = found.model in (rs.distortion.brown_conrady, rs.distortion.modified_brown_conrady)
    distortion = coefficients if forward and any(coefficients) else ()
    return Intrinsics(found.width, found.height, found.fx, found.fy, found.ppx, found.ppy, distortion)
