"""Whether the machine has what the parameters ask for, and runs as fast as it can."""

from __future__ import annotations

import re
from dataclasses import dataclass

from perception_core.diagnosis.finding import Fault, Finding, listed, megabytes

_OWN_SPEED = ("intel_pstate", "amd-pstate-epp")  # their powersave is the usual, dynamic speed (kernel's admin guide)
_WATTS = re.compile(r"(\d+)\s*W", re.IGNORECASE)

NO_GPU = Fault(
    "no-gpu",
    "engine is tensorrt, and there is no usable NVIDIA GPU: {reason}",
    "The nodes refuse to configure, or fall back to the processor.",
    "set engine: auto in the params file; or repair the driver until nvidia-smi (on a Jetson tegrastats) shows the GPU",
)
NO_TENSORRT = Fault(
    "no-tensorrt",
    "engine is tensorrt, and Python finds no TensorRT",
    "The nodes refuse to configure, or fall back to the processor.",
    "on a Jetson: sudo apt-get install python3-libnvinfer; elsewhere: pip install tensorrt; or set engine: auto",
)
NO_PYCUDA = Fault(
    "no-pycuda",
    "engine is tensorrt, and Python finds no pycuda",
    "TensorRT's engines take their memory from it.",
    "pip install pycuda in the suite's virtual environment; or set engine: auto",
)
GOVERNOR = Fault(
    "cpu-governor",
    "the CPU governor is {governor} ({driver}) on {count} of {cores} cores",
    "The processor stays at its lowest speed: frames take two to four times as long.",
    "echo schedutil | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor (or performance)",
)
POWER_MODE = Fault(
    "jetson-power-mode",
    "the Jetson runs in power mode {mode}; {best} is its fastest",
    "Cores are switched off and clocks are lowered.",
    "sudo nvpmodel -m {number}",
)
ONE_CORE = Fault(
    "one-core",
    "this machine has one processor core",
    "Faces and hands are worked on by a thread each, and the camera needs some, too: frames are dropped.",
    "give the container or virtual machine two cores or more, or start with gestures:=false",
)
DISK_FULL = Fault(
    "disk-full",
    "{free} are free for {purpose} ({path})",
    "What is written there is refused: models, plans, people and gestures.",
    "make room (df -h {path}), or point {variable} at another disk",
)
NOT_WRITABLE = Fault(
    "not-writable",
    "{purpose} ({path}) cannot be written by this user",
    "Models, plans, people and gestures cannot be stored.",
    'sudo chown -R "$USER" {path}, or point {variable} at another folder',
)
VIDEO_PERMISSION = Fault(
    "camera-permission",
    "the camera {devices} may not be opened by this user",
    "The driver finds no camera, and often does not say why.",
    'sudo usermod -aG video "$USER", and log in again; in a container: --device and --group-add video',
)
USB_PERMISSION = Fault(
    "usb-camera-permission",
    "the USB camera {devices} may not be opened by this user",
    "The driver finds no camera, and often does not say why.",
    "install librealsense's udev rules (apt-get install librealsense2-udev-rules), and plug the camera in again",
)
FAULTS = (
    NO_GPU,
    NO_TENSORRT,
    NO_PYCUDA,
    GOVERNOR,
    POWER_MODE,
    ONE_CORE,
    DISK_FULL,
    NOT_WRITABLE,
    VIDEO_PERMISSION,
    USB_PERMISSION,
)


@dataclass(frozen=True, slots=True)
class Folder:
    """Where something is kept.

    Attributes:
        purpose: What, in words.
        path: Where.
        variable: That moves it elsewhere.
        free_bytes: Left on its disk.
        needed_bytes: Below this it is too little.
        writable: By this user; a folder that is not there yet is, if it can be made.
    """

    purpose: str
    path: str
    variable: str
    free_bytes: int
    needed_bytes: int
    writable: bool


@dataclass(frozen=True, slots=True)
class Device:
    """A camera's file.

    Attributes:
        path: Of it.
        usb: It is that of a USB camera with a protocol of its own, such as a RealSense, and no video device.
        usable: By this user.
    """

    path: str
    usb: bool
    usable: bool


