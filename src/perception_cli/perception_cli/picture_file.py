"""Pictures as files."""

from __future__ import annotations

from pathlib import Path

import cv2

from perception_cli.outputs import OutputError, begun_beside
from perception_core.frame import ColourImage


def write_picture(path: Path, picture: ColourImage) -> None:
    """Writes a picture, in the format that its name ends in; what was there is replaced by a whole file or not at all.

    Raises:
        OutputError: It cannot be written.
    """
    try:
        encoded, content = cv2.imencode(path.suffix.lower(), picture)
    except cv2.error as error:
        raise OutputError(f"{path}: the picture cannot be written: {error}") from error
    if not encoded:
        raise OutputError(f"{path}: a picture of this size and format cannot be written")
    try:
        file = begun_beside(path)
        try:
            file.partial.write_bytes(content.tobytes())
            file.complete()
        finally:
            file.discard()
    except OSError as error:
        raise OutputError(f"{path}: the picture cannot be written: {error.strerror}") from error
