"""How alike faces are when somebody is enrolled: enough to be one person, or too much to be two."""

from __future__ import annotations

from collections.abc import Mapping

from face_perception.gallery_records import Person
from face_perception.gallery_search import Embeddings, GalleryIndex, Match
from face_perception.identity_threshold import identity_threshold

# Shares of strangers who pass for one another. People are enrolled by the hundred: were one of a hundred taken for
# somebody else, a few would be turned away wrongly each time.
_SAME_PERSON, _RIVAL = 0.01, 0.001
_ONE_TRACK_AMONG = 20  # people: the views of one track are so alike that one of them would find its own among so many


def least_of_one_person(table: Mapping[int, float]) -> float:
    """The cosine from which on two faces may be one person's.

    Args:
        table: Of the embedder; see `identity_threshold`.
    """
    return identity_threshold(1, _SAME_PERSON, table).cosine


def least_of_one_track(table: Mapping[int, float]) -> float:
    """The cosine from which on a view may be of the person whom the others of its track show.

    Args:
        table: Of the embedder; see `identity_threshold`.
    """
    return identity_threshold(_ONE_TRACK_AMONG, _SAME_PERSON, table).cosine


def rival_of(
    face: Embeddings, index: GalleryIndex, table: Mapping[int, float], known: Person | None = None
) -> Match | None:
    """Who in a gallery is too much like somebody who is to be enrolled.

    Args:
        face: D numbers, the mean of the views.
        index: Of the gallery.
        table: Of the embedder; see `identity_threshold`.
        known: Who is no rival, as the views are theirs.
    """
    threshold = identity_threshold(len(index.people), _RIVAL, table, index.views_per_person).cosine
    matches = (match for match in index.search(face[None])[0] if match.person != known)
    return next((match for match in matches if match.similarity >= threshold), None)
