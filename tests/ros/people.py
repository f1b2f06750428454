"""Asking a face node for the people whom it knows, and people who stand before its camera."""

import itertools

from perception_msgs.srv import Enroll, Forget, ListPeople, Merge, Rename

from perception_core.image_messages import nanoseconds
from perception_core.sources.scene_actor import Role, Subject
from perception_core.sources.scene_path import Walk, Waypoint
from perception_core.sources.scene_portraits import ASTRONAUT, OBAMA
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import Scene

from .camera import Camera

PEOPLE = {"eileen": ASTRONAUT, "barack": OBAMA}
SERVICES = {"enroll": Enroll, "forget": Forget, "rename": Rename, "merge": Merge, "list_people": ListPeople}
_SECONDS = 10.0
_FRAMES = 6  # of one moment, which differ in the camera's noise


def standing(**places):
    """Frames of people who stand still, each at x and z in metres; of nobody without any.

    Args:
        places: By name; a photograph of somebody by the name and `_photograph`.
    """
    roles = [
        Role(
            number,
            Subject.FRAMED if name.endswith("_photograph") else Subject.BUST,
            Walk((Waypoint(0.0, x, z),), _SECONDS, 0.0, sway=False),
            PEOPLE[name.removesuffix("_photograph")],
        )
        for number, (name, (x, z)) in enumerate(places.items(), 1)
    ]
    source = SceneSource(Scene("standing", _SECONDS, tuple(roles)))
    return [source.frame(k) for k in range(_FRAMES)]


class Film(Camera):
    """A camera that sees frames one after the other, again and again."""

    def __init__(self, graph, frames):
        self._frames = itertools.cycle(frames)
        super().__init__(graph, frames[0])

    def publish(self):
        self.frame = next(self._frames)
        super().publish()


class People:
    """The services of a face node."""

    def __init__(self, graph, node="face_perception"):
        self._graph = graph
        self._clients = {name: graph.node.create_client(kind, f"{node}/{name}") for name, kind in SERVICES.items()}
        graph.spin_until(lambda: all(each.service_is_ready() for each in self._clients.values()), "the services")

    def begin(self, service, **request):
        """A future answer."""
        return self._clients[service].call_async(SERVICES[service].Request(**request))

    def ask(self, service, **request):
        """The answer."""
        if service == "list_people":  # may be asked twice: an answer is lost if DDS has not matched both sides yet
            return self._graph.answer(lambda: self.begin(service, **request), f"the answer of {service}")
        answer = self.begin(service, **request)
        self._graph.spin_until(answer.done, f"the answer of {service}")
        return answer.result()

    def known(self):
        """Names by id."""
        answer = self.ask("list_people")
        assert answer.result == ListPeople.Response.OK, answer.message
        return dict(zip(answer.person_ids, answer.names, strict=True))


def newest(graph, faces, fits, what):
    """The first message from now on that fits."""
    faces.clear()
    return graph.spin_until(lambda: next((each for each in faces if fits(each)), None), what)


def named(graph, faces, name):
    """A face that has a confirmed name."""
    message = newest(graph, faces, lambda message: name in names(message), f"{name}'s face")
    return next(face for face in message.faces if face.identity.name == name)


def names(message):
    """The confirmed names in a message."""
    return [face.identity.name for face in message.faces if face.identity.state == face.identity.CONFIRMED]


def after(faces, stamp_ns):
    """The messages of images that were taken after a time."""
    return [each for each in faces if nanoseconds(each.header) > stamp_ns]
