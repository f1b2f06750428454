import cv2
import numpy as np
import pytest

from perception_cli.video import VideoError, VideoWriter


def frames_in(path):
    return int(cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FRAME_COUNT))


def test_every_frame_that_was_not_left_out_is_in_the_file(tmp_path):
    video = VideoWriter(tmp_path / "video.mp4", 30.0)
    for shade in range(40):
        video.write(np.full((48, 64, 3), shade, np.uint8))
    video.close()
    assert video.written + video.left_out == 40
    assert frames_in(video.path) == video.written > 0


def test_without_a_frame_there_is_no_file(tmp_path):
    video = VideoWriter(tmp_path / "video.mp4", 30.0)
    video.close()
    assert not video.path.exists()


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    video = VideoWriter(tmp_path / "no such folder" / "video.mp4", 30.0)
    video.write(np.zeros((48, 64, 3), np.uint8))
    with pytest.raises(VideoError, match=r"no such folder/video\.mp4"):
        video.close()
