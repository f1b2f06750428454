"""Reads the weights in a PyTorch checkpoint without PyTorch, and without running anything that it names.

`torch.save` writes a zip archive since PyTorch 1.6: a pickle, `data.pkl`, and a file of numbers per storage. Before, it
wrote five pickles (magic number, protocol, system, the content, the keys of its storages in order) and then per storage
its length as int64 and its numbers. A pickle can name any function to be called. Only tensors and ordered dictionaries
are made here; in the place of everything else there is an `_Unread`, which does nothing.
"""

from __future__ import annotations

import io
import math
import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perception_core.zoo.errors import ConversionError
from perception_core.zoo.pickle_check import check_pickle

_MAGIC = 0x1950A86A20F9469CFC6C  # torch.serialization.MAGIC_NUMBER
_BFLOAT16 = "bfloat16"  # the upper half of a float32; numpy has no such type
_DTYPES = {
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "BFloat16Storage": _BFLOAT16,
    "DoubleStorage": "<f8",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "<i1",
    "ByteStorage": "<u1",
    "BoolStorage": "<u1",
}
_CONTAINERS = ("state_dict", "model_state_dict", "model")
_LONGEST_REASON = 200  # characters: a damaged file can make a word of any length
_DEEPEST = len(_CONTAINERS)  # one in the other; a damaged file's may hold itself
_PREFIXES = ("module.", "_orig_mod.", "model.", "backbone.")
_MOST_AXES = 32  # of a tensor, as numpy can have
_MOST_SHARED = 4  # times, that tensors together may have the numbers of their storages; two layers often share one
_NOT_READ = "O"  # type of storages that no network has
_REMEDY = "Save the weights alone: torch.save(model.state_dict(), PATH)."
# A damaged pickle calls what is no function, subscripts what is no list, and counts with what is no number.
_DAMAGE = (
    *(pickle.UnpicklingError, zipfile.BadZipFile, EOFError, struct.error, ValueError, LookupError),
    *(TypeError, AttributeError, OverflowError, RuntimeError),
)


class _Unread:
    """Stands for an object that is not made; takes whatever a pickle would have given to it."""

    def __init__(self, *_args: object, **_named: object) -> None:
        pass

    def __setstate__(self, _state: object) -> None:
        pass

    def __setitem__(self, _key: object, _value: object) -> None:
        pass

    def append(self, _value: object) -> None:
        """Takes an element of a list."""

    def extend(self, _values: object) -> None:
        """Takes elements of a list."""

    def add(self, _value: object) -> None:
        """Takes an element of a set."""


@dataclass(slots=True, eq=False)
class _Storage:
    """Numbers that are read after the pickle that refers to them."""

    dtype: str
    data: bytes = b""

    def numbers(self) -> NDArray[Any]:
        """As they are stored; of bfloat16 the bits."""
        return np.frombuffer(self.data, "<u2" if self.dtype == _BFLOAT16 else self.dtype)


@dataclass(frozen=True, slots=True, eq=False)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def check(self) -> None:
        """Sees to it that it lies in its storage; a damaged file gives it anything.

        Raises:
            ConversionError: It does not.
        """
        if not isinstance(self.storage, _Storage) or len(self.shape) > _MOST_AXES:
            raise ConversionError("the PyTorch file is damaged: a tensor is none")
        counts = (self.offset, *self.shape, *self.strides)
        if not all(isinstance(count, int) and count >= 0 for count in counts):
            raise ConversionError("the PyTorch file is damaged: a tensor has a size, a step or a place that is none")
        reach = 1 + sum((size - 1) * step for size, step in zip(self.shape, self.strides, strict=True))
        there = max(0, self.storage.numbers().size - self.offset)
        # Strides of zero would let a few numbers fill the memory.
        if max(reach, math.prod(self.shape)) > there:
            raise ConversionError(f"a tensor of shape {self.shape} reaches beyond its {there} numbers")

    def values(self) -> NDArray[np.float32]:
        numbers = self.storage.numbers()[self.offset :]
        strides = [stride * numbers.itemsize for stride in self.strides]
        view = np.lib.stride_tricks.as_strided(numbers, self.shape, strides)
        if self.storage.dtype == _BFLOAT16:
            return np.asarray((np.array(view, np.uint32, order="C") << 16).view(np.float32))
        return np.array(view, np.float32, order="C")


def _tensor(storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


def _parameter(tensor: object, *_: object) -> _Tensor:
    if not isinstance(tensor, _Tensor):
        raise ConversionError("the PyTorch file is damaged: a parameter is no tensor")
    return tensor


class _Unpickler(pickle.Unpickler):
    _MADE: dict[tuple[str, str], Any] = {  # noqa: RUF012 - never changed
        ("collections", "OrderedDict"): OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): _tensor,
        ("torch._utils", "_rebuild_parameter"): _parameter,
        **{("torch", name): dtype for name, dtype in _DTYPES.items()},
    }

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        return self._MADE.get((module, name), _Unread)

    def persistent_load(self, reference: Any) -> _Storage:
        _, dtype, key, *_ = reference
        if not isinstance(key, str):
            raise ConversionError("the PyTorch file is damaged: a storage has no name")
        known = isinstance(dtype, str) and dtype in _DTYPES.values()
        return self.storages.setdefault(key, _Storage(dtype if known else _NOT_READ))


