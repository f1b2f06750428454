"""Probabilities from a network that tells classes apart and is described wholly by its entry in models.yaml."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from perception_core.engines.engine import Engine, EngineError
from perception_core.zoo.spec import ModelSpec

LOGITS, PROBABILITIES = "class_logits", "class_scores"
_LEAST_PROBABILITY = 1e-6  # of any class: no network is surer than that, however it rounds
_SUM_TOLERANCE = 0.02  # of what should be 1


class ClassOutput:
    """The one output of such a network.

    Attributes:
        name: In the file.
    """

    def __init__(self, engine: Engine, spec: ModelSpec) -> None:
        """Compares file and entry.

        Args:
            engine: The network.
            spec: Its entry, with one output and decoder class_logits or class_scores.

        Raises:
            EngineError: The file has no such output, or not as many classes as there are labels.
        """
        outputs = {tensor.name: tensor.shape for tensor in engine.outputs}
        self.name, labels = spec.outputs[0].name, len(spec.labels)
        shape = outputs.get(self.name, ())
        if not shape or shape[-1] not in {labels, None}:
            raise EngineError(
                f"{spec.name}: {labels} labels, so the output {self.name} has to be Nx{labels}; the file has {outputs} "
                f"({spec.download.place})"
            )
        self._spec = spec

    def probabilities(self, raw: NDArray[np.float32]) -> NDArray[np.float64]:
        """What the network says, as probabilities.

        Args:
            raw: NxC, as it comes out.

        Returns:
            NxC; every row sums to 1. NaN in a row where the network gives no usable number.

        Raises:
            EngineError: The entry promises probabilities, and the network gives something else.
        """
        scores = raw.astype(np.float64)
        if self._spec.decoder == LOGITS:
            with np.errstate(invalid="ignore"):  # an infinite logit makes the row NaN
                return _shares(np.exp(scores - scores.max(axis=1, keepdims=True)))
        finite = scores[np.isfinite(scores).all(axis=1)]
        if (finite < -_SUM_TOLERANCE).any() or (np.abs(finite.sum(axis=1) - 1) > _SUM_TOLERANCE).any():
            raise EngineError(
                f"{self._spec.name} gives {finite[0].round(3).tolist()}, which are no probabilities; if they are "
                f"logits, its decoder is {LOGITS} ({self._spec.download.place})"
            )
        return _shares(scores.clip(_LEAST_PROBABILITY, 1.0))


def _shares(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows scaled so that each sums to 1."""
    return np.asarray(values / values.sum(axis=1, keepdims=True), np.float64)
