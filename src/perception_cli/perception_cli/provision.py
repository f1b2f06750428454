"""Fetches what the demo shows and needs: the default models and the pictures; the last step of the set-up."""

from __future__ import annotations

import sys

from perception_core.paths import ShareError
from perception_core.zoo.errors import ZooError
from perception_core.zoo.fetch import fetch_models, fetch_pictures
from perception_core.zoo.manifest import load_models, load_pictures


def main() -> int:
    """Fetch what is not there yet; returns the exit status."""
    try:
        fetch_models([spec for spec in load_models().values() if spec.default], _print_progress)
        fetch_pictures([spec for spec in load_pictures().values() if not spec.test_only], _print_progress)
    except (ZooError, ShareError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _print_progress(line: str) -> None:
    print(f"      {line}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
