"""Who is known: faces that come, go and return as the same person.

A face continues its person for as long as the tracker follows it. Where another track begins, it is the same person if
the face has the same confirmed identity, or if it appears soon where the face was lost and nobody else could be meant.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from face_perception.identity import Identity, IdentityState
from person_perception.belonging import FACE_HEIGHT_M, in_metres
from person_perception.person import SeenFace

_YOUNG_NS = 2_000_000_000  # a tracker may hold on to a lost face for so long, beside the new track
_STARTLED_M = 0.3  # how far from where it was lost a face may appear at once ...
_WALKING = 0.8  # ... and how much further with every second; m/s
_DOUBTS = 2.0  # standard deviations of a distance
_SIZES = 1.5  # of faces in the image
_CLEARLY = 2.0  # times as near as somebody else who was lost


@dataclass(slots=True)
class Acquaintance:
    """Somebody.

    Attributes:
        id: Never used for anybody else.
        face: As it was last in view.
        came_ns: When this track of the face began.
        came: The face then.
        found_ns: When the face was last found, not bridged.
        face_ns: When it was last in view, also bridged.
        present_ns: When the face or a hand was last in view.
        identity: The last one of the face.
        former: The confirmed person_id of an earlier track of the face, where this one was taken for the same by its
            place and has no confirmed identity yet; empty else.
    """

    id: int
    face: SeenFace
    came_ns: int
    came: SeenFace
    found_ns: int
    face_ns: int
    present_ns: int
    identity: Identity
    former: str = ""

    def see(self, face: SeenFace, stamp_ns: int) -> None:
        """Takes in the face of this frame."""
        self.face, self.identity = face, face.identity
        if face.identity.state is IdentityState.CONFIRMED:
            self.former = ""
        self.face_ns = self.present_ns = stamp_ns
        if not face.bridged:
            self.found_ns = stamp_ns


@dataclass(frozen=True, slots=True)
class Reunion:
    """Two who were taken for different people are one."""

    gone: int
    remains: int


class Acquaintances:
    """Everybody who is in view or was of late."""

    def __init__(self, ids: Iterator[int], same_place_s: float) -> None:
        """Begins with nobody.

        Args:
            ids: The next ones.
            same_place_s: So soon a face has to return to be known by its place.
        """
        self._ids, self._same_place_ns = ids, round(same_place_s * 1e9)
        self.known: dict[int, Acquaintance] = {}
        self._by_face: dict[int, int] = {}

    def meet(self, faces: Sequence[SeenFace], stamp_ns: int) -> list[Reunion]:
        """Takes in the faces of a frame.

        Args:
            faces: Each track at most once.
            stamp_ns: Of the frame.

        Returns:
            Those of whom it turned out that they are the same.
        """
        new = []
        for face in faces:
            someone = self.known.get(self._by_face.get(face.track_id, 0))
            if someone is not None and _mistaken(someone, face.identity):
                self._drop(someone.id)
                someone = None
            if someone is None:
                new.append(face)
            else:
                someone.see(face, stamp_ns)
        for face in new:
            self._welcome(face, stamp_ns)
        return self._reunite(stamp_ns)

    def forget(self, before_ns: int) -> None:
        """Drops whoever was last present before a time."""
        for gone in [one.id for one in self.known.values() if one.present_ns < before_ns]:
            self._drop(gone)

    def in_view(self, stamp_ns: int) -> list[Acquaintance]:
        """Those whose face is in view."""
        return [someone for someone in self.known.values() if someone.face_ns == stamp_ns]

    def _drop(self, gone: int) -> None:
        someone = self.known.pop(gone)
        if self._by_face.get(someone.face.track_id) == gone:
            del self._by_face[someone.face.track_id]

    def _welcome(self, face: SeenFace, stamp_ns: int) -> None:
        """Somebody new, until it turns out that it is somebody known."""
        fresh = Acquaintance(next(self._ids), face, stamp_ns, face, stamp_ns, stamp_ns, stamp_ns, face.identity)
        self.known[fresh.id] = fresh
        self._by_face[face.track_id] = fresh.id

    def _reunite(self, stamp_ns: int) -> list[Reunion]:
        """Gives faces that came of late to those who were lost."""
        lost = [someone for someone in self.known.values() if someone.face_ns < stamp_ns]
        if not lost:
            return []
        reunions = []
        for newcomer in self.in_view(stamp_ns):
            before = [one for one in lost if one.id < newcomer.id and one.found_ns < newcomer.came_ns]
            same = _same_identity(newcomer, before) or self._same_place(newcomer, before, stamp_ns)
            if same is not None:
                reunions.append(self._join(newcomer, same))
                lost.remove(same)
        return reunions

    def _same_place(self, newcomer: Acquaintance, lost: Sequence[Acquaintance], stamp_ns: int) -> Acquaintance | None:
        if not lost or stamp_ns - newcomer.came_ns > _YOUNG_NS:
            return None
        near = []
        for one in lost:
            away_ns = newcomer.came_ns - one.found_ns
            if 0 < away_ns <= self._same_place_ns and not _different(one.identity, newcomer.identity):
                near.append((_apart(one.face, newcomer.came, away_ns / 1e9), one.id))
        near = sorted(pair for pair in near if pair[0] <= 1)
        if not near or (len(near) > 1 and near[1][0] < _CLEARLY * near[0][0]):
            return None
        return self.known[near[0][1]]

    def _join(self, newcomer: Acquaintance, known: Acquaintance) -> Reunion:
        """The newcomer's face is that of somebody known."""
        known.former = "" if _confirmed(newcomer.identity) else _confirmed(known.identity) or known.former
        self._drop(newcomer.id)
        self._by_face.pop(known.face.track_id, None)
        self._by_face[newcomer.face.track_id] = known.id
        known.face, known.identity = newcomer.face, newcomer.identity
        known.came, known.came_ns = newcomer.came, newcomer.came_ns
        known.found_ns, known.face_ns = newcomer.found_ns, newcomer.face_ns
        known.present_ns = newcomer.present_ns
        return Reunion(newcomer.id, known.id)


