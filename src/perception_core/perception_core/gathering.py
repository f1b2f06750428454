"""Gathering views of what a camera sees, one request at a time, by two threads.

A service's thread asks and waits; the thread that works on frames gives the views and is never made to wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, Protocol, TypeVar


class Gathering(Protocol):
    """The views of one request, as far as they have come."""

    @property
    def end(self) -> Any | None:
        """Why no more are gathered; None while it goes on."""


Views = TypeVar("Views", bound=Gathering)


class NoTurnError(RuntimeError):
    """A request cannot be served now."""


class BusyError(NoTurnError):
    """Another one is being served."""


class NoCameraError(NoTurnError):
    """No frames come."""


class GatheringTurn(Generic[Views]):
    """Whose turn it is."""

    def __init__(self) -> None:
        """Begins without a camera."""
        self._changed = threading.Condition()
        self._has_camera = False
        self._views: Views | None = None

    def camera_started(self) -> None:
        """Frames come from now on."""
        with self._changed:
            self._has_camera = True

    def camera_stopped(self, stop: Callable[[Views], None]) -> None:
        """No frames come any more; who waits is told at once.

        Args:
            stop: Ends what is being gathered.
        """
        with self._changed:
            self._has_camera = False
            if self._views is not None:
                stop(self._views)
                self._changed.notify_all()

    def begin(self, make: Callable[[], Views]) -> Views:
        """Takes the turn; `leave` has to be called, once.

        Raises:
            BusyError: Another request has it.
            NoCameraError: No frames come.
        """
        with self._changed:
            if self._views is not None:
                raise BusyError
            if not self._has_camera:
                raise NoCameraError
            self._views = make()
            return self._views

    @contextmanager
    def views(self) -> Iterator[Views | None]:
        """What is being gathered, for the thread of the frames; None if nothing is. Costs microseconds."""
        with self._changed:
            yield self._views
            if self._views is not None and self._views.end is not None:
                self._changed.notify_all()

    def wait(self, views: Views, timeout_s: float, stop: Callable[[Views], None]) -> None:
        """Returns when all is gathered, or there is a reason to stop.

        Args:
            views: As `begin` gave them.
            timeout_s: So long is waited.
            stop: Ends what is being gathered when that is over.
        """
        with self._changed:
            self._changed.wait_for(lambda: views.end is not None, timeout_s)
            if views.end is None:
                stop(views)

    def leave(self) -> None:
        """Gives the turn to the next."""
        with self._changed:
            self._views = None
