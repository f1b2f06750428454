"""Colour cameras that OpenCV can open: USB cameras and the CSI camera of a Jetson."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from perception_core.frame import RgbdFrame
from perception_core.library_words import silence_opencv
from perception_core.sources.error import SourceError

_RATE_HZ = 30


class CameraSource:
    """A live camera; see `FrameSource`.

    Attributes:
        name: How the camera is called in messages.
        rate_hz: None: the camera sets the pace.
        live: True.
    """

    rate_hz: float | None = None
    live = True

    def __init__(self, name: str, capture: cv2.VideoCapture) -> None:
        """Take over an opened camera.

        Args:
            name: How to call it in messages.
            capture: Opened; closed by `close`.
        """
        self.name = name
        self._capture = capture

    def frames(self) -> Iterator[RgbdFrame]:
        """Frames as they come, stamped with the time since this call, without depth and intrinsics.

        Raises:
            SourceError: The camera has stopped delivering.
        """
        begin = time.monotonic_ns()
        while True:
            grabbed = self._capture.grab()
            stamp = time.monotonic_ns() - begin
            found, picture = self._capture.retrieve() if grabbed else (False, None)
            if not found or picture is None:
                raise SourceError(
                    f"{self.name} delivers no frames any more: is it unplugged, or used by another program?"
                )
            yield RgbdFrame(stamp, "camera_color_optical_frame", np.asarray(picture, np.uint8))

    def close(self) -> None:
        """Release the camera."""
        self._capture.release()


def open_usb_camera(number: int, size: tuple[int, int]) -> CameraSource:
    """The camera with a number, 0 for the first.

    Args:
        number: As OpenCV counts them; n is /dev/video<n> on Linux.
        size: Width and height to ask for; the camera may deliver another.

    Raises:
        SourceError: It cannot be opened.
    """
    silence_opencv()
    capture = cv2.VideoCapture(number)
    if not capture.isOpened():
        devices = ", ".join(sorted(str(device) for device in Path("/dev").glob("video*"))) or "none"
        raise SourceError(
            f"camera {number} cannot be opened; video devices here: {devices}. "
            "Is it plugged in, free, and are you in the group `video`?"
        )
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
    capture.set(cv2.CAP_PROP_FPS, _RATE_HZ)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # an older frame than the newest is of no use
    return CameraSource(f"camera {number}", capture)


def open_csi_camera(size: tuple[int, int]) -> CameraSource:
    """The CSI camera of a Jetson.

    Args:
        size: Width and height; scaled by the Jetson's image processor.

    Raises:
        SourceError: OpenCV was built without GStreamer, or there is no such camera.
    """
    if not cv2.videoio_registry.hasBackend(cv2.CAP_GSTREAMER):
        raise SourceError(
            "csi needs an OpenCV with GStreamer, and this one was built without it. On a Jetson use the system's "
            "OpenCV (package python3-opencv of JetPack) instead of the one from a wheel."
        )
    capture = cv2.VideoCapture(csi_pipeline(size), cv2.CAP_GSTREAMER)
    if not capture.isOpened():
        raise SourceError(
            "the CSI camera cannot be opened. Is it connected, and does `nvgstcapture-1.0` show a picture? "
            "If another program crashed with it: sudo systemctl restart nvargus-daemon"
        )
    return CameraSource("csi camera", capture)


def csi_pipeline(size: tuple[int, int]) -> str:
    """The GStreamer pipeline from the sensor to BGR frames of a size (width, height)."""
    width, height = size
    return (
        f"nvarguscamerasrc ! video/x-raw(memory:NVMM), framerate={_RATE_HZ}/1 "
        f"! nvvidconv ! video/x-raw, width={width}, height={height}, format=BGRx "
        "! videoconvert ! video/x-raw, format=BGR ! appsink drop=true max-buffers=1 sync=false"
    )
