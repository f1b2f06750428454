"""What the files of a recording hold, whatever their format."""

from __future__ import annotations

from dataclasses import dataclass, field

from perception_core.image_files import MAX_PIXELS

MOST_BYTES = 4 * MAX_PIXELS  # of a message: four for each pixel of the largest picture. No chunk is longer, either


class DamageError(Exception):
    """The rest of a file cannot be read: it is cut off or damaged there."""


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message as it was recorded.

    Attributes:
        topic: Where it was published.
        log_ns: When it was recorded.
        data: Not deserialised.
    """

    topic: str
    log_ns: int
    data: bytes = field(repr=False)
