"""What must be on the machine before anything can be set up."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import sysconfig
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

_COMPILERS = ("c++", "g++", "clang++")


@dataclass(frozen=True)
class Prerequisite:
    """Something that only the user can install.

    Attributes:
        name: What it is, in the user's words.
        remedy: How to get it on Debian and Ubuntu.
        present: Whether it is there.
    """

    name: str
    remedy: str
    present: Callable[[], bool]


def _module_there(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def _headers_there() -> bool:
    return (Path(sysconfig.get_path("include")) / "Python.h").exists()


def _compiler_there() -> bool:
    return any(shutil.which(name) for name in _COMPILERS)


def _program(name: str, package: str) -> Prerequisite:
    return Prerequisite(name, f"apt-get install {package}", lambda: shutil.which(name) is not None)


_VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"

VENV = Prerequisite(
    "Python's venv with ensurepip",
    f"apt-get install {_VERSION}-venv",
    lambda: _module_there("venv") and _module_there("ensurepip"),
)
HEADERS = Prerequisite("Python's headers (Python.h)", f"apt-get install {_VERSION}-dev", _headers_there)
COMPILER = Prerequisite("a C++ compiler", "apt-get install g++", _compiler_there)
NPM = _program("npm", "npm")
COLCON = _program("colcon", "python3-colcon-common-extensions")


def missing(needed: Iterable[Prerequisite]) -> list[str]:
    """One line for each prerequisite that is not there."""
    return [f"Missing: {one.name} ({one.remedy})" for one in dict.fromkeys(needed) if not one.present()]