def read_weights(data: bytes) -> dict[str, NDArray[np.float32]]:
    """The tensors of a network by name, as its `state_dict` has them.

    Args:
        data: A state dict, or a checkpoint that holds one as `state_dict`, `model_state_dict` or `model`. The prefixes
            that DataParallel, torch.compile and the like put before every name are taken off.

    Raises:
        ConversionError: The file is damaged, no PyTorch file, or holds no state dict.
    """
    try:
        content = _read_archive(data) if data[:2] == b"PK" else _read_pickles(data)
        return _weights(content)
    except _DAMAGE as error:
        reason = str(error)[:_LONGEST_REASON]
        raise ConversionError(f"the PyTorch file is damaged or cut short ({reason})") from error


def _read_archive(data: bytes) -> object:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        packed = any(entry.compress_type != zipfile.ZIP_STORED for entry in entries)
        if packed or sum(entry.file_size for entry in entries) > len(data):
            raise ConversionError(f"the file is a compressed archive and no state dict. {_REMEDY}")
        names = archive.namelist()
        pickles = [name for name in names if name.endswith("/data.pkl")]
        if len(pickles) != 1:
            raise ConversionError(f"the zip archive is none of torch.save. {_REMEDY}")
        folder = pickles[0].removesuffix("data.pkl")
        order = f"{folder}byteorder"  # not written before PyTorch 2.1
        if order in names and archive.read(order) != b"little":
            raise ConversionError("the PyTorch file was written on a big-endian machine")
        file = io.BytesIO(archive.read(pickles[0]))
        reader = _Unpickler(file)
        content = _loaded(reader, file)
        for key, storage in reader.storages.items():
            storage.data = archive.read(f"{folder}data/{key}")
    return content


def _read_pickles(data: bytes) -> object:
    file = io.BytesIO(data)
    if _loaded(_Unpickler(file), file) != _MAGIC:
        raise ConversionError("not a file that torch.save wrote")
    for _ in ("protocol", "system"):
        _loaded(_Unpickler(file), file)
    reader = _Unpickler(file)
    content = _loaded(reader, file)
    for key in _loaded(_Unpickler(file), file):
        (count,) = struct.unpack("<q", file.read(8))
        if key not in reader.storages:
            raise ConversionError("the PyTorch file is damaged: it has numbers that belong to nothing")
        storage = reader.storages[key]
        size = count * (2 if storage.dtype == _BFLOAT16 else np.dtype(storage.dtype).itemsize)
        if not 0 <= size <= len(data) - file.tell():
            raise ConversionError(f"the PyTorch file is damaged or cut short: {count} numbers cannot be in it")
        storage.data = file.read(size)
    return content


def _loaded(unpickler: pickle.Unpickler, file: io.BytesIO) -> Any:
    """The next pickle, after a look at its instructions."""
    check_pickle(file)
    return unpickler.load()


def _weights(content: object) -> dict[str, NDArray[np.float32]]:
    for _ in range(_DEEPEST):
        if isinstance(content, Mapping):
            content = next((content[name] for name in _CONTAINERS if name in content), content)
    tensors = content if isinstance(content, Mapping) else {}
    named = all(isinstance(name, str) and isinstance(value, _Tensor) for name, value in tensors.items())
    if not tensors or not named:
        found = "a whole network or an object of another kind" if isinstance(content, _Unread) else "no state dict"
        raise ConversionError(f"the PyTorch file holds {found}. {_REMEDY}")
    _check_together(tensors.values())
    return {name: tensor.values() for name, tensor in _without_prefixes(tensors).items()}


def _check_together(tensors: Collection[_Tensor]) -> None:
    """Sees to it that a small file does not become gigabytes of tensors that share a storage."""
    for tensor in tensors:
        tensor.check()
    storages = {id(tensor.storage): tensor.storage for tensor in tensors}
    stored = sum(storage.numbers().size for storage in storages.values())
    if sum(math.prod(tensor.shape) for tensor in tensors) > _MOST_SHARED * stored:
        raise ConversionError(f"its tensors have more than {_MOST_SHARED} times the {stored} numbers that it stores")


def _without_prefixes(tensors: Mapping[str, _Tensor]) -> dict[str, _Tensor]:
    named = dict(tensors)
    while prefix := next((p for p in _PREFIXES if all(name.startswith(p) for name in named)), ""):
        named = {name.removeprefix(prefix): tensor for name, tensor in named.items()}
    return named
