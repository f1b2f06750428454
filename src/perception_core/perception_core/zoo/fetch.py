"""Obtaining models and pictures: download, check, convert, store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from perception_core.paths import cache_dir, models_dir, pictures_dir
from perception_core.zoo.archives import download
from perception_core.zoo.convert import convert
from perception_core.zoo.errors import CacheError, FetchError, ModelError
from perception_core.zoo.files import Progress, locked, storage_errors, sweep, write_atomically
from perception_core.zoo.members import extract, verify
from perception_core.zoo.recipe import recipe
from perception_core.zoo.spec import ArchiveSource, Download, FileSource, ModelSpec, PictureSpec
from perception_core.zoo.store import Receipt, check_model, check_picture, receipt_path, stored_picture


def fetch_models(specs: Iterable[ModelSpec], progress: Progress) -> None:
    """Brings models into the cache; those that are ready already are left alone.

    An archive that several of them come from is downloaded once, and removed when all of them are converted. After an
    interruption the next run carries on: whatever is there whole is kept, nothing else is ever used.

    Args:
        specs: What to fetch.
        progress: Gets a line before every step that takes time.

    Raises:
        FetchError: No source of a model could be used, or the cache cannot be written.
        ConversionError: A published file is not what the manifest describes.
    """
    wanted = list(specs)
    if all(map(_model_ready, wanted)):
        return
    with _working_alone(progress):
        pending = [spec for spec in wanted if not _model_ready(spec)]
        for spec in pending:
            parts = _obtain(spec.download, progress)
            progress(f"converting {spec.name}")
            _store_model(spec, parts)
        _forget_archives(spec.download for spec in pending)


def fetch_pictures(specs: Iterable[PictureSpec], progress: Progress) -> None:
    """Brings pictures and clips into the cache, like `fetch_models`.

    Raises:
        FetchError: No source of a picture could be used, or the cache cannot be written.
    """
    wanted = list(specs)
    if all(map(_picture_ready, wanted)):
        return
    with _working_alone(progress):
        pending = [spec for spec in wanted if not _picture_ready(spec)]
        for spec in pending:
            (content,) = _obtain(spec.download, progress).values()
            write_atomically(stored_picture(spec), content)
        _forget_archives(spec.download for spec in pending)


@contextmanager
def _working_alone(progress: Progress) -> Iterator[None]:
    with locked(cache_dir(), progress):
        for folder in (_archives_dir(), models_dir(), pictures_dir()):
            sweep(folder)
        yield


def _model_ready(spec: ModelSpec) -> bool:
    try:
        check_model(spec)
    except ModelError:
        return False
    return True


def _picture_ready(spec: PictureSpec) -> bool:
    try:
        check_picture(spec)
    except ModelError:
        return False
    return True


def _archives_dir() -> Path:
    return cache_dir() / "archives"


def _obtain(wanted: Download, progress: Progress) -> Mapping[str, bytes]:
    """The published files from the first source that gives them."""
    failed: list[FetchError] = []
    for source in wanted.sources:
        try:
            return (
                _from_file(wanted, source)
                if isinstance(source, FileSource)
                else _from_archive(wanted, source, progress)
            )
        except CacheError:
            # Another source would not find more space on the disk.
            raise
        except FetchError as error:
            failed.append(error)
            remaining = len(wanted.sources) - len(failed)
            if remaining:
                progress(f"{error} Trying the next source of {wanted.name}.")
    if len(failed) == 1:
        raise failed[0]
    reasons = "".join(f"\n- {error}" for error in failed)
    raise FetchError(f"{wanted.name}: none of its {len(failed)} sources could be used:{reasons}") from failed[-1]


def _from_archive(wanted: Download, source: ArchiveSource, progress: Progress) -> Mapping[str, bytes]:
    data = download(source.archive, _archives_dir(), progress).read_bytes()
    parts = {part: extract(data, path, source.archive.title) for part, path in source.members.items()}
    for part, content in parts.items():
        verify(content, wanted.parts[part], ": ".join((source.archive.title, *source.members[part])))
    return parts


def _from_file(wanted: Download, source: FileSource) -> Mapping[str, bytes]:
    ((part, expected),) = wanted.parts.items()
    try:
        content = source.path.read_bytes()
    except OSError as error:
        raise FetchError(f"{source.path} cannot be read: {error.strerror} ({wanted.place}).") from error
    verify(content, expected, str(source.path))
    return {part: content}


def _store_model(spec: ModelSpec, parts: Mapping[str, bytes]) -> None:
    files = convert(spec, parts)
    for name, content in files.items():
        write_atomically(models_dir() / name, content)
    # The receipt comes last: what has none is not ready.
    receipt = Receipt(
        sources={part: hashlib.sha256(content).hexdigest() for part, content in parts.items()},
        recipe=recipe(spec),
        files={name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    )
    write_atomically(receipt_path(models_dir(), spec.name), receipt.encoded())


def _forget_archives(downloads: Iterable[Download]) -> None:
    names = {
        f"{source.archive.name}-{source.archive.sha256[:12]}"
        for wanted in downloads
        for source in wanted.sources
        if isinstance(source, ArchiveSource)
    }
    folder = _archives_dir()
    with storage_errors(folder):
        for name in names:
            (folder / name).unlink(missing_ok=True)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
