"""`./perception people export` and `import`: the gallery carried elsewhere."""

from __future__ import annotations

import argparse
import tempfile
from contextlib import closing
from pathlib import Path

from face_perception.gallery_export import ImportReport, export_gallery, import_gallery, read_export
from face_perception.gallery_kind import GALLERY
from face_perception.gallery_store import GalleryStore
from perception_cli.people_gallery import PeopleError, gallery_path, opened
from perception_cli.private_files import FAILED, written_place
from perception_cli.tables import print_table
from perception_core.embedding_space import EmbeddingSpace
from perception_core.private_store.place import holds_anything


def export_people(options: argparse.Namespace) -> int:
    """Writes everybody into a file."""
    with opened(options) as store:
        place = written_place(options.file, store.path, GALLERY.noun)
        try:
            count = export_gallery(store, EmbeddingSpace.from_id(store.space), place)
        except OSError as error:
            raise PeopleError(f"{options.file} cannot be written: {error.strerror}") from error
    print(f"{'1 person' if count == 1 else f'{count} people'} in {options.file}, which is personal data")
    return 0


def import_exported(options: argparse.Namespace) -> int:
    """Adds the people of an exported file, or says what that would do."""
    file, path = options.file, gallery_path(options)
    if file.exists() and not file.is_file():
        raise PeopleError(f"{file} is no file")
    try:
        report = _imported(file, path, _space(options.model), dry_run=options.dry_run)
    except OSError as error:
        raise PeopleError(f"{file} cannot be read: {error.strerror}") from error
    would = "would be " if options.dry_run else ""
    rows = [
        *((name, f"{would}added") for name in report.added),
        *((name, f"{would}given the views that are new") for name in report.extended),
        *((name, "known already") for name in report.unchanged),
        *((name, "left out: somebody else has this name; rename one of them") for name in report.conflicts),
    ]
    print_table(("person", "result"), rows)
    return FAILED if report.conflicts else 0


def _imported(file: Path, path: Path, space: EmbeddingSpace, *, dry_run: bool) -> ImportReport:
    if holds_anything(path):
        with closing(GalleryStore(path, space.id)) as store:
            return import_gallery(store, space, file, dry_run=dry_run)
    read_export(file, space)  # before a gallery is made for nothing
    with (
        tempfile.TemporaryDirectory() as elsewhere,
        closing(GalleryStore(Path(elsewhere) / "empty" if dry_run else path, space.id)) as store,
    ):
        return import_gallery(store, space, file, dry_run=dry_run)


def _space(model: str | None) -> EmbeddingSpace:
    from perception_cli.people_networks import opened_embedder  # noqa: PLC0415 - who exports needs no network

    with opened_embedder(model) as embed:
        return embed.space
