import numpy as np
import pytest

from perception_core.frame import RgbdFrame
from perception_core.recordings.writer import RecordingWriter
from perception_core.sources.error import SourceError
from perception_core.sources.recording import RecordingSource, open_recording

BEGIN_NS = 1_700_000_000_000_000_000


@pytest.fixture
def recording(tmp_path):
    with RecordingWriter(tmp_path / "morning") as writer:
        for k in range(4):
            writer.write(RgbdFrame(BEGIN_NS + k * 50_000_000, "camera", np.full((6, 8, 3), k, np.uint8)))
    return tmp_path / "morning"


def test_it_says_what_it_is_and_plays_with_the_stamps_of_the_recording(recording):
    source = open_recording(str(recording))
    assert (source.name, source.live) == ("morning", False)
    assert source.rate_hz == pytest.approx(20.0)
    assert [frame.stamp_ns - BEGIN_NS for frame in source.frames()] == [0, 50_000_000, 100_000_000, 150_000_000]
    assert next(source.frames()).colour.max() == 0
    source.close()


def test_topics_are_chosen_behind_a_question_mark(recording):
    assert open_recording(f"{recording}?colour=/camera/camera/color/image_raw") is not None
    with pytest.raises(SourceError, match=r"no topic /other with images in it\. It has: /camera/camera/color"):
        open_recording(f"{recording}?colour=/other")
    with pytest.raises(SourceError, match="only colour and depth can be chosen"):
        open_recording(f"{recording}?topic=/other")


@pytest.mark.parametrize("text", ["", "?", "demo", "0", "/no/such/folder", "?colour=/a"])
def test_what_is_no_recording_is_left_to_others(text):
    assert open_recording(text) is None


def test_a_damaged_recording_is_an_error_of_a_source(tmp_path):
    (tmp_path / "a.mcap").write_bytes(b"this is no recording")
    with pytest.raises(SourceError, match=r"a\.mcap: there is no topic with colour images in it"):
        RecordingSource(tmp_path / "a.mcap")


def test_a_folder_that_may_not_be_looked_into_is_an_error(recording, unprivileged):
    with unprivileged(), pytest.raises(SourceError, match="the recording cannot be read: Permission denied"):
        open_recording(str(recording))
