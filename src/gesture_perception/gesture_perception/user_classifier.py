"""Networks of the user's that name the pose of a hand; they join by an entry in models.yaml and no code.

There are two kinds. One takes the 128 numbers by which the embedder describes a pose, the other a picture of the hand,
as GestureNet does (160x160 pixels).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gesture_perception.gesture_names import gesture_named
from gesture_perception.gesture_network import EMBEDDING
from gesture_perception.hand import HandLandmarks
from gesture_perception.hand_crop import hand_square
from perception_core.cropping import cut
from perception_core.engines.class_output import LOGITS, PROBABILITIES, ClassOutput
from perception_core.engines.engine import Engine, EngineError
from perception_core.engines.picture_input import network_input, square_input
from perception_core.frame import ColourImage
from perception_core.zoo.spec import ImageFormat, ModelSpec


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """Hands in a picture; see `UserClassifier.__call__`."""

    colour: ColourImage
    hands: Sequence[HandLandmarks]
    embeddings: NDArray[np.float32]


class _View(Protocol):
    """What a kind of network takes of hands."""

    @property
    def batched(self) -> bool:
        """Whether several hands go in at once."""

    def __call__(self, seen: _Seen) -> tuple[list[int], NDArray[np.float32]]:
        """Which of the hands can be read, and the network's input for those."""


class UserClassifier:
    """How probable each gesture of a network is; its engine is the caller's to close.

    Attributes:
        labels: Of the columns, each once; None among them where the network has a class for other poses.
    """

    def __init__(self, engine: Engine, spec: ModelSpec, view: _View) -> None:
        """See `open_gesture_classifier`."""
        self._engine, self._view = engine, view
        self._input, self._output = spec.inputs[0].name, ClassOutput(engine, spec)
        names = [_published(label, spec) for label in spec.labels]
        self.labels = published_labels(spec)
        self._gathered = np.array([[name == label for label in self.labels] for name in names], np.float64)

    def __call__(
        self, colour: ColourImage, hands: Sequence[HandLandmarks], embeddings: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """The probability of every label for every hand.

        Args:
            colour: HxWx3 uint8, BGR.
            hands: In that picture.
            embeddings: Nx128, of the same hands.

        Returns:
            NxC; classes that the entry maps to one label are summed. Every row sums to 1, or is NaN where the hand
            cannot be read: it is not finite, or most of it is outside the picture.

        Raises:
            EngineError: The network fails, or gives no probabilities where its entry promises some.
        """
        scores = np.full((len(hands), len(self.labels)), np.nan)
        readable, batch = self._view(_Seen(colour, hands, embeddings))
        if not readable:
            return scores
        parts = [batch] if self._view.batched else [batch[k : k + 1] for k in range(len(batch))]
        raw = np.concatenate([self._engine.run({self._input: part})[self._output.name] for part in parts])
        scores[readable] = self._output.probabilities(raw.reshape(len(batch), -1)) @ self._gathered
        return scores


def published_labels(spec: ModelSpec) -> tuple[str, ...]:
    """The gestures that a network tells apart, each once, as the suite or the user calls them.

    Raises:
        EngineError: Its entry is of another kind of network.
    """
    _require_classes(spec)
    return tuple(dict.fromkeys(_published(label, spec) for label in spec.labels))


def open_gesture_classifier(engine: Engine, spec: ModelSpec) -> UserClassifier:
    """Prepares for a network that is described wholly by its entry in models.yaml.

    Args:
        engine: One input, Nx128 numbers or an image, and one output of N rows of scores.
        spec: Its entry: decoder class_scores or class_logits, labels, for an image `hand_crop`, and, where the
            suite's names are other ones, `label_map`.

    Raises:
        EngineError: The entry is of another kind of network, says too little, or does not fit the network.
    """
    _require_classes(spec)
    image = spec.inputs[0].image
    return UserClassifier(engine, spec, _Numbers(engine, spec) if image is None else _Crops(engine, spec, image))


class _Numbers:
    """The hands' descriptions."""

    def __init__(self, engine: Engine, spec: ModelSpec) -> None:
        inputs = {tensor.name: tensor.shape for tensor in engine.inputs}
        shape = inputs.get(spec.inputs[0].name, ())
        if len(shape) != 2 or shape[1] not in {EMBEDDING, None}:
            raise EngineError(
                f"{spec.name} cannot read gestures: its input {spec.inputs[0].name} has to be Nx{EMBEDDING} numbers, "
                f"as gesture_embedder gives them, or an image with `hand_crop`; the file has {inputs} "
                f"({spec.download.place})"
            )
        self.batched = shape[0] is None

    def __call__(self, seen: _Seen) -> tuple[list[int], NDArray[np.float32]]:
        readable = np.flatnonzero(np.isfinite(seen.embeddings).all(axis=1))
        return readable.tolist(), np.asarray(seen.embeddings[readable], np.float32)


class _Crops:
    """Pictures of the hands."""

    def __init__(self, engine: Engine, spec: ModelSpec, image: ImageFormat) -> None:
        if image.hand_crop is None:
            raise EngineError(
                f"{spec.name} cannot read gestures: its input {spec.inputs[0].name} does not say which part of the "
                f"picture it wants of a hand; add `hand_crop: {{margin: 0.3}}` to `image` ({spec.download.place})"
            )
        square = square_input(engine, spec, image)
        self.batched = square.batched
        self._side, self._image, self._crop = square.side, image, image.hand_crop

    def __call__(self, seen: _Seen) -> tuple[list[int], NDArray[np.float32]]:
        height, width = seen.colour.shape[:2]
        regions = [hand_square(hand, self._crop, width, height) for hand in seen.hands]
        pictures = [cut(seen.colour, region, self._side) for region in regions if region is not None]
        readable = [place for place, region in enumerate(regions) if region is not None]
        if not pictures:
            return [], np.empty((0,), np.float32)
        return readable, network_input(pictures, self._image, grey=self._crop.grey)


def _require_classes(spec: ModelSpec) -> None:
    if spec.decoder not in {LOGITS, PROBABILITIES} or len(spec.inputs) != 1 or len(spec.outputs) != 1:
        raise EngineError(
            f"{spec.name} cannot read gestures: that takes a decoder {PROBABILITIES} or {LOGITS}, one input and one "
            f"output; its entry has {spec.decoder}, {len(spec.inputs)} and {len(spec.outputs)} ({spec.download.place})"
        )
    if len(spec.labels) < 2:
        raise EngineError(
            f"{spec.name} cannot read gestures: it needs two labels or more, found {list(spec.labels)}; add them to "
            f"its entry ({spec.download.place})"
        )


def _published(label: str, spec: ModelSpec) -> str:
    """The name under which a class is published: the user's word for it, in the suite's spelling where it knows it."""
    name = spec.label_map.get(label, label)
    return gesture_named(name) or name
