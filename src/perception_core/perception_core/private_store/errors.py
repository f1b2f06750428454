"""What can go wrong with a private file of what was learnt."""

from __future__ import annotations


class StoreError(Exception):
    """Any trouble with the file; its text says what to do."""


class BadNameError(StoreError):
    """A name that is empty, too long or not printable."""


class BadEmbeddingError(StoreError):
    """Embeddings that are none: no row, another dimension, or not finite."""


class OtherModelError(StoreError):
    """The file, or one to be imported, was made with another model."""


class StoreReadOnlyError(StoreError):
    """The file or its folder cannot be written."""


class StoreLockedError(StoreError):
    """Another program kept the file to itself for too long."""


class StoreFullError(StoreError):
    """Nothing more can be written to the disk."""


class StoreCorruptError(StoreError):
    """The file is damaged or of another kind."""


class StoreGoneError(StoreError):
    """The file was removed while it was in use; what is written next makes it anew."""


class BadExportError(StoreError):
    """A file that should be imported is not one that was exported."""


class TracesLeftError(StoreError):
    """Something was forgotten, but bytes of what was stored are still in the file."""
