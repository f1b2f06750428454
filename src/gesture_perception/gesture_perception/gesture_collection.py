"""The gestures that were taught: kept in a private file, compared in memory."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gesture_perception.gesture_records import POSES, Taught, TaughtGesture
from gesture_perception.gesture_store import GestureStore, require_place, require_room
from gesture_perception.hand import Side
from gesture_perception.pose_description import Embeddings
from gesture_perception.taught_gestures import TaughtIndex
from perception_core.embedding_space import EmbeddingSpace
from perception_core.private_store.errors import BadEmbeddingError, StoreGoneError
from perception_core.private_store.names import name_key

_STORED = np.dtype("<f4")
_UNIT_TOLERANCE = 1e-3


class GestureCollection:
    """Teaches and finds gestures.

    Writing takes milliseconds to seconds and may wait for other programs: it is not for the thread that works on
    frames. That thread reads `index`, which is replaced as a whole. Errors are those of `GestureStore`.
    """

    def __init__(self, path: Path, space: EmbeddingSpace, wait_s: float = 5.0) -> None:
        """Opens the file, or makes a new one.

        Args:
            path: The file; made readable for its owner only.
            space: Of the descriptions.
            wait_s: So long another program's writing is waited for.

        Raises:
            StoreError: It cannot be used; nothing in it is changed.
        """
        self.space = space
        self._store = GestureStore(path, space.id, wait_s)
        self._loading = threading.Lock()
        self.index = self._loaded()
        """All as of the last `refresh` or change made here."""

    @property
    def path(self) -> Path:
        """The file."""
        return self._store.path

    @property
    def writable(self) -> bool:
        """Whether gestures can be taught; if not, those in it are still recognised."""
        return self._store.writable

    def close(self) -> None:
        """Frees the file."""
        self._store.close()

    def refresh(self) -> bool:
        """Takes over what other programs changed, and erases what they kept from being erased.

        Returns:
            Whether there was any change.
        """
        try:
            self._store.erase_traces()
            if not self._store.changed():
                return False
        except StoreGoneError:
            if not self.index.gestures:
                return False
        self._reload()
        return True

    def lost(self) -> str | None:
        """What the user should know where the file was removed; None while it is there. It is made anew when needed."""
        return self._store.lost()

    def gestures(self) -> list[TaughtGesture]:
        """All, ordered by name."""
        return self._store.gestures()

    def teach(self, name: str, examples: Sequence[Embeddings], taught_ns: int, side: Side | None = None) -> Taught:
        """Adds examples, all or none, to a gesture that is there, or to a new one; see `GestureStore.teach`.

        Args:
            name: Of the gesture.
            examples: Each as `pose_description.described` gives it.
            taught_ns: Nanoseconds since 1970.
            side: Of the hands that count; None leaves it as it is.

        Returns:
            What became of them: those that the gesture has are left out.

        Raises:
            BadNameError: The name cannot be one.
            BadEmbeddingError: There is no example, or one is of another size or not of length one.
            TooManyExamplesError: The gesture has enough.
            TooManyGesturesError: It would be one too many.
            StoreError: The file could not be written; it is as it was.
        """
        try:
            return self._store.teach(name, [self._bytes(example) for example in examples], taught_ns, side)
        finally:
            self._reload()

    def require_room(self, name: str, examples: int) -> None:
        """Makes sure that a gesture may have so many further examples, as far as is known from the last `refresh`.

        Raises:
            TooManyExamplesError: They would be too many.
            TooManyGesturesError: The gesture itself would be one too many.
        """
        gestures = self.index.gestures.values()
        known = next((each for each in gestures if name_key(each.name) == name_key(name)), None)
        if known is None:
            require_place(self.path, len(gestures), 1)
        require_room(name if known is None else known.name, known.examples if known else 0, examples)

    def forget(self, name: str) -> None:
        """Removes a gesture and every byte of what was stored of it; see `GestureStore.forget`."""
        try:
            self._store.forget(name)
        finally:
            self._reload()

    def _bytes(self, example: Embeddings) -> bytes:
        numbers = np.asarray(example, _STORED)
        if numbers.shape != (POSES, self.space.dimension):
            raise BadEmbeddingError(
                f"an example is {POSES} descriptions of {self.space.dimension} numbers each, got {numbers.shape}"
            )
        lengths = np.linalg.norm(numbers, axis=1)
        if not (np.abs(lengths - 1) <= _UNIT_TOLERANCE).all():  # also when it is not a number
            raise BadEmbeddingError(f"a description has length 1, got {lengths.tolist()}")
        return numbers.tobytes()

    def _reload(self) -> None:
        with self._loading:  # of two threads, the one that reads last must not be overtaken by the other
            self.index = self._loaded()

    def _loaded(self) -> TaughtIndex:
        try:
            gestures, examples = self._store.read()
        except StoreGoneError:
            gestures, examples = [], []
        rows = np.frombuffer(b"".join(poses for _, poses in examples), _STORED).reshape(-1, self.space.dimension)
        return TaughtIndex(gestures, [name for name, _ in examples for _ in range(POSES)], rows)
