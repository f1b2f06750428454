"""A fake GPU: stand-ins for pycuda, TensorRT and libcuda that check how they are used, and do what they are told late.

It computes nothing like a GPU does, and proves nothing about one. What it does prove is what a GPU would punish with a
crash or wrong numbers: contexts that are not current, copies beyond an allocation, memory used after it was freed,
results read before the stream is done, graphs whose context was changed, and what is left over at the end.

A plan of it is JSON, see `made_plan`; output i of the network is (2 + i) times the sum over each sample's inputs.
"""

import json
import sys
import threading
import types
import weakref
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec

import numpy as np

from perception_core.engines import choice, cuda, cuda_graph
from perception_core.engines.trt_module import TensorRt

VERSION = "10.3.0"
MEMORY = 1 << 30
_FIRST_ADDRESS = 1 << 40
_ALIGNMENT = 512
_SCRATCH = 4096


class Violation(AssertionError):  # noqa: N818 - it is what the fake is for
    """The fake GPU was used as a real one must not be."""


class Error(Exception):
    """As pycuda's."""


class OutOfMemoryError(Error):
    """As pycuda's MemoryError."""


class LogicError(Error):
    """As pycuda's."""


@dataclass
class Fake:
    """The GPU's state, and what is to go wrong with it.

    Attributes:
        fail_runs: Numbers of runs, counted from 1, that fail; from the first of them on all do if `dies`.
        memory: Bytes; what is beyond is refused.
        calls: How often each function was called.
    """

    memory: int = MEMORY
    fail_runs: set[int] = field(default_factory=set)
    dies: bool = False
    no_gpu: bool = False
    unrecordable: bool = False
    gpu: str = "Fake Orin"
    dead: bool = False
    runs: int = 0
    allocations: dict = field(default_factory=dict)
    pinned: dict = field(default_factory=dict)
    graphs: dict = field(default_factory=dict)
    streams: dict = field(default_factory=dict)
    contexts: int = 0
    next_address: int = _FIRST_ADDRESS
    calls: dict = field(default_factory=dict)
    misuse: list = field(default_factory=list)
    current: threading.local = field(default_factory=threading.local)

    def stack(self):
        if not hasattr(self.current, "stack"):
            self.current.stack = []
        return self.current.stack

    def called(self, name, needs_context=True):
        self.calls[name] = self.calls.get(name, 0) + 1
        if needs_context and not self.stack():
            self.blame(f"{name}: no context is current on this thread")
        if self.dead:
            raise LogicError(f"{name} failed: the device is gone")

    def blame(self, text):
        self.misuse.append(text)  # also where the code under test swallows the exception
        raise Violation(text)

    def left_over(self):
        """What was taken and not given back."""
        return {
            "device memory": len(self.allocations),
            "pinned memory": len(self.pinned),
            "streams": len(self.streams),
            "graphs": len(self.graphs),
            "contexts of TensorRT": self.contexts,
        }

    def taken(self, size):
        if sum(len(memory) for memory in self.allocations.values()) + size > self.memory:
            raise OutOfMemoryError("cuMemAlloc failed: out of memory")
        address = self.next_address
        self.next_address += (size // _ALIGNMENT + 2) * _ALIGNMENT
        self.allocations[address] = np.full(size, 0xA5, np.uint8)  # nothing that looks like a result
        return address

    def at(self, address, size):
        """Bytes of the device's memory."""
        for begin, memory in self.allocations.items():
            if begin <= address < begin + len(memory):
                if address + size > begin + len(memory):
                    self.blame(f"{size} bytes at {address:#x} go beyond an allocation of {len(memory)}")
                return memory[address - begin : address - begin + size]
        return self.blame(f"{address:#x} is in no allocation")

    def require_idle(self):
        """The streams of a dead GPU never get idle."""
        if any(self.streams.values()) and not self.dead:
            self.blame("memory freed while a stream may still use it")

    def require_pinned(self, array):
        begin = array.__array_interface__["data"][0]
        if not any(first <= begin and begin + array.nbytes <= first + size for first, size in self.pinned.values()):
            self.blame("an asynchronous copy of memory that is not pinned, or was freed")


def driver_module(fake):
    """Stands in for pycuda.driver."""
    module = types.ModuleType("pycuda.driver")
    module.Error, module.MemoryError, module.LogicError = Error, OutOfMemoryError, LogicError

    def init():
        fake.called("init", needs_context=False)
        if fake.no_gpu:
            raise LogicError("cuInit failed: no CUDA-capable device is detected")

    class Context:
        def push(self):
            fake.called("push", needs_context=False)
            fake.stack().append(self)

        @staticmethod
        def pop():
            if not fake.stack():
                fake.blame("pop of an empty stack")
            fake.stack().pop()

    class Device:
        def __init__(self, number):
            fake.called("Device", needs_context=False)
            assert number == 0

        def name(self):
            return fake.gpu

        def compute_capability(self):
            return 8, 7

        def total_memory(self):
            return fake.memory

        def retain_primary_context(self):
            fake.called("retain", needs_context=False)
            return Context()

    class Owned:
        """pycuda frees only under the context object that was current when something was made."""

        def __init__(self):
            if not fake.stack():
                fake.blame(f"{type(self).__name__}: no context is current on this thread")
            self._owner = fake.stack()[-1]

        def _check_owner(self):
            if not fake.stack() or fake.stack()[-1] is not self._owner:
                fake.misuse.append(f"{type(self).__name__} freed out of its context")

    class Stream(Owned):
        def __init__(self):
            fake.called("Stream")
            super().__init__()
            self.work, self.recording = [], None
            self.handle = id(self)
            fake.streams[self.handle] = self.work
            by_handle[self.handle] = self

        def put(self, work):
            (self.work if self.recording is None else self.recording).append(work)

        def begin(self):
            self.recording = []

        def end(self):
            recorded, self.recording = self.recording, None
            return recorded

        def synchronize(self):
            fake.called("synchronize")
            if self.recording is not None:
                fake.blame("waiting for a stream that is recorded")
            try:
                for work in self.work:
                    work()
            finally:
                self.work.clear()

        def __del__(self):
            self._check_owner()
            fake.streams.pop(self.handle, None)

    class DeviceAllocation(Owned):
        def __init__(self, size):
            super().__init__()
            self._address = fake.taken(size)

        def __int__(self):
            return self._address

        def free(self):
            fake.require_idle()
            fake.called("free")
            self._check_owner()
            if self._address not in fake.allocations:
                fake.blame("freed twice")
            del fake.allocations[self._address]

    class Pinned(Owned):
        def __init__(self, array):
            super().__init__()
            self.__array_interface__ = array.__array_interface__
            fake.pinned[id(self)] = (array.__array_interface__["data"][0], array.nbytes)
            self.array = array

        def free(self):
            fake.require_idle()
            fake.called("free pinned")
            self._check_owner()
            if id(self) not in fake.pinned:
                fake.blame("pinned memory freed twice")
            del fake.pinned[id(self)]
            self.array.view(np.uint8).reshape(-1)[:] = 0xDD  # whoever still looks at it sees that

    def mem_alloc(size):
        fake.called("mem_alloc")
        return DeviceAllocation(size)

    def pagelocked_empty(shape, dtype):
        fake.called("pagelocked_empty")
        raw = np.full(int(np.prod(shape)) * np.dtype(dtype).itemsize, 0x5A, np.uint8)
        return np.asarray(Pinned(raw.view(dtype).reshape(shape)))  # whose base is the allocation, as pycuda's

    def memcpy_htod_async(address, array, stream):
        fake.called("memcpy_htod_async")
        fake.require_pinned(array)
        fake.at(address, array.nbytes)
        source = np.asarray(array)
        stream.put(lambda: fake.at(address, source.nbytes).__setitem__(slice(None), source.view(np.uint8).reshape(-1)))

    def memcpy_dtoh_async(array, address, stream):
        fake.called("memcpy_dtoh_async")
        fake.require_pinned(array)
        fake.at(address, array.nbytes)
        target = np.asarray(array).view(np.uint8).reshape(-1)
        stream.put(lambda: target.__setitem__(slice(None), fake.at(address, target.nbytes)))

    def mem_get_info():
        fake.called("mem_get_info")
        used = sum(len(memory) for memory in fake.allocations.values())
        return fake.memory - used, fake.memory

    by_handle = fake.by_handle = weakref.WeakValueDictionary()
    for each in (
        init, Device, Context, Stream, mem_alloc, pagelocked_empty, memcpy_htod_async, memcpy_dtoh_async, mem_get_info
    ):  # fmt: skip
        setattr(module, each.__name__, each)
    return module


def driver_library(fake):
    """Stands in for libcuda: functions with their C arguments, that return an error code."""

    class Library:
        def cuStreamBeginCapture_v2(self, stream, mode):  # noqa: N802
            fake.called("cuStreamBeginCapture_v2")
            assert mode.value == 1
            fake.by_handle[stream.value].begin()
            return 0

        def cuStreamEndCapture(self, stream, graph):  # noqa: N802
            fake.called("cuStreamEndCapture")
            work = fake.by_handle[stream.value].end()
            if fake.unrecordable:
                return 901  # CUDA_ERROR_STREAM_CAPTURE_INVALIDATED
            graph._obj.value = self._kept(work)
            return 0

        def cuGraphInstantiateWithFlags(self, executable, graph, flags):  # noqa: N802
            fake.called("cuGraphInstantiateWithFlags")
            executable._obj.value = self._kept(fake.graphs[graph.value])
            return 0

        def cuGraphDestroy(self, graph):  # noqa: N802
            fake.called("cuGraphDestroy")
            del fake.graphs[graph.value]
            return 0

        def cuGraphLaunch(self, executable, stream):  # noqa: N802
            try:
                fake.called("cuGraphLaunch")
            except LogicError:
                return 700
            if executable.value not in fake.graphs:
                fake.blame("launch of a graph that is not there")
            for work in fake.graphs[executable.value]:
                fake.by_handle[stream.value].put(work)
            return 0

        def cuGraphExecDestroy(self, executable):  # noqa: N802
            fake.calls["cuGraphExecDestroy"] = fake.calls.get("cuGraphExecDestroy", 0) + 1
            del fake.graphs[executable.value]
            return 0

        def _kept(self, work):
            fake.next_address += _ALIGNMENT
            fake.graphs[fake.next_address] = work
            return fake.next_address

    return Library()


def tensorrt_module(fake, old=False):
    """Stands in for tensorrt; `old` as 8.6, else as 10 and later."""
    module = types.ModuleType("tensorrt")

    class Severity:
        INTERNAL_ERROR, ERROR, WARNING, INFO, VERBOSE = range(5)

    class ILogger:
        pass

    ILogger.Severity = Severity
    for number, name in enumerate(("INTERNAL_ERROR", "ERROR", "WARNING", "INFO", "VERBOSE")):
        setattr(ILogger, name, number)

    class TensorIOMode:
        NONE, INPUT, OUTPUT = range(3)

    class TensorLocation:
        DEVICE, HOST = range(2)

    class ExecutionContextAllocationStrategy:
        STATIC, USER_MANAGED = range(2)

    class Runtime:
        def __init__(self, log):
            fake.called("Runtime")
            assert isinstance(log, ILogger)
            self._log = log

        def deserialize_cuda_engine(self, plan):
            fake.called("deserialize")
            try:
                content = json.loads(plan)
            except ValueError:
                self._log.log(Severity.ERROR, "Error Code 1: Serialization (magic tag does not match)")
                return None
            if content["version"] != VERSION:
                self._log.log(Severity.ERROR, f"expecting library version {VERSION} got {content['version']}")
                return None
            if content["gpu"] != fake.gpu:
                self._log.log(Severity.ERROR, f"generated on an incompatible device, expecting {fake.gpu}")
                return None
            return Engine(content, self._log)

    class Engine:
        def __init__(self, content, log):
            self.content, self.log = content, log
            self.names = [*content["inputs"], *content["outputs"]]
            self.num_io_tensors = len(self.names)
            if old:
                self.device_memory_size = _SCRATCH
            else:
                self.device_memory_size_v2 = _SCRATCH

        def get_tensor_name(self, index):
            return self.names[index]

        def get_tensor_mode(self, name):
            return TensorIOMode.INPUT if name in self.content["inputs"] else TensorIOMode.OUTPUT

        def get_tensor_location(self, name):
            return TensorLocation.HOST if name in self.content["on_host"] else TensorLocation.DEVICE

        def get_tensor_dtype(self, name):
            return types.SimpleNamespace(name=self.content["types"].get(name, "FLOAT"))

        def get_tensor_shape(self, name):
            if name in self.content["inputs"]:
                least, _, most = self.content["inputs"][name]
                return tuple(a if a == b else -1 for a, b in zip(least, most, strict=True))
            batch = self.get_tensor_shape(next(iter(self.content["inputs"])))[0]
            return (batch, *self.content["outputs"][name])

        def get_tensor_profile_shape(self, name, profile):
            assert profile == 0
            return [tuple(each) for each in self.content["inputs"][name]]

        def _context(self):
            fake.called("create_execution_context")
            return ExecutionContext(self)

    if old:
        Engine.create_execution_context_without_device_memory = Engine._context
    else:
        module.ExecutionContextAllocationStrategy = ExecutionContextAllocationStrategy

        def create_execution_context(self, strategy):
            assert strategy == ExecutionContextAllocationStrategy.USER_MANAGED
            return self._context()

        Engine.create_execution_context = create_execution_context

    class ExecutionContext:
        def __init__(self, engine):
            self.engine, self.shapes, self.addresses = engine, {}, {}
            self.scratch, self.runs = None, 0
            fake.contexts += 1

        def __del__(self):
            fake.contexts -= 1
            if not fake.stack():
                fake.misuse.append("an execution context freed without a current context")

        def set_input_shape(self, name, shape):
            fake.called("set_input_shape")
            least, _, most = self.engine.content["inputs"][name]
            fits = all(a <= size <= b for a, size, b in zip(least, shape, most, strict=True))
            if fits:
                self.shapes[name] = tuple(shape)
            else:
                self.engine.log.log(Severity.ERROR, f"{name}: {shape} is outside the profile")
            return fits

        def get_tensor_shape(self, name):
            if name in self.engine.content["inputs"]:
                return self.shapes[name]
            if name in self.engine.content["depends_on_content"]:
                return -1, *self.engine.content["outputs"][name]
            (batch,) = {self.shapes[each][0] for each in self.engine.content["inputs"]}
            return (batch, *self.engine.content["outputs"][name])

        def set_tensor_address(self, name, address):
            fake.called("set_tensor_address")
            fake.at(address, 1)
            self.addresses[name] = address
            return True

        def execute_async_v3(self, handle):
            fake.called("execute_async_v3")
            fake.runs += 1
            if fake.runs in fake.fail_runs:
                fake.dead = fake.dies
                self.engine.log.log(Severity.ERROR, "Cuda Runtime (an illegal memory access was encountered)")
                return False
            fake.at(self.scratch, _SCRATCH)
            if set(self.addresses) != set(self.engine.names) or set(self.shapes) != set(self.engine.content["inputs"]):
                fake.blame("run without all shapes and addresses")
            state = dict(self.shapes), dict(self.addresses)
            fake.by_handle[handle].put(lambda: self._compute(*state))
            return True

        def _compute(self, shapes, addresses):
            if (shapes, addresses) != (self.shapes, self.addresses):
                fake.blame("the context was changed since this was put into the stream or recorded")
            content = self.engine.content
            sums = 0
            for name, shape in shapes.items():
                value = self._tensor(name, shape)
                sums = sums + value.reshape(len(value), -1).sum(axis=1, dtype=np.float64)
            for number, name in enumerate(content["outputs"]):
                output = self._tensor(name, self.get_tensor_shape(name))
                output[:] = ((2 + number) * sums).reshape(-1, *[1] * (output.ndim - 1))

        def _tensor(self, name, shape):
            dtype = {"FLOAT": np.float32, "HALF": np.float16, "INT32": np.int32}[
                self.engine.get_tensor_dtype(name).name
            ]
            size = int(np.prod(shape)) * np.dtype(dtype).itemsize
            return fake.at(self.addresses[name], size).view(dtype).reshape(shape)

    if old:
        ExecutionContext.device_memory = property(None, lambda self, address: setattr(self, "scratch", address))
    else:

        def set_device_memory(self, address, size):
            assert size == _SCRATCH
            self.scratch = address

        ExecutionContext.set_device_memory = set_device_memory
    for each in (ILogger, TensorIOMode, TensorLocation, Runtime):
        setattr(module, each.__name__, each)
    module.__version__ = VERSION
    module.BuilderFlag = types.SimpleNamespace(FP16=0)
    return module


def made_plan(inputs=None, outputs=None, version=VERSION, gpu="Fake Orin", **more):
    """A plan of the fake.

    Args:
        inputs: Smallest, usual and largest shape by name; image 1 to 4 x3x8x8 unless given.
        outputs: Shape without the batch by name; scores of 5 and boxes of 2x4 unless given.
        version: Of the TensorRT that wrote it.
        gpu: On which.
        more: types (by tensor, FLOAT unless given), on_host, depends_on_content (names).
    """
    content = {
        "inputs": inputs or {"image": [(1, 3, 8, 8), (1, 3, 8, 8), (4, 3, 8, 8)]},
        "outputs": outputs or {"scores": (5,), "boxes": (2, 4)},
        "version": version,
        "gpu": gpu,
        "types": {},
        "on_host": [],
        "depends_on_content": [],
    }
    return json.dumps({**content, **more}).encode()


@contextmanager
def fake_gpu(old=False, graphs=True, **state):
    """A machine with a fake GPU and a fake TensorRT while it lasts; misuse that the code swallows is found at its end.

    Args:
        old: As TensorRT 8.6.
        graphs: Whether the driver has CUDA graphs.
        state: Of `Fake`.

    Yields:
        The fake, and the TensorRt to be used with it.
    """
    fake = Fake(**state)
    driver = driver_module(fake)
    package = types.ModuleType("pycuda")
    package.driver, package.__spec__ = driver, ModuleSpec("pycuda", None)
    before = {name: sys.modules.get(name) for name in ("pycuda", "pycuda.driver")}
    devices = dict(cuda._devices)
    make_graphs, in_sight = cuda_graph.cuda_graphs, choice._GPU_FILES
    sys.modules.update({"pycuda": package, "pycuda.driver": driver})
    cuda._devices.clear()
    graphs_of_fake = cuda_graph.CudaGraphs(driver_library(fake)) if graphs else None
    from perception_core.engines import tensor_rt  # noqa: PLC0415 - only where a GPU is wanted

    tensor_rt.cuda_graphs = lambda: graphs_of_fake
    choice._GPU_FILES = ("/dev/null",)
    try:
        module = tensorrt_module(fake, old)
        yield fake, TensorRt(module, "TensorRT", VERSION, strongly_typed=False, is_rtx=False)
    finally:
        tensor_rt.cuda_graphs, choice._GPU_FILES = make_graphs, in_sight
        cuda._devices.clear()
        cuda._devices.update(devices)
        for name, module in before.items():
            if module is None:
                sys.modules.pop(name)
            else:
                sys.modules[name] = module
    assert fake.misuse == []
