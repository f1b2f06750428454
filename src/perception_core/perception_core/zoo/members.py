"""Taking one file out of an archive, or out of an archive within it."""

from __future__ import annotations

import hashlib
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Sequence

from perception_core.zoo.errors import DamagedArchiveError, HashMismatchError

# Neither library keeps to exceptions of its own when offsets, versions or flags make no sense.
_DAMAGE = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, ValueError, OverflowError, NotImplementedError, RuntimeError),
)


def extract(data: bytes, path: Sequence[str], title: str) -> bytes:
    """The file at the end of a path through nested archives.

    Args:
        data: A zip (also wheels and MediaPipe's .task) or a tar, compressed or not.
        path: Names of members, outermost first; empty for the data itself.
        title: What to call the archive in messages.

    Raises:
        DamagedArchiveError: An archive is cut short or lacks the member.
    """
    for name in path:
        data = _member(data, name, title)
        title = f"{title}: {name}"
    return data


def verify(data: bytes, expected: str | None, title: str) -> None:
    """Compares a file with what was pinned, if anything was.

    Raises:
        HashMismatchError: It is another file.
    """
    found = hashlib.sha256(data).hexdigest()
    if expected is not None and found != expected:
        raise HashMismatchError(
            f"{title}: sha256 is {found}, expected {expected}: the file is damaged or another version. It was not used."
        )


def _member(data: bytes, name: str, title: str) -> bytes:
    file = io.BytesIO(data)
    try:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                return archive.read(name)
        file.seek(0)
        with tarfile.open(fileobj=file) as tar:
            content = tar.extractfile(name)
            if content is None:
                raise DamagedArchiveError(f"{title}: {name} is no file.")
            return content.read()
    except KeyError as error:
        raise DamagedArchiveError(f"{title} does not hold {name}.") from error
    except _DAMAGE as error:
        raise DamagedArchiveError(f"{title} is damaged or cut short: {error}. Download it again.") from error
