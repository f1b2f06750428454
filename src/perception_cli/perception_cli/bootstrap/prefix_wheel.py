"""Packs an ament install prefix as a wheel, so that pip can put it into an environment and nothing need be sourced.

The wheel format is that of the Python packaging guide's binary distribution specification.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import zipfile
from pathlib import Path

_MODULES = re.compile(r"(?:local/)?lib/python3(?:\.\d+)?/(?:site|dist)-packages/(?P<rest>.+)")
_INSTALLED = ("bin", "include", "lib", "local", "share")
_TIME = (1980, 1, 1, 0, 0, 0)  # the same prefix gives the same wheel


def pack(prefix: Path, name: str, version: str, tag: str, folder: Path) -> Path:
    """Pack a prefix: its Python modules go to the wheel's root, all else below the environment's own prefix.

    Args:
        prefix: Install prefix, as `colcon build --merge-install` leaves it.
        name: Distribution name.
        version: Distribution version.
        tag: Compatibility tag, such as cp312-cp312-linux_x86_64.
        folder: Where the wheel is written.

    Returns:
        The wheel.

    Raises:
        FileNotFoundError: If there is nothing installed in the prefix.
    """
    distribution = re.sub(r"[-.]+", "_", name)
    members = {_member(path, f"{distribution}-{version}.data/data"): path for path in _installed(prefix)}
    members.pop("", None)
    if not members:
        raise FileNotFoundError(f"{prefix}: nothing is installed there")
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{distribution}-{version}-{tag}.whl"
    info = f"{distribution}-{version}.dist-info"
    record = []
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:

        def put(member: str, data: bytes, *, executable: bool = False) -> None:
            entry = zipfile.ZipInfo(member, _TIME)
            entry.external_attr = (0o100755 if executable else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record.append(f"{member},sha256={digest},{len(data)}")

        for member, relative in sorted(members.items()):
            path = prefix / relative
            put(member, path.read_bytes(), executable=os.access(path, os.X_OK))
        put(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode())
        put(
            f"{info}/WHEEL",
            f"Wheel-Version: 1.0\nGenerator: perception\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(),
        )
        archive.writestr(zipfile.ZipInfo(f"{info}/RECORD", _TIME), "\n".join([*record, f"{info}/RECORD,,"]) + "\n")
    return wheel


def _installed(prefix: Path) -> list[str]:
    """Files of the prefix that are part of a package, not of colcon's own bookkeeping."""
    found = []
    for top in _INSTALLED:
        for path in (prefix / top).rglob("*"):
            relative = path.relative_to(prefix).as_posix()
            if path.is_file() and "__pycache__" not in path.parts and not relative.startswith("share/colcon-core/"):
                found.append(relative)
    return found


def _member(relative: str, data: str) -> str:
    modules = _MODULES.fullmatch(relative)
    if modules is None:
        return f"{data}/{relative}"
    # The egg-info that CMake installs would show the package twice.
    return "" if ".egg-info/" in relative else modules["rest"]
