"""The locks: pinned, hashed, and agreeing with each other."""

import re
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements"
LOCKS = sorted(path.stem for path in REQUIREMENTS.glob("*.lock"))


def entries(name):
    """(name, version, marker) and number of hashes of each requirement."""
    text = (REQUIREMENTS / f"{name}.lock").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(re.match(r"([a-z0-9._-]+)==(\S+)", line), line.count("--hash=sha256:"), line) for line in lines]


def versions(name):
    found = {}
    for pin, _, _ in entries(name):
        found.setdefault(pin[1], set()).add(pin[2])
    return found


def test_every_source_has_its_lock():
    sources = {path.stem for path in REQUIREMENTS.glob("*.in")} - {"libraries"}
    assert sources == set(LOCKS)


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_pinned_and_hashed(name):
    assert entries(name)
    for pin, hashes, line in entries(name):
        assert pin, line
        assert hashes, line


@pytest.mark.parametrize("name", LOCKS)
def test_no_lock_names_a_host(name):
    assert "://" not in (REQUIREMENTS / f"{name}.lock").read_text()


@pytest.mark.parametrize("name", ["runtime", "sourced", "test"])
def test_what_is_asked_for_is_locked(name):
    asked = (REQUIREMENTS / f"{name}.in").read_text()
    if "-r libraries.in" in asked:
        asked += (REQUIREMENTS / "libraries.in").read_text()
    names = re.findall(r"^([A-Za-z][\w.-]*)", asked, re.MULTILINE)
    assert {name.lower() for name in names} <= set(versions(name))


@pytest.mark.parametrize("environment", ["runtime", "sourced"])
def test_the_test_tools_change_no_library_of_the_environment(environment):
    installed = versions(environment)
    for name, wanted in versions("test").items():
        assert wanted <= installed.get(name, wanted), name


def test_numpy_is_the_one_that_the_ros_beside_it_was_built_for():
    assert versions("sourced")["numpy"] == {"1.26.4"}
    assert versions("runtime")["numpy"] == {"2.2.6"}
