"""What can go wrong with taught gestures, beside what any private file may meet."""

from __future__ import annotations

from perception_core.private_store.errors import StoreError


class NoSuchGestureError(StoreError):
    """No gesture of this name was taught."""


class GestureNameTakenError(StoreError):
    """Another gesture has this name."""


class TooManyGesturesError(StoreError):
    """There are so many gestures that more could not be told apart."""


class TooManyExamplesError(StoreError):
    """There are so many examples of a gesture that more would make it no better known."""
