"""`python -m perception_cli.child MODULE ...`: runs a module that ends with its parent, however that one ends.

No camera is left behind that publishes for nobody when the demo is killed or its terminal is closed.
"""

from __future__ import annotations

import ctypes
import os
import runpy
import signal
import sys

_PR_SET_PDEATHSIG = 1  # from linux/prctl.h

if __name__ == "__main__":
    parent, module, *arguments = sys.argv[1:]
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
    if os.getppid() != int(parent):
        sys.exit("the process that started this one is gone")
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
