"""Taking over what other programs change in the gallery, while frames are worked on."""

from __future__ import annotations

import threading
from collections.abc import Callable

from face_perception.gallery import Gallery
from face_perception.gallery_errors import GalleryError

_PERIOD_S = 0.2
_PATIENCE = 5  # times as long from one failure to the next look: reading a damaged file takes its time


class GalleryWatch:
    """Keeps a gallery's index as its file is, in a thread of its own: who works on frames waits for no file."""

    def __init__(self, gallery: Gallery, notify: Callable[[str], None], period_s: float = _PERIOD_S) -> None:
        """Begins to watch.

        Args:
            gallery: Is refreshed.
            notify: Told, once each time that a trouble begins, what keeps changes from being taken over.
            period_s: Time between two looks at the file.
        """
        self._gallery, self._notify, self._period_s = gallery, notify, period_s
        self._told: set[str] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="gallery watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends it; the gallery is the caller's to close."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(self._period_s * (_PATIENCE if self._told else 1)):
            try:
                self._gallery.refresh()  # also erases what could not be erased when somebody was forgotten
            except GalleryError as error:
                self._tell(str(error))
            except Exception as error:  # noqa: BLE001 - one failure must not end the watch: nobody would notice
                self._tell(f"{type(error).__name__}: {error}")
            else:
                self._told.clear()

    def _tell(self, trouble: str) -> None:
        if trouble not in self._told:
            self._told.add(trouble)
            self._notify(f"Changes of the gallery cannot be taken over: {trouble}")
