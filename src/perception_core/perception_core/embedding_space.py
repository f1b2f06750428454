"""What embeddings can be compared with each other."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EmbeddingSpace:
    """The numbers that one network gives.

    Attributes:
        model: Name in models.yaml.
        dimension: Numbers per embedding.
        digest: Hash of the weights as published and of how pixels enter them, hexadecimal; rewriting the graph for an
            engine does not change it.
    """

    model: str
    dimension: int
    digest: str

    @classmethod
    def from_id(cls, space: str) -> EmbeddingSpace:
        """The space of an `id`."""
        model, dimension, digest = space.rsplit(":", 2)
        return cls(model, int(dimension), digest)

    @property
    def id(self) -> str:
        """Equal for embeddings that can be compared."""
        return f"{self.model}:{self.dimension}:{self.digest}"
