"""config/perception.rviz holds what rviz2 understands: it passes over in silence what it does not."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
CONFIGURATION = yaml.safe_load((REPOSITORY / "config" / "perception.rviz").read_text())
MANAGER = CONFIGURATION["Visualization Manager"]
DISPLAYS = MANAGER["Displays"]

# Displays and their properties as humble and jazzy of github.com/ros2/rviz have them: the classes are named in
# rviz_default_plugins/plugins_description.xml, the properties in the constructors of displays/*_display.cpp.
OF_EVERY_DISPLAY = {"Class", "Enabled", "Name", "Value"}
OF_A_TOPIC = {"Depth", "Durability Policy", "History Policy", "Reliability Policy", "Value"}
PROPERTIES = {
    "rviz_default_plugins/Grid": {
        "Alpha", "Cell Size", "Color", "Line Style", "Normal Cell Count", "Offset", "Plane", "Plane Cell Count",
        "Reference Frame",
    },
    "rviz_default_plugins/TF": {
        "Frame Timeout", "Frames", "Marker Scale", "Show Arrows", "Show Axes", "Show Names", "Tree", "Update Interval",
    },
    "rviz_default_plugins/Image": {"Max Value", "Median window", "Min Value", "Normalize Range", "Topic"},
    "rviz_default_plugins/MarkerArray": {"Namespaces", "Topic"},
    "rviz_default_plugins/DepthCloud": {
        "Alpha", "Auto Size", "Color Image Topic", "Color Transformer", "Color Transport Hint", "Decay Time",
        "Depth Map Topic", "Depth Map Transport Hint", "Occlusion Compensation", "Position Transformer", "Queue Size",
        "Reliability Policy", "Selectable", "Size (Pixels)", "Style", "Topic Filter",
    },
}  # fmt: skip
TOOLS = {"FocusCamera", "Interact", "Measure", "MoveCamera", "PublishPoint", "Select", "SetGoal", "SetInitialPose"}
PANELS = {"Displays", "Selection", "Time", "Tool Properties", "Views"}
# The words of rviz_common/properties/qos_profile_property.cpp; of DepthCloud's own property, `Best effort`.
POLICIES = {
    "Durability Policy": {"System Default", "Transient Local", "Volatile"},
    "History Policy": {"System Default", "Keep Last", "Keep All"},
    "Reliability Policy": {"System Default", "Reliable", "Best Effort"},
}


@pytest.mark.parametrize("display", DISPLAYS, ids=lambda display: display["Name"])
def test_a_display_and_all_that_is_set_of_it_are_known(display):
    assert set(display) <= PROPERTIES[display["Class"]] | OF_EVERY_DISPLAY
    assert display["Enabled"] == display["Value"]  # both are read, the latter last


@pytest.mark.parametrize("display", [each for each in DISPLAYS if "Topic" in each], ids=lambda display: display["Name"])
def test_the_quality_of_service_is_in_words_that_are_read(display):
    topic = display["Topic"]
    assert set(topic) == OF_A_TOPIC
    assert all(topic[policy] in words for policy, words in POLICIES.items())


def test_depth_is_asked_for_with_the_word_of_its_own_display():
    (cloud,) = [each for each in DISPLAYS if each["Class"].endswith("DepthCloud")]
    assert cloud["Reliability Policy"] in {"System Default", "Reliable", "Best effort"}


def test_names_are_unique_as_those_of_windows_have_to_be():
    names = [each["Name"] for each in DISPLAYS]
    assert len(names) == len(set(names))


def test_tools_panels_and_transformation_are_known():
    assert {tool["Class"] for tool in MANAGER["Tools"]} <= {f"rviz_default_plugins/{name}" for name in TOOLS}
    assert {panel["Class"] for panel in CONFIGURATION["Panels"]} <= {f"rviz_common/{name}" for name in PANELS}
    assert MANAGER["Transformation"]["Current"]["Class"] == "rviz_default_plugins/TF"


def test_what_comes_from_all_nodes_together_is_shown_and_from_one_alone_is_not():
    for display in DISPLAYS:
        topic = display.get("Topic", {}).get("Value", "/person_perception/")
        assert display["Enabled"] == topic.startswith("/person_perception/"), display["Name"]


def test_a_namespace_that_is_listed_is_one_of_that_nodes_markers():
    """Those of the person node are all; that they are used is tested with the nodes."""
    sources = {
        "/face_perception/markers": ["face_perception"],
        "/gesture_perception/markers": ["gesture_perception"],
        "/person_perception/markers": ["face_perception", "gesture_perception", "person_perception"],
    }
    for display in DISPLAYS:
        if "Namespaces" in display:
            texts = [
                (REPOSITORY / f"src/{package}/{package}/markers.py").read_text()
                for package in sources[display["Topic"]["Value"]]
            ]
            used = {name for text in texts for name in re.findall(r'track_marker\(header, \w+, "(\w+)"', text)}
            assert set(display["Namespaces"]) == used
            assert all(display["Namespaces"].values())


def view():
    """Where the view is, and its axes right, up and ahead, in the fixed frame.

    As OrbitViewController::updateCamera places it and Ogre::SceneNode::setDirection turns it, with z as the fixed axis.
    """
    current = MANAGER["Views"]["Current"]
    assert current["Class"] == "rviz_default_plugins/Orbit" and not current["Invert Z Axis"]
    focus = np.array([current["Focal Point"][axis] for axis in "XYZ"], float)
    yaw, pitch = current["Yaw"], current["Pitch"]
    out = np.array([math.cos(yaw) * math.cos(pitch), math.sin(yaw) * math.cos(pitch), math.sin(pitch)])
    right = np.cross([0.0, 0.0, 1.0], out)
    right /= np.linalg.norm(right)
    return focus + current["Distance"] * out, right, np.cross(out, right), -out


def test_the_view_is_from_behind_and_above_the_camera_the_right_way_up():
    assert MANAGER["Global Options"]["Fixed Frame"] == "camera_color_optical_frame"  # x right, y down, z ahead
    place, right, up, ahead = view()
    assert place[2] < 0 and place[1] < 0
    assert right == pytest.approx([1, 0, 0], abs=1e-3)
    assert up[1] < -0.8 and ahead[2] > 0.8


def test_who_stands_two_metres_ahead_is_in_the_middle_of_the_view():
    place, _, _, ahead = view()
    somebody = np.array([0.0, 0.0, 2.0])
    assert np.cross(somebody - place, ahead) == pytest.approx([0, 0, 0], abs=1e-6)


def test_the_grid_lies_flat_below_the_camera():
    (grid,) = [each for each in DISPLAYS if each["Class"].endswith("Grid")]
    assert grid["Plane"] == "XZ" and grid["Offset"]["Y"] > 0
