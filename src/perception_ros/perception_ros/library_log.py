"""What libraries without ROS log, in the log of a node."""

from __future__ import annotations

import logging

from rclpy.impl.rcutils_logger import RcutilsLogger


class NodeLog(logging.Handler):
    """Hands on warnings and worse."""

    def __init__(self, logger: RcutilsLogger) -> None:
        super().__init__(logging.WARNING)
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        """Logs one record."""
        log = self._logger.error if record.levelno >= logging.ERROR else self._logger.warning
        log(record.getMessage())


def hand_on_to(logger: RcutilsLogger) -> None:
    """From now on the log of the suite's libraries is the node's."""
    log = logging.getLogger("perception_core")
    log.handlers = [NodeLog(logger)]
    log.propagate = False
