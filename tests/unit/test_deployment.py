"""The service and the settings of other middleware, and what docs/deployment.md says of them."""

import re
import shlex
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from perception_cli.commands import parser

REPOSITORY = Path(__file__).parents[2]
CONFIG = REPOSITORY / "config"
PAGE = (REPOSITORY / "docs" / "deployment.md").read_text()
SHELL_LINES = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
INSTALLED = "/opt/perception"


def settings_of(unit):
    """By name, in their order; a name may come several times."""
    found = defaultdict(list)
    for line in unit.replace("\\\n", " ").splitlines():
        name, separator, value = line.partition("=")
        if separator and not line.startswith("#"):
            found[name].append(value)
    return found


UNIT = (CONFIG / "perception.service").read_text()
SETTINGS = settings_of(UNIT)


def test_the_service_runs_a_command_that_there_is():
    (start,) = SETTINGS["ExecStart"]
    command = re.search(rf"exec {INSTALLED}/perception (.*)'", start)[1]
    name, *options = shlex.split(command)
    parser([name]).parse_args([name, *options])


def test_the_service_is_started_again_whatever_ends_it():
    assert SETTINGS["Restart"] == ["always"]
    assert SETTINGS["StartLimitIntervalSec"] == ["0"]


@pytest.mark.parametrize("distro", ["", "jazzy"])
def test_ros_is_sourced_where_one_is_named(distro, tmp_path):
    (start,) = SETTINGS["ExecStart"]
    shell, flag, script = shlex.split(start.replace("$$", "$"))
    (tmp_path / "jazzy").mkdir()
    (tmp_path / "jazzy" / "setup.bash").write_text("export SOURCED=yes\n")
    script = script.replace("/opt/ros", str(tmp_path)).replace(f"{INSTALLED}/perception", "env #")
    environment = {"PATH": "/usr/bin:/bin", **({"ROS_DISTRO": distro} if distro else {})}
    said = subprocess.run([shell, flag, script], env=environment, capture_output=True, text=True, check=True).stdout
    assert ("SOURCED=yes" in said) == bool(distro)


def test_shared_memory_and_cameras_stay_within_the_services_reach():
    (profile,) = [value for value in SETTINGS["Environment"] if value.startswith("FASTRTPS_DEFAULT_PROFILES_FILE=")]
    assert (REPOSITORY / Path(profile.partition("=")[2]).relative_to(INSTALLED)).exists()
    assert not {"PrivateIPC", "PrivateDevices", "MemoryDenyWriteExecute", "PrivateNetwork"} & set(SETTINGS)
    allowed = " ".join(SETTINGS["DeviceAllow"])
    assert "char-video4linux rw" in allowed and "char-usb_device rw" in allowed


def test_what_it_stores_is_its_users_alone():
    for folder in ("State", "Cache", "Logs"):
        assert SETTINGS[f"{folder}DirectoryMode"] == ["0700"]
    assert SETTINGS["UMask"] == ["0077"]
    assert SETTINGS["ProtectSystem"] == ["strict"] and SETTINGS["NoNewPrivileges"] == ["yes"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_finds_nothing_wrong_with_it(tmp_path):
    unit = tmp_path / "perception.service"
    unit.write_text(re.sub("^User=.*$", "User=daemon", UNIT, flags=re.MULTILINE))
    result = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_cyclone_dds_is_told_what_it_knows():
    """Names of its own configuration guide; an element that it does not know ends the process."""
    space = "{https://cdds.io/config}"
    known = {"CycloneDDS", "Domain", "General", "MaxMessageSize", "Internal", "SocketReceiveBufferSize"}
    assert {element.tag for element in ElementTree.parse(CONFIG / "cyclonedds.xml").iter()} == {
        f"{space}{name}" for name in known
    }


def test_zenohs_settings_can_be_sourced_and_are_keys_with_values():
    script = f"set -eu; set -a; . {shlex.quote(str(CONFIG / 'rmw_zenoh.env'))}; env"
    said = subprocess.run(
        ["sh", "-c", script], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True
    )
    variables = dict(line.partition("=")[::2] for line in said.stdout.splitlines())
    assert variables["RMW_IMPLEMENTATION"] == "rmw_zenoh_cpp"
    overrides = dict(each.split("=") for each in variables["ZENOH_CONFIG_OVERRIDE"].split(";"))
    assert overrides["transport/shared_memory/enabled"] == "true"
    # Room for what fastdds_shm.xml has: seconds of images that a slow reader holds on to.
    assert int(overrides["transport/shared_memory/transport_optimization/pool_size"]) >= 32 * 2**20


@pytest.mark.parametrize("line", [line for line in SHELL_LINES if line.startswith("docker compose")])
def test_every_file_and_profile_of_compose_is_there(line):
    words = shlex.split(line)
    path = REPOSITORY / words[words.index("--file") + 1]
    compose = yaml.safe_load(path.read_text())
    if "--profile" in words:
        profile = words[words.index("--profile") + 1]
        assert any(profile in service["profiles"] for service in compose["services"].values())
    if "exec" in words:
        service, program = words[words.index("exec") + 1 :][:2]
        assert service in compose["services"] and (REPOSITORY / program).exists()


@pytest.mark.parametrize(
    "command", [found[1] for line in SHELL_LINES if (found := re.search(r"/perception (\w+ .*)$", line))]
)
def test_every_command_is_one(command):
    name, *options = shlex.split(command)
    parser([name]).parse_args([name, *options])


@pytest.mark.parametrize("path", sorted(set(re.findall(rf"{INSTALLED}/(config/\S+)", PAGE + UNIT))))
def test_every_file_that_is_installed_is_there(path):
    assert (REPOSITORY / path).exists()


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", PAGE))))
def test_every_link_leads_somewhere(link):
    assert (REPOSITORY / "docs" / link).exists()
