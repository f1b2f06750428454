"""Taking over what other programs change in a private file, while frames are worked on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from perception_core.private_store.errors import StoreError

PERIOD_S = 0.2
_PATIENCE = 5  # times as long from one failure to the next look: reading a damaged file takes its time


class Refreshed(Protocol):
    """What has a file that other programs change, too."""

    def refresh(self) -> bool:
        """Takes over what others changed; whether there was anything."""

    def lost(self) -> str | None:
        """What the user should know where the file was removed; None while it is there."""


class StoreWatch:
    """Keeps an index as its file is, in a thread of its own: who works on frames waits for no file."""

    def __init__(self, store: Refreshed, noun: str, notify: Callable[[str], None], period_s: float = PERIOD_S) -> None:
        """Begins to watch.

        Args:
            store: Is refreshed.
            noun: What it is called, such as gallery.
            notify: Told, once each time that a trouble begins, what keeps changes from being taken over.
            period_s: Time between two looks at the file.
        """
        self._store, self._noun, self._notify, self._period_s = store, noun, notify, period_s
        self._told: set[str] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"{noun} watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends it; the store is the caller's to close."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(self._period_s * (_PATIENCE if self._told else 1)):
            try:
                self._store.refresh()  # also erases what could not be erased when something was forgotten
                lost = self._store.lost()
            except StoreError as error:
                self._tell(self._not_taken_over(str(error)))
            except Exception as error:  # noqa: BLE001 - one failure must not end the watch: nobody would notice
                self._tell(self._not_taken_over(f"{type(error).__name__}: {error}"))
            else:
                if lost is None:
                    self._told.clear()
                else:
                    self._tell(lost)

    def _not_taken_over(self, trouble: str) -> str:
        return f"Changes of the {self._noun} cannot be taken over: {trouble}"

    def _tell(self, trouble: str) -> None:
        if trouble not in self._told:
            self._told.add(trouble)
            self._notify(trouble)
