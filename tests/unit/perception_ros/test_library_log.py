"""What the libraries say reaches the node's log."""

import logging

import pytest

from perception_ros.library_log import hand_on_to


class Log:
    def __init__(self):
        self.lines = []

    def warning(self, text):
        self.lines.append(("warning", text))

    def error(self, text):
        self.lines.append(("error", text))


@pytest.fixture
def log():
    library = logging.getLogger("perception_core")
    before = library.handlers, library.propagate
    log = Log()
    hand_on_to(log)
    yield log
    library.handlers, library.propagate = before


def test_warnings_and_errors_are_handed_on_and_nothing_else(log):
    library = logging.getLogger("perception_core.recordings.reader")
    library.info("reading")
    library.warning("%s is cut off", "monday.mcap")
    library.error("gone")
    assert log.lines == [("warning", "monday.mcap is cut off"), ("error", "gone")]


def test_a_second_node_in_the_process_does_not_say_everything_twice(log):
    second = Log()
    hand_on_to(second)
    logging.getLogger("perception_core.sources").warning("once")
    assert (log.lines, second.lines) == ([], [("warning", "once")])
