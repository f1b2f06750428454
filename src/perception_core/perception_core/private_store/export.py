"""What was learnt as a file to be carried elsewhere: JSON in UTF-8, readable by its owner only.

    {"format": "perception-gallery", "version": 1, "space": "<model>:<numbers>:<hash of the weights>", ...}

What follows is the affair of who writes it; embeddings are base64 of float32, little-endian, of length one.
"""

from __future__ import annotations

import base64
import json
import math
import os
import struct
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from perception_core.private_store.errors import BadExportError, BadNameError, OtherModelError
from perception_core.private_store.kind import StoreKind
from perception_core.wording import shown

UNIT_TOLERANCE = 1e-3
_LATEST_NS = 2**63 - 1

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """What a file says of itself.

    Attributes:
        name: Such as perception-gallery.
        version: Of what follows.
        kind: Of the files that it is written from.
    """

    name: str
    version: int
    kind: StoreKind

    def write(self, file: Path, space: str, content: Mapping[str, Any]) -> None:
        """Writes a file; it is there whole or not at all.

        Raises:
            OSError: The file cannot be written.
        """
        head = {"format": self.name, "version": self.version, "space": space}
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=".partial-")  # mkstemp gives the mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                json.dump({**head, **content}, out, ensure_ascii=False)
                out.flush()
                os.fsync(out.fileno())
            Path(name).replace(file)
        finally:
            Path(name).unlink(missing_ok=True)

    def read(self, file: Path, space: str, decode: Callable[[Mapping[str, Any]], Read]) -> Read:
        """What a file holds.

        Args:
            file: As `write` wrote it.
            space: Of the embeddings that it has to hold.
            decode: Makes of the content what it stands for; its ValueError, KeyError and TypeError mean damage.

        Raises:
            BadExportError: The file is not one that was exported.
            OtherModelError: It was made with another model.
            OSError: The file cannot be read.
        """
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            if type(content["version"]) is not int or (content["format"], content["version"]) != (
                self.name,
                self.version,
            ):
                raise ValueError(f"format {shown(content['format'])}, version {shown(content['version'])}")
            if content["space"] != space:
                raise OtherModelError(
                    f"{file} was exported from a {self.kind.noun} of another model ({shown(content['space'])}); this "
                    f"one is for {space}. Their numbers cannot be compared: {self.kind.anew}."
                )
            return decode(content)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise BadExportError(
                f"{file} is not an exported {self.kind.noun}, or is damaged: {reason(error)}. Export it again."
            ) from error


def entry_from(what: str, number: int, entry: Mapping[str, Any], decode: Callable[[Mapping[str, Any]], Read]) -> Read:
    """One of the entries in a file, such as the person that comes as the second.

    Raises:
        ValueError: It is damaged; the text says which it is.
    """
    try:
        return decode(entry)
    except (ValueError, KeyError, TypeError, BadNameError) as error:
        raise ValueError(f"{what} {number}: {reason(error)}") from error


def reason(error: Exception) -> str:
    """What is wrong, in words."""
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def time_from(value: object) -> int:
    """Nanoseconds since 1970.

    Raises:
        ValueError: They are none.
    """
    if type(value) is not int or not 0 <= value <= _LATEST_NS:
        raise ValueError(f"{shown(value)} is no time")
    return value


def as_text(embedding: bytes) -> str:
    """Bytes of an embedding as they stand in a file."""
    return base64.b64encode(embedding).decode()


def embeddings_from(text: str, dimension: int, count: int = 1) -> bytes:
    """The bytes of embeddings of length one, one after the other.

    Raises:
        ValueError: They are none.
    """
    content = base64.b64decode(text, validate=True)
    if len(content) != 4 * dimension * count:
        raise ValueError(f"an embedding has {len(content)} bytes, not {4 * dimension * count}")
    numbers = struct.unpack(f"<{dimension * count}f", content)
    for begin in range(0, len(numbers), dimension):
        length = math.sqrt(sum(number * number for number in numbers[begin : begin + dimension]))
        if not abs(length - 1) <= UNIT_TOLERANCE:  # also when it is not a number
            raise ValueError(f"an embedding has length {length}, not 1")
    return content
