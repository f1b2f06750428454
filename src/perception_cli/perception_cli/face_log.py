"""The demo's log: one line of JSON per frame."""

from __future__ import annotations

import json
from typing import IO

from perception_msgs.msg import Face, FaceArray, Position3D

from perception_cli.view import SOURCE_NAMES


def log_line(message: FaceArray, latency_ms: float) -> str:
    """A frame's faces as one line of JSON.

    Args:
        message: What the node published.
        latency_ms: From the image's stamp to the message's arrival.
    """
    stamp = message.header.stamp
    record = {
        "stamp": stamp.sec + stamp.nanosec / 1e9,
        "latency_ms": round(latency_ms, 2),
        "faces": [_face(face) for face in message.faces],
    }
    return json.dumps(record, allow_nan=False)


def write_line(log: IO[str], message: FaceArray, latency_ms: float) -> None:
    """Appends a frame, and leaves no half line behind if the process is killed afterwards."""
    log.write(log_line(message, latency_ms) + "\n")
    log.flush()


def _face(face: Face) -> dict[str, object]:
    point = face.position.point
    known = face.position.source != Position3D.NONE
    return {
        "id": face.track_id,
        "box": [round(float(value), 1) for value in face.box],
        "score": round(face.score, 3),
        "position": [round(value, 4) for value in (point.x, point.y, point.z)] if known else None,
        "source": SOURCE_NAMES[face.position.source],
        "sigma": round(face.position.sigma, 4) if known else None,
    }
