"""A TensorRT plan, loaded: its tensors, and what differs between the versions of TensorRT when one is run."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

from perception_core.engines.engine import DeviceError, DeviceMemoryError, EngineError, TensorSpec
from perception_core.engines.plan_builder import tensorrt_log
from perception_core.engines.trt_module import TensorRt

_PROFILE = 0  # plans of ours have one
# By name: trt.nptype of 8.6 needs numpy's aliases, which numpy 1.24 removed, and some types exist from 10 on only.
_DTYPES = {
    "FLOAT": "float32",
    "HALF": "float16",
    "INT8": "int8",
    "INT32": "int32",
    "INT64": "int64",
    "UINT8": "uint8",
    "BOOL": "bool",
}

Shape = tuple[int, ...]


class PlanError(EngineError):
    """A plan cannot be loaded here: it is cut short, or of another version or GPU."""


@dataclass(frozen=True, slots=True)
class PlanTensor:
    """An input or output of a plan.

    Attributes:
        spec: As callers know it.
        least: Of an input: the smallest sizes that the plan takes.
        most: Of an input: the largest.
    """

    spec: TensorSpec
    least: Shape = ()
    most: Shape = ()


class Plan:
    """A plan that is loaded; to be made, used and closed while the device is current.

    Attributes:
        inputs: In the graph's order.
        outputs: Likewise.
        scratch_bytes: Memory that a run needs beside the tensors'.
    """

    def __init__(self, plan: bytes, name: str, tensorrt: TensorRt) -> None:
        """Loads a plan.

        Args:
            plan: As TensorRT wrote it.
            name: Of the model, for errors.
            tensorrt: What runs it.

        Raises:
            PlanError: It is none, cut short, or of another version or GPU.
            DeviceMemoryError: The GPU's memory does not suffice.
            EngineError: It has tensors of a kind that is not supported.
        """
        self._name, self._tensorrt = name, tensorrt
        self._log = tensorrt_log(tensorrt)
        self._log.errors.clear()
        self._runtime = tensorrt.module.Runtime(self._log)
        self._engine = self._runtime.deserialize_cuda_engine(plan)
        if self._engine is None:
            raise self._refusal()
        names = [self._engine.get_tensor_name(i) for i in range(self._engine.num_io_tensors)]
        of_input = {each: self._engine.get_tensor_mode(each) == tensorrt.module.TensorIOMode.INPUT for each in names}
        self.inputs = tuple(self._input(each) for each in names if of_input[each])
        self.outputs = tuple(PlanTensor(self._spec(each)) for each in names if not of_input[each])
        self.scratch_bytes = _scratch_bytes(self._engine)

    def context(self, scratch: int) -> Any:
        """An IExecutionContext.

        Args:
            scratch: Address of `scratch_bytes` on the GPU. Contexts can share it, as long as they do not run at once.

        Raises:
            DeviceMemoryError: The GPU's memory does not suffice.
        """
        self._log.errors.clear()
        context = _bare_context(self._engine, self._tensorrt.module)
        if context is None:
            raise DeviceMemoryError(f"{self._name}: {self._tensorrt.name} cannot prepare to run: {self._said()}")
        _give_scratch(context, scratch, self.scratch_bytes)
        return context

    def failure(self, what: str) -> DeviceError:
        """An error that says why TensorRT did not do as it was told."""
        words = self._said()
        self._log.errors.clear()
        kind = DeviceMemoryError if _tells_of_memory(words) else DeviceError
        return kind(f"{self._name}: {self._tensorrt.name} {what}: {words}")

    def close(self) -> None:
        """Frees the plan; contexts have to be gone."""
        self._engine = self._runtime = None

    def _refusal(self) -> EngineError:
        words = self._said()
        if _tells_of_memory(words):
            return DeviceMemoryError(f"{self._name}: the GPU has no memory left for it: {words}")
        return PlanError(
            f"{self._name}: {self._tensorrt.name} {self._tensorrt.version} cannot load this plan: {words}. It is of "
            f"another version or GPU, or cut short: build it again by `./perception models build {self._name}`"
        )

    def _said(self) -> str:
        return self._log.said() or "it does not say why"

    def _input(self, name: str) -> PlanTensor:
        least, _, most = self._engine.get_tensor_profile_shape(name, _PROFILE)
        return PlanTensor(self._spec(name), tuple(least), tuple(most))

    def _spec(self, name: str) -> TensorSpec:
        dtype = self._engine.get_tensor_dtype(name).name
        on_host = self._engine.get_tensor_location(name) == self._tensorrt.module.TensorLocation.HOST
        if dtype not in _DTYPES or on_host:
            what = "a tensor of sizes" if on_host else f"of type {dtype}"
            raise EngineError(f"{self._name}: {name} is {what}, which is not supported with TensorRT")
        shape = tuple(size if size >= 0 else None for size in self._engine.get_tensor_shape(name))
        return TensorSpec(name, shape, _DTYPES[dtype])


def _tells_of_memory(words: str) -> bool:
    told = words.lower()
    return "out of memory" in told or "outofmemory" in told or "cudaerrormemoryallocation" in told


# What differs between 8.6, 10.x, 11.x and TensorRT for RTX. Contexts without memory of their own: the engine gives one
# piece to all of them.


def _scratch_bytes(engine: Any) -> int:
    # device_memory_size_v2 since 10.1; the other is gone in 11.
    size = engine.device_memory_size_v2 if hasattr(engine, "device_memory_size_v2") else engine.device_memory_size
    return int(size)


def _bare_context(engine: Any, module: ModuleType) -> Any:
    if hasattr(module, "ExecutionContextAllocationStrategy"):  # since 10.0
        return engine.create_execution_context(module.ExecutionContextAllocationStrategy.USER_MANAGED)
    return engine.create_execution_context_without_device_memory()


def _give_scratch(context: Any, address: int, size: int) -> None:
    if hasattr(context, "set_device_memory"):  # since 10.1
        context.set_device_memory(address, size)
    else:
        context.device_memory = address
