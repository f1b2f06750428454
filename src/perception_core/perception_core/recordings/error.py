"""What goes wrong with recordings."""


class RecordingError(RuntimeError):
    """A recording that cannot be written or read; the text names the file and what to do."""
