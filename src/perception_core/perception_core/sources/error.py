"""What goes wrong when frames are to be taken from somewhere."""


class SourceError(RuntimeError):
    """A source of frames that cannot be found, opened or read; the text says what is accepted instead."""
