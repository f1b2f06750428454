"""What is remembered of each face from frame to frame; forgotten when its track ends."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from face_perception.blendshapes import Blendshapes
from face_perception.expression_evidence import UNKNOWN, Expression, ExpressionEvidence, ExpressionTiming
from face_perception.expression_labels import LabelSet
from face_perception.eyes import EyeLids
from face_perception.face import Face
from face_perception.gaze import Attention, GazeTracker
from face_perception.landmark_motion import FaceMesh
from face_perception.liveness import Liveness, LivenessEvidence
from perception_core.geometry import RotatedRegion


@dataclass(frozen=True, slots=True)
class Calm:
    """How much is smoothed away, and what counts as attention.

    Attributes:
        min_cutoff_hz: See `FaceMesh`.
        beta: Likewise.
        eyes_deg: See `Attention`.
        head_deg: Likewise.
        looks_after_s: Likewise `on_after_s`.
        shows_after_s: See `ExpressionTiming.first_after_s`.
    """

    min_cutoff_hz: float = 1.0
    beta: float = 20.0
    eyes_deg: float = 12.0
    head_deg: float = 16.0
    looks_after_s: float = 0.1
    shows_after_s: float = 0.25


class FaceState:
    """What is remembered of one face."""

    def __init__(self, calm: Calm, label_set: LabelSet | None) -> None:
        """Begins with nothing.

        Args:
            calm: How much is smoothed.
            label_set: Of the expressions; None where they are not read.
        """
        self.mesh = FaceMesh(calm.min_cutoff_hz, calm.beta)
        self.lids = EyeLids()
        self.gaze = GazeTracker()
        self.attention = Attention(calm.eyes_deg, calm.head_deg, calm.looks_after_s)
        timing = ExpressionTiming(first_after_s=calm.shows_after_s)
        self.expression = ExpressionEvidence(label_set, timing) if label_set is not None else None
        self.liveness = LivenessEvidence()
        self.relief_ns: int | None = None
        """When the relief was measured last."""
        self.face: Face | None = None
        """As it was told last; None where it was not looked at yet."""
        self.blendshapes: Blendshapes | None = None
        """The last ones; None where there are none of this face."""

    def calmed(self, calm: Calm) -> None:
        """Takes on other smoothing, and begins anew with what is smoothed."""
        self.mesh = FaceMesh(calm.min_cutoff_hz, calm.beta)
        self.attention = Attention(calm.eyes_deg, calm.head_deg, calm.looks_after_s)

    def expression_at(self, stamp_ns: int) -> Expression:
        """What the face shows by what was read of it until now."""
        return self.expression.at(stamp_ns) if self.expression is not None else UNKNOWN

    def liveness_at(self, stamp_ns: int) -> Liveness:
        """What the depth says by what was measured until now."""
        return self.liveness.update(None, stamp_ns)


class FaceStates:
    """Of all faces that are followed, by the id of their track."""

    def __init__(self, calm: Calm, label_set: LabelSet | None) -> None:
        """Begins with nobody; the arguments are those of `FaceState`."""
        self._calm, self._label_set = calm, label_set
        self._states: dict[int, FaceState] = {}

    def __len__(self) -> int:
        return len(self._states)

    def __getitem__(self, track_id: int) -> FaceState:
        """The state of a track; a new one where there was none."""
        if track_id not in self._states:
            self._states[track_id] = FaceState(self._calm, self._label_set)
        return self._states[track_id]

    def region(self, track_id: int) -> RotatedRegion | None:
        """Where a face is looked for next; None where it has no landmarks."""
        state = self._states.get(track_id)
        return state.mesh.region if state is not None else None

    def keep(self, track_ids: Collection[int]) -> None:
        """Forgets all others."""
        if len(self._states) > len(track_ids) or not self._states.keys() <= set(track_ids):
            self._states = {track_id: state for track_id, state in self._states.items() if track_id in track_ids}

    def change(self, calm: Calm) -> None:
        """Smooths otherwise from now on."""
        if calm != self._calm:
            self._calm = calm
            for state in self._states.values():
                state.calmed(calm)
