"""Whom in the gallery a face resembles most: exact cosine similarity to the nearest view of every person."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from face_perception.gallery_records import Person

if TYPE_CHECKING:
    from face_perception.gallery_coarse import CoarseRows

Embeddings = NDArray[np.float32]

_COARSE_FROM = 20_000  # rows; below, the plain product takes less than a millisecond


@dataclass(frozen=True, slots=True)
class Match:
    """A person of the gallery beside a face.

    Attributes:
        person: Who.
        similarity: Cosine to the nearest of the person's views, -1 to 1.
    """

    person: Person
    similarity: float


class GalleryIndex:
    """Everybody's embeddings in memory; never changes, so that any thread may search it."""

    def __init__(self, people: Sequence[Person], owners: Sequence[str], rows: Embeddings) -> None:
        """Takes over embeddings.

        Args:
            people: Everybody.
            owners: Id of the person of every row; a person's rows lie together.
            rows: NxD, each of length one.
        """
        self.people = {person.id: person for person in people}
        """Everybody by id, in the order given."""
        self._rows = rows
        starts = [k for k in range(len(owners)) if k == 0 or owners[k] != owners[k - 1]]
        self._starts = np.array(starts, np.intp)
        self._ends = np.append(self._starts[1:], len(owners))
        self._of_group = [self.people[owners[k]] for k in starts]
        self._group_of = {person.id: group for group, person in enumerate(self._of_group)}
        self._coarse = _coarse(rows) if len(rows) > _COARSE_FROM else None

    @property
    def views_per_person(self) -> float:
        """On average; 0 when there is nobody."""
        return len(self._rows) / max(1, len(self.people))

    def search(self, queries: Embeddings, most: int = 2) -> list[tuple[Match, ...]]:
        """The people whom faces resemble most.

        Args:
            queries: QxD, each of length one, or less: then what is found is less than the cosine in proportion.
            most: So many people per face.

        Returns:
            For every face up to `most` people, the most similar first.
        """
        most = min(most, len(self._of_group))
        if most == 0:
            return [()] * len(queries)
        if self._coarse is None:
            # numpy's matrix product would start threads for it, which on a busy machine take milliseconds to meet.
            similarities = np.maximum.reduceat(np.einsum("rd,qd->qr", self._rows, queries), self._starts, axis=1)
            return [self._best(np.arange(len(self._of_group)), row, most) for row in similarities]
        bounds = self._coarse.bounds(queries)
        return [self._among(query, lower, upper, most) for query, lower, upper in zip(queries, *bounds, strict=True)]

    def similarity(self, query: Embeddings, person_id: str) -> float:
        """Cosine to the nearest view of one person; NaN for one who is not there."""
        group = self._group_of.get(person_id)
        if group is None:
            return math.nan
        rows = self._rows[self._starts[group] : self._ends[group]]
        return float(np.einsum("rd,d->r", rows, query).max())

    def _among(self, query: Embeddings, lower: Embeddings, upper: Embeddings, most: int) -> tuple[Match, ...]:
        """The best of those whom the bounds of their rows leave in question."""
        surely = np.maximum.reduceat(lower, self._starts)
        least = np.partition(surely, -most)[-most]
        groups = np.flatnonzero(np.maximum.reduceat(upper, self._starts) >= least)
        similarities = np.array(
            [np.einsum("rd,d->r", self._rows[self._starts[k] : self._ends[k]], query).max() for k in groups]
        )
        return self._best(groups, similarities, most)

    def _best(self, groups: NDArray[np.intp], similarities: Embeddings, most: int) -> tuple[Match, ...]:
        chosen = np.argpartition(-similarities, most - 1)[:most]
        ordered = chosen[np.argsort(-similarities[chosen], kind="stable")]
        return tuple(Match(self._of_group[groups[k]], float(similarities[k])) for k in ordered)


def _coarse(rows: Embeddings) -> CoarseRows:
    from face_perception.gallery_coarse import CoarseRows  # noqa: PLC0415 - takes 0.3 s to import, for few galleries

    return CoarseRows(rows)
