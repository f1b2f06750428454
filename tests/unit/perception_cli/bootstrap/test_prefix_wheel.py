import subprocess
import sys
import zipfile

import pytest

from perception_cli.bootstrap.prefix_wheel import pack

TAG = "py3-none-any"


@pytest.fixture
def prefix(tmp_path):
    root = tmp_path / "prefix"
    files = {
        "lib/python3.11/site-packages/demo_msgs/__init__.py": "greeting = 'hello'\n",
        "lib/python3.11/site-packages/demo_msgs/__pycache__/x.pyc": "",
        "lib/python3.11/site-packages/demo_msgs-1.0-py3.11.egg-info/PKG-INFO": "",
        "lib/libdemo_msgs.so": "library",
        "share/demo_msgs/package.xml": "<package/>",
        "share/colcon-core/packages/demo_msgs": "",
        "include/demo_msgs/demo_msgs/msg/face.h": "header",
        "local_setup.sh": "bookkeeping",
        "COLCON_IGNORE": "",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "lib/libdemo_msgs.so").chmod(0o755)
    return root


def test_pip_puts_every_file_where_the_prefix_has_it(prefix, tmp_path):
    wheel = pack(prefix, "demo-msgs", "1.0", TAG, tmp_path / "wheels")
    installed = tmp_path / "installed"
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--prefix", installed, wheel]
    subprocess.run(command, check=True)
    files = {path.relative_to(installed).as_posix() for path in installed.rglob("*") if path.is_file()}
    modules = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    assert f"{modules}/demo_msgs/__init__.py" in files
    assert {"lib/libdemo_msgs.so", "share/demo_msgs/package.xml", "include/demo_msgs/demo_msgs/msg/face.h"} <= files
    assert not any("colcon" in name.lower() or "local_setup" in name or "egg-info" in name for name in files)


@pytest.mark.parametrize("modules", ["local/lib/python3.10/dist-packages", "lib/python3/dist-packages"])
def test_debians_module_folders_are_known(tmp_path, modules):
    path = tmp_path / "prefix" / modules / "demo_msgs" / "__init__.py"
    path.parent.mkdir(parents=True)
    path.touch()
    with zipfile.ZipFile(pack(tmp_path / "prefix", "demo-msgs", "1.0", TAG, tmp_path)) as archive:
        assert "demo_msgs/__init__.py" in archive.namelist()


def test_the_same_prefix_gives_the_same_wheel(prefix, tmp_path):
    first = pack(prefix, "demo-msgs", "1.0", TAG, tmp_path / "first")
    second = pack(prefix, "demo-msgs", "1.0", TAG, tmp_path / "second")
    assert first.name == "demo_msgs-1.0-py3-none-any.whl"
    assert first.read_bytes() == second.read_bytes()


def test_programs_stay_executable(prefix, tmp_path):
    with zipfile.ZipFile(pack(prefix, "demo-msgs", "1.0", TAG, tmp_path)) as archive:
        modes = {entry.filename: (entry.external_attr >> 16) & 0o777 for entry in archive.infolist()}
    assert modes["demo_msgs-1.0.data/data/lib/libdemo_msgs.so"] == 0o755
    assert modes["demo_msgs/__init__.py"] == 0o644


def test_an_empty_prefix_is_not_packed(tmp_path):
    (tmp_path / "prefix").mkdir()
    with pytest.raises(FileNotFoundError, match="nothing is installed"):
        pack(tmp_path / "prefix", "demo-msgs", "1.0", TAG, tmp_path)
