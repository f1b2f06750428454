"""What is already set up: one stamp per finished step, holding the hash of what went into it."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

_IN_DOUBT = "in-doubt"


def fingerprint(texts: Iterable[str] = (), files: Iterable[Path] = ()) -> str:
    """Hash of everything that a step's result depends on.

    Args:
        texts: Settings, in order.
        files: Files by name and content, and folders with all that is in them.
    """
    digest = hashlib.sha256()
    for text in texts:
        digest.update(b"text\0" + text.encode() + b"\0")
    for top in files:
        for path in _files_below(top):
            digest.update(b"file\0" + str(path.relative_to(top.parent)).encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files_below(top: Path) -> list[Path]:
    if not top.is_dir():
        return [top] if top.exists() else []
    return sorted(path for path in top.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


class Stamps:
    """The stamps in one folder.

    A stamp is written after its step, by renaming a finished file: it is there completely or not at all.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def current(self, step: str, inputs: str) -> bool:
        """Whether `step` was finished with exactly these inputs, and what it rests on is still there."""
        try:
            stamp = json.loads((self._folder / step).read_bytes())
            return bool(stamp["inputs"] == inputs) and all(Path(path).exists() for path in stamp["rests_on"])
        except (OSError, ValueError, TypeError, KeyError):
            return False  # missing or damaged, for example by a loss of power: the step is done again

    def finish(self, step: str, inputs: str, rests_on: Iterable[Path] = ()) -> None:
        """Remember that `step` is finished, and which files it cannot do without."""
        being_written = self._folder / f"{step}.part"
        being_written.write_text(json.dumps({"inputs": inputs, "rests_on": [str(path) for path in rests_on]}))
        being_written.replace(self._folder / step)

    def forget_all(self) -> None:
        """Forget every step; the mark of an interrupted change goes last."""
        stamps = [path for path in self._folder.iterdir() if path.is_file() and path.name != "lock"]
        for path in sorted(stamps, key=lambda path: path.name == _IN_DOUBT):
            path.unlink()

    @property
    def in_doubt(self) -> bool:
        """Whether a change of the environment began and did not end."""
        return (self._folder / _IN_DOUBT).exists()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Mark the environment as being changed in a way that cannot be taken up where it was broken off."""
        mark = self._folder / _IN_DOUBT
        mark.touch()
        yield
        mark.unlink()


@contextmanager
def exclusive(folder: Path) -> Iterator[int]:
    """Hold the set-up's lock; says so if another run has it.

    Yields:
        The lock's file descriptor. A command that inherits it keeps the lock for as long as it runs, so one that
        outlives a killed set-up is waited for.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another ./perception is setting up; waiting for it.", file=sys.stderr, flush=True)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)
