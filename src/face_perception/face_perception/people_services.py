"""The services that enrol, forget, rename, merge and list people, answered on threads of their own.

They belong to a hidden node beside the face node, with an executor that has several threads: enrolling waits for
seconds, other programs may keep the gallery locked for seconds, and neither may hold up images or diagnostics.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from perception_msgs.srv import Enroll, Forget, ListPeople, Merge, Rename
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.executors import ExternalShutdownException, MultiThreadedExecutor
from rclpy.node import Node

from face_perception.enrolment import Enrolment, EnrolRequest
from face_perception.gallery import Gallery
from face_perception.gallery_errors import (
    BadNameError,
    GalleryError,
    NameTakenError,
    NoSuchPersonError,
    SamePersonError,
)
from perception_ros.image_codec import time_message

_THREADS = 3  # one enrols, one may wait for the gallery, and one answers meanwhile that somebody is being enrolled
_RESULTS = {
    BadNameError: "BAD_NAME",
    NameTakenError: "NAME_TAKEN",
    NoSuchPersonError: "NO_SUCH_PERSON",
    SamePersonError: "SAME_PERSON",
}


@dataclass(frozen=True, slots=True)
class People:
    """What the services work on.

    Attributes:
        gallery: Who is known.
        enrolment: Puts people into it.
    """

    gallery: Gallery
    enrolment: Enrolment


class PeopleServices:
    """Offers the services from the beginning to the end of a node; they say so while there is no gallery."""

    def __init__(self, node: Node, complain: Callable[[str], None]) -> None:
        """Offers the services.

        Args:
            node: Under whose name, and with whose remappings.
            complain: Told of requests that could not be answered, with the reason in full.
        """
        self._complain = complain
        self._calls = threading.Condition()
        self._people: People | None = None
        self._why_none = ""
        self._in_work = 0
        self._node: Any = Node(
            f"_{node.get_name()}_people",
            namespace=node.get_namespace(),
            context=node.context,
            use_global_arguments=False,  # they would give it the face node's own name
            enable_rosout=False,
            start_parameter_services=False,
        )
        group = ReentrantCallbackGroup()
        for kind, name, answer in (
            (Enroll, "~/enroll", _enrol),
            (Forget, "~/forget", _forget),
            (Rename, "~/rename", _rename),
            (Merge, "~/merge", _merge),
            (ListPeople, "~/list_people", _list),
        ):
            resolved = node.resolve_service_name(name)
            self._node.create_service(kind, resolved, self._guarded(answer), callback_group=group)
        self._executor = MultiThreadedExecutor(_THREADS, context=node.context)
        self._executor.add_node(self._node)
        self._thread = threading.Thread(target=self._spin, name=self._node.get_name(), daemon=True)
        self.leave("the node is not configured")
        self._thread.start()

    def serve(self, people: People) -> None:
        """Works on a gallery from now on."""
        with self._calls:
            self._people = people

    def leave(self, why: str) -> None:
        """Leaves the gallery alone; returns when nothing uses it any more.

        Args:
            why: What is answered from now on.
        """
        with self._calls:
            people, self._people, self._why_none = self._people, None, why
        if people is not None:
            people.enrolment.cancel()
        with self._calls:
            self._calls.wait_for(lambda: self._in_work == 0)

    def close(self) -> None:
        """Ends the services."""
        self.leave("the node is ending")
        self._executor.shutdown()
        self._thread.join()
        self._node.destroy_node()

    def _spin(self) -> None:
        with suppress(ExternalShutdownException):
            self._executor.spin()

    @contextmanager
    def _in_use(self) -> Iterator[People | None]:
        with self._calls:
            people = self._people
            self._in_work += 1
        try:
            yield people
        finally:
            with self._calls:
                self._in_work -= 1
                self._calls.notify_all()

    def _guarded(self, answer: Callable[[People, Any, Any], None]) -> Callable[[Any, Any], Any]:
        """A service's callback: whatever goes wrong is told to who asked."""

        def callback(request: Any, response: Any) -> Any:
            with self._in_use() as people:
                try:
                    if people is None:
                        raise GalleryError(f"{self._why_none}: there is no gallery")
                    answer(people, request, response)
                except GalleryError as error:
                    response.result = getattr(response, _RESULTS.get(type(error), "STORE_FAILED"))
                    response.message = str(error)
                except Exception as error:  # noqa: BLE001 - one request must not end the services; logged in full
                    self._complain(f"a request could not be answered:\n{traceback.format_exc()}")
                    response.result, response.message = response.STORE_FAILED, f"{type(error).__name__}: {error}"
            return response

        return callback


def _enrol(people: People, request: Enroll.Request, response: Enroll.Response) -> None:
    outcome = people.enrolment(
        EnrolRequest(request.name, request.track_id, request.views, request.timeout, request.even_if_alike)
    )
    response.result = outcome.result.value
    response.person_id = outcome.person_id
    response.accepted = outcome.accepted
    response.refused = list(outcome.refused)
    response.message = outcome.message


def _forget(people: People, request: Forget.Request, response: Forget.Response) -> None:
    people.gallery.forget(request.person_id)
    response.message = f"{request.person_id} is forgotten"


def _rename(people: People, request: Rename.Request, response: Rename.Response) -> None:
    people.gallery.rename(request.person_id, request.name)
    response.message = f"{request.person_id} is renamed"


def _merge(people: People, request: Merge.Request, response: Merge.Response) -> None:
    people.gallery.merge(request.keep_id, request.merge_id)
    response.message = f"{request.merge_id} is part of {request.keep_id}"


def _list(people: People, _request: ListPeople.Request, response: ListPeople.Response) -> None:
    everybody = people.gallery.people()
    response.person_ids = [person.id for person in everybody]
    response.names = [person.name for person in everybody]
    response.views = [person.views for person in everybody]
    response.enrolled = [time_message(person.enrolled_ns) for person in everybody]
    response.message = f"{len(everybody)} in {people.gallery.path}"