@dataclass(frozen=True, slots=True)
class Jetson:
    """A Jetson's settings.

    Attributes:
        model: What it calls itself.
        mode: Its power mode; empty if it does not tell.
        modes: All of them by number.
        clocks_fixed: jetson_clocks holds the processor at its highest speed.
    """

    model: str
    mode: str
    modes: tuple[tuple[int, str], ...]
    clocks_fixed: bool


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """The machine.

    Attributes:
        cores: That this process may use.
        gpu: Its name; empty if there is none.
        gpu_problem: Why there is none.
        tensorrt: Version; empty if there is none.
        pycuda: Likewise.
        engines: What the parameters ask for.
        governors: Of each core that has one.
        scaling_driver: Such as intel_pstate.
        folders: Where things are kept.
        devices: Cameras of this machine.
        jetson: None on any other machine.
    """

    cores: int
    gpu: str
    gpu_problem: str
    tensorrt: str
    pycuda: str
    engines: tuple[str, ...]
    governors: tuple[str, ...]
    scaling_driver: str
    folders: tuple[Folder, ...]
    devices: tuple[Device, ...]
    jetson: Jetson | None


def check_machine(facts: MachineFacts) -> list[Finding]:
    """What is wrong with the machine."""
    return [*_check_gpu(facts), *_check_speed(facts), *_check_folders(facts), *_check_devices(facts)]


def describe_machine(facts: MachineFacts) -> list[str]:
    """The machine in plain lines."""
    cores = f"{facts.cores} processor core{'s' if facts.cores > 1 else ''}"
    if facts.governors:
        cores += f", governor {listed(sorted(set(facts.governors)))}"
    lines = [cores, f"GPU: {facts.gpu or facts.gpu_problem or 'none'}"]
    lines.append(f"TensorRT: {facts.tensorrt or 'none'}, pycuda: {facts.pycuda or 'none'}")
    if not facts.tensorrt:
        lines.append("networks run on the processor (ONNX Runtime)")
    if facts.jetson is not None:
        clocks = "at their highest (jetson_clocks)" if facts.jetson.clocks_fixed else "as the load asks (jetson_clocks)"
        lines.append(f"{facts.jetson.model}, power mode {facts.jetson.mode or 'unknown'}, clocks {clocks}")
    lines += [f"{each.purpose}: {each.path}, {megabytes(each.free_bytes)} free" for each in facts.folders]
    return lines


def _check_gpu(facts: MachineFacts) -> list[Finding]:
    if "tensorrt" not in facts.engines:
        return []
    findings = []
    if not facts.gpu:
        findings.append(NO_GPU.found(reason=facts.gpu_problem or "none is found"))
    if not facts.tensorrt:
        findings.append(NO_TENSORRT.found())
    if not facts.pycuda:
        findings.append(NO_PYCUDA.found())
    return findings


def _check_speed(facts: MachineFacts) -> list[Finding]:
    findings = []
    slow = [governor for governor in facts.governors if governor == "powersave"]
    if slow and facts.scaling_driver not in _OWN_SPEED:
        findings.append(
            GOVERNOR.found(
                governor=slow[0],
                driver=facts.scaling_driver or "unknown driver",
                count=len(slow),
                cores=len(facts.governors),
            )
        )
    if facts.cores == 1:
        findings.append(ONE_CORE.found())
    if facts.jetson is not None and facts.jetson.mode and facts.jetson.modes:
        number, best = max(facts.jetson.modes, key=_power)
        if best != facts.jetson.mode and _power((0, facts.jetson.mode)) < _power((0, best)):
            findings.append(POWER_MODE.found(mode=facts.jetson.mode, best=best, number=number))
    return findings


def _power(mode: tuple[int, str]) -> tuple[bool, bool, int]:
    """MAXN knows no limit; the others have their watts in their names."""
    name = mode[1].upper()
    watts = _WATTS.search(name)
    return name.startswith("MAXN"), "SUPER" in name, int(watts[1]) if watts else 0


def _check_folders(facts: MachineFacts) -> list[Finding]:
    findings = []
    for folder in facts.folders:
        named = {"purpose": folder.purpose, "path": folder.path, "variable": folder.variable}
        if not folder.writable:
            findings.append(NOT_WRITABLE.found(**named))
        elif folder.free_bytes < folder.needed_bytes:
            findings.append(DISK_FULL.found(free=megabytes(folder.free_bytes), **named))
    return findings


def _check_devices(facts: MachineFacts) -> list[Finding]:
    findings = []
    for usb, fault in ((False, VIDEO_PERMISSION), (True, USB_PERMISSION)):
        closed = [device.path for device in facts.devices if device.usb == usb and not device.usable]
        if closed:
            findings.append(fault.found(devices=listed(closed)))
    return findings
