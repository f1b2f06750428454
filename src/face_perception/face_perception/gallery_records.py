"""What the gallery keeps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the gallery.

    Attributes:
        id: Stable and opaque.
        name: As it was given.
        enrolled_ns: When, nanoseconds since 1970.
        views: Stored embeddings.
    """

    id: str
    name: str
    enrolled_ns: int
    views: int


@dataclass(frozen=True, slots=True)
class StoredView:
    """What is kept of one view of a face.

    Attributes:
        embedding: Bytes of float32, little-endian.
        picture: JPEG of the aligned face; None where pictures are not kept.
    """

    embedding: bytes
    picture: bytes | None = None
