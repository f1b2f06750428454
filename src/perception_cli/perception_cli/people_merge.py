"""Whether two entries of a gallery can be one person, before they are merged for good."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from face_perception.gallery_search import Embeddings
from face_perception.gallery_store import GalleryStore
from face_perception.identity_threshold import UNMEASURED, table_of
from face_perception.likeness import least_of_one_person
from perception_cli.people_gallery import PeopleError
from perception_core.paths import ShareError
from perception_core.zoo.errors import ZooError
from perception_core.zoo.manifest import load_models

_STORED = np.dtype("<f4")


def difference(store: GalleryStore, keep_id: str, other_id: str) -> float | None:
    """The cosine of two people who do not resemble each other; None if they do.

    They are compared as pictures of the second are that are enrolled under the name of the first.

    Args:
        store: The gallery.
        keep_id: Whose nearest view counts.
        other_id: Of whose views the mean counts.

    Raises:
        GalleryError: The gallery cannot be read.
        PeopleError: The list of models, which says how alike is alike, cannot be read.
    """
    cosine = float((_views(store, keep_id) @ _views(store, other_id).mean(axis=0)).max())
    return cosine if cosine < least_of_one_person(_table(store)) else None


def _table(store: GalleryStore) -> Mapping[int, float]:
    try:
        spec = load_models().get(store.space.partition(":")[0])
    except (ZooError, ShareError) as error:
        raise PeopleError(str(error)) from error
    return table_of(spec) if spec is not None else UNMEASURED


def _views(store: GalleryStore, person_id: str) -> Embeddings:
    return np.stack([np.frombuffer(view.embedding, _STORED) for view in store.views_of(person_id)])
