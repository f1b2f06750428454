"""Who the tracks are: evidence gathered look by look before a name is given, and a name withdrawn when it turns."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from face_perception.gallery_search import GalleryIndex
from face_perception.identity import NOT_EXAMINED, Identity, IdentityState
from face_perception.identity_threshold import Threshold, identity_threshold
from face_perception.strangers import Strangers
from face_perception.track_evidence import Look, TrackEvidence

_KEEP_S = 5.0  # evidence of a track that is not in view
_HOLDERS_LEAD = 0.05  # cosine by which another track must be better to take a name over
_SETTLED_LOOKS = 6  # nobody in the gallery after so many looks: then looked at less often
_SETTLED_INTERVAL_S = 1.0


@dataclass(frozen=True, slots=True)
class IdentityPolicy:
    """How identity is decided.

    Attributes:
        interval_s: Least time between two looks at a track without a confirmed name.
        recheck_s: Time between two looks at one with a name.
        confirm_looks: Looks that are needed before a name is confirmed.
        strangers: Share of strangers that may be taken for somebody enrolled, above 0 to 1.
    """

    interval_s: float = 0.34
    recheck_s: float = 3.0
    confirm_looks: int = 3
    strangers: float = 0.01


class Identifier:
    """Decides for all tracks of one camera; takes the time from stamps, starts anew when they jump back."""

    def __init__(self, policy: IdentityPolicy, table: Mapping[int, float], strangers: Strangers | None) -> None:
        """Begins with nobody.

        Args:
            policy: How to decide.
            table: Thresholds of the embedder; see `identity_threshold`.
            strangers: Gives anonymous ids; None gives none.
        """
        self._policy, self._table, self._strangers = policy, table, strangers
        self._tracks: dict[int, TrackEvidence] = {}
        self._seen_ns: dict[int, int] = {}
        self._holders: dict[str, int] = {}
        self._index: GalleryIndex | None = None
        self._stamp_ns: int | None = None
        self.threshold = Threshold(1.0, extrapolated=False)
        """In force since the last `update`."""

    def reset(self) -> None:
        """Forgets all tracks and strangers."""
        self._tracks.clear()
        self._seen_ns.clear()
        self._holders.clear()
        self._stamp_ns = None
        if self._strangers is not None:
            self._strangers.reset()

    def due(self, track_id: int, stamp_ns: int) -> bool:
        """Whether a look at a track is wanted now; it stays wanted until one is given to `update`."""
        track = self._tracks.get(track_id)
        if track is None or track.looked_ns is None or stamp_ns < track.looked_ns:
            return True
        return stamp_ns - track.looked_ns >= round(self._interval_s(track) * 1e9)

    def doubt(self, track_id: int) -> None:
        """The track may have gone over to another face, for it was lost or crossed another: look again soon."""
        if track_id in self._tracks:
            self._tracks[track_id].doubt()

    def update(
        self, index: GalleryIndex, stamp_ns: int, visible: Collection[int], looks: Mapping[int, Look]
    ) -> dict[int, Identity]:
        """Takes in what was seen in one image.

        Args:
            index: The gallery as it is now; a forgotten person's name goes at once.
            stamp_ns: Of the image.
            visible: Ids of the tracks in view.
            looks: New looks by track; most images have none.

        Returns:
            Whose face each track in view is.
        """
        self._pass_to(stamp_ns, visible)
        share, views = self._policy.strangers, index.views_per_person
        self.threshold = identity_threshold(len(index.people), share, self._table, views)
        changed = set(self._tracks) if index is not self._index else set()
        self._index = index
        for track_id in visible:
            track = self._tracks.setdefault(track_id, TrackEvidence(self._policy.confirm_looks))
            if track_id in looks:
                track.add(looks[track_id], stamp_ns, index, self.threshold.cosine)
                changed.add(track_id)
        self._decide([self._tracks[each] for each in sorted(changed) if self._tracks[each].looks], index)
        named = self._named(visible)
        for track_id in sorted(looks.keys() & set(visible)):
            self._note_stranger(track_id, track_id in named, stamp_ns, visible)
        return {track_id: self._identity(track_id, named, index) for track_id in visible}

    def _interval_s(self, track: TrackEvidence) -> float:
        if track.in_doubt:
            return self._policy.interval_s
        if track.confirmed:
            return self._policy.recheck_s
        resembles = bool(track.matches) and track.matches[0].similarity >= self.threshold.cosine
        settled = track.looks >= _SETTLED_LOOKS and not resembles
        return max(_SETTLED_INTERVAL_S, self._policy.interval_s) if settled else self._policy.interval_s

    def _pass_to(self, stamp_ns: int, visible: Collection[int]) -> None:
        if self._stamp_ns is not None and stamp_ns < self._stamp_ns:
            self.reset()
        self._stamp_ns = stamp_ns
        self._seen_ns.update(dict.fromkeys(visible, stamp_ns))
        for track_id, seen_ns in list(self._seen_ns.items()):
            if stamp_ns - seen_ns > _KEEP_S * 1e9:
                del self._seen_ns[track_id]
                self._tracks.pop(track_id, None)

    def _decide(self, tracks: list[TrackEvidence], index: GalleryIndex) -> None:
        if tracks:
            found = index.search(np.stack([track.mean() for track in tracks]))
            for track, matches in zip(tracks, found, strict=True):
                track.decide(matches, index, self.threshold.cosine)

    def _named(self, visible: Collection[int]) -> dict[int, str]:
        """Whom each track is, for those that are somebody: nobody is in two places, the better track has the name."""
        claims = []
        for track_id in visible:
            track = self._tracks[track_id]
            if track.confirmed or track.similarity >= self.threshold.cosine:
                person_id = track.confirmed or track.matches[0].person.id
                lead = _HOLDERS_LEAD if self._holders.get(person_id) == track_id else 0.0
                claims.append((bool(track.confirmed), track.similarity + lead, -track_id, person_id))
        named: dict[str, int] = {}
        for _, _, negative_id, person_id in sorted(claims, reverse=True):
            if named.setdefault(person_id, -negative_id) != -negative_id:
                self._tracks[-negative_id].withdraw()
        self._holders = named
        return {track_id: person_id for person_id, track_id in named.items()}

    def _note_stranger(self, track_id: int, is_named: bool, stamp_ns: int, visible: Collection[int]) -> None:
        track = self._tracks[track_id]
        if self._strangers is None:
            return
        if track.confirmed:
            self._strangers.forget(track.stranger)
            track.stranger = ""
        elif not is_named and track.enough:
            mean = track.mean()
            mean /= np.linalg.norm(mean)
            if not (track.stranger and self._strangers.seen(track.stranger, mean, stamp_ns)):
                elsewhere = {self._tracks[other].stranger for other in visible if other != track_id}
                track.stranger = self._strangers.recognise(mean, stamp_ns, elsewhere)

    def _identity(self, track_id: int, named: Mapping[int, str], index: GalleryIndex) -> Identity:
        track = self._tracks[track_id]
        if not track.looks:
            return NOT_EXAMINED
        if track_id not in named:
            return Identity(IdentityState.UNKNOWN, track.stranger, "", track.similarity)
        person = index.people[named[track_id]]
        state = IdentityState.CONFIRMED if track.confirmed else IdentityState.TENTATIVE
        return Identity(state, person.id, person.name, track.similarity)
