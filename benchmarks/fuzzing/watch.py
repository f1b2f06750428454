"""Reads one input and says what went wrong: an error of another kind, words on the terminal, time, memory."""

from __future__ import annotations

import faulthandler
import logging
import os
import re
import resource
import signal
import sys
import time
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.fuzzing.reader import Reader

MAX_CPU_S = 5.0
_MAX_GROWTH = 1 << 30  # bytes of resident memory for one input
_ADDRESS_SPACE = 4 << 30  # that a read may ask for on top of what the process has; protects the machine
_MAX_REFUSAL = 2000  # characters; who reads a longer one?
_WORD, _ADDRESS = re.compile(r"[A-Za-z]{4,}"), re.compile(r"0x[0-9a-f]+")
_OURS = ("perception_core", "perception_ros", "face_perception")


@dataclass(frozen=True, slots=True)
class Finding:
    """What should not have happened.

    Attributes:
        reader: Its name.
        what: Exception and text, or what else it was, in a line.
        where: Innermost line of ours; tells one finding from another.
    """

    reader: str
    what: str
    where: str

    @property
    def signature(self) -> str:
        """The same for the same mistake."""
        return f"{self.reader}: {self.what.partition(':')[0]} at {self.where}"


class Watch:
    """Runs readers in this process, whose terminal it takes away and whose memory it limits."""

    def __init__(self, trace: Path) -> None:
        """Prepares the process.

        Args:
            trace: Where Python's stack is written if the process dies while it reads.
        """
        self._said = os.memfd_create("said")
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(self._said, stream.fileno())
        logging.getLogger().addHandler(logging.NullHandler())
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", DeprecationWarning)  # as everywhere outside of tests
        self._trace = trace.open("w")
        faulthandler.enable(self._trace, all_threads=False)
        # The timer's signal ends the process even inside of a C library, after the stack is written.
        faulthandler.register(signal.SIGPROF, self._trace, all_threads=False, chain=True)
        used = psutil.Process().memory_info().vms
        resource.setrlimit(resource.RLIMIT_AS, (used + _ADDRESS_SPACE, resource.RLIM_INFINITY))

    def read(self, reader: Reader, given: Any) -> Finding | None:
        """Reads; None if all is well."""
        os.ftruncate(self._said, 0)
        os.lseek(self._said, 0, os.SEEK_SET)
        Path("/proc/self/clear_refs").write_text("5")  # forgets the peak so far
        before, began = _peak_bytes(), time.process_time()
        signal.setitimer(signal.ITIMER_PROF, MAX_CPU_S)
        try:
            reader.read(given)
        except reader.refuses_with as error:
            found = _long_refusal(reader, str(error))
        except Exception as error:  # noqa: BLE001 - what no reader may raise is what is looked for
            found = Finding(reader.name, f"{type(error).__name__}: {_line(str(error))}", _place(error))
        else:
            found = None
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        return found or self._side_effect(reader, _peak_bytes() - before, time.process_time() - began)

    def _side_effect(self, reader: Reader, grown: int, seconds: float) -> Finding | None:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        lines = os.pread(self._said, 4096, 0).decode(errors="replace").splitlines()
        said = "\n".join(line for line in lines if not (reader.may_say and re.match(reader.may_say, line)))
        if said.strip():
            return Finding(reader.name, f"on the terminal: {_line(said)}", _kind_of_words(said))
        if grown > _MAX_GROWTH:
            return Finding(reader.name, f"memory: grew by {grown / 1e6:.0f} MB in {seconds:.1f} s", "memory")
        return None


def _long_refusal(reader: Reader, text: str) -> Finding | None:
    if text and len(text) <= _MAX_REFUSAL:
        return None
    return Finding(reader.name, f"long refusal: {len(text)} characters, {_line(text)}", "refusal")


def _line(text: str) -> str:
    return " ".join(text.split())[:300]


def _kind_of_words(said: str) -> str:
    """The first words without numbers and addresses, which differ from file to file."""
    return " ".join(_WORD.findall(_ADDRESS.sub("", said))[:6])


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if any(f"/{package}/" in frame.filename for package in _OURS)]
    frame = (ours or frames)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


def _peak_bytes() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("/proc/self/status does not tell the peak of resident memory")
