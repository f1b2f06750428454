from pathlib import Path

import pytest

from perception_cli.bootstrap.environment import choose
from perception_cli.bootstrap.errors import SetupError

CLONE = Path("/clone")


def sourced(distro):
    return {"ROS_DISTRO": distro, "AMENT_PREFIX_PATH": f"/opt/ros/{distro}"}


def test_without_a_ros_it_comes_from_wheels():
    environment = choose(CLONE, {}, "x86_64")
    assert environment.distro is None
    assert environment.venv == CLONE / ".venv"
    assert environment.libraries_lock.name == "runtime.lock"


@pytest.mark.parametrize("distro", ["humble", "jazzy"])
@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_a_sourced_ros_is_used_and_has_an_environment_of_its_own(distro, machine):
    environment = choose(CLONE, sourced(distro), machine)
    assert environment.distro == distro
    assert environment.venv == CLONE / f".venv-{distro}"
    assert environment.libraries_lock.name == "sourced.lock"


def test_on_arm_without_a_ros_the_answer_is_to_install_one():
    with pytest.raises(SetupError, match=r"x86_64 only.*aarch64.*install ROS 2.*source it"):
        choose(CLONE, {}, "aarch64")


def test_another_distro_is_refused_with_those_that_work():
    with pytest.raises(SetupError, match=r"ROS_DISTRO is kilted.*humble and jazzy"):
        choose(CLONE, sourced("kilted"), "x86_64")


def test_a_ros_that_is_named_but_not_sourced_is_told_how_to_source_it():
    with pytest.raises(SetupError, match=r"not sourced: source /opt/ros/jazzy/setup.bash"):
        choose(CLONE, {"ROS_DISTRO": "jazzy"}, "x86_64")


def test_an_environment_without_a_package_folder_is_called_damaged(tmp_path):
    with pytest.raises(SetupError, match="damaged"):
        choose(tmp_path, {}, "x86_64").site_packages()


@pytest.mark.parametrize("name", ["jürgen", "it's", "par(en)", "semi;colon", "do$lar", "col:on", 'quo"te'])
def test_a_folder_in_which_ros_cannot_build_is_refused_at_once(name):
    with pytest.raises(SetupError, match="move the clone"):
        choose(Path("/home") / name / "clone", {}, "x86_64")


def test_a_folder_with_spaces_is_no_trouble():
    assert choose(Path("/home/my robots/clone"), {}, "x86_64").distro is None