def _confirmed(identity: Identity) -> str:
    """The confirmed person_id, or empty."""
    return identity.person_id if identity.state is IdentityState.CONFIRMED else ""


def _different(one: Identity, other: Identity) -> bool:
    """Whether two identities contradict each other."""
    return bool(_confirmed(one) and _confirmed(other)) and one.person_id != other.person_id


def _mistaken(someone: Acquaintance, identity: Identity) -> bool:
    """Whether somebody who was known by the place turns out to be somebody else."""
    return bool(someone.former and _confirmed(identity)) and identity.person_id != someone.former


def _same_identity(newcomer: Acquaintance, lost: Sequence[Acquaintance]) -> Acquaintance | None:
    wanted = _confirmed(newcomer.identity)
    return next((one for one in lost if wanted and _confirmed(one.identity) == wanted), None)


def _apart(lost: SeenFace, found: SeenFace, seconds: float) -> float:
    """How far a face appears from where one was lost, as a share of how far it may."""
    allowed = _STARTLED_M + _WALKING * seconds
    if in_metres(lost.position) and in_metres(found.position):
        (x, y, z), (was_x, was_y, was_z) = found.position.xyz, lost.position.xyz
        doubt = _DOUBTS * math.hypot(_finite(found.position.sigma), _finite(lost.position.sigma))
        return max(math.hypot(x - was_x, y - was_y), abs(z - was_z) - doubt) / allowed
    size, was = found.box.height, lost.box.height
    if not (size > 0 and was > 0 and 1 / _SIZES <= size / was <= _SIZES):
        return math.inf
    way = math.dist(found.box.centre, lost.box.centre) * FACE_HEIGHT_M / math.sqrt(size * was)
    return way / allowed if math.isfinite(way) else math.inf


def _finite(sigma: float) -> float:
    return sigma if math.isfinite(sigma) else 0.0
