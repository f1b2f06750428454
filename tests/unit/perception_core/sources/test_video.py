import math

import cv2
import numpy as np
import pytest

from perception_core.sources.error import SourceError
from perception_core.sources.video import VideoSource


def write_video(path, frames=12, rate_hz=20.0, size=(64, 48)):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate_hz, size)
    for k in range(frames):
        writer.write(np.full((size[1], size[0], 3), 20 * k % 256, np.uint8))
    writer.release()
    return path


def test_a_video_is_played_at_its_own_rate(tmp_path):
    source = VideoSource(write_video(tmp_path / "v.avi"))
    frames = list(source.frames())
    assert source.rate_hz == pytest.approx(20.0)
    assert not source.live
    assert [frame.stamp_ns for frame in frames] == [k * 50_000_000 for k in range(12)]
    assert [frame.colour.mean() for frame in frames] == pytest.approx([20 * k for k in range(12)], abs=4)
    assert all(frame.depth is None and frame.intrinsics is None for frame in frames)


def test_a_second_run_begins_at_the_first_frame(tmp_path):
    source = VideoSource(write_video(tmp_path / "v.avi"))
    assert len(list(source.frames())) == 12
    assert next(source.frames()).colour.mean() < 5


def test_a_large_video_is_shrunk(tmp_path):
    source = VideoSource(write_video(tmp_path / "v.avi", frames=1, size=(1920, 1080)))
    assert next(source.frames()).size == (1280, 720)


def test_a_large_video_is_as_it_is_where_that_is_asked_for(tmp_path):
    source = VideoSource(write_video(tmp_path / "v.avi", frames=1, size=(1920, 1080)), math.inf)
    assert next(source.frames()).size == (1920, 1080)


def test_a_video_tells_how_many_frames_it_should_have(tmp_path):
    assert VideoSource(write_video(tmp_path / "v.avi", frames=12)).expected_frames == 12


@pytest.mark.parametrize("content", [b"", b"this is no video", b"RIFF\0\0\0\0AVI LIST"])
def test_a_file_that_is_no_video_is_named(tmp_path, content):
    path = tmp_path / "v.avi"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"v\.avi: OpenCV can read no frame"):
        VideoSource(path)


def test_a_video_that_is_cut_short_ends_where_it_is_cut(tmp_path):
    path = write_video(tmp_path / "v.avi", frames=30)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 0 < len(list(VideoSource(path).frames())) < 30


def test_a_video_larger_than_8k_is_refused(tmp_path):
    writer = cv2.VideoWriter(str(tmp_path / "v.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (8192, 4416))
    writer.write(np.zeros((4416, 8192, 3), np.uint8))
    writer.release()
    with pytest.raises(SourceError, match=r"v\.avi: its pictures have 8192x4416 pixels; up to 36000000 are read"):
        VideoSource(tmp_path / "v.avi")
