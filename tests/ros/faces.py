"""A face node at work, as its user sees it: what it publishes, and what it says."""

import re

from diagnostic_msgs.msg import DiagnosticArray
from perception_msgs.msg import FaceArray, Position3D

from perception_core.image_messages import nanoseconds

PATIENCE_S = 30.0


def activate(graph, target="face_perception"):
    client = graph.lifecycle(target)
    client.transition("configure", PATIENCE_S)
    client.transition("activate", PATIENCE_S)
    return client


def with_faces(messages):
    return next((message for message in messages if message.faces), None)


def with_faces_from(messages, source):
    """The first message after those of the moment in which the camera's topics are being found."""
    whole = (each for each in messages if each.faces and all(face.position.source == source for face in each.faces))
    return next(whole, None)


class Sight:
    """An active face node and the camera that it looks at.

    One serves all tests of a module: troubles follow one another, as in life, and each test ends with good input.
    """

    def __init__(self, graph, process, camera):
        self.graph = graph
        self.process = process
        self.camera = camera
        self.faces = graph.collect(FaceArray, "faces")
        self.diagnostics = graph.collect(DiagnosticArray, "/diagnostics")
        self._read = 0
        activate(graph)

    def new_lines(self):
        """What was said since the last recovery."""
        return self.process.text()[self._read :]

    def ignore_log(self):
        """What was said until now may have been said twice."""
        self._read = len(self.process.text())

    def says(self, words):
        self.graph.spin_until(lambda: words in self.new_lines(), repr(words))

    def publishes(self, fits=lambda message: True, what="a message"):
        """The first message that fits, of an image that is published from now on."""
        self.faces.clear()
        already = set(self.camera.stamps)

        def found():
            news = set(self.camera.stamps) - already
            return next((each for each in self.faces if nanoseconds(each.header) in news and fits(each)), None)

        return self.graph.spin_until(found, what)

    def face_from(self, source):
        """A face whose position is from there."""
        return self.publishes(lambda message: with_faces_from([message], source), f"a face of source {source}").faces[0]

    def tells(self, fits, what):
        """The values of the first diagnostic message from now on that fit, and its text under "message"."""
        self.diagnostics.clear()

        def found():
            for status in (status for array in self.diagnostics for status in array.status):
                values = {item.key: item.value for item in status.values} | {"message": status.message}
                if fits(values):
                    return values
            return None

        return self.graph.spin_until(found, what)

    def warns(self, words):
        """Diagnostics warn with these words."""
        return self.tells(lambda values: words in values["message"], repr(words))

    def warns_no_more(self, words):
        """Diagnostics do not warn with these words; a busy machine may give them others."""
        return self.tells(lambda values: words not in values["message"], f"diagnostics without {words!r}")

    def recovers(self):
        """Good input gives faces in metres again, and nothing was said twice."""
        self.camera.mend()
        self.face_from(Position3D.DEPTH)
        said = re.sub(r"\d+", "#", self.new_lines()).splitlines()
        self.ignore_log()
        assert len(said) == len(set(said)), said
        assert "Traceback" not in self.process.text()
