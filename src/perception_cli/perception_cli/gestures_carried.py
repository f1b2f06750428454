"""`./perception gestures export` and `import`: taught gestures carried elsewhere."""

from __future__ import annotations

import argparse
import tempfile
from contextlib import closing
from pathlib import Path

from gesture_perception.gesture_export import GestureImport, export_gestures, import_gestures, read_gestures
from gesture_perception.gesture_kind import GESTURES
from gesture_perception.gesture_store import GestureStore
from perception_cli.gestures_file import gestures_path, opened
from perception_cli.gestures_networks import pose_space_of_default
from perception_cli.private_files import FAILED, CommandError, counted, written_place
from perception_cli.tables import print_table
from perception_core.embedding_space import EmbeddingSpace
from perception_core.private_store.place import holds_anything


def export_all(options: argparse.Namespace) -> int:
    """Writes all gestures into a file."""
    with opened(options) as store:
        place = written_place(options.file, store.path, GESTURES.noun)
        try:
            count = export_gestures(store, EmbeddingSpace.from_id(store.space), place)
        except OSError as error:
            raise CommandError(f"{options.file} cannot be written: {error.strerror}") from error
    print(f"{counted(count, 'gesture', 'gestures')} in {options.file}")
    return 0


def import_all(options: argparse.Namespace) -> int:
    """Adds the gestures of an exported file, or says what that would do."""
    file = options.file
    if file.exists() and not file.is_file():
        raise CommandError(f"{file} is no file")
    try:
        report = _imported(file, gestures_path(options), pose_space_of_default(), dry_run=options.dry_run)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from error
    would = "would be " if options.dry_run else ""
    rows = [
        *((name, f"{would}added") for name in report.added),
        *((name, f"{would}given the examples that are new") for name in report.extended),
        *((name, "known already") for name in report.unchanged),
        *((name, f"left out: it cannot be told from {rival}; forget one of them") for name, rival in report.refused),
    ]
    print_table(("gesture", "result"), rows)
    return FAILED if report.refused else 0


def _imported(file: Path, path: Path, space: EmbeddingSpace, *, dry_run: bool) -> GestureImport:
    if holds_anything(path):
        with closing(GestureStore(path, space.id)) as store:
            return import_gestures(store, space, file, dry_run=dry_run)
    read_gestures(file, space)  # before a file is made for nothing
    with (
        tempfile.TemporaryDirectory() as elsewhere,
        closing(GestureStore(Path(elsewhere) / "empty" if dry_run else path, space.id)) as store,
    ):
        return import_gestures(store, space, file, dry_run=dry_run)
