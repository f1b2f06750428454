"""Gathers the facts of the machine: processor, GPU, Jetson, disks, cameras."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from perception_core.diagnosis.machine import Device, Folder, Jetson, MachineFacts
from perception_core.paths import cache_dir, data_dir

_CACHE_NEEDED = 1_000_000_000  # all models take half of it, plans and downloads the rest
_DATA_NEEDED = 50_000_000
_PATIENCE_S = 5.0
_INTEL = "8086"
_REALSENSE = re.compile(r"0(ad|b)[0-9a-f]{2}")  # product numbers of the D400 and L500 series
_POWER_MODEL = re.compile(r"<\s*POWER_MODEL\s+ID=(\d+)\s+NAME=(\S+)\s*>")
_PRESENT_MODE = re.compile(r"NV Power Mode:\s*(\S+)")


def machine_facts(engines: Sequence[str], root: Path = Path("/")) -> MachineFacts:
    """The machine.

    Args:
        engines: What the parameters ask for.
        root: Of the file system.
    """
    jetson = _jetson(root)
    gpu, problem = _gpu(root, jetson)
    cpufreq = sorted(root.glob("sys/devices/system/cpu/cpu[0-9]*/cpufreq"))
    return MachineFacts(
        cores=len(os.sched_getaffinity(0)),
        gpu=gpu,
        gpu_problem=problem,
        tensorrt=_version("tensorrt"),
        pycuda=_version("pycuda"),
        engines=tuple(engines),
        governors=tuple(filter(None, (_text(folder / "scaling_governor") for folder in cpufreq))),
        scaling_driver=_text(cpufreq[0] / "scaling_driver") if cpufreq else "",
        folders=(
            _folder("models and plans", cache_dir(), "PERCEPTION_CACHE", _CACHE_NEEDED),
            _folder("people and gestures", data_dir(), "PERCEPTION_DATA", _DATA_NEEDED),
        ),
        devices=(*_video_devices(root), *_usb_cameras(root)),
        jetson=jetson,
    )


def _gpu(root: Path, jetson: Jetson | None) -> tuple[str, str]:
    """Its name, or why there is none."""
    if jetson is not None:
        return f"{jetson.model} (integrated)", ""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        seen = (root / "proc/driver/nvidia/version").exists() or (root / "dev/nvidia0").exists()
        return "", "there is an NVIDIA driver, but no nvidia-smi" if seen else "no NVIDIA driver is installed"
    said = _output(tool, "--query-gpu=name", "--format=csv,noheader")
    return (said.splitlines()[0], "") if said else ("", "nvidia-smi finds no GPU, or no driver that fits")


def _jetson(root: Path) -> Jetson | None:
    if not (root / "etc/nv_tegra_release").exists():
        return None
    model = _text(root / "proc/device-tree/model").replace("\0", "") or "Jetson"
    modes = _POWER_MODEL.findall(_text(root / "etc/nvpmodel.conf"))
    tool = shutil.which("nvpmodel")
    present = _PRESENT_MODE.search(_output(tool, "-q") if tool else "")
    frequency = root / "sys/devices/system/cpu/cpu0/cpufreq"
    lowest, highest = _text(frequency / "scaling_min_freq"), _text(frequency / "scaling_max_freq")
    return Jetson(
        model=model,
        mode=present[1] if present else "",
        modes=tuple((int(number), name) for number, name in modes),
        clocks_fixed=bool(lowest) and lowest == highest,  # jetson_clocks sets them so; its own --show needs root
    )


def _folder(purpose: str, path: Path, variable: str, needed: int) -> Folder:
    """A folder that is not there yet is as the nearest above it that is."""
    present = next((each for each in (path, *path.parents) if each.exists()), Path("/"))
    free = shutil.disk_usage(present).free
    return Folder(
        purpose, str(path), variable, free, needed, present.is_dir() and os.access(present, os.W_OK | os.X_OK)
    )


def _video_devices(root: Path) -> list[Device]:
    devices = sorted(root.glob("dev/video[0-9]*"))
    return [Device(str(path), usb=False, usable=os.access(path, os.R_OK | os.W_OK)) for path in devices]


def _usb_cameras(root: Path) -> list[Device]:
    found = []
    for folder in sorted(root.glob("sys/bus/usb/devices/*")):
        if _text(folder / "idVendor") == _INTEL and _REALSENSE.fullmatch(_text(folder / "idProduct")):
            numbers = [_text(folder / name).zfill(3) for name in ("busnum", "devnum")]
            path = root / "dev/bus/usb" / numbers[0] / numbers[1]
            found.append(Device(str(path), usb=True, usable=os.access(path, os.R_OK | os.W_OK)))
    return found


def _version(module: str) -> str:
    """Of a Python module that is not imported: that could take a second, or fail without a driver."""
    try:
        if find_spec(module) is None:
            return ""
        return importlib.metadata.version(module)
    except (ImportError, ValueError):
        return "of unknown version"


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
