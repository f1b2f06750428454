"""Started by ./perception as a file, by whatever Python there is."""

import signal
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C while the rest is imported would print a traceback

from pathlib import Path  # noqa: E402

_HERE = Path(__file__).resolve()
sys.path[0] = str(_HERE.parents[2])

from perception_cli.bootstrap.main import main  # noqa: E402  (the path comes first)

sys.exit(main(sys.argv[1:], _HERE.parents[4]))
