import json

import pytest

from perception_cli import doctor
from perception_cli.commands import main
from perception_cli.doctor_files import PARAMETERS, params_facts, settings, weight_facts
from perception_cli.doctor_report import Examined, exit_code, for_people, for_programs
from perception_core.diagnosis.catalogue import Area
from perception_core.diagnosis.finding import Finding
from perception_core.diagnosis.params_file import check_params
from perception_core.paths import share_file

FOUND = Finding("no-depth", "nobody publishes /depth", "Distances are estimated.", "align_depth.enable:=true")
WELL = Examined(Area.MACHINE, ["2 cores"])
ILL = Examined(Area.CAMERA, ["colour: 640x480"], [FOUND])
BLIND = Examined(Area.NODES, unseen="there is no ROS")


@pytest.mark.parametrize(
    ("parts", "code", "summary"),
    [
        ([WELL], 0, "Nothing is wrong."),
        ([WELL, ILL], 1, "1 finding."),
        ([WELL, BLIND], 2, "Nothing was found; nodes could not be looked at."),
        ([ILL, BLIND], 2, "1 finding; nodes could not be looked at."),
    ],
)
def test_exit_code_and_last_line_say_the_same(parts, code, summary):
    assert exit_code(parts) == code
    assert for_people(parts).splitlines()[-1] == summary


def test_people_read_what_why_and_the_command_in_a_line_of_its_own():
    lines = for_people([WELL, ILL]).splitlines()
    assert "  ! nobody publishes /depth." in lines and "    Distances are estimated." in lines
    assert "    -> align_depth.enable:=true" in lines


def test_programs_read_the_same():
    said = json.loads(for_programs([WELL, ILL, BLIND]))
    assert said["exit_code"] == 2
    assert [area["area"] for area in said["areas"]] == ["machine", "camera", "nodes"]
    assert said["areas"][1]["findings"][0]["fault"] == "no-depth"
    assert said["areas"][2]["not_looked_at"] == "there is no ROS"


def test_the_params_file_that_is_shipped_has_no_fault():
    facts = params_facts(share_file("config/perception.yaml"))
    assert not facts.problem and not check_params(facts)
    assert set(facts.nodes) == set(PARAMETERS)


def test_a_params_file_is_checked_and_what_it_asks_for_is_missed(tmp_path, monkeypatch, capsys, signals_kept):
    """No models here, a typo, and TensorRT, which no test machine has."""
    monkeypatch.setenv("PERCEPTION_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "robot.yaml"
    path.write_text(
        "/**/face_perception:\n  ros__parameters:\n    engine: tensorrt\n    max_face: 3\n    identity: ''\n"
        "/**/gesture_perception:\n  ros__parameters:\n    palm_model: palms\n"
    )
    monkeypatch.setattr("perception_core.diagnosis.look_at_machine.find_spec", lambda module: None)
    words = ["doctor", "--json", "--params-file", str(path)]
    assert main([*words, "--only", "parameters", "--only", "machine", "--only", "models"]) == 1
    areas = json.loads(capsys.readouterr().out)["areas"]
    found = [(each["fault"], each["what"], each["remedy"]) for area in areas for each in area["findings"]]
    assert {"params-name", "no-tensorrt", "no-pycuda", "model"} <= {fault for fault, _, _ in found}
    assert any("max_faces is meant" in what for _, what, _ in found)
    assert any(remedy == "./perception models fetch yunet" for _, _, remedy in found)
    assert any("palms" in what and remedy == "./perception models list" for _, what, remedy in found)
    assert not any("face_identity" in what for _, what, _ in found)  # nobody wants it


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "No such file"), ("a: [", "not valid YAML"), ("- 1", "must be a mapping")],
)
def test_a_params_file_that_is_none_is_said(tmp_path, capsys, content, said, signals_kept):
    path = tmp_path / "robot.yaml"
    if content is not None:
        path.write_text(content)
    assert main(["doctor", "--params-file", str(path), "--only", "parameters"]) == 1
    assert said in " ".join(capsys.readouterr().out.split())


def test_all_models_of_the_defaults_are_looked_for():
    names = {weight.name for weight in weight_facts(settings({})).weights}
    assert {"yunet", "face_landmarks", "face_identity", "palm_detection", "hand_landmarks"} <= names


def test_without_ros_the_rest_is_looked_at_and_the_graph_is_not(monkeypatch, capsys, signals_kept):
    blind = doctor.environment_facts({"ROS_DISTRO": "jazzy"})
    broken = type(blind)(**{name: getattr(blind, name) for name in blind.__slots__} | {"ros_problem": "no rclpy"})
    monkeypatch.setattr(doctor, "environment_facts", lambda environ: broken)
    assert main(["doctor", "--only", "environment", "--only", "camera"]) == 2
    printed = capsys.readouterr().out
    assert "Python cannot use ROS: no rclpy" in printed and "camera could not be looked at" in printed
