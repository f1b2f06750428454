"""The images are made as the bare machine is, open no more than is said, and hold what the suite needs.

No engine builds them here; docs/deployment.md says what was tried.
"""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

from perception_cli.bootstrap import prerequisites
from perception_core.paths import cache_dir, data_dir

REPOSITORY = Path(__file__).resolve().parents[2]
DOCKER = REPOSITORY / "docker"
DISTROS = {"jetson": "humble", "desktop": "jazzy"}
COMPOSE = yaml.safe_load((DOCKER / "compose.yaml").read_text())
HOME = Path("/home/robot")


def instructions(image):
    """Each with its words; lines that are continued are one."""
    text = (DOCKER / f"{image}.Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [tuple(re.split(r"\s+", line, maxsplit=1)) for line in lines]


def all_of(image, kind):
    return [words for name, words in instructions(image) if name == kind]


def packages(image):
    commands = " ".join(all_of(image, "RUN"))
    return {word for command in re.findall(r"apt-get install ([^&;]*)", commands) for word in command.split()}


@pytest.fixture(params=sorted(DISTROS))
def image(request):
    return request.param


def test_everything_that_the_set_up_asks_for_is_installed(image):
    asked = (prerequisites.VENV, prerequisites.HEADERS, prerequisites.COMPILER, prerequisites.NPM, prerequisites.COLCON)
    names = {each.remedy.rpartition(" ")[2] for each in asked}
    assert {re.sub(r"^python3\.\d+-", "python3-", name) for name in names} <= packages(image)


def test_ros_packages_are_of_one_distro_and_something_of_ours_names_them(image):
    named = {name for name in packages(image) if name.startswith("ros-")}
    assert all(name.startswith(f"ros-{DISTROS[image]}-") for name in named)
    paths = [*REPOSITORY.glob("src/*/package.xml"), *REPOSITORY.glob("launch/*.py"), *REPOSITORY.glob("src/*/*/*.py")]
    ours = " ".join(path.read_text() for path in paths)
    for name in named - {f"ros-{DISTROS[image]}-ros-base"}:
        assert name.removeprefix(f"ros-{DISTROS[image]}-").replace("-", "_") in ours


def test_it_is_set_up_as_the_readme_says(image):
    readme = (REPOSITORY / "README.md").read_text()
    distro = DISTROS[image]
    (set_up,) = [words for words in all_of(image, "RUN") if "./perception setup" in words]
    steps = [step.strip() for step in set_up.split("&&")]
    assert steps == [
        f". /opt/ros/{distro}/setup.sh",
        "./perception setup",
        f". .venv-{distro}/bin/activate",
        "python3 -m colcon build",
    ]
    assert "./perception setup\nsource .venv-$ROS_DISTRO/bin/activate\npython3 -m colcon build\n" in readme


def test_it_runs_as_nobody_special(image):
    names = [name for name, _ in instructions(image)]
    assert all_of(image, "USER") == ["robot"]
    first_of_ours = names.index("COPY")
    assert names.index("USER") < first_of_ours
    assert all(words.startswith("--chown=robot ") for words in all_of(image, "COPY"))


def test_what_is_downloaded_from_elsewhere_is_checked(image):
    commands = " ".join(all_of(image, "RUN"))
    for words in all_of(image, "ADD"):
        assert f'{words.split()[-1]}" | sha256sum --strict --check' in commands


def test_it_starts_a_launch_file_that_is_there(image):
    (command,) = all_of(image, "CMD")
    *_, package, name = yaml.safe_load(command)
    assert package == "face_perception" and (REPOSITORY / "launch" / name).exists()
    (entry,) = all_of(image, "ENTRYPOINT")
    (path,) = yaml.safe_load(entry)
    assert (REPOSITORY / path).stat().st_mode & 0o111 == 0o111


def test_a_volume_lies_where_the_suite_keeps_things_and_belongs_to_its_user(image, monkeypatch):
    for name in ("PERCEPTION_CACHE", "XDG_CACHE_HOME", "PERCEPTION_DATA", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(HOME))
    targets = dict(volume.split(":")[:2] for volume in COMPOSE["services"][image]["volumes"])
    assert Path(targets["plans"]) == cache_dir() / "plans"
    assert Path(targets["people"]) == data_dir()
    assert Path(targets["models"]) == HOME / ".config" / "perception-suite"
    made = re.search(r"mkdir -p (.*)", all_of(image, "RUN")[-1])[1].split()
    assert {str(HOME / name.removeprefix("~/")) for name in made} == {targets[name] for name in COMPOSE["volumes"]}


@pytest.mark.parametrize("name", sorted(COMPOSE["services"]))
def test_a_service_shares_memory_and_network_and_has_no_rights_of_roots(name):
    service = COMPOSE["services"][name]
    assert (service["network_mode"], service["ipc"]) == ("host", "host")
    assert service["cap_drop"] == ["ALL"] and "no-new-privileges:true" in service["security_opt"]
    assert not {"privileged", "cap_add", "user"} & set(service)
    assert (DOCKER / service["build"]["context"] / service["build"]["dockerfile"]).exists()
    declared = " ".join(all_of(service["image"].partition(":")[2].replace("cuda", "desktop"), "ARG"))
    assert all(re.search(rf"\b{argument}=", declared) for argument in service["build"]["args"])


def test_no_environment_and_no_personal_data_get_into_an_image():
    left_out = (REPOSITORY / ".dockerignore").read_text().splitlines()
    suffixes = {".mcap", ".db3", ".sqlite", ".mp4", ".mkv", ".jsonl"}
    assert {".git", ".venv*", "build", "install", *(f"**/*{suffix}" for suffix in suffixes)} <= set(left_out)


def test_nothing_needs_a_display():
    texts = [path.read_text() for path in DOCKER.iterdir()]
    assert not any(word in text for text in texts for word in ("DISPLAY", "X11", "xhost"))


def test_the_entry_point_sources_everything_and_becomes_the_command(tmp_path):
    for name in (".venv-jazzy/bin/activate", "install/setup.bash"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f'SOURCED="$SOURCED {name}"; export SOURCED\n')
    (tmp_path / "ros").write_text('SOURCED="ros"\n')
    (tmp_path / "docker").mkdir()
    script = (DOCKER / "entrypoint.sh").read_text()
    assert "/opt/ros/$ROS_DISTRO/setup.bash" in script
    copy = tmp_path / "docker" / "entrypoint.sh"
    copy.write_text(script.replace("/opt/ros/$ROS_DISTRO/setup.bash", str(tmp_path / "ros")))
    telling = ["python3", "-c", "import os; print(os.environ['SOURCED']); print(os.environ[%r])"]
    telling[-1] %= "FASTRTPS_DEFAULT_PROFILES_FILE"
    result = subprocess.run(
        ["bash", copy, *telling],
        env={"PATH": "/usr/bin:/bin", "ROS_DISTRO": "jazzy"},
        capture_output=True,
        text=True,
        check=True,
    )
    sourced, profile = result.stdout.splitlines()
    assert shlex.split(sourced) == ["ros", ".venv-jazzy/bin/activate", "install/setup.bash"]
    assert profile == str(tmp_path / "config" / "fastdds_shm.xml")
