"""The services that enrol, forget, rename, merge and list people."""

from __future__ import annotations

from dataclasses import dataclass

from perception_msgs.srv import Enroll, Forget, ListPeople, Merge, Rename
from rclpy.node import Node

from face_perception.enrolment import Enrolment, EnrolRequest
from face_perception.gallery import Gallery
from face_perception.gallery_errors import BadNameError, NameTakenError, NoSuchPersonError, SamePersonError
from perception_ros.image_codec import time_message
from perception_ros.slow_services import SlowService, SlowServices

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


def people_services(node: Node) -> SlowServices[People]:
    """Offers the services under a node's name; they say so while there is no gallery."""
    services = [
        SlowService(Enroll, "~/enroll", _enrol),
        SlowService(Forget, "~/forget", _forget),
        SlowService(Rename, "~/rename", _rename),
        SlowService(Merge, "~/merge", _merge),
        SlowService(ListPeople, "~/list_people", _list, changes=False),
    ]
    return SlowServices(
        node,
        "people",
        services,
        nothing="there is no gallery",
        refused=lambda error: _RESULTS.get(type(error), "STORE_FAILED"),
        cancel=lambda people: people.enrolment.cancel(),
    )


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
