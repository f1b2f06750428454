"""Whether the faces in somebody's pictures may be enrolled under a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from face_perception.gallery import FaceView, Gallery
from face_perception.gallery_errors import BadNameError, NameTakenError
from face_perception.gallery_records import Person
from face_perception.gallery_search import Embeddings, GalleryIndex
from face_perception.likeness import least_of_one_person, rival_of
from perception_core.private_store.names import checked_name, name_key

_SAME_PICTURE = 0.999  # cosine


@dataclass(frozen=True, slots=True, eq=False)
class PictureView:
    """The face in a picture.

    Attributes:
        picture: Name of the file.
        embedding: D numbers of length one.
    """

    picture: str
    embedding: Embeddings


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a person's pictures.

    Attributes:
        name: The person's.
        result: In words.
        failed: Whether the person could not be enrolled.
        views: Taken into the gallery.
        left_out: Pictures that were not, each with the reason.
    """

    name: str
    result: str
    failed: bool = False
    views: int = 0
    left_out: tuple[tuple[str, str], ...] = field(default=())


class Judge:
    """Puts people into a gallery, all their good views or none."""

    def __init__(self, gallery: Gallery, table: Mapping[int, float], *, force: bool = False) -> None:
        """Prepares.

        Args:
            gallery: Where people are put.
            table: Thresholds of the embedder; see `identity_threshold`.
            force: Whether who looks like somebody else in it may be, too.
        """
        self._gallery = gallery
        self._force = force
        self._table = table
        self._alike = least_of_one_person(self._table)

    def __call__(self, name: str, views: Sequence[PictureView], now_ns: int) -> Outcome:
        """Enrols a person, or adds what is new to one of this name.

        Args:
            name: As the user gives it.
            views: At least one.
            now_ns: Nanoseconds since 1970.

        Raises:
            GalleryError: The gallery could not be written; it is as it was.
        """
        try:
            name = checked_name(name)
            self._gallery.refresh()
            return self._enrolled(name, views, now_ns)
        except (BadNameError, NameTakenError) as error:
            return Outcome(name, str(error), failed=True)

    def _enrolled(self, name: str, views: Sequence[PictureView], now_ns: int) -> Outcome:
        of_one = _majority(np.stack([view.embedding for view in views]), self._alike)
        if of_one is None:
            return Outcome(name, "the pictures show different people", failed=True)
        left_out = [(view.picture, "shows somebody else than the others") for view in _without(views, of_one)]
        views = [views[k] for k in of_one]
        mean: Embeddings = np.stack([view.embedding for view in views]).mean(axis=0)
        index = self._gallery.index
        known = next((each for each in index.people.values() if name_key(each.name) == name_key(name)), None)
        refusal = self._refusal(index, known, mean)
        if refusal:
            return Outcome(name, refusal, failed=True, left_out=tuple(left_out))
        new = _new(views, index, known)
        faces = [FaceView(views[k].embedding) for k in new]
        if known is None:
            left_out += [(view.picture, "is the same as another") for view in _without(views, new)]
            self._gallery.enrol(name, faces, now_ns)
            return Outcome(name, "enrolled", views=len(faces), left_out=tuple(left_out))
        if faces:
            self._gallery.add_views(known.id, faces)
        result = "was enrolled already, views added" if faces else "was enrolled already, nothing new"
        return Outcome(known.name, result, views=len(faces), left_out=tuple(left_out))

    def _refusal(self, index: GalleryIndex, known: Person | None, mean: Embeddings) -> str:
        """Why a face does not go with a name; empty if it does."""
        likeness = index.similarity(mean, known.id) if known else -1.0
        if known and likeness < self._alike:
            return (
                f"does not resemble the {known.name} who is enrolled ({likeness:.2f}): use another name, or forget "
                "that person first"
            )
        rival = rival_of(mean, index, self._table, known)
        if rival is None or self._force or rival.similarity <= likeness:
            return ""
        return (
            f"looks like {rival.person.name}, who is enrolled ({rival.similarity:.2f}): if it is the same person, use "
            "that name; if not, as with twins, --force enrols both"
        )


def _majority(embeddings: Embeddings, alike: float) -> list[int] | None:
    """The views like the one that most are like; None if they are not more than half."""
    like = embeddings @ embeddings.T >= alike
    kept = np.flatnonzero(like[like.sum(axis=1).argmax()])
    return kept.tolist() if 2 * len(kept) > len(embeddings) else None


def _new(views: Sequence[PictureView], index: GalleryIndex, known: Person | None) -> list[int]:
    """The views that are neither in the gallery nor among those before; the same picture twice says nothing new."""
    new: list[int] = []
    for k, view in enumerate(views):
        before = [float(views[other].embedding @ view.embedding) for other in new]
        if known:
            before.append(index.similarity(view.embedding, known.id))
        if max(before, default=-1.0) < _SAME_PICTURE:
            new.append(k)
    return new


def _without(views: Sequence[PictureView], kept: Sequence[int]) -> list[PictureView]:
    return [view for k, view in enumerate(views) if k not in kept]
