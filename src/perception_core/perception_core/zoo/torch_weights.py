"""Reads the tensors of a PyTorch state dict of the time before its zip format, without PyTorch.

Such a file is five pickles (magic number, protocol, system, the dict, the keys of its storages in order), then per
storage its length as int64 and its numbers. A pickle can call anything it names: only the three names that a dict of
float tensors needs are let in.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
import struct
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perception_core.zoo.errors import ConversionError

_MAGIC = 0x1950A86A20F9469CFC6C  # torch.serialization.MAGIC_NUMBER
_MEMOS = ("PUT", "LONG_BINPUT")
# A damaged pickle calls what is no function, subscripts what is no list, and counts with what is no number.
_DAMAGE = (
    *(pickle.UnpicklingError, EOFError, struct.error, ValueError, LookupError),
    *(TypeError, AttributeError, OverflowError, RecursionError),
)


@dataclass(slots=True)
class _Storage:
    """Numbers that are read after the pickles that refer to them."""

    values: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def values(self) -> NDArray[np.float32]:
        if min((self.offset, *self.shape, *self.strides)) < 0:
            raise ConversionError(f"a tensor of shape {self.shape}, strides {self.strides} and offset {self.offset}")
        numbers = self.storage.values[self.offset :]
        strides = [stride * numbers.itemsize for stride in self.strides]
        reach = 1 + sum((size - 1) * stride for size, stride in zip(self.shape, self.strides, strict=True))
        # Strides of zero would let a few numbers fill the memory.
        if max(reach, math.prod(self.shape)) > numbers.size:
            raise ConversionError(f"a tensor of shape {self.shape} reaches beyond its {numbers.size} numbers")
        return np.ascontiguousarray(np.lib.stride_tricks.as_strided(numbers, self.shape, strides))


def _tensor(storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


class _StateDictUnpickler(pickle.Unpickler):
    _ALLOWED: dict[tuple[str, str], Any] = {  # noqa: RUF012 - never changed
        ("collections", "OrderedDict"): OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): _tensor,
        ("torch", "FloatStorage"): "float32",
    }

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._ALLOWED:
            named = f"{module}.{name}"[:80]
            raise ConversionError(f"the PyTorch file refers to {named}, which no weights need; it is not read")
        return self._ALLOWED[module, name]

    def persistent_load(self, reference: Any) -> _Storage:
        _, _, key, *_ = reference
        return self.storages.setdefault(key, _Storage())


def read_state_dict(data: bytes) -> dict[str, NDArray[np.float32]]:
    """The tensors of a state dict by name.

    Raises:
        ConversionError: The file is damaged, of another format, or refers to more than tensors.
    """
    try:
        return _read(io.BytesIO(data))
    except _DAMAGE as error:
        raise ConversionError(f"the PyTorch file is damaged or cut short: {error}") from error


def _read(file: io.BytesIO) -> dict[str, NDArray[np.float32]]:
    if _loaded(_StateDictUnpickler(file), file) != _MAGIC:
        raise ConversionError("not a PyTorch state dict of the format before its version 1.6")
    for _ in ("protocol", "system"):
        _loaded(_StateDictUnpickler(file), file)
    reader = _StateDictUnpickler(file)
    tensors: dict[str, _Tensor] = _loaded(reader, file)
    for key in _loaded(_StateDictUnpickler(file), file):
        (count,) = struct.unpack("<q", file.read(8))
        if not 0 <= 4 * count <= len(file.getbuffer()):
            raise ConversionError(f"the PyTorch file is damaged or cut short: {count} numbers cannot be in it")
        reader.storages[key].values = np.frombuffer(file.read(4 * count), "<f4", count)
    return {str(name): tensor.values() for name, tensor in tensors.items()}


def _loaded(unpickler: pickle.Unpickler, file: io.BytesIO) -> Any:
    """The next pickle, after a look at its instructions.

    Python keeps places ready for everything up to the largest number of a memo: six bytes could take all memory.
    """
    start = file.tell()
    for instruction, argument, _ in pickletools.genops(file):
        if instruction.name in _MEMOS and int(argument or 0) > len(file.getbuffer()):
            raise ConversionError(f"the PyTorch file is damaged: it remembers something as number {argument}")
    file.seek(start)
    return unpickler.load()
