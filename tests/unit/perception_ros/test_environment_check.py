from perception_ros.environment_check import environment_lines
from perception_ros.look_at_environment import environment_facts


def of_variables(lines):
    """Without what killed processes may have left on this very machine."""
    return [line for line in lines if "shared memory" not in line.split(".")[0]]


def test_a_node_that_has_its_profile_has_nothing_to_say():
    shipped = environment_facts({}).shipped_profile
    assert not of_variables(environment_lines({"FASTRTPS_DEFAULT_PROFILES_FILE": str(shipped)}))


def test_a_node_without_a_profile_and_with_discovery_off_says_both_with_their_remedies():
    lines = of_variables(environment_lines({"ROS_AUTOMATIC_DISCOVERY_RANGE": "OFF"}))
    assert len(lines) == 2
    assert any("export ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST" in line for line in lines)
    assert any("export FASTRTPS_DEFAULT_PROFILES_FILE=" in line for line in lines)
