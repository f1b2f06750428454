"""The log of faces: one line of JSON per frame or picture."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import IO

from face_perception.face import Face
from perception_core.depth import PositionSource


def log_line(stamp_ns: int, faces: Sequence[Face], latency_ms: float, file: str = "") -> str:
    """A frame's faces as one line of JSON.

    Args:
        stamp_ns: Of the frame.
        faces: What was found in it.
        latency_ms: How long it took to know; NaN where it is not known.
        file: Name of the picture; empty for a frame of a camera or video.
    """
    seconds, nanoseconds = divmod(stamp_ns, 1_000_000_000)
    record = {
        **({"file": file} if file else {}),
        "stamp": seconds + nanoseconds / 1e9,
        "latency_ms": None if math.isnan(latency_ms) else round(latency_ms, 2),
        "faces": [_face(face) for face in faces],
    }
    return json.dumps(record, allow_nan=False)


def write_line(log: IO[str], stamp_ns: int, faces: Sequence[Face], latency_ms: float, file: str = "") -> None:
    """Appends a frame as `log_line` has it, and leaves no half line behind if the process is killed afterwards."""
    log.write(log_line(stamp_ns, faces, latency_ms, file) + "\n")
    log.flush()


def _face(face: Face) -> dict[str, object]:
    where, box = face.position, face.box
    known = where.source is not PositionSource.NONE
    return {
        "id": face.track_id,
        "box": [round(value, 1) for value in (box.x, box.y, box.width, box.height)],
        "score": round(face.score, 3),
        "position": [round(value, 4) for value in where.xyz] if known else None,
        "source": where.source.value,
        "sigma": round(where.sigma, 4) if known else None,
    }
