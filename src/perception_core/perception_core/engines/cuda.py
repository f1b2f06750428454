"""The GPU, by pycuda: one context for the process, current only while it is used, so that any thread may use it.

pycuda's own contexts belong to the thread that made them. The device's primary context, which TensorRT uses too,
belongs to no thread: it is retained once, and pushed and popped around every use. pycuda frees memory only under the
very object that was current when the memory was taken, so there is one such object.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perception_core.engines.engine import DeviceError, DeviceMemoryError, EngineError

_FIRST = 0  # of those that CUDA_VISIBLE_DEVICES leaves


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """What is known of a GPU.

    Attributes:
        name: The maker's.
        capability: Compute capability, major and minor.
        memory: Bytes in all.
    """

    name: str
    capability: tuple[int, int]
    memory: int

    @property
    def title(self) -> str:
        """What plans are made for."""
        return f"{self.name}, compute capability {self.capability[0]}.{self.capability[1]}"


class Device:
    """A GPU.

    Attributes:
        driver: The module `pycuda.driver`.
        info: What is known of the GPU.
    """

    def __init__(self, driver: Any) -> None:
        """Retains the primary context of the first GPU.

        Args:
            driver: The module `pycuda.driver`.

        Raises:
            EngineError: There is no GPU that works.
        """
        self.driver = driver
        try:
            driver.init()
            device = driver.Device(_FIRST)
            self._context = device.retain_primary_context()
            self.info = DeviceInfo(device.name(), tuple(device.compute_capability()), device.total_memory())
        except driver.Error as error:
            raise EngineError(
                f"no GPU can be used: {error}; look at what nvidia-smi says (on a Jetson: tegrastats), and whether a "
                "container was started with the GPU"
            ) from error

    @contextmanager
    def current(self, what: str) -> Iterator[None]:
        """Makes the GPU's context this thread's while it lasts.

        Args:
            what: Is done with it, for errors.

        Raises:
            DeviceMemoryError: Memory of the GPU, or pinned memory, ran out.
            DeviceError: The GPU failed.
        """
        try:
            self._context.push()
            try:
                yield
            finally:
                self._context.pop()
        except self.driver.MemoryError as error:
            raise DeviceMemoryError(
                f"{what}: the GPU has no memory left ({error}); end what else uses it, or set engine to 'onnxruntime'"
            ) from error
        except self.driver.Error as error:
            raise DeviceError(f"{what}: the GPU failed: {error}") from error

    def free_memory(self) -> int:
        """Bytes that are free."""
        with self.current("asking for memory"):
            return int(self.driver.mem_get_info()[0])


class Buffer:
    """A tensor's memory: on the GPU, and pinned on the host, from where it is copied without the processor.

    To be made and freed while the device is current.

    Attributes:
        host: The pinned memory, flat.
        address: On the GPU.
    """

    def __init__(self, driver: Any, count: int, dtype: str) -> None:
        """Takes memory.

        Args:
            driver: The module `pycuda.driver`.
            count: Elements.
            dtype: numpy's name.
        """
        self._device = driver.mem_alloc(max(count * np.dtype(dtype).itemsize, 1))
        self.address = int(self._device)
        try:
            self.host: NDArray[Any] = driver.pagelocked_empty(max(count, 1), dtype)
        except driver.Error:
            self._device.free()
            raise
        self._pinned = self.host.base

    def free(self) -> None:
        """Gives the memory back; views of `host` must not be used any more."""
        try:
            self._device.free()
        finally:
            self._pinned.free()


_lock = threading.Lock()
_devices: dict[int, Device] = {}


def open_device() -> Device:
    """The first GPU; for all who ask for it the same object.

    Raises:
        EngineError: pycuda is not there or broken, or there is no GPU that works.
    """
    with _lock:
        if _FIRST not in _devices:
            _devices[_FIRST] = Device(_pycuda())
        return _devices[_FIRST]


def _pycuda() -> Any:
    remedy = "`pip install pycuda` builds it for this machine's CUDA"
    try:
        return importlib.import_module("pycuda.driver")
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] == "pycuda":
            raise EngineError(f"pycuda is not installed; {remedy}") from error
        raise EngineError(f"pycuda is broken: {error}; {remedy}") from error
    # An extension built for another CUDA or numpy raises whatever it likes.
    except Exception as error:
        raise EngineError(f"pycuda cannot be used: {error}; {remedy}") from error
