"""What can go wrong with the gallery of known people."""

from __future__ import annotations


class GalleryError(Exception):
    """Any trouble with the gallery; its text says what to do."""


class BadNameError(GalleryError):
    """A name that is empty, too long or not printable."""


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


class BadEmbeddingError(GalleryError):
    """Embeddings that are none: no row, another dimension, or not finite."""


class OtherModelError(GalleryError):
    """The gallery, or a file to be imported, was made with another model."""


class GalleryReadOnlyError(GalleryError):
    """The file or its folder cannot be written."""


class GalleryLockedError(GalleryError):
    """Another program kept the file to itself for too long."""


class GalleryFullError(GalleryError):
    """Nothing more can be written to the disk."""


class GalleryCorruptError(GalleryError):
    """The file is damaged or no gallery."""


class BadExportError(GalleryError):
    """A file that should be imported is not one that was exported."""


class TracesLeftError(GalleryError):
    """Somebody was forgotten, but bytes of what was stored are still in the file."""
