"""A program that enrols people until it is killed, and says of each when the gallery has acknowledged it.

python benchmarks/harness/enroller.py FILE SEED

Prints `+ID NAME` for everybody enrolled and `-ID` for everybody forgotten, once that is done, and `?ID` before somebody
is to be forgotten.
"""

from __future__ import annotations

import itertools
import random
import sys
from pathlib import Path

from face_perception.gallery_records import StoredView
from face_perception.gallery_store import GalleryStore

SPACE = "face_identity:512:0123456789abcdef"
VIEWS = 3
_BYTES = 4 * 512
_FORGET_EVERY = 5


def views_of(name: str) -> list[StoredView]:
    """What is stored of a person of this name, always the same."""
    rng = random.Random(name)
    return [StoredView(rng.randbytes(_BYTES)) for _ in range(VIEWS)]


def main() -> None:
    """The command."""
    path, seed = Path(sys.argv[1]), sys.argv[2]
    store = GalleryStore(path, SPACE)
    for count in itertools.count():
        name = f"{seed}-{count}"
        person_id = store.enrol(name, views_of(name), enrolled_ns=count)
        print(f"+{person_id} {name}", flush=True)
        if count % _FORGET_EVERY == _FORGET_EVERY - 1:
            print(f"?{person_id}", flush=True)
            store.forget(person_id)
            print(f"-{person_id}", flush=True)


if __name__ == "__main__":
    main()
