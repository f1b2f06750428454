import ast
from pathlib import Path

import pytest

from perception_cli.up_plan import check_params_file, plan
from perception_cli.up_settings import SettingsError, UpSettings

LAUNCH = Path(__file__).parents[3] / "launch"


def processes(**settings):
    return {each.name: each for each in plan(UpSettings(**settings))}


def test_all_nodes_of_perception_share_a_process():
    planned = processes()
    assert list(planned) == ["perception", "bring_up"]
    assert planned["perception"].command[1:4] == (
        "face_perception.node:FaceNode",
        "gesture_perception.node:GestureNode",
        "person_perception.node:PersonNode",
    )
    assert planned["bring_up"].command[1:5] == ("face_perception", "gesture_perception", "person_perception", "--keep")


def test_or_each_has_its_own():
    assert list(processes(composed=False, gestures=False)) == ["face_perception", "bring_up"]
    assert list(processes(composed=False)) == [
        "face_perception",
        "gesture_perception",
        "person_perception",
        "bring_up",
    ]


def test_gestures_are_handed_to_the_person_node_only_where_there_is_one():
    handed_on = "gesture_perception:gesture_events:=hand_events"
    assert handed_on in processes()["perception"].command
    assert handed_on not in processes(people=False)["perception"].command


def test_a_behaviour_that_died_stays_so_and_the_others_go_on():
    greeter = processes(behaviours="greeter")["greeter"]
    assert not greeter.respawn and not greeter.needed
    assert processes()["perception"].respawn


def test_without_respawn_nothing_is_kept_up():
    assert "--keep" not in processes(respawn=False)["bring_up"].command
    assert not processes(respawn=False)["perception"].respawn


def test_a_camera_of_another_name_is_found_by_everybody():
    planned = processes(camera="replay", camera_name="front", namespace="robot")
    moved = "camera/camera/color/image_raw:=camera/front/color/image_raw"
    assert moved in planned["camera"].command and moved in planned["perception"].command
    assert "frame_id:=front_color_optical_frame" in planned["camera"].command
    assert all("__ns:=/robot" in each.command for each in planned.values())


def test_topics_of_a_driver_can_be_named():
    command = processes(colour_topic="/usb_cam/image_raw")["perception"].command
    assert "camera/camera/color/image_raw:=/usb_cam/image_raw" in command


def test_the_engine_is_told_to_the_nodes_that_have_one():
    command = processes(engine="onnxruntime")["perception"].command
    assert "face_perception:engine:=onnxruntime" in command and "gesture_perception:engine:=onnxruntime" in command
    assert "person_perception:engine:=onnxruntime" not in command


def test_a_source_that_looks_like_a_number_is_a_name():
    assert 'source:="0"' in processes(camera="replay", source="0")["camera"].command


def test_the_params_file_is_read_before_anything_runs(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text("/**/gesture_perception:\n  ros__parameters: {max_hnds: 1}\n")
    with pytest.raises(SettingsError, match="gesture_perception has no parameter max_hnds; did you mean max_hands"):
        check_params_file(UpSettings(params_file=str(path)))
    assert check_params_file(UpSettings()) == []


def test_the_launch_files_have_the_same_arguments():
    """What one way to start it has, the other has, but for what belongs to launch alone."""
    tree = ast.parse((LAUNCH / "perception.launch.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    declared = {each.args[0].value for each in calls if getattr(each.func, "id", "") == "DeclareLaunchArgument"}
    settings = set(UpSettings.__slots__)
    assert declared - settings == {"autostart", "rviz"}
    assert settings - declared == {"camera", "source", "table"}  # camera.launch.py and behaviours.launch.py have them
