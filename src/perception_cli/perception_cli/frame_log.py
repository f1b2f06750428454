"""The log: one line of JSON per frame or picture, with its faces and hands."""

from __future__ import annotations

import json
from typing import IO

from perception_cli.face_record import face_record
from perception_cli.hand_record import event_record, hand_record
from perception_cli.json_numbers import rounded
from perception_cli.seen_frame import SeenFrame


class FrameLog:
    """Writes a line for every frame; the file is the caller's to close."""

    def __init__(self, file: IO[str], *, landmarks: bool = False) -> None:
        """Begins to write.

        Args:
            file: Where to.
            landmarks: Write landmarks and blendshapes, too: 10 kB for every face and 1 kB for every hand in a frame.
        """
        self._file, self._landmarks = file, landmarks

    @property
    def name(self) -> str:
        """Of the file."""
        return self._file.name

    def write(self, frame: SeenFrame, picture: str = "") -> None:
        """Appends a frame as `log_line` has it, and leaves no half line behind if the process is killed afterwards."""
        self._file.write(log_line(frame, picture, landmarks=self._landmarks) + "\n")
        self._file.flush()


def log_line(frame: SeenFrame, picture: str = "", *, landmarks: bool = False) -> str:
    """A frame as one line of JSON; what is not known is null.

    Faces, or hands, are null where the node that finds them did not work on the frame; events are there where there are
    some.

    Args:
        frame: What was found in it.
        picture: Name of its file; empty for a frame of a camera or video.
        landmarks: With landmarks and blendshapes.
    """
    seconds, nanoseconds = divmod(frame.stamp_ns, 1_000_000_000)
    faces, hands = frame.faces, frame.hands
    record = {
        **({"file": picture} if picture else {}),
        "stamp": seconds + nanoseconds / 1e9,
        "latency_ms": rounded(frame.latency_ms, 2),
        "faces": None if faces is None else [face_record(face, landmarks=landmarks) for face in faces],
        "hands": None if hands is None else [hand_record(hand, landmarks=landmarks) for hand in hands],
        **({"events": [event_record(event) for event in frame.events]} if frame.events else {}),
    }
    return json.dumps(record, allow_nan=False)
