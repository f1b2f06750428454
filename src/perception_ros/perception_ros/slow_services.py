"""Services whose answers take their time, given on threads of their own.

They belong to a hidden node beside the one that works on images, with an executor that has several threads: teaching
waits for seconds, other programs may keep a file locked for seconds, and neither may hold up images or diagnostics.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.executors import MultiThreadedExecutor
from rclpy.node import Node

from perception_core.private_store.errors import StoreError
from perception_core.service_access import ServiceAccess
from perception_ros.executor_thread import ExecutorThread

_THREADS = 3  # one waits for views, one may wait for a file, and one answers meanwhile that somebody else is served

Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class SlowService(Generic[Subject]):
    """A service.

    Attributes:
        kind: Its type.
        name: Relative to the node, such as ~/enroll.
        answer: Fills in the response; takes what is worked on, request and response.
        changes: Whether it changes what is stored.
    """

    kind: Any
    name: str
    answer: Callable[[Subject, Any, Any], None]
    changes: bool = True


class SlowServices(Generic[Subject]):
    """Offers services from the beginning to the end of a node; they say so while there is nothing to work on."""

    def __init__(
        self,
        node: Node,
        suffix: str,
        services: Sequence[SlowService[Subject]],
        *,
        nothing: str,
        refused: Callable[[StoreError], str],
        cancel: Callable[[Subject], None],
    ) -> None:
        """Offers the services.

        Args:
            node: Under whose name, and with whose remappings; its log tells of requests that could not be answered,
                and its parameter `services` says which are.
            suffix: Of the hidden node's name.
            services: All.
            nothing: What is said, after the reason, while there is nothing to work on: there is no gallery.
            refused: Which result of a response stands for an error, by its name.
            cancel: Ends the waiting of those who are being served.
        """
        self._complain: Callable[[str], None] = node.get_logger().error
        self._nothing, self._refused, self._cancel = nothing, refused, cancel
        self._access = ServiceAccess(node.get_parameter("services").value)
        self._calls = threading.Condition()
        self._subject: Subject | None = None
        self._why_none = "the node is not configured"
        self._in_work = 0
        self._node: Any = Node(
            f"_{node.get_name()}_{suffix}",
            namespace=node.get_namespace(),
            context=node.context,
            use_global_arguments=False,  # they would give it the other node's own name
            enable_rosout=False,
            start_parameter_services=False,
        )
        group = ReentrantCallbackGroup()
        for service in services:
            resolved = node.resolve_service_name(service.name)
            self._node.create_service(service.kind, resolved, self._guarded(service), callback_group=group)
        self._executor = MultiThreadedExecutor(_THREADS, context=node.context)
        self._executor.add_node(self._node)
        self._thread = ExecutorThread(self._executor, self._node, self._node.get_name(), self._failed)
        self._thread.start()

    def serve(self, subject: Subject) -> None:
        """Works on this from now on."""
        with self._calls:
            self._subject = subject

    def leave(self, why: str) -> None:
        """Leaves alone what it worked on; returns when nothing uses it any more.

        Args:
            why: What is answered from now on.
        """
        with self._calls:
            subject, self._subject, self._why_none = self._subject, None, why
        if subject is not None:
            self._cancel(subject)
        with self._calls:
            self._calls.wait_for(lambda: self._in_work == 0)

    def close(self) -> None:
        """Ends the services."""
        self.leave("the node is ending")
        self._thread.stop()
        self._node.destroy_node()

    def _failed(self, error: BaseException) -> None:
        reason = "".join(traceback.format_exception(error))
        self._complain(f"services are not answered any more:\n{reason}")

    @contextmanager
    def _in_use(self) -> Iterator[Subject | None]:
        with self._calls:
            subject = self._subject
            self._in_work += 1
        try:
            yield subject
        finally:
            with self._calls:
                self._in_work -= 1
                self._calls.notify_all()

    def _guarded(self, service: SlowService[Subject]) -> Callable[[Any, Any], Any]:
        """A service's callback: whatever goes wrong is told to who asked."""

        def callback(request: Any, response: Any) -> Any:
            with self._in_use() as subject:
                try:
                    if not self._access.allows(changes=service.changes):
                        raise StoreError(
                            f"{service.name} is switched off: the node was started with services "
                            f"'{self._access.value}'. Use ./perception on the robot itself, or start the node with "
                            "services:=all"
                        )
                    if subject is None:
                        raise StoreError(f"{self._why_none}: {self._nothing}")
                    service.answer(subject, request, response)
                except StoreError as error:
                    response.result = getattr(response, self._refused(error))
                    response.message = str(error)
                except Exception as error:  # noqa: BLE001 - one request must not end the services; logged in full
                    self._complain(f"a request could not be answered:\n{traceback.format_exc()}")
                    response.result, response.message = response.STORE_FAILED, f"{type(error).__name__}: {error}"
            return response

        return callback
