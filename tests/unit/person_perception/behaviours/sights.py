"""What is seen, made up moment by moment, for tests of policies."""

from dataclasses import dataclass, field

from face_perception.identity import Identity, IdentityState
from gesture_perception.gesture_events import EventKind
from person_perception.behaviours.freshness import FreshnessRules
from person_perception.behaviours.sight import GestureSeen, HandSeen, PersonSeen, Place
from person_perception.behaviours.sightings import Now, Sightings

CLOCK_NS = 1_600_000_000_000_000_000
STARTED, HELD, ENDED = EventKind.STARTED, EventKind.HELD, EventKind.ENDED
UNKNOWN = Identity(IdentityState.UNKNOWN)


def known(name, person_id=None, state=IdentityState.CONFIRMED):
    return Identity(state, person_id or f"id-{name}", name, 0.9)


def person(track_id=1, ahead=3.0, left=0.0, **facts):
    return PersonSeen(track_id, Place(ahead, left, 0.01), **facts)


@dataclass
class Moments:
    """Asks a policy 50 times a second, and shows it an image at 30 Hz, as a node would.

    Attributes:
        policy: Takes the time and what is seen.
        people: In view from now on.
        hands: Likewise; track to pose or (pose, motion).
        off_s: Added to the stamps.
        blind: Nothing is published.
        answers: Of the policy, with their times.
    """

    policy: object
    people: list = field(default_factory=lambda: [person()])
    hands: dict = field(default_factory=lambda: {10: "None"})
    off_s: float = 0.0
    blind: bool = False
    now_s: float = 1000.0
    answers: list = field(default_factory=list)
    sightings: Sightings = field(default_factory=lambda: Sightings(FreshnessRules()))
    ids: int = 0
    _image_s: float = 1000.0

    def stamp_ns(self):
        return CLOCK_NS + round((self.now_s + self.off_s) * 1e9)

    def clocks(self):
        return Now(self.now_s, CLOCK_NS + round(self.now_s * 1e9))

    def show(self):
        """One image, now."""
        hands = [
            HandSeen(track, *((shown,) if isinstance(shown, str) else shown)) for track, shown in self.hands.items()
        ]
        self.sightings.take_hands(self.clocks(), self.stamp_ns(), hands)
        self.sightings.take_people(self.clocks(), self.stamp_ns(), self.people)

    def ask(self):
        self.answers.append((self.now_s, self.policy(self.now_s, self.sightings.look(self.now_s))))
        return self.answers[-1][1]

    def go(self, seconds, period_s=0.02):
        """Lets time pass; gives the last answer."""
        for _ in range(round(seconds / period_s)):
            self.now_s += period_s
            if self.now_s >= self._image_s:
                self._image_s = max(self._image_s + 1 / 30, self.now_s - 1 / 30)
                if not self.blind:
                    self.show()
            self.ask()
        return self.answers[-1][1]

    def tell(self, label, kind=STARTED, *, event_id=None, hand=10, author=1, held_s=0.2, identity=None):
        """An event, now; gives its id."""
        if event_id is None:
            self.ids += 1
            event_id = self.ids
        seen = next((each.identity for each in self.people if each.track_id == author), UNKNOWN)
        event = GestureSeen(
            kind, event_id, label, self.stamp_ns(), held_s, hand, author, identity if identity is not None else seen
        )
        self.sightings.take_event(self.clocks(), event)
        return event_id

    def since(self, moment_s):
        return [(at_s, answer) for at_s, answer in self.answers if at_s >= moment_s]
