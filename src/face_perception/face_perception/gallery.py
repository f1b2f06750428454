"""The people whom the robot knows: kept in a private file, searched in memory."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from face_perception.gallery_errors import BadEmbeddingError
from face_perception.gallery_records import Person, StoredView
from face_perception.gallery_search import Embeddings, GalleryIndex
from face_perception.gallery_store import GalleryStore
from perception_core.embedding_space import EmbeddingSpace
from perception_core.private_store.errors import StoreGoneError

_STORED = np.dtype("<f4")
_UNIT_TOLERANCE = 1e-3
_JPEG_QUALITY = 90


@dataclass(frozen=True, slots=True, eq=False)
class FaceView:
    """A view of a face to be remembered.

    Attributes:
        embedding: D numbers of length one.
        crop: Aligned face, uint8, BGR; stored only by a gallery that keeps pictures.
    """

    embedding: Embeddings
    crop: NDArray[np.uint8] | None = None


class Gallery:
    """Enrols, forgets and finds people.

    Writing takes milliseconds to seconds and may wait for other programs: it is not for the thread that works on
    frames. That thread reads `index`, which is replaced as a whole. Errors are those of `GalleryStore`.
    """

    def __init__(self, path: Path, space: EmbeddingSpace, *, keep_pictures: bool = False, wait_s: float = 5.0) -> None:
        """Opens the gallery's file, or makes a new one.

        Args:
            path: The file; made readable for its owner only.
            space: Of the embeddings.
            keep_pictures: Whether the aligned faces are stored too.
            wait_s: So long another program's writing is waited for.

        Raises:
            GalleryError: It cannot be used; nothing in it is changed.
        """
        self.space = space
        self._keep_pictures = keep_pictures
        self._store = GalleryStore(path, space.id, wait_s)
        self._loading = threading.Lock()
        self.index = self._loaded()
        """Everybody as of the last `refresh` or change made here."""

    @property
    def path(self) -> Path:
        """The file."""
        return self._store.path

    @property
    def writable(self) -> bool:
        """Whether people can be enrolled and forgotten; if not, those in it are still recognised."""
        return self._store.writable

    def close(self) -> None:
        """Frees the file."""
        self._store.close()

    def changed(self) -> bool:
        """Whether another program changed the gallery since; takes microseconds, for every frame."""
        return self._store.changed()

    def refresh(self) -> bool:
        """Takes over what other programs changed, and erases what they kept from being erased.

        Takes 5 ms per 1000 views when there are changes.

        Returns:
            Whether there were any.
        """
        try:
            self._store.erase_traces()
            if not self._store.changed():
                return False
        except StoreGoneError:
            if not self.index.people:
                return False
        self._reload()
        return True

    def lost(self) -> str | None:
        """What the user should know where the file was removed; None while it is there. It is made anew when needed."""
        return self._store.lost()

    def people(self) -> list[Person]:
        """Everybody, ordered by name."""
        return self._store.people()

    def enrol(self, name: str, views: Sequence[FaceView], enrolled_ns: int) -> Person:
        """Adds a person with all views or not at all.

        Args:
            name: 1 to 64 printable characters, unlike all other names also when capital letters are disregarded.
            views: At least one.
            enrolled_ns: Nanoseconds since 1970.

        Raises:
            BadNameError: The name cannot be one.
            NameTakenError: Another person has it.
            BadEmbeddingError: A view has another dimension or is not of length one.
            GalleryError: The file could not be written; it is as it was.
        """
        person_id = self._store.enrol(name, self._stored(views), enrolled_ns)
        self._reload()
        return self.index.people[person_id]

    def add_views(self, person_id: str, views: Sequence[FaceView]) -> None:
        """Adds views to a person, all or none.

        Raises:
            NoSuchPersonError: Nobody has this id.
            BadEmbeddingError: A view has another dimension or is not of length one.
            GalleryError: The file could not be written; it is as it was.
        """
        self._store.add_views(person_id, self._stored(views))
        self._reload()

    def forget(self, person_id: str) -> None:
        """Removes a person and every byte of what was stored of them; see `GalleryStore.forget`."""
        try:
            self._store.forget(person_id)
        finally:
            self._reload()

    def rename(self, person_id: str, name: str) -> None:
        """Gives a person another name; see `GalleryStore.rename`."""
        try:
            self._store.rename(person_id, name)
        finally:
            self._reload()

    def merge(self, keep_id: str, merge_id: str) -> None:
        """Gives the second person's views to the first and forgets the second; see `GalleryStore.merge`."""
        try:
            self._store.merge(keep_id, merge_id)
        finally:
            self._reload()

    def _stored(self, views: Sequence[FaceView]) -> list[StoredView]:
        if not views:
            raise BadEmbeddingError("a person is remembered by at least one view; none was given")
        return [StoredView(self._bytes(view.embedding), self._picture(view)) for view in views]

    def _bytes(self, embedding: Embeddings) -> bytes:
        numbers = np.asarray(embedding, _STORED)
        if numbers.shape != (self.space.dimension,):
            raise BadEmbeddingError(
                f"an embedding of {self.space.model} has {self.space.dimension} numbers, got {numbers.shape}"
            )
        length = float(np.linalg.norm(numbers))
        if not abs(length - 1) <= _UNIT_TOLERANCE:  # also when it is not a number
            raise BadEmbeddingError(f"an embedding has length 1, got {length}")
        return numbers.tobytes()

    def _picture(self, view: FaceView) -> bytes | None:
        if not self._keep_pictures or view.crop is None:
            return None
        import cv2  # noqa: PLC0415 - programs that only list or forget start faster without it

        return bytes(cv2.imencode(".jpg", view.crop, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1])

    def _reload(self) -> None:
        with self._loading:  # of two threads, the one that reads last must not be overtaken by the other
            self.index = self._loaded()

    def _loaded(self) -> GalleryIndex:
        try:
            people, views = self._store.read()
        except StoreGoneError:
            people, views = [], []
        rows = np.frombuffer(b"".join(embedding for _, embedding in views), _STORED)
        return GalleryIndex(people, [owner for owner, _ in views], rows.reshape(-1, self.space.dimension))
