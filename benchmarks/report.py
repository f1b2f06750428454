"""What every benchmark reports the same way."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

_LIBRARIES = ("numpy", "opencv-python-headless", "onnxruntime")


def add_json_argument(parser: argparse.ArgumentParser) -> None:
    """Declares --json."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the result as JSON")


def write_json(path: Path | None, result: Mapping[str, object]) -> None:
    """Writes a result if a file was asked for."""
    if path is not None:
        path.write_text(json.dumps(result, indent=2) + "\n")


def machine() -> str:
    """Processor, cores and versions, in a line."""
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, {libraries}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
