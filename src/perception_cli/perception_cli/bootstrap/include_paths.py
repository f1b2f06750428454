"""Mends the message wheels' CMake files, which name the include folders of the machine that built them."""

from __future__ import annotations

import re
from pathlib import Path

_PATH = r"/[^\s;:\"'<>()]*"
_NUMPY = re.compile(_PATH + r"/numpy/_?core/include\b")
_PYTHON = re.compile(_PATH + r"/include/python3\.\d+\b")


def rewrite(share: Path, python_include: str, numpy_include: str) -> list[Path]:
    """Point every exported CMake file below `share` at this interpreter's headers; may be repeated.

    Args:
        share: The environment's share folder.
        python_include: Folder of Python.h.
        numpy_include: Folder that `numpy.get_include()` names.

    Returns:
        The files that were changed.
    """
    changed = []
    for path in sorted(share.rglob("*Export*.cmake")):
        before = path.read_text(encoding="utf-8")
        after = _NUMPY.sub(lambda _: numpy_include, before)
        after = _PYTHON.sub(lambda _: python_include, after)
        if after != before:
            being_written = path.with_suffix(".part")
            being_written.write_text(after, encoding="utf-8")
            being_written.replace(path)
            changed.append(path)
    return changed
