"""Facts that are gathered from files, of a machine that is made for the test."""

from perception_core.diagnosis.look_at_machine import machine_facts


def test_a_jetson_is_told_by_its_files(tmp_path):
    files = {
        "etc/nv_tegra_release": "# R36",
        "proc/device-tree/model": "NVIDIA Jetson Orin NX\0",
        "etc/nvpmodel.conf": "< POWER_MODEL ID=0 NAME=MAXN >\nCPU 1\n< POWER_MODEL ID=1 NAME=10W >",
        "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "schedutil",
        "sys/devices/system/cpu/cpu0/cpufreq/scaling_min_freq": "729600",
        "sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq": "1984000",
        "sys/bus/usb/devices/2-1/idVendor": "8086",
        "sys/bus/usb/devices/2-1/idProduct": "0b3a",
        "sys/bus/usb/devices/2-1/busnum": "2",
        "sys/bus/usb/devices/2-1/devnum": "3",
        "sys/bus/usb/devices/2-2/idVendor": "1d6b",
        "dev/video0": "",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    facts = machine_facts(["auto"], tmp_path)
    assert facts.jetson.model == "NVIDIA Jetson Orin NX" and not facts.jetson.clocks_fixed
    assert facts.jetson.modes == ((0, "MAXN"), (1, "10W"))
    assert facts.governors == ("schedutil",)
    assert [device.usb for device in facts.devices] == [False, True]
    assert [device.usable for device in facts.devices] == [True, False]  # the USB device's file is not there


def test_folders_that_are_not_there_yet_are_as_those_above_them(tmp_path, monkeypatch):
    monkeypatch.setenv("PERCEPTION_CACHE", str(tmp_path / "a" / "b"))
    folder = machine_facts([]).folders[0]
    assert folder.writable and folder.free_bytes > 0 and folder.path == str(tmp_path / "a" / "b")
