"""What can go wrong with the gallery of known people: what any private file may meet, and what only people do."""

from __future__ import annotations

from perception_core.private_store.errors import (
    BadEmbeddingError,
    BadExportError,
    BadNameError,
    OtherModelError,
    StoreCorruptError,
    StoreError,
    StoreFullError,
    StoreLockedError,
    StoreReadOnlyError,
    TracesLeftError,
)

__all__ = [
    "BadEmbeddingError",
    "BadExportError",
    "BadNameError",
    "GalleryCorruptError",
    "GalleryError",
    "GalleryFullError",
    "GalleryLockedError",
    "GalleryReadOnlyError",
    "NameTakenError",
    "NoSuchPersonError",
    "OtherModelError",
    "SamePersonError",
    "TracesLeftError",
]

GalleryError = StoreError
GalleryReadOnlyError = StoreReadOnlyError
GalleryLockedError = StoreLockedError
GalleryFullError = StoreFullError
GalleryCorruptError = StoreCorruptError


class NameTakenError(GalleryError):
    """Another person has this name.

    Attributes:
        person_id: Of that person.
    """

    def __init__(self, text: str, person_id: str) -> None:
        super().__init__(text)
        self.person_id = person_id


class NoSuchPersonError(GalleryError):
    """Nobody in the gallery has this id."""


class SamePersonError(GalleryError):
    """A person cannot be merged with themselves."""
