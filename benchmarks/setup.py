"""How long ./perception takes from a fresh clone until its commands are ready, and how long they take to start then.

    python3 benchmarks/setup.py [--keep-downloads]

Everything is made in a temporary folder, models and pictures too. The packages come from the network unless
--keep-downloads lets pip use what it downloaded before.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[1]
_STARTS = 5


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep-downloads", action="store_true", help="let pip use its cache")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="perception-setup-") as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(_REPOSITORY), str(clone)], check=True)
        environ = {**os.environ, "PERCEPTION_CACHE": str(Path(folder) / "cache")}
        if not options.keep_downloads:
            environ |= {"PIP_NO_CACHE_DIR": "1", "npm_config_cache": str(Path(folder) / "npm")}
        print(f"cold set-up: {_seconds([str(clone / 'perception'), 'setup'], environ):.0f} s")
        starts = sorted(_seconds([str(clone / "perception"), "setup"], environ) for _ in range(_STARTS))
        print(f"check when all is there: {starts[_STARTS // 2]:.2f} s (median of {_STARTS})")
        starts = sorted(_seconds([str(clone / "perception"), "demo", "--help"], environ) for _ in range(_STARTS))
        print(f"start of a command: {starts[_STARTS // 2]:.2f} s (median of {_STARTS})")


def _seconds(command: list[str], environ: dict[str, str]) -> float:
    started = time.monotonic()
    subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - started


if __name__ == "__main__":
    main()
