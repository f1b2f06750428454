"""Reads a saved input once, with the whole traceback.

python -m benchmarks.fuzzing.replay FILE
"""

from __future__ import annotations

import importlib
import pickle
import sys
import tempfile
from pathlib import Path

from benchmarks.fuzzing.campaign import module_of


def replay(path: Path) -> str:
    """What the reader makes of an input that `./perception bench fuzz` has saved."""
    target = path.name.partition("-")[0]
    name, given = pickle.loads(path.read_bytes())
    with tempfile.TemporaryDirectory() as scratch:
        readers = importlib.import_module(module_of(target)).readers(Path(scratch))
        reader = next(reader for reader in readers if reader.name == name)
        try:
            reader.read(given)
        except reader.refuses_with as error:
            return f"refused: {error}"
    return "read"


if __name__ == "__main__":
    print(replay(Path(sys.argv[1])))
