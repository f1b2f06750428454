"""The command line: `./perception COMMAND`."""

from __future__ import annotations

import signal
import sys


def _told_to_end(number: int, _frame: object) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    # Before everything else is imported, which takes half a second in which Ctrl-C would print a traceback.
    signal.signal(signal.SIGINT, _told_to_end)
    signal.signal(signal.SIGTERM, _told_to_end)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))  # blocked by who started this
    from perception_cli.commands import main

    sys.exit(main())
