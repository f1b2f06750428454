import sys
from pathlib import Path

import pytest

from perception_core.engines.engine import EngineError
from perception_core.engines.trt_module import find_tensorrt, tensorrt_installed

NAMES = ("tensorrt", "tensorrt_rtx", "tensorrt_rtx_bindings", "tensorrt_rtx_libs")
WITH_FLAGS = "__version__ = '10.3.0'\nclass BuilderFlag:\n    FP16 = 1\n"
WITHOUT_FLAGS = "__version__ = '11.0.0'\nclass BuilderFlag:\n    TF32 = 1\n"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine that has only these modules of TensorRT, by name and source."""
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in NAMES}
    others = [path for path in sys.path if not any((Path(path) / name).exists() for name in NAMES)]

    def only(**modules):
        for name, source in modules.items():
            (tmp_path / f"{name}.py").write_text(source)
        for name in before:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setattr(sys, "path", [str(tmp_path), *others])

    yield only
    for name in NAMES:
        sys.modules.pop(name, None)
    sys.modules.update(before)


def test_without_one_it_is_said_how_to_get_one(machine):
    machine()
    assert not tensorrt_installed()
    with pytest.raises(EngineError, match=r"not installed.*JetPack.*requirements/tensorrt-rtx.lock"):
        find_tensorrt()


def test_the_full_one_is_preferred_and_has_flags_for_precision_up_to_ten(machine):
    machine(tensorrt=WITH_FLAGS, tensorrt_rtx=WITHOUT_FLAGS)
    found = find_tensorrt()
    assert (found.title, found.strongly_typed, found.is_rtx) == ("TensorRT 10.3.0", False, False)


def test_from_eleven_on_the_graph_says_the_precision(machine):
    machine(tensorrt=WITHOUT_FLAGS)
    assert find_tensorrt().strongly_typed


def test_tensorrt_for_rtx_is_told_apart(machine):
    machine(tensorrt_rtx=WITHOUT_FLAGS)
    found = find_tensorrt()
    assert (found.name, found.strongly_typed, found.is_rtx) == ("TensorRT for RTX", True, True)


def test_the_bare_bindings_get_their_libraries_first(machine):
    machine(
        tensorrt_rtx_libs="loaded = True",
        tensorrt_rtx_bindings=f"import sys\nassert 'tensorrt_rtx_libs' in sys.modules\n{WITHOUT_FLAGS}",
    )
    assert tensorrt_installed()
    assert find_tensorrt().is_rtx


@pytest.mark.parametrize(
    "broken",
    [
        "raise ImportError('libnvinfer.so.8: cannot open shared object file')",
        "raise OSError('libnvinfer.so.8: file too short')",
        "raise RuntimeError('built for another CUDA: libnvinfer.so.8')",
        "libnvinfer = 'libnvinfer.so.8 is a stub'",
    ],
    ids=["missing", "cut short", "other version", "stub without content"],
)
def test_one_without_its_libraries_is_an_error_that_names_them(machine, broken):
    machine(tensorrt=broken)
    with pytest.raises(EngineError, match=r"cannot be loaded \(tensorrt: .*\).*reinstall"):
        find_tensorrt()


def test_where_one_is_broken_the_next_is_taken(machine):
    machine(tensorrt="raise ImportError('libnvinfer.so.8')", tensorrt_rtx=WITHOUT_FLAGS)
    assert find_tensorrt().is_rtx
