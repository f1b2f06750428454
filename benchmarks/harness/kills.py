"""Killing a program in the middle of enrolling, again and again, and looking at what is left of the gallery."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import enroller
from face_perception.gallery_store import GalleryStore

_LATEST_KILL_S = 0.06


@dataclass(frozen=True, slots=True)
class Kills:
    """What many kills did to a gallery.

    Attributes:
        kills: How many there were.
        people: In the gallery at the end.
        acknowledged: Enrolments that were acknowledged.
        lost: Acknowledged enrolments that are missing.
        half: People with views missing or damaged.
        undead: People whose forgetting was acknowledged and who are there.
    """

    kills: int
    people: int
    acknowledged: int
    lost: int
    half: int
    undead: int


def kill_while_enrolling(path: Path, kills: int, seed: int = 0) -> Kills:
    """Runs `enroller` on a gallery, kills it at a random moment, opens the gallery, and looks, so many times.

    Args:
        path: The gallery's file; not there yet.
        kills: How often.
        seed: Of the random moments.

    Raises:
        GalleryError: The gallery does not open.
    """
    rng = random.Random(seed)
    enrolled: dict[str, str] = {}
    forgotten: set[str] = set()
    acknowledged = lost = half = undead = 0
    for kill in range(kills):
        # Every tenth is killed as soon as it starts, while it makes or opens the file.
        delay = rng.uniform(0, _LATEST_KILL_S) if kill % 10 else 0.0
        for line in _killed(path, kill, delay, wait_for_first=bool(kill % 10)):
            person_id, _, name = line[1:].partition(" ")
            if line.startswith("+"):
                enrolled[person_id] = name
                acknowledged += 1
            else:  # about to be forgotten, which the gallery may have done, or not, when the program was killed
                enrolled.pop(person_id, None)
                forgotten |= {person_id} if line.startswith("-") else set()
        store = GalleryStore(path, enroller.SPACE)
        found = {person.id: person.name for person in store.people()}
        half += sum(store.views_of(each) != enroller.views_of(name) for each, name in found.items())
        store.close()
        lost += len(enrolled.keys() - found.keys())
        undead += len(forgotten & found.keys())
        enrolled = found  # what is there now has to stay
    return Kills(kills, len(enrolled), acknowledged, lost, half, undead)


def _killed(path: Path, kill: int, delay: float, *, wait_for_first: bool) -> list[str]:
    """The whole lines that a program printed before it was killed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-S", enroller.__file__, str(path), str(kill)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        first = process.stdout.readline() if wait_for_first else b""
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        said = first + process.stdout.read()
    if process.returncode != -signal.SIGKILL:
        raise RuntimeError(f"the enrolling program ended by itself with {process.returncode}; it printed {said!r}")
    return said.decode().split("\n")[:-1]
