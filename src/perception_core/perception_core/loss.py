"""Messages that were published and never arrived, by the numbers that a publisher gives them."""

from __future__ import annotations


class LossCounter:
    """Counts the gaps in the sequence of one publisher.

    Attributes:
        lost: How many messages are missing between those that arrived.
    """

    def __init__(self) -> None:
        self.lost = 0
        self._last: int | None = None

    def received(self, sequence: int) -> None:
        """Takes the number of a message; one that is not above the last begins anew, for the publisher did."""
        if self._last is not None and sequence > self._last:
            self.lost += sequence - self._last - 1
        self._last = sequence

    def begin_anew(self) -> None:
        """The next message comes from another publisher, or after a pause that was wanted."""
        self._last = None
