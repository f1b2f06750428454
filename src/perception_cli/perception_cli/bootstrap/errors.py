"""What can keep the set-up from finishing."""


class SetupError(Exception):
    """The set-up cannot go on; the text tells the user why and what to do."""
