import itertools
import subprocess
import sys
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from perception_cli.video import VideoError, VideoWriter

SECOND = 1_000_000_000
STAMPS = itertools.count(0, SECOND // 30)


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
    with pytest.raises(VideoError, match=r"cannot be encoded: OpenCV makes no \.mp4 of 1x1 pixels"):
        while True:
            video.append(picture(0, (1, 1)))
    with pytest.raises(VideoError, match="cannot be encoded"):
        video.close()
    assert not list(tmp_path.iterdir())


def test_a_video_that_is_there_stays_until_the_new_one_is_whole(tmp_path):
    (tmp_path / "video.mp4").write_bytes(b"precious")
    VideoWriter(tmp_path / "video.mp4").close()
    assert (tmp_path / "video.mp4").read_bytes() == b"precious"
    video = VideoWriter(tmp_path / "video.mp4")
    video.append(picture())
    assert (tmp_path / "video.mp4").read_bytes() == b"precious"
    video.close()
    assert len(frames_in(video.path)) == 1 and list(tmp_path.iterdir()) == [video.path]


@pytest.mark.parametrize("add", [VideoWriter.append, lambda video, each: video.write(each, next(STAMPS), wait=True)])
def test_a_disk_that_fills_is_said_soon_and_the_video_until_then_is_whole(tmp_path, monkeypatch, add):
    video = VideoWriter(tmp_path / "video.mp4")
    for _ in range(20):
        add(video, picture(90))
    while not video._queue.empty():
        pass
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    with pytest.raises(VideoError, match=r"video\.mp4: the disk is full; the video ends after \d+ frames"):
        while True:
            add(video, picture(90))
    with pytest.raises(VideoError, match="the disk is full"):
        video.close()
    assert 15 < len(frames_in(video.path)) <= 20


@pytest.mark.parametrize("pictures", [1, 3])
def test_a_disk_that_is_full_at_the_last_picture_keeps_nobody_waiting(tmp_path, monkeypatch, pictures):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=0))
    video = VideoWriter(tmp_path / "video.mp4")
    with pytest.raises(VideoError, match="the disk is full"):  # at an append or at the end
        try:
            for _ in range(pictures):
                video.append(picture())
        finally:
            video.close()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("suffix", "readable"), [(".mkv", True), (".mp4", False)])
def test_killed_an_mkv_can_be_played_until_then(tmp_path, suffix, readable):
    program = (
        "import os, sys, numpy as np; from pathlib import Path; from perception_cli.video import VideoWriter\n"
        "video = VideoWriter(Path(sys.argv[1])); noise = np.random.default_rng(0)\n"
        "for _ in range(60): video.append(noise.integers(0, 255, (240, 320, 3), np.uint8))\n"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / f"video{suffix}")], check=False)
    (left,) = tmp_path.iterdir()
    assert left.name.startswith("video.partial-") and (len(frames_in(left)) > 20) == readable


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
    video._file.partial.unlink()  # as good as a full disk: OpenCV writes on and says nothing
    with pytest.raises(VideoError, match="Is the disk full"):
        video.close()
