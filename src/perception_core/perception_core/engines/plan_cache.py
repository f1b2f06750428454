"""Plans on disk: built once per model, TensorRT, GPU and precision, and shared by all processes of a user."""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from perception_core.engines.build_options import BuildOptions
from perception_core.engines.engine import CancelledError, Progress
from perception_core.engines.trt_module import TensorRt
from perception_core.paths import cache_dir
from perception_core.zoo.errors import CacheError
from perception_core.zoo.files import sha256_of, sweep, write_atomically

_log = logging.getLogger(__name__)
_FORMAT = 1  # of the files, and of everything here and in plan_builder that decides about a plan's content
_SUFFIX = ".plan"
_KEY_DIGITS = 32  # of the key's sha256: half of it is unique enough, and file names stay readable
_LONGEST_HEADER = 1 << 16  # bytes; ours have some hundred
_LIMIT_BYTES = 2 << 30  # ours need 0.1 GB per precision; what old models and versions leave behind goes first
_POLL_S = 0.1
ANY_GPU = "any GPU"


@dataclass(frozen=True, slots=True)
class PlanKey:
    """What a plan depends on; two equal keys may share one.

    Attributes:
        name: Of the model, for people who look into the folder.
        model: sha256 of the ONNX file.
        tensorrt: Name and version.
        gpu: Name and compute capability, or ANY_GPU.
        precision: The wanted one.
        settings: Sizes, tolerance and workspace, as text.
    """

    name: str
    model: str
    tensorrt: str
    gpu: str
    precision: str
    settings: str

    @property
    def file_name(self) -> str:
        """Of the plan."""
        content = json.dumps([_FORMAT, asdict(self)], sort_keys=True)
        return f"{self.name}-{hashlib.sha256(content.encode()).hexdigest()[:_KEY_DIGITS]}{_SUFFIX}"


def plan_key(model: Path, options: BuildOptions, tensorrt: TensorRt) -> PlanKey:
    """What the plan of a model depends on.

    Raises:
        OSError: The model cannot be read.
    """
    shapes = {name: [each.least, each.usual, each.most] for name, each in sorted(options.shapes.items())}
    return PlanKey(
        name=options.name,
        model=sha256_of(model),
        tensorrt=tensorrt.title,
        # TensorRT for RTX chooses kernels when a plan is loaded: it is the same for all GPUs.
        gpu=ANY_GPU if tensorrt.is_rtx else options.gpu,
        precision=options.precision.value,
        settings=json.dumps([shapes, options.tolerance, options.workspace_bytes]),
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that was built.

    Attributes:
        key: What it depends on.
        precision: What it computes in: the wanted precision or a higher one.
        note: Why it is another than the wanted one, or how far it is off nevertheless; may be empty.
        checked_on: The GPU on which it was compared with ONNX Runtime; empty where there was none.
        data: As TensorRT serialised it.
    """

    key: PlanKey
    precision: str
    note: str
    checked_on: str
    data: bytes


class PlanCache:
    """A folder of plans.

    What cannot be read is ignored, what cannot be written is not kept; both are said once.
    """

    def __init__(self, folder: Path | None = None, limit_bytes: int = _LIMIT_BYTES) -> None:
        """Touches nothing yet.

        Args:
            folder: Where plans lie; the suite's cache folder unless given.
            limit_bytes: Beyond which the plans go that were not used for longest.
        """
        self.folder = folder if folder is not None else cache_dir() / "plans"
        self._limit = limit_bytes

    def load(self, key: PlanKey) -> Plan | None:
        """The plan of a key, None where there is none that is whole."""
        path = self.folder / key.file_name
        try:
            plan = _decoded(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            _log.warning("%s cannot be read: %s. It is built anew.", path, error.strerror)
            return None
        if plan is None or plan.key != key:
            _log.warning("%s is damaged or of another network. It is built anew.", path)
            return None
        with suppress(OSError):  # somebody else's, or read-only: it is only about who goes first
            os.utime(path)
        return plan

    def keep(self, plan: Plan) -> None:
        """Stores a plan; where that is not possible it is said, and the plan is there for this time only."""
        path = self.folder / plan.key.file_name
        try:
            write_atomically(path, _encoded(plan))
        except CacheError as error:
            _log.warning(
                "%s The plan of %s is used, but has to be built again at the next start.", error, plan.key.name
            )
            return
        self._make_room(path)

    def headers(self) -> list[Plan]:
        """What is there, without the plans' data; in no order. What is damaged in its first line is left out."""
        found = []
        with suppress(OSError):
            for path in self.folder.glob(f"*{_SUFFIX}"):
                with suppress(OSError), path.open("rb") as file:
                    plan = _header(file.readline(_LONGEST_HEADER))
                    if plan is not None and plan[0].key.file_name == path.name:
                        found.append(plan[0])
        return found

    @contextmanager
    def building(self, progress: Progress) -> Iterator[None]:
        """Keeps other processes from building meanwhile: whoever waited finds the plan, and does not build it again.

        One at a time for the whole folder: a builder times kernels on the GPU, and two would measure each other.

        Raises:
            CancelledError: `progress` said so while another process was building.
        """
        lock = self._opened()
        try:
            if lock is not None:
                _wait(lock, self.folder, progress)
                with suppress(CacheError):  # said when the plan is to be kept
                    sweep(self.folder)
            yield
        finally:
            if lock is not None:
                os.close(lock)

    def _opened(self) -> int | None:
        """The folder itself, which can be locked also where nothing can be written."""
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
        try:
            return os.open(self.folder, os.O_RDONLY)
        except OSError:
            return None

    def _make_room(self, newest: Path) -> None:
        with suppress(OSError):
            plans = [(path.stat(), path) for path in self.folder.glob(f"*{_SUFFIX}") if path != newest]
            held = newest.stat().st_size + sum(status.st_size for status, _ in plans)
            for status, path in sorted(plans, key=lambda item: item[0].st_mtime_ns):
                if held <= self._limit:
                    return
                path.unlink(missing_ok=True)
                held -= status.st_size


def _wait(lock: int, folder: Path, progress: Progress) -> None:
    told = False
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not told:
                progress.report(f"waiting for another program that builds plans in {folder}")
                told = True
        except OSError:  # a network folder without locks: the worst is that two build the same
            return
        else:
            return
        if progress.cancelled():
            raise CancelledError(f"cancelled while another program was building in {folder}")
        time.sleep(_POLL_S)


def _encoded(plan: Plan) -> bytes:
    """A line of JSON, then the plan itself."""
    header = {
        "key": asdict(plan.key),
        "precision": plan.precision,
        "note": plan.note,
        "checked_on": plan.checked_on,
        "bytes": len(plan.data),
        "sha256": hashlib.sha256(plan.data).hexdigest(),
    }
    return json.dumps(header, sort_keys=True).encode() + b"\n" + plan.data


def _decoded(content: bytes) -> Plan | None:
    line, _, data = content.partition(b"\n")
    found = _header(line)
    if found is None or hashlib.sha256(data).hexdigest() != found[1]:
        return None
    return replace(found[0], data=data)


def _header(line: bytes) -> tuple[Plan, str] | None:
    """What the first line of a file says: a plan without its data, and the sha256 of that."""
    try:
        header = json.loads(line)
        key = PlanKey(**header["key"])
        said = [header[name] for name in ("precision", "note", "checked_on", "sha256")]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not all(isinstance(text, str) for text in [*asdict(key).values(), *said]):
        return None
    precision, note, checked_on, sha256 = said
    return Plan(key, precision, note, checked_on, b""), sha256
