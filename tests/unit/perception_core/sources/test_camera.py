import cv2
import numpy as np
import pytest

from perception_core.sources.camera import CameraSource, csi_pipeline, open_csi_camera, open_usb_camera
from perception_core.sources.error import SourceError

GSTREAMER = cv2.videoio_registry.hasBackend(cv2.CAP_GSTREAMER)


@pytest.fixture
def unplugged_after_three_frames(tmp_path):
    path = str(tmp_path / "v.avi")
    writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), 30, (64, 48))
    for _ in range(3):
        writer.write(np.zeros((48, 64, 3), np.uint8))
    writer.release()
    source = CameraSource("camera 0", cv2.VideoCapture(path))
    yield source
    source.close()


def test_a_camera_that_stops_is_an_error_after_its_last_frame(unplugged_after_three_frames):
    frames = unplugged_after_three_frames.frames()
    stamps = [next(frames).stamp_ns for _ in range(3)]
    assert stamps == sorted(stamps)
    assert stamps[0] >= 0
    with pytest.raises(SourceError, match="camera 0 delivers no frames any more"):
        next(frames)


def test_a_camera_is_live_and_sets_its_own_pace(unplugged_after_three_frames):
    assert unplugged_after_three_frames.live
    assert unplugged_after_three_frames.rate_hz is None


def test_a_camera_that_is_not_there_is_an_error_that_lists_those_that_are():
    with pytest.raises(SourceError, match="camera 97 cannot be opened; video devices here: "):
        open_usb_camera(97, (640, 480))


@pytest.mark.skipif(GSTREAMER, reason="this OpenCV has GStreamer")
def test_without_gstreamer_the_csi_camera_says_which_opencv_it_needs():
    with pytest.raises(SourceError, match=r"csi needs an OpenCV with GStreamer.*python3-opencv"):
        open_csi_camera((640, 480))


def test_the_csi_pipeline_delivers_the_newest_frame_in_the_size_asked_for():
    pipeline = csi_pipeline((1280, 720))
    assert "width=1280, height=720" in pipeline
    assert "drop=true max-buffers=1" in pipeline
