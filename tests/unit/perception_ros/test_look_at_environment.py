"""Facts that are gathered from files, of a machine that is made for the test."""

import fcntl
import os
import sys

import pytest

from perception_ros.look_at_environment import environment_facts, own_segments, shared_memory_facts

SEGMENT = "fastrtps_0123456789abcdef"


@pytest.mark.parametrize(
    ("content", "problem", "size"),
    [
        (None, "is not there", None),
        ("<profiles>", "no XML", None),
        ("<profiles><transport_descriptor><type>UDPv4</type></transport_descriptor></profiles>", "", None),
        (
            '<p xmlns="x"><transport_descriptor><type>SHM</type><segment_size>4096</segment_size>'
            "</transport_descriptor></p>",
            "",
            4096,
        ),
    ],
)
def test_a_profile_is_read_and_what_is_wrong_with_it_said(tmp_path, content, problem, size):
    path = tmp_path / "profile.xml"
    if content is not None:
        path.write_text(content)
    profile = environment_facts({"FASTRTPS_DEFAULT_PROFILES_FILE": str(path)}).profile
    assert problem in profile.problem and bool(profile.problem) == bool(problem)
    assert profile.segment_bytes == size


def test_a_profile_that_is_found_from_one_folder_only_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.xml").write_text("<profiles/>")
    assert "whole path" in environment_facts({"FASTDDS_DEFAULT_PROFILES_FILE": "p.xml"}).profile.problem


def test_the_suites_own_profile_is_found_and_large_enough():
    facts = environment_facts({})
    assert facts.profile is None
    own = environment_facts({"FASTRTPS_DEFAULT_PROFILES_FILE": str(facts.shipped_profile)}).profile
    assert own.segment_bytes == 32 * 2**20


def test_python_and_variables_are_those_that_are_given():
    facts = environment_facts({"ROS_DOMAIN_ID": "7", "ROS_DISTRO": "humble"})
    assert (facts.domain, facts.distro, facts.from_wheels) == ("7", "humble", False)
    assert facts.python == sys.version_info[:2]


def test_a_segment_belongs_to_the_process_that_holds_its_lock(tmp_path):
    (tmp_path / SEGMENT).write_bytes(b"x" * 5000)
    with (tmp_path / f"{SEGMENT}_el").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert own_segments(tmp_path) == {os.getpid(): 5000}
    assert own_segments(tmp_path) == {}


def test_shared_memory_that_is_not_there_is_none_and_one_without_segments_has_none_stale(tmp_path):
    assert shared_memory_facts(tmp_path / "none") is None
    assert shared_memory_facts(tmp_path).stale == ()
