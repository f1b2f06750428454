"""A recording as a source of frames."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

from perception_core.frame import RgbdFrame
from perception_core.recordings.error import RecordingError
from perception_core.recordings.files import is_recording
from perception_core.recordings.reader import Recording
from perception_core.sources.error import SourceError

_CHOICES = {"colour", "depth"}


class RecordingSource:
    """Plays a recording once per call of `frames`; see `FrameSource`.

    Attributes:
        name: Name of the folder or file.
        rate_hz: Colour images per second.
        live: False.
    """

    live = False

    def __init__(self, path: Path, colour: str | None = None, depth: str | None = None) -> None:
        """Look at the first images.

        Args:
            path: A folder, or an .mcap or .db3 file.
            colour: Topic of the colour images, where it is not the only one.
            depth: Topic of the depth images, likewise.

        Raises:
            SourceError: It cannot be read, or has no colour images.
        """
        self.name = path.name
        try:
            self._recording = Recording(path, colour, depth)
        except RecordingError as error:
            raise SourceError(str(error)) from error
        self.rate_hz: float | None = self._recording.rate_hz

    def frames(self) -> Iterator[RgbdFrame]:
        """The frames from the first one on, stamped as they were recorded."""
        return self._recording.frames()

    def close(self) -> None:
        """Removes what was unpacked."""
        self._recording.close()


def named_path(name: str) -> Path:
    """The path that a user names; without a name, one that does not exist, as it would be the current folder."""
    path = Path(name or "/nowhere")
    try:
        return path.expanduser()
    except RuntimeError:
        return path  # ~name of nobody


def open_recording(text: str) -> RecordingSource | None:
    """The recording that a user names.

    Args:
        text: A folder or file; `?colour=/topic&depth=/topic` after it chooses among several.

    Returns:
        None if there is no recording.

    Raises:
        SourceError: It cannot be read, or has no colour images.
    """
    name, mark, query = text.rpartition("?")
    if not mark or "=" not in query:  # a question mark may be part of a name
        name, query = text, ""
    path = named_path(name)
    try:
        if not is_recording(path):
            return None
    except RecordingError as error:
        raise SourceError(str(error)) from error
    choices = {key: values[-1] for key, values in parse_qs(query).items()}
    if not choices.keys() <= _CHOICES:
        raise SourceError(f"{text!r}: only colour and depth can be chosen, as in '{name}?colour=/topic&depth=/topic'")
    return RecordingSource(path, choices.get("colour"), choices.get("depth"))
