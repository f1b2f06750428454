"""Looking at faces to tell whose they are: few looks, each at a good view."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from face_perception.detection import FaceDetection
from face_perception.embedding import FaceEmbedder
from face_perception.face import Face
from face_perception.gallery_search import GalleryIndex
from face_perception.head_turn import turn_from_camera
from face_perception.identity import Identity
from face_perception.identity_evidence import Identifier
from face_perception.liveness import Liveness
from face_perception.refresh import Turns
from face_perception.track_evidence import Look
from face_perception.view_gate import View, ViewGate
from perception_core.depth import PositionSource
from perception_core.frame import ColourImage
from perception_core.geometry import Box, GeometryError


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A look at a face, for whoever enrols people.

    Attributes:
        track_id: Whose.
        view: The aligned face, and why it is refused where it is.
        embedding: Of length one; None where the view is refused.
        liveness: What the depth says of the face.
        box: Of the face, pixels.
        distance: Of the face, metres; NaN where it is not known.
    """

    track_id: int
    view: View
    embedding: NDArray[np.float32] | None
    liveness: Liveness
    box: Box
    distance: float


class Enroller(Protocol):
    """Who wants to see good views of faces; both methods return at once."""

    def wanted(self, visible: Collection[int]) -> Collection[int]:
        """The tracks that should be looked at now, beside those that are due anyway."""

    def take(self, stamp_ns: int, visible: Collection[int], candidates: Sequence[Candidate]) -> None:
        """What was seen in a frame; most frames have no candidates."""


class Identification:
    """Tells whose faces are seen."""

    def __init__(
        self,
        gate: ViewGate,
        embedder: FaceEmbedder,
        identifier: Identifier,
        people: Callable[[], GalleryIndex],
        turns: Turns,
    ) -> None:
        """Puts the stages together.

        Args:
            gate: Cuts out and judges views.
            embedder: Makes embeddings of them.
            identifier: Decides by them.
            people: The gallery as it is now; asked once for each frame, and has to answer at once.
            turns: Whose turn it is to be looked at, in seconds.
        """
        self._gate, self._embedder, self._identifier = gate, embedder, identifier
        self._people, self.turns = people, turns
        self.enrolment: Enroller | None = None
        """Who wants to see views; None where nobody is enrolled at present."""

    def reset(self) -> None:
        """Forgets all tracks and strangers."""
        self._identifier.reset()
        self.turns.reset()

    def __call__(
        self, colour: ColourImage, faces: Sequence[Face], doubted: Collection[int], stamp_ns: int
    ) -> Mapping[int, Identity]:
        """Whose face each is.

        Args:
            colour: The image, HxWx3 uint8, BGR.
            faces: In it; bridged ones are not looked at, and keep what is known of them.
            doubted: Tracks that may have gone over to another face.
            stamp_ns: When it was taken.
        """
        for track_id in doubted:
            self._identifier.doubt(track_id)
        visible = [face.track_id for face in faces]
        seen = [face.track_id for face in faces if face.keypoints is not None]
        enrolment = self.enrolment
        wanted = enrolment.wanted(visible) if enrolment is not None else ()
        due = self.turns([each for each in seen if self._identifier.due(each, stamp_ns)], stamp_ns / 1e9)
        candidates = [
            candidate
            for face in faces
            if face.keypoints is not None and (face.track_id in due or face.track_id in wanted)
            if (candidate := self._looked_at(colour, face)) is not None
        ]
        looks = {
            each.track_id: Look(each.embedding, each.view.quality.weight)
            for each in candidates
            if each.embedding is not None and each.track_id in due
        }
        identities = self._identifier.update(self._people(), stamp_ns, visible, looks)
        if enrolment is not None:
            enrolment.take(stamp_ns, visible, candidates)
        return identities

    def _looked_at(self, colour: ColourImage, face: Face) -> Candidate | None:
        """A face that was found in this image; None where its points are no view of anything."""
        assert face.keypoints is not None
        angles = turn_from_camera(face.pose) if face.pose is not None else None
        try:
            view = self._gate(colour, FaceDetection(face.box, face.score, face.keypoints), angles)
        except GeometryError:  # the points lie in one place, or nowhere
            return None
        embedding = self._embedder([view.crop])[0] if view.usable else None
        known = face.position.source is not PositionSource.NONE
        distance = face.position.xyz[2] if known else math.nan
        return Candidate(face.track_id, view, embedding, face.liveness, face.box, distance)
