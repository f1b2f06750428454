"""A made-up perception: publishes people, hands and gesture events as the nodes do, from the test's own node."""

import itertools
import time

from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Point
from perception_msgs.msg import (
    Gesture,
    GestureEvent,
    Hand,
    HandArray,
    Identity,
    Person,
    PersonArray,
    Position3D,
)

from perception_ros.image_codec import time_message

OPTICAL = "camera_color_optical_frame"
PERIOD_S = 1 / 30


def identity(name=""):
    if not name:
        return Identity(state=Identity.UNKNOWN, similarity=0.1)
    return Identity(state=Identity.CONFIRMED, person_id=f"id-{name}", name=name, similarity=0.9)


class Feed:
    """Publishes thirty times a second for as long as the graph is spun, unless it is told to be silent.

    Attributes:
        people: Track to (metres ahead, metres to the left, name); None for a place that is not known.
        poses: Hand to what it shows; hand 10 belongs to person 1, 20 to person 2.
        motions: Likewise what it moves.
        off_s: Added to the stamps.
        silent: Publishes nothing.
        frame_id: Of the people.
    """

    def __init__(self, graph):
        self._graph = graph
        node = graph.node
        self._people = node.create_publisher(PersonArray, "people", 10)
        self._hands = node.create_publisher(HandArray, "hands", 10)
        self._events = node.create_publisher(GestureEvent, "gesture_events", 100)
        self._ids = itertools.count(1)
        self._held = {}
        self.people = {1: (3.0, 0.0, "")}
        self.poses, self.motions = {10: "None"}, {}
        self.off_s, self.silent, self.frame_id = 0.0, False, OPTICAL
        self.sent_s = 0.0
        node.create_timer(PERIOD_S, self._tick)

    def connected(self):
        """Waits until somebody listens to all."""
        topics = (self._people, self._hands, self._events)
        self._graph.spin_until(lambda: all(each.get_subscription_count() for each in topics), "the behaviour")

    def start(self, label, person=1, *, known=True):
        """Somebody begins a gesture; gives the id of the event."""
        event_id = next(self._ids)
        self._held[event_id] = (label, person, known)
        self._tell(GestureEvent.STARTED, event_id, 0.2)
        return event_id

    def hold(self, event_id, seconds):
        self._tell(GestureEvent.HELD, event_id, seconds)

    def end(self, event_id):
        self._tell(GestureEvent.ENDED, event_id, 1.0)
        del self._held[event_id]

    def tick(self):
        """An image, now."""
        self._publish_image()

    def _tick(self):
        if not self.silent:
            self._publish_image()

    def _stamp(self):
        return time_message(self._graph.node.get_clock().now().nanoseconds + round(self.off_s * 1e9))

    def _publish_image(self):
        stamp = self._stamp()
        hands = HandArray(hands=[self._hand(track) for track in self.poses])
        hands.header.stamp, hands.header.frame_id = stamp, OPTICAL
        self._hands.publish(hands)
        people = PersonArray(people=[self._person(*each) for each in self.people.items()])
        people.header.stamp, people.header.frame_id = stamp, self.frame_id
        self._people.publish(people)
        self.sent_s = time.monotonic()

    def _hand(self, track):
        hand = Hand(track_id=track, score=0.9, side_score=0.9)
        hand.gesture = Gesture(label=self.poses[track], score=0.9, origin="network", fingers=-1)
        hand.motion = Gesture(label=self.motions.get(track, "None"), score=0.9, origin="motion", fingers=-1)
        return hand

    def _person(self, track, where):
        person = Person(track_id=track, identity=identity(where[2] if where else ""))
        nowhere = float("nan")
        if where is None or where[0] is None:
            person.position = Position3D(point=Point(x=nowhere, y=nowhere, z=nowhere), sigma=nowhere)
            return person
        ahead, left, _ = where
        point = Point(x=ahead, y=left, z=0.5) if self.frame_id != OPTICAL else Point(x=-left, y=0.1, z=ahead)
        person.position = Position3D(point=point, source=Position3D.DEPTH, sigma=0.01, valid_share=0.9)
        return person

    def _tell(self, kind, event_id, seconds):
        label, person, known = self._held[event_id]
        event = GestureEvent(event=kind, event_id=event_id, hand_track_id=10 * person, author_known=known)
        event.header.stamp, event.header.frame_id = self._stamp(), OPTICAL
        event.gesture = Gesture(label=label, score=0.9, origin="network", fingers=-1)
        event.duration = Duration(sec=int(seconds), nanosec=round(seconds % 1 * 1e9))
        if known:
            event.author_track_id = person
            event.author = identity(self.people[person][2] if self.people.get(person) else "")
        self._events.publish(event)
