"""Taking over what other programs change in the gallery, while frames are worked on."""

from __future__ import annotations

from collections.abc import Callable

from face_perception.gallery import Gallery
from face_perception.gallery_kind import GALLERY
from perception_core.private_store.watch import PERIOD_S, StoreWatch


class GalleryWatch(StoreWatch):
    """Keeps a gallery's index as its file is."""

    def __init__(self, gallery: Gallery, notify: Callable[[str], None], period_s: float = PERIOD_S) -> None:
        """Begins to watch; see `StoreWatch`."""
        super().__init__(gallery, GALLERY.noun, notify, period_s)
