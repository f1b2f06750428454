"""What unit tests of several packages share."""

import io
import pickle
import struct
import sys
import types
import zipfile
from collections.abc import Callable, Mapping
from contextlib import contextmanager

import numpy as np
import pytest

_STORAGES = {"<f4": "FloatStorage", "<f2": "HalfStorage", "<f8": "DoubleStorage", "<i8": "LongStorage"}
_MAGIC = 0x1950A86A20F9469CFC6C

TorchSave = Callable[..., bytes]


@contextmanager
def _names_of_torch():
    """Modules that hold nothing but the names that pickles of PyTorch refer to."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")

    def _rebuild_tensor_v2():
        raise AssertionError

    _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2
    for name in _STORAGES.values():
        setattr(torch, name, type(name, (), {"__module__": "torch"}))
    before = {name: sys.modules.get(name) for name in ("torch", "torch._utils")}
    sys.modules.update({"torch": torch, "torch._utils": utils})
    try:
        yield torch, utils
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


@pytest.fixture(scope="session")
def torch_save() -> TorchSave:
    """What torch.save writes of numpy arrays in dictionaries, without PyTorch; `zipped` is its format since 1.6."""

    def save(content: Mapping[str, object], *, zipped: bool = True, compressed: bool = False) -> bytes:
        storages: list[bytes] = []
        with _names_of_torch() as (torch, utils):

            class Pickler(pickle.Pickler):
                def persistent_id(self, value):
                    if not isinstance(value, types.SimpleNamespace):
                        return None
                    storages.append(value.array.tobytes())
                    kind = getattr(torch, _STORAGES[value.array.dtype.str])
                    return ("storage", kind, str(len(storages) - 1), "cpu", value.array.size)

                def reducer_override(self, value):
                    if not isinstance(value, np.ndarray):
                        return NotImplemented
                    steps = tuple(stride // value.itemsize for stride in value.copy().strides)
                    storage = types.SimpleNamespace(array=value.ravel())
                    return utils._rebuild_tensor_v2, (storage, 0, value.shape, steps, False, {})

            file = io.BytesIO()
            Pickler(file, protocol=2).dump(content)
        return (
            _archive(file.getvalue(), storages, compressed) if zipped else _legacy(file.getvalue(), storages, content)
        )

    return save


def _archive(pickled: bytes, storages: list[bytes], compressed: bool) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as archive:
        archive.writestr("network/data.pkl", pickled)
        archive.writestr("network/byteorder", b"little")
        for key, data in enumerate(storages):
            archive.writestr(f"network/data/{key}", data)
    return file.getvalue()


def _legacy(pickled: bytes, storages: list[bytes], content: Mapping[str, object]) -> bytes:
    file = io.BytesIO()
    for part in (_MAGIC, 1001, {}):
        pickle.dump(part, file, protocol=2)
    file.write(pickled)
    pickle.dump([str(key) for key in range(len(storages))], file, protocol=2)
    sizes = [array.itemsize for array in content.values() if isinstance(array, np.ndarray)]
    for data, size in zip(storages, sizes, strict=True):
        file.write(struct.pack("<q", len(data) // size) + data)
    return file.getvalue()
