"""The gallery of known people: kills in the middle of enrolling, search and change with many people.

./perception bench gallery [--kills 500] [--people 1000,10000,100000] [--views 1] [--json FILE]

A program enrols and forgets people and is killed by SIGKILL at a random moment; afterwards the gallery has to open, to
hold every acknowledged enrolment and none by half. Then random embeddings, the hardest to search, are searched exactly
for a face that is enrolled and for one that is not, one at a time and four at once, on one thread; and the time that a
change and the taking over of another program's change take.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.harness.kills import kill_while_enrolling
from benchmarks.report import Result, run_benchmark
from face_perception.gallery import FaceView, Gallery
from face_perception.gallery_records import Person
from face_perception.gallery_search import Embeddings, GalleryIndex
from perception_core.embedding_space import EmbeddingSpace

TARGET_MS = {10_000: 5.0, 100_000: 20.0}
_DIMENSION = 512
_RUNS = 30
_FACES = 4
_CHANGED_PEOPLE = 1000  # what is measured of changes is measured in a gallery of so many
_SPACE = EmbeddingSpace("random", _DIMENSION, "0")


def main() -> None:
    """The command."""
    run_benchmark("gallery", __doc__, measure, _declare)


def measure(options: argparse.Namespace) -> Result:
    """Kills first, then times."""
    with tempfile.TemporaryDirectory() as folder:
        kills = asdict(kill_while_enrolling(Path(folder) / "gallery.db", options.kills))
        changes = _changes(Path(folder) / "changes.db")
    sizes = [int(size) for size in options.people.split(",")]
    searches = {f"search_{size}": _search(size, options.views) for size in sizes}
    return {"kills": kills, "changes": changes, **searches}


def _search(people: int, views: int) -> Result:
    rng = np.random.default_rng(0)
    before = _memory_mb()
    known = [Person(f"{k:016x}", f"person {k}", 0, views) for k in range(people)]
    rows = _random(rng, people * views)
    began = time.perf_counter()
    index = GalleryIndex(known, [person.id for person in known for _ in range(views)], rows)
    built = time.perf_counter() - began
    memory = _memory_mb() - before
    noisy = rows[:: max(1, len(rows) // _RUNS)][:_RUNS] + rng.normal(0, 0.03, (_RUNS, _DIMENSION)).astype(np.float32)
    enrolled = noisy / np.linalg.norm(noisy, axis=1, keepdims=True)
    strangers = _random(rng, _RUNS)
    exact = rows @ enrolled[0], rows @ strangers[0]
    for query, similarities in zip((enrolled[0], strangers[0]), exact, strict=True):
        found = index.search(query[None])[0][0]
        if abs(found.similarity - similarities.max()) > 1e-5:
            raise RuntimeError(f"the search found {found}, the best similarity is {similarities.max()}")
    return {
        "target_ms": TARGET_MS.get(people),
        "enrolled_face_ms": _median_ms(index.search, [query[None] for query in enrolled]),
        "stranger_ms": _median_ms(index.search, [query[None] for query in strangers]),
        "four_faces_ms": _median_ms(index.search, [strangers[k : k + _FACES] for k in range(_RUNS - _FACES)]),
        "views_per_person": views,
        "build_s": round(built, 3),
        "memory_mb": round(memory, 1),
    }


def _changes(path: Path) -> Result:
    """What changes take in a gallery that two programs have open."""
    rng = np.random.default_rng(0)
    views = [FaceView(row) for row in _random(rng, _CHANGED_PEOPLE)]
    here, there = Gallery(path, _SPACE), Gallery(path, _SPACE)
    people = [here.enrol(f"person {k}", [view], 0) for k, view in enumerate(views)]
    new = [FaceView(row) for row in _random(rng, _RUNS)]
    taken: dict[str, list[float]] = {"enrol": [], "notice": [], "take_over": [], "forget": []}
    for k, view in enumerate(new):
        taken["enrol"].append(_seconds(partial(here.enrol, f"new {k}", [view], 0)))
        taken["notice"].append(_seconds(there.changed))
        taken["take_over"].append(_seconds(there.refresh))
        taken["forget"].append(_seconds(partial(here.forget, people[k].id)))
    here.close()
    there.close()
    figures: Result = {f"{name}_ms": round(1e3 * statistics.median(times), 3) for name, times in taken.items()}
    return {"people": _CHANGED_PEOPLE, **figures}


def _random(rng: np.random.Generator, count: int) -> Embeddings:
    rows = rng.standard_normal((count, _DIMENSION), np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def _median_ms(search: Callable[[Embeddings], object], queries: Sequence[Embeddings]) -> float:
    return round(1e3 * statistics.median(_seconds(partial(search, query)) for query in queries), 3)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kills", type=int, default=500, help="how often the program is killed (default 500)")
    parser.add_argument("--people", default="1000,10000,100000", help="sizes of galleries to search")
    parser.add_argument("--views", type=int, default=1, help="views of every person (default 1)")


if __name__ == "__main__":
    main()
