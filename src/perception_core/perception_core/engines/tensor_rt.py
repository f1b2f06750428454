"""Networks on TensorRT."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from traceback import clear_frames
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perception_core.engines.cuda import Buffer, open_device
from perception_core.engines.cuda_graph import CudaGraphs, GraphError, cuda_graphs
from perception_core.engines.engine import DeviceError, EngineError, ShapeError, Tensors, TensorSpec
from perception_core.engines.trt_module import TensorRt
from perception_core.engines.trt_plan import Plan, PlanTensor, Shape

_KEPT_GRAPHS = 8  # batches of one to eight
_RUNS_BEFORE_GRAPH = 2  # recording takes some milliseconds: not for a size that comes once
_RUNS_BEFORE_EVICTION = 30  # nor again and again where there are more sizes than graphs
_KEPT_COUNTS = 256


@dataclass(slots=True)
class _Prepared:
    """The inputs' sizes set in a context.

    Attributes:
        context: TensorRT's, with these sizes.
        shapes: The inputs', in their order.
        sent: Pinned memory and GPU address of every input, cut to its size.
        received: Likewise of every output.
        outputs: The same pinned memory in the outputs' shapes.
        graph: The recorded run; 0 where there is none.
    """

    context: Any
    shapes: tuple[Shape, ...]
    sent: list[tuple[NDArray[Any], int]]
    received: list[tuple[NDArray[Any], int]]
    outputs: dict[str, NDArray[Any]]
    graph: int = 0


class TensorRtEngine:
    """A network on TensorRT; see `Engine`.

    Memory is taken once, for the largest sizes that the plan takes: on the GPU, and pinned on the host. A run copies
    the inputs into it, waits for the GPU, and copies the outputs out of it, as a caller may keep them. Any thread may
    run it, one at a time.

    Runs of the same sizes are recorded as a CUDA graph. TensorRT demands that the context of which a graph was recorded
    is not changed any more, so each graph has a context; they share their scratch memory, as one stream runs them all.
    """

    def __init__(
        self, plan: bytes, name: str, tensorrt: TensorRt, *, use_graphs: bool = True, precision: str = ""
    ) -> None:
        """Loads a plan.

        Args:
            plan: As TensorRT wrote it.
            name: Of the model, for errors.
            tensorrt: What runs it.
            use_graphs: Whether runs are recorded; see `EngineOptions.cuda_graphs`.
            precision: Of the plan, for the description.

        Raises:
            PlanError: It is none, cut short, or of another version or GPU.
            DeviceMemoryError: The GPU's memory does not suffice.
            EngineError: There is no GPU that works, or no pycuda.
        """
        self._name = name
        self._lock = threading.Lock()
        self._device = open_device()
        self._free: list[Callable[[], None]] = []
        self._buffers: dict[str, Buffer] = {}
        self._graphs: CudaGraphs | None = cuda_graphs() if use_graphs else None
        self._recording = self._graphs is not None
        self._recorded: dict[tuple[Shape, ...], _Prepared] = {}
        self._counts: dict[tuple[Shape, ...], int] = {}
        self._plan: Plan | None = None
        self._context: Any = None
        self._current: _Prepared | None = None
        self._stream: Any = None
        with self._device.current(name):
            try:
                with _frames_cleared():
                    self._open(plan, tensorrt)
            except BaseException:
                self._release()
                raise
        told = (tensorrt.title, precision, self._device.info.name)
        self._description = ", ".join(word for word in told if word)

    @property
    def description(self) -> str:
        """Runtime, version and device in words."""
        return self._description

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """What `run` takes."""
        return tuple(tensor.spec for tensor in self._inputs)

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """What `run` returns."""
        return tuple(tensor.spec for tensor in self._outputs)

    def run(self, feeds: Tensors) -> dict[str, NDArray[Any]]:
        """Outputs by name for inputs by name; see `Engine`.

        A batch that is larger than the plan takes goes in parts.

        Raises:
            ShapeError: An input has sizes that the network takes, and the plan does not.
            DeviceError: The GPU failed.
            EngineError: An input is missing, or of the wrong type or shape.
        """
        with self._lock:
            if self._plan is None:
                raise EngineError(f"{self._name} was closed and cannot be run")
            values = [self._checked(feeds, tensor) for tensor in self._inputs]
            if len(feeds) != len(values):
                raise self._misfit(feeds, f"there is no input {', '.join(sorted(set(feeds) - set(self._names)))}")
            with self._device.current(self._name), _frames_cleared():
                return self._in_parts(self._plan, values)

    def close(self) -> None:
        """Frees memory and device; `run` is an error from then on."""
        with self._lock:
            if self._plan is None:
                return
            try:
                with self._device.current(self._name):
                    self._release()
            except DeviceError:  # the GPU is gone, and what was there with it
                self._plan = None

    def _open(self, plan: bytes, tensorrt: TensorRt) -> None:
        driver = self._device.driver
        self._stream = driver.Stream()
        self._handle = int(self._stream.handle)
        self._plan = Plan(plan, self._name, tensorrt)
        self._inputs, self._outputs = self._plan.inputs, self._plan.outputs
        self._names = [tensor.spec.name for tensor in self._inputs]
        self._largest_batch = _largest_batch(self._inputs)
        scratch = driver.mem_alloc(max(self._plan.scratch_bytes, 1))
        self._free.append(scratch.free)
        self._scratch = int(scratch)
        self._context = self._plan.context(self._scratch)
        most = [tensor.most for tensor in self._inputs]
        sizes = {name: math.prod(shape) for name, shape in zip(self._names, most, strict=True)}
        sizes |= {name: math.prod(shape) for name, shape in self._shaped(self._plan, self._context, most).items()}
        for tensor in (*self._inputs, *self._outputs):
            name = tensor.spec.name
            self._buffers[name] = Buffer(driver, sizes[name], tensor.spec.dtype)
            self._free.append(self._buffers[name].free)
        self._point(self._plan, self._context)

    def _point(self, plan: Plan, context: Any) -> None:
        for name, buffer in self._buffers.items():
            if not context.set_tensor_address(name, buffer.address):
                raise plan.failure(f"does not take the memory of {name}")

    def _shaped(self, plan: Plan, context: Any, shapes: Sequence[Shape]) -> dict[str, Shape]:
        """Sets the inputs' sizes; the outputs' that follow."""
        for name, shape in zip(self._names, shapes, strict=True):
            if not context.set_input_shape(name, shape):
                raise plan.failure(f"does not take {name} of {list(shape)}")
        found = {tensor.spec.name: tuple(context.get_tensor_shape(tensor.spec.name)) for tensor in self._outputs}
        for name, shape in found.items():
            if any(size < 0 for size in shape):
                raise EngineError(f"{self._name}: the size of {name} depends on the input's content; not supported")
        return found

    def _checked(self, feeds: Tensors, tensor: PlanTensor) -> NDArray[Any]:
        spec = tensor.spec
        value = feeds.get(spec.name)
        if value is None:
            raise self._misfit(feeds, f"{spec.name} is missing")
        if value.dtype != spec.dtype or value.ndim != len(spec.shape):
            raise self._misfit(feeds, f"{spec.name} is of another type or has another number of sizes")
        for axis, (size, wanted) in enumerate(zip(value.shape, spec.shape, strict=True)):
            if wanted is not None and size != wanted:
                raise self._misfit(feeds, f"{spec.name} has a size that the network does not take")
            least, most = tensor.least[axis], tensor.most[axis]
            if not least <= size <= most and not (axis == 0 and self._largest_batch and size > most):
                raise ShapeError(
                    f"{self._name}: {spec.name} is {list(value.shape)}, the TensorRT plan takes {list(tensor.least)} "
                    f"to {list(tensor.most)}; `tensorrt: sizes` in models.yaml sets that"
                )
        return value

    def _misfit(self, feeds: Tensors, why: str) -> EngineError:
        wanted = {each.spec.name: f"{each.spec.dtype}{list(each.spec.shape)}" for each in self._inputs}
        given = {name: f"{value.dtype}{list(value.shape)}" for name, value in feeds.items()}
        return EngineError(f"{self._name} takes {wanted}, got {given}: {why}")

    def _in_parts(self, plan: Plan, values: list[NDArray[Any]]) -> dict[str, NDArray[Any]]:
        most, count = self._largest_batch, len(values[0])
        if not most or count <= most:
            return self._run(plan, values)
        if any(len(value) != count for value in values):
            lengths = {name: len(value) for name, value in zip(self._names, values, strict=True)}
            raise EngineError(f"{self._name}: inputs of different batches: {lengths}")
        parts = [self._run(plan, [value[i : i + most] for value in values]) for i in range(0, count, most)]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _run(self, plan: Plan, values: list[NDArray[Any]]) -> dict[str, NDArray[Any]]:
        prepared = self._prepared(plan, tuple(value.shape for value in values))
        for value, (pinned, _) in zip(values, prepared.sent, strict=True):
            np.copyto(pinned.reshape(value.shape), value)
        if prepared.graph and self._graphs is not None:
            self._graphs.launch(prepared.graph, self._handle)
        else:
            self._enqueue(plan, prepared)
        self._stream.synchronize()
        return {name: pinned.copy() for name, pinned in prepared.outputs.items()}

    def _enqueue(self, plan: Plan, prepared: _Prepared) -> None:
        driver = self._device.driver
        for pinned, address in prepared.sent:
            driver.memcpy_htod_async(address, pinned, self._stream)
        if not prepared.context.execute_async_v3(self._handle):
            raise plan.failure("cannot run")
        for pinned, address in prepared.received:
            driver.memcpy_dtoh_async(pinned, address, self._stream)

    def _prepared(self, plan: Plan, shapes: tuple[Shape, ...]) -> _Prepared:
        found = self._recorded.pop(shapes, None)
        if found is not None:
            self._recorded[shapes] = found  # the last is the one used last
            return found
        if self._current is None or self._current.shapes != shapes:
            self._current = None  # a failure leaves the context between two sizes
            self._current = self._with(self._context, shapes, self._shaped(plan, self._context, shapes))
        if self._recording and self._graphs is not None and self._worth_recording(shapes):
            return self._record(plan, self._graphs, self._current)
        return self._current

    def _with(self, context: Any, shapes: tuple[Shape, ...], outputs: Mapping[str, Shape]) -> _Prepared:
        sent = [self._cut(name, shape) for name, shape in zip(self._names, shapes, strict=True)]
        received = [self._cut(name, shape) for name, shape in outputs.items()]
        views = {name: pinned.reshape(outputs[name]) for name, (pinned, _) in zip(outputs, received, strict=True)}
        return _Prepared(context, shapes, sent, received, views)

    def _cut(self, name: str, shape: Shape) -> tuple[NDArray[Any], int]:
        buffer = self._buffers[name]
        return buffer.host[: math.prod(shape)], buffer.address

    def _worth_recording(self, shapes: tuple[Shape, ...]) -> bool:
        if len(self._counts) > _KEPT_COUNTS:
            self._counts.clear()
        seen = self._counts[shapes] = self._counts.get(shapes, 0) + 1
        return seen > (_RUNS_BEFORE_GRAPH if len(self._recorded) < _KEPT_GRAPHS else _RUNS_BEFORE_EVICTION)

    def _record(self, plan: Plan, graphs: CudaGraphs, current: _Prepared) -> _Prepared:
        """The same with a graph, or as it is where TensorRT's work cannot be recorded."""
        shapes = current.shapes
        try:
            context = plan.context(self._scratch)
            self._point(plan, context)
            prepared = self._with(context, shapes, self._shaped(plan, context, shapes))
            # TensorRT finishes preparing in the first run, which cannot be recorded.
            self._enqueue(plan, prepared)
            self._stream.synchronize()
            prepared.graph = graphs.record(self._handle, lambda: self._enqueue(plan, prepared))
        except (GraphError, DeviceError, self._device.driver.Error):
            # Not every plan suits graphs, and memory may be short: without one it runs as before, or fails by itself.
            self._recording = False
            return current
        self._counts.pop(shapes, None)
        while len(self._recorded) >= _KEPT_GRAPHS:
            graphs.destroy(self._recorded.pop(next(iter(self._recorded))).graph)
        self._recorded[shapes] = prepared
        return prepared

    def _release(self) -> None:
        """Gives everything back, contexts before the memory that they use; what a dead GPU refuses is lost anyway."""
        errors = (self._device.driver.Error, DeviceError)
        with suppress(*errors):
            if self._stream is not None:
                self._stream.synchronize()
        for prepared in self._recorded.values():
            if self._graphs is not None:
                self._graphs.destroy(prepared.graph)
        self._recorded.clear()
        self._context = self._current = None
        if self._plan is not None:
            self._plan.close()
            self._plan = None
        self._buffers.clear()
        while self._free:
            with suppress(*errors):
                self._free.pop()()
        self._stream = None  # pycuda frees it when nobody refers to it


@contextmanager
def _frames_cleared() -> Iterator[None]:
    """Lets go of what an exception's frames refer to: contexts must not outlive the memory that they use."""
    try:
        yield
    except BaseException as error:
        clear_frames(error.__traceback__)
        raise


def _largest_batch(inputs: Sequence[PlanTensor]) -> int:
    """The batch above which one has to be divided; 0 where batches cannot be."""
    if any(not tensor.spec.shape or tensor.spec.shape[0] is not None for tensor in inputs):
        return 0
    return min(tensor.most[0] for tensor in inputs)
