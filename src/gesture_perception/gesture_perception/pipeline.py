"""From a frame to the hands in it and what they say: find, locate, track, read, and tell what begins and ends."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gesture_perception.gesture_events import EventRules, GestureEvent, GestureEvents
from gesture_perception.gesture_reading import HandReading
from gesture_perception.hand import NOT_EXAMINED, Hand, HandLandmarks
from gesture_perception.hand_finding import FindingRules, FollowedHand, HandFinder
from gesture_perception.hand_location import in_camera, wrist_position
from gesture_perception.hand_state import HandState
from gesture_perception.hand_tracking import HandTrack, HandTracks, LocatedHand
from gesture_perception.motion_window import motion_sample
from gesture_perception.parameters import GestureParameters
from gesture_perception.pointing import pointing_of
from gesture_perception.pose_gathering import PoseView
from gesture_perception.taught_gestures import TaughtIndex, TaughtMatch, with_taught
from gesture_perception.teaching import Teaching
from perception_core.depth import Position3D, PositionSource
from perception_core.frame import ColourImage, RgbdFrame
from perception_core.geometry import Box
from perception_core.stages import StageTimes
from perception_core.stamps import JUMP_BACK_NS

_WAVING_SPEED = 2.0  # metres per second: how fast a position that is not measured anew becomes uncertain

_POINTING = ("Point", "Pointing_Up")

Read = Callable[[ColourImage, Sequence[HandLandmarks]], list[HandReading]]


@dataclass(frozen=True, slots=True)
class HandFrame:
    """What hands say in one frame.

    Attributes:
        hands: Nearest first.
        events: Gestures that begin, go on or end with this frame.
    """

    hands: list[Hand]
    events: list[GestureEvent]


@dataclass(frozen=True, slots=True)
class HandStages:
    """What a pipeline is made of.

    Attributes:
        finder: Finds hands.
        read: Names poses; None where that is not wanted.
        taught: The gestures that were taught, as of now; None where there is no place for any.
    """

    finder: HandFinder
    read: Read | None = None
    taught: Callable[[], TaughtIndex] | None = None


@dataclass(frozen=True, slots=True)
class HandIds:
    """Where the next ids come from; whoever makes one pipeline after another keeps them.

    Attributes:
        hands: Of hands.
        events: Of events.
    """

    hands: Iterator[int] = field(default_factory=partial(itertools.count, 1))
    events: Iterator[int] = field(default_factory=partial(itertools.count, 1))


class HandPipeline:
    """Follows the hands of one camera from frame to frame."""

    def __init__(self, stages: HandStages, parameters: GestureParameters, ids: HandIds | None = None) -> None:
        """Puts the stages together.

        Args:
            stages: What works on the images.
            parameters: Those that may change while it runs are taken from here.
            ids: Of hands and events; None begins with 1.
        """
        ids = ids or HandIds()
        self._finder, self._read, self._taught = stages.finder, stages.read, stages.taught
        self._tracks = HandTracks(parameters.keep_lost_s, ids.hands)
        self._events = GestureEvents(ids=ids.events)
        self._states: dict[int, HandState] = {}
        self._wanted = parameters
        self.teaching: Teaching | None = None
        """Is shown every hand that is read, for whoever teaches gestures."""
        self._take_on(parameters)
        self._begin_anew()

    def __call__(self, frame: RgbdFrame, times: StageTimes, reaches: Sequence[Box] = ()) -> HandFrame:
        """The hands of a frame, and what they begin and end to say.

        Args:
            frame: Of the same camera as those before.
            times: Takes the time of each stage.
            reaches: Where people's hands may be that are too small to be seen in the whole image; pixels.
        """
        if self._wanted is not self._parameters:
            self._take_on(self._wanted)
        events = self._pass_to(frame)
        stamp_ns = self._stamp_ns
        with times.stage("hands"):
            sightings = self._finder(frame.colour, self._followed(), reaches)
        with times.stage("locate"):
            located = [LocatedHand(each, wrist_position(frame, each.landmarks)) for each in sightings]
        with times.stage("track"):
            tracks = self._tracks.update([each for each in located if self._is_near(each.position)], stamp_ns)
            shown = [track for track in tracks if track.missed_s <= self._parameters.bridge_s]
            self._keep([track.id for track in tracks])
            hands = [self._placed(frame, track, stamp_ns) for track in shown]
        readings: dict[int, HandReading] = {}
        if self._read is not None:
            with times.stage("gestures"):
                readings = self._readings(self._read, frame.colour, hands)
                hands = self._named(hands, readings, stamp_ns)
        with times.stage("motions"):
            hands = [self._moving(hand, stamp_ns) for hand in hands]
        with times.stage("pointing"):
            hands = [self._pointing(frame, hand, readings.get(hand.track_id)) for hand in hands]
        events += self._events.update(hands, stamp_ns)
        return HandFrame(sorted(hands, key=_distance), events)

    def change(self, parameters: GestureParameters) -> None:
        """Takes on the parameters that may change while it runs, with the next frame; from any thread."""
        self._wanted = parameters

    def reset(self) -> list[GestureEvent]:
        """Forgets all hands, whose ids are not used again; returns the ends of what they were saying."""
        self._begin_anew()
        return self._events.end_all()

    def _begin_anew(self) -> None:
        self._finder.reset()
        self._tracks.reset()
        self._states.clear()
        self._stamp_ns = 0
        self._size: tuple[int, int] | None = None

    def _pass_to(self, frame: RgbdFrame) -> list[GestureEvent]:
        """Goes to the frame's time; a late image counts as of the time of the newest.

        Where time has jumped back, or pixels are of another size, nothing of what was seen is where it was.
        """
        events: list[GestureEvent] = []
        if self._size is not None and (self._size != frame.size or frame.stamp_ns < self._stamp_ns - JUMP_BACK_NS):
            events = self.reset()
        self._stamp_ns = frame.stamp_ns if self._size is None else max(self._stamp_ns, frame.stamp_ns)
        self._size = frame.size
        return events

    def _take_on(self, parameters: GestureParameters) -> None:
        self._parameters = parameters
        self._finder.rules = FindingRules(parameters.max_hands, parameters.detect_every, parameters.hand_presence)
        self._events.rules = EventRules(parameters.start_after_s, parameters.end_after_s, parameters.held_every_s)
        for state in self._states.values():
            state.change(parameters.smoothing_min_cutoff_hz, parameters.smoothing_beta)

    def _followed(self) -> list[FollowedHand]:
        """Who was seen in the last frame, and is looked for where they were."""
        return [FollowedHand(track_id, seen.region) for track_id, seen in self._tracks.followed.items()]

    def _is_near(self, position: Position3D) -> bool:
        far = self._parameters.max_distance
        return not far or position.source is PositionSource.NONE or position.xyz[2] <= far

    def _keep(self, alive: Sequence[int]) -> None:
        """Forgets hands that have gone, and begins with those that are new."""
        cutoff_hz, beta = self._parameters.smoothing_min_cutoff_hz, self._parameters.smoothing_beta
        self._states = {one: self._states.get(one) or HandState(cutoff_hz, beta) for one in alive}

    def _placed(self, frame: RgbdFrame, track: HandTrack, stamp_ns: int) -> Hand:
        """The hand, and where it is, before anything is said of what it shows."""
        state, sighting = self._states[track.id], track.last.sighting
        score = sighting.landmarks.presence
        if not track.seen:
            side, certainty = state.side.told
            return Hand(track.id, score, True, side, certainty, track.box, _predicted(frame, track))
        landmarks = state.smoothed(sighting.landmarks, stamp_ns)
        side, certainty = state.side.told
        position = track.last.position
        points = in_camera(frame, landmarks, position)
        return Hand(track.id, score, False, side, certainty, track.box, position, landmarks, points)

    def _readings(self, read: Read, colour: ColourImage, hands: Sequence[Hand]) -> dict[int, HandReading]:
        """What is read in each hand by its track, without regard to what was taught; none of those that are bridged."""
        seen = {hand.track_id: hand.landmarks for hand in hands if hand.landmarks is not None}
        return dict(zip(seen, read(colour, list(seen.values())), strict=True))

    def _named(self, hands: Sequence[Hand], readings: Mapping[int, HandReading], stamp_ns: int) -> list[Hand]:
        """The hands with their poses; those without a reading are not examined."""
        read = {hand.track_id: hand.landmarks for hand in hands if hand.landmarks is not None}
        if self.teaching is not None:
            poses = {
                track_id: PoseView(landmarks, readings[track_id].embedding, readings[track_id].gesture)
                for track_id, landmarks in read.items()
            }
            self.teaching.look(hands, poses, stamp_ns)
        taught = self._recognised(list(read.values()), [readings[track_id] for track_id in read])
        gestures = {
            track_id: with_taught(readings[track_id].gesture, match)
            for track_id, match in zip(read, taught, strict=True)
        }
        return [replace(hand, gesture=gestures.get(hand.track_id, NOT_EXAMINED)) for hand in hands]

    def _recognised(
        self, landmarks: Sequence[HandLandmarks], readings: Sequence[HandReading]
    ) -> Sequence[TaughtMatch | None]:
        """What of it was taught."""
        if self._taught is None or not readings:
            return [None] * len(readings)
        embeddings: NDArray[np.float32] = np.stack([reading.embedding for reading in readings])
        return self._taught().match(landmarks, embeddings)

    def _moving(self, hand: Hand, stamp_ns: int) -> Hand:
        """The hand with what it does."""
        if not self._parameters.motions:
            return hand
        sample = motion_sample(hand.landmarks, hand.position) if hand.landmarks is not None else None
        return replace(hand, motion=self._states[hand.track_id].motions.update(sample, stamp_ns))

    def _pointing(self, frame: RgbdFrame, hand: Hand, reading: HandReading | None) -> Hand:
        """The hand with what it points at; a pose that was taught may point all the same."""
        points = self._parameters.pointing and reading is not None and reading.gesture.label in _POINTING
        if not points or hand.landmarks is None or hand.in_camera is None:
            return hand
        return replace(hand, pointing=pointing_of(frame, hand.landmarks, hand.in_camera))


def _predicted(frame: RgbdFrame, track: HandTrack) -> Position3D:
    """The last position, moved with the box, at the last distance; less certain with every moment."""
    position = track.last.position
    if position.source is PositionSource.NONE or frame.intrinsics is None:
        return Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)
    column, row = frame.intrinsics.project(np.array([position.xyz]))[0]
    xyz = frame.intrinsics.deproject(column + track.shift[0], row + track.shift[1], position.xyz[2])
    sigma = math.hypot(position.sigma, _WAVING_SPEED * track.missed_s)
    return Position3D(xyz, sigma, 0.0, PositionSource.PREDICTED)


def _distance(hand: Hand) -> float:
    known = hand.position.source is not PositionSource.NONE
    return math.dist((0, 0, 0), hand.position.xyz) if known else math.inf
