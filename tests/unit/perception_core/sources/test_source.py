import cv2
import numpy as np
import pytest

from perception_core.frame import RgbdFrame
from perception_core.recordings.writer import RecordingWriter
from perception_core.sources.error import SourceError
from perception_core.sources.pictures import PictureSource
from perception_core.sources.recording import RecordingSource
from perception_core.sources.source import open_source
from perception_core.sources.video import VideoSource


@pytest.fixture
def files(tmp_path):
    picture = np.zeros((48, 64, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "still.jpg"), picture)
    writer = cv2.VideoWriter(str(tmp_path / "clip.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 30, (64, 48))
    writer.write(picture)
    writer.release()
    return tmp_path


def test_a_folder_and_a_picture_are_pictures_and_another_file_is_a_video(files):
    assert isinstance(open_source(str(files)), PictureSource)
    assert isinstance(open_source(str(files / "still.jpg")), PictureSource)
    assert isinstance(open_source(str(files / "clip.avi")), VideoSource)


def test_a_folder_with_a_recording_is_one_and_a_folder_of_pictures_stays_one(files, tmp_path):
    with RecordingWriter(tmp_path / "recording") as writer:
        writer.write(RgbdFrame(0, "camera", np.zeros((6, 8, 3), np.uint8)))
    assert isinstance(open_source(str(tmp_path / "recording")), RecordingSource)
    assert isinstance(open_source(str(tmp_path / "recording" / "recording_0.mcap")), RecordingSource)
    (files / "metadata.yaml").write_text("album: holidays")
    assert isinstance(open_source(str(files)), PictureSource)


def test_every_source_says_what_it_is(files):
    source = open_source(str(files / "clip.avi"))
    assert (source.name, source.rate_hz, source.live) == ("clip.avi", 30.0, False)
    source.close()


def test_the_demo_is_the_virtual_scene(scene_pictures):
    source = open_source("demo")
    assert source.name == "demo"
    frame = next(source.frames())
    assert frame.depth is not None
    assert frame.intrinsics is not None


def test_other_scenes_are_had_by_their_name():
    assert open_source("scene:empty").name == "empty"


@pytest.mark.parametrize(
    ("text", "meant"), [("demp", "demo"), ("relsense", "realsense"), ("scene:crosing", "scene:crossing")]
)
def test_a_slip_of_the_pen_is_answered_with_what_was_meant(text, meant):
    with pytest.raises(SourceError, match=f"Did you mean {meant}\\?"):
        open_source(text)


def test_a_file_that_is_not_there_is_answered_with_what_is_accepted():
    with pytest.raises(
        SourceError, match=r"'/no/such/clip\.mp4': there is no such file.*Accepted: demo, a video file"
    ) as error:
        open_source("/no/such/clip.mp4")
    assert "Did you mean" not in str(error.value)


def test_the_home_of_nobody_is_a_file_that_is_not_there():
    with pytest.raises(SourceError, match="there is no such file"):
        open_source("~nobody-of-that-name/clip.mp4")


@pytest.mark.parametrize("text", ["x" * 5000, "a\0b"])
def test_what_can_be_no_path_is_refused_in_words(text):
    with pytest.raises(SourceError, match=r"File name too long|there is no such file"):
        open_source(text)


def test_a_number_is_a_camera():
    with pytest.raises(SourceError, match="camera 98 cannot be opened"):
        open_source("98")


@pytest.mark.parametrize("text", ["", " ", "-1", "1.5"])
def test_what_is_neither_is_refused_with_what_is_accepted(text):
    with pytest.raises(SourceError, match="Accepted: "):
        open_source(text)
