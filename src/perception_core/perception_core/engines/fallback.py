"""A network on a GPU that goes on without it: frames keep coming when the GPU does not."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from numpy.typing import NDArray

from perception_core.engines.engine import DeviceError, Engine, EngineError, ShapeError, Tensors, TensorSpec

_log = logging.getLogger(__name__)


class FallbackEngine:
    """A network on a GPU, and on the processor once the GPU has failed; see `Engine`.

    Sizes that only the processor's engine takes go to that one, and the GPU keeps the others.
    """

    def __init__(self, name: str, engine: Engine, open_spare: Callable[[], Engine]) -> None:
        """Begins on the GPU.

        Args:
            name: Of the model, for the log.
            engine: On the GPU; is closed with this one.
            open_spare: Gives the same network on the processor.
        """
        self._name, self._engine, self._open_spare = name, engine, open_spare
        self._inputs, self._outputs = engine.inputs, engine.outputs
        self._spare: Engine | None = None
        self._failed = self._closed = False
        self._lock = threading.Lock()

    @property
    def description(self) -> str:
        """Runtime, version and device in words."""
        if self._failed and self._spare is not None:
            return f"{self._spare.description}; the GPU failed"
        return self._engine.description

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """What `run` takes."""
        return self._inputs

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """What `run` returns."""
        return self._outputs

    def run(self, feeds: Tensors) -> dict[str, NDArray[Any]]:
        """Outputs by name for inputs by name; see `Engine`."""
        if not self._failed:
            try:
                return self._engine.run(feeds)
            except DeviceError as error:
                spare = self._without_gpu(error)
            except ShapeError as error:
                spare = self._spare_for(error)
            except EngineError:
                # Another thread has just seen the GPU fail, and closed the engine.
                if not self._failed or self._closed:
                    raise
                spare = self._opened_spare()
        else:
            spare = self._opened_spare()
        return spare.run(feeds)

    def close(self) -> None:
        """Frees memory and device; `run` is an error from then on."""
        with self._lock:
            self._closed = True
            self._engine.close()
            if self._spare is not None:
                self._spare.close()

    def _without_gpu(self, error: DeviceError) -> Engine:
        spare = self._opened_spare()
        with self._lock:
            if not self._failed:
                self._failed = True
                _log.warning("%s: from now on %s runs on %s", error, self._name, spare.description)
                with suppress(EngineError):
                    self._engine.close()
        return spare

    def _spare_for(self, error: ShapeError) -> Engine:
        first = self._spare is None
        spare = self._opened_spare()
        if first:
            _log.warning("%s. Such inputs run on %s", error, spare.description)
        return spare

    def _opened_spare(self) -> Engine:
        with self._lock:
            if self._closed:
                raise EngineError(f"{self._name} was closed and cannot be run")
            if self._spare is None:
                self._spare = self._open_spare()
            return self._spare
