"""Which TensorRT this machine has: one under its own name, or TensorRT for RTX."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from importlib.util import find_spec
from types import ModuleType

from perception_core.engines.engine import EngineError

RTX_LOCK = "requirements/tensorrt-rtx.lock"
_RTX_LIBRARIES = "tensorrt_rtx_libs"  # loads the libraries that the bindings link to: has to be imported before them
_MODULES = ("tensorrt", "tensorrt_rtx", "tensorrt_rtx_bindings")  # in the order of preference
_MISSING = (
    "TensorRT is not installed. On a Jetson it comes with JetPack (`sudo apt install tensorrt`); on x86_64 "
    f"`.venv/bin/pip install -r {RTX_LOCK}` brings TensorRT for RTX."
)


@dataclass(frozen=True, slots=True)
class TensorRt:
    """A TensorRT that can be used.

    Attributes:
        module: Its Python module.
        name: TensorRT or TensorRT for RTX.
        version: Such as 10.3.0.
        strongly_typed: Whether the graph alone decides about precision: from 11 on and in TensorRT for RTX there are no
            builder flags for fp16 and int8.
        is_rtx: Whether it is TensorRT for RTX, whose plans fit every GPU that it supports, and which compiles the
            kernels when a plan is loaded.
    """

    module: ModuleType
    name: str
    version: str
    strongly_typed: bool
    is_rtx: bool

    @property
    def title(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}"


def tensorrt_installed() -> bool:
    """Whether there is one, found without importing it; whether it works is only known by `find_tensorrt`."""
    return any(find_spec(name) is not None for name in _MODULES)


def find_tensorrt() -> TensorRt:
    """The TensorRT of this machine.

    Raises:
        EngineError: There is none, or it cannot be loaded; the text says why and what to do.
    """
    installed = [name for name in _MODULES if find_spec(name) is not None]
    if not installed:
        raise EngineError(_MISSING)
    reasons = []
    for name in installed:
        try:
            return _described(_imported(name))
        # A broken installation fails in many ways: a library that is missing or of another version, a stub without
        # content, a driver that is too old.
        except (ImportError, OSError, AttributeError, RuntimeError) as error:
            reasons.append(f"{name}: {error}")
    raise EngineError(
        f"TensorRT is installed but cannot be loaded ({'; '.join(reasons)}). Its libraries are missing or of another "
        "version: reinstall it, or remove it to do without."
    )


def _imported(name: str) -> ModuleType:
    if name == "tensorrt_rtx_bindings" and find_spec(_RTX_LIBRARIES) is not None:
        importlib.import_module(_RTX_LIBRARIES)
    return importlib.import_module(name)


def _described(module: ModuleType) -> TensorRt:
    is_rtx = module.__name__ != "tensorrt"
    return TensorRt(
        module=module,
        name="TensorRT for RTX" if is_rtx else "TensorRT",
        version=str(module.__version__),
        strongly_typed=not hasattr(module.BuilderFlag, "FP16"),
        is_rtx=is_rtx,
    )
