import cv2
import numpy as np
import pytest

from perception_cli.video import VideoError, VideoWriter

SECOND = 1_000_000_000


def frames_in(path):
    video = cv2.VideoCapture(str(path))
    frames = []
    while (read := video.read())[0]:
        frames.append(read[1])
    return frames


def picture(shade=0, size=(48, 64)):
    return np.full((*size, 3), shade, np.uint8)


def written(tmp_path, pictures, stamps):
    """The video of these pictures; each is taken before the next comes, so that none is left out for want of time."""
    video = VideoWriter(tmp_path / "video.mp4")
    for each, stamp in zip(pictures, stamps, strict=True):
        video.write(each, stamp)
        while not video._queue.empty():
            pass
    video.close()
    return video, frames_in(video.path)


def test_at_thirty_a_second_every_picture_is_a_frame_whatever_the_jitter(tmp_path):
    jitter = np.random.default_rng(0).integers(-4_000_000, 4_000_000, 90)
    stamps = [round(k * SECOND / 30) + int(jitter[k]) for k in range(90)]
    video, frames = written(tmp_path, [picture(k) for k in range(90)], stamps)
    assert (video.pictures, video.left_out, len(frames)) == (90, 0, 90)


@pytest.mark.parametrize("rate", [7.5, 10, 15, 25, 60])
def test_a_video_lasts_as_long_as_what_it_shows(tmp_path, rate):
    stamps = [round(k * SECOND / rate) for k in range(round(2 * rate))]
    _, frames = written(tmp_path, [picture(20)] * len(stamps), stamps)
    assert len(frames) == pytest.approx(60, abs=4)


def test_pictures_of_another_size_are_fitted_in(tmp_path):
    sizes = [(48, 64), (96, 64), (24, 100), (48, 64)]
    video, frames = written(tmp_path, [picture(200, size) for size in sizes], [k * SECOND // 30 for k in range(4)])
    assert video.pictures == len(frames) == 4
    assert all(frame.shape == (48, 64, 3) for frame in frames)
    assert frames[1][24, 32].min() > 150 and frames[1][24, 2].max() < 60  # higher than wide: bars at the sides


def test_time_that_jumps_neither_ends_the_video_nor_fills_the_disk(tmp_path):
    stamps = [0, SECOND // 30, 3600 * SECOND, 5 * SECOND]
    video, frames = written(tmp_path, [picture(k) for k in range(4)], stamps)
    assert video.pictures == 4 and len(frames) < 320


def test_pictures_that_come_too_fast_are_left_out_and_counted(tmp_path):
    video = VideoWriter(tmp_path / "video.mp4")
    for k in range(200):
        video.write(picture(k % 256, (480, 1280)), k * SECOND // 30)
    video.close()
    assert video.left_out > 0
    assert video.pictures + video.left_out == 200


@pytest.mark.parametrize("rate", [0.05, 1, 12.5, 23.976, 30, 59.94])
def test_appended_every_picture_is_one_frame_at_the_rate(tmp_path, rate):
    video = VideoWriter(tmp_path / "video.mp4", rate)
    for k in range(50):  # more than wait at a time
        video.append(picture(5 * k, (480, 640)))
    video.close()
    shades = [frame.mean() for frame in frames_in(video.path)]
    assert (video.pictures, video.left_out) == (50, 0)
    assert shades == pytest.approx([5 * k for k in range(50)], abs=4)
    assert cv2.VideoCapture(str(video.path)).get(cv2.CAP_PROP_FPS) == pytest.approx(rate, rel=1e-3)


def test_pictures_that_cannot_be_encoded_are_said_and_nobody_waits_for_ever(tmp_path):
    video = VideoWriter(tmp_path / "video.mp4")
    for _ in range(50):
        video.append(picture(0, (1, 1)))
    with pytest.raises(VideoError, match=r"cannot be encoded: OpenCV makes no \.mp4 of 1x1 pixels"):
        video.close()
    assert not video.path.exists()


def test_without_a_picture_there_is_no_file(tmp_path):
    video = VideoWriter(tmp_path / "video.mp4")
    video.close()
    assert not video.path.exists()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("no such folder/video.mp4", "No such file or directory"),
        ("video.txt", r"ends in one of \.mp4"),
        ("video", r"ends in one of \.mp4"),
        ("folder.mp4", "Is a directory"),
    ],
)
def test_a_name_that_cannot_be_a_video_is_refused_at_once(tmp_path, name, reason):
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(VideoError, match=reason):
        VideoWriter(tmp_path / name)


def test_a_folder_that_may_not_be_written_is_said_at_once(tmp_path, unprivileged):
    with unprivileged(), pytest.raises(VideoError, match="Permission denied"):
        VideoWriter(tmp_path / "video.mp4")


def test_a_video_that_did_not_arrive_on_the_disk_is_an_error(tmp_path):
    video = VideoWriter(tmp_path / "video.mp4")
    for k in range(5):
        video.write(picture(k), k * SECOND // 30)
    while not video._queue.empty():
        pass
    video.path.unlink()  # as good as a full disk: OpenCV writes on and says nothing
    with pytest.raises(VideoError, match="Is the disk full"):
        video.close()
