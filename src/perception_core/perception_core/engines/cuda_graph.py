"""CUDA graphs: a stream's work, recorded once and replayed by a single launch.

pycuda has no words for them, so the driver's library is called; names and arguments are those of the CUDA driver API
(https://docs.nvidia.com/cuda/cuda-driver-api, "Stream Management" and "Graph Management"; CUDA 11.4 and later).
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

from perception_core.engines.engine import DeviceError

_ONLY_THIS_THREAD = 1  # CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: other engines may take memory meanwhile


class GraphError(DeviceError):
    """Work cannot be recorded."""


class CudaGraphs:
    """Records and replays."""

    def __init__(self, library: Any) -> None:
        """Prepares.

        Args:
            library: libcuda, or what answers like it.
        """
        self._library = library

    def record(self, stream: int, work: Callable[[], None]) -> int:
        """Records work instead of doing it.

        Args:
            stream: Handle of the stream into which the work goes.
            work: Puts it there; takes and frees no memory, and waits for nothing.

        Returns:
            Handle of the graph, for `launch` and `destroy`.

        Raises:
            GraphError: The work, or the driver, does not suit graphs. The stream can be used as before.
        """
        handle, graph, executable = ctypes.c_void_p(stream), ctypes.c_void_p(), ctypes.c_void_p()
        self._called("cuStreamBeginCapture_v2", handle, ctypes.c_int(_ONLY_THIS_THREAD))
        try:
            try:
                work()
            finally:
                ended = self._library.cuStreamEndCapture(handle, ctypes.byref(graph))
            if ended:
                raise GraphError(f"cuStreamEndCapture failed with {ended}")
            self._called("cuGraphInstantiateWithFlags", ctypes.byref(executable), graph, ctypes.c_ulonglong(0))
        finally:
            if graph.value:
                self._library.cuGraphDestroy(graph)
        return int(executable.value or 0)

    def launch(self, graph: int, stream: int) -> None:
        """Puts recorded work into a stream.

        Raises:
            DeviceError: The GPU failed.
        """
        failed = self._library.cuGraphLaunch(ctypes.c_void_p(graph), ctypes.c_void_p(stream))
        if failed:
            raise DeviceError(f"the GPU failed: cuGraphLaunch returned {failed}")

    def destroy(self, graph: int) -> None:
        """Frees recorded work."""
        self._library.cuGraphExecDestroy(ctypes.c_void_p(graph))

    def _called(self, name: str, *arguments: Any) -> None:
        failed = getattr(self._library, name)(*arguments)
        if failed:
            raise GraphError(f"{name} failed with {failed}")


@cache
def cuda_graphs() -> CudaGraphs | None:
    """With the driver's library; None where it is not there or too old."""
    try:
        library = ctypes.CDLL("libcuda.so.1")
        library.cuGraphInstantiateWithFlags  # noqa: B018 - raises where the driver is older than CUDA 11.4
    except (OSError, AttributeError):
        return None
    return CudaGraphs(library)
