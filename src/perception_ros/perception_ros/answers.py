"""Waiting until a frame has been worked on, by the stamp of the messages that come of it."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Sequence
from typing import Any

from rclpy.exceptions import InvalidTopicNameException
from rclpy.node import Node
from rclpy.validate_topic_name import validate_topic_name

from perception_core.image_messages import nanoseconds
from perception_ros.qos import matching
from perception_ros.spinning import Ending

_LOOK_S = 0.02
_ENDING_S = 0.1  # so often a wait looks whether the process is to end


class AnswersError(ValueError):
    """Nothing can be answered on a topic."""


def check_topics(topics: Sequence[str]) -> None:
    """Looks whether names can be those of topics.

    Raises:
        AnswersError: One cannot.
    """
    for topic in topics:
        try:
            validate_topic_name(topic)
        except InvalidTopicNameException as error:
            raise AnswersError(f"answered_on: {topic!r} cannot be the name of a topic: {error}") from error


class Answers:
    """The newest stamp on each of some topics; the executor adds, another thread waits."""

    def __init__(self, node: Node, topics: Sequence[str], ending: Ending) -> None:
        """Waits until each of the topics has a publisher, and subscribes.

        Args:
            node: Whose executor runs the callbacks.
            topics: Of messages with a header, or of headers.
            ending: Cuts every wait short.

        Raises:
            AnswersError: The messages of a topic bear no stamp.
        """
        self._ending = ending
        self._changed = threading.Condition()
        self._newest_ns: dict[str, int | None] = dict.fromkeys(topics)
        for topic in topics:
            name = node.resolve_topic_name(topic)
            while not (publishers := node.get_publishers_info_by_topic(name)):
                if ending.wait(_LOOK_S):
                    return
            package, _, message = publishers[0].topic_type.partition("/msg/")
            message_type = getattr(importlib.import_module(f"{package}.msg"), message)
            if not {"header", "stamp"} & message_type.get_fields_and_field_types().keys():
                raise AnswersError(f"answered_on: {name} is of {publishers[0].topic_type}, which bears no stamp")
            node.create_subscription(message_type, topic, self._taker(topic), matching(publishers))

    def forget(self) -> None:
        """What has come so far answers nothing: a recording may hold the same stamp twice."""
        with self._changed:
            self._newest_ns = dict.fromkeys(self._newest_ns)

    def wait_for(self, stamp_ns: int, seconds: float) -> list[str]:
        """Waits until all topics have borne a stamp.

        Returns:
            The topics that have not within this time; none if the process is to end.
        """
        rounds = max(1, round(seconds / _ENDING_S))
        with self._changed:
            for _ in range(rounds):
                if self._ending.asked or self._changed.wait_for(lambda: not self._missing(stamp_ns), _ENDING_S):
                    return []
            return self._missing(stamp_ns)

    def _missing(self, stamp_ns: int) -> list[str]:
        return [topic for topic, newest_ns in self._newest_ns.items() if newest_ns != stamp_ns]

    def _taker(self, topic: str) -> Any:
        def take(message: Any) -> None:
            with self._changed:
                self._newest_ns[topic] = nanoseconds(getattr(message, "header", message))
                self._changed.notify()

        return take
