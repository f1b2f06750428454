"""`./perception eval` on small data sets of real pictures, and on what is none."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys

import cv2
import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from face_perception.alignment import aligned_crop, alignment
from face_perception.detection import FaceDetector
from face_perception.face_region import region_of_detection, region_of_landmarks
from face_perception.landmark_schemes import to_scheme
from face_perception.landmarks import LandmarkNetwork, LandmarkScheme
from perception_cli.commands import main
from perception_cli.evaluation.faces import main_face
from perception_core.engines.engine import open_engine
from perception_core.sources.pictures import limited, read_picture

# The angry face is one that the network takes for a sad one.
FACES = {
    "happiness/a": "happy_face",
    "happiness/b": "astronaut",
    "surprise/a": "surprised_face",
    "Anger/a": "angry_face",
}
PEOPLE = {
    "Obama/1": "obama",
    "Obama/2": "obama_other",
    "Obama/3": "obama_third",
    "Biden/1": "biden",
    "Collins/1": "astronaut",
}
PATIENCE_S = 60


@pytest.fixture(autouse=True)
def ready(weights, tmp_path, monkeypatch, signals_kept):
    """The networks are there, and results go into a folder of the test."""
    for name in ("yunet", "face_expression", "face_identity", "face_landmarks"):
        weights(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def lay(picture, tmp_path):
    """Copies pictures to places in the data's folder."""

    def copy(places):
        for place, name in places.items():
            source = picture(name)
            target = tmp_path / "data" / f"{place}{source.suffix}"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
        return tmp_path / "data"

    return copy


@pytest.fixture
def crops(lay, weights):
    """The faces of `FACES` alone, in 48x48 pixels."""
    folder = lay(FACES)
    detect = FaceDetector(open_engine(weights("yunet")))
    for path in folder.glob("*/*"):
        colour = read_picture(path)
        rows, columns = detect(colour)[0].box.squared().clipped(colour.shape[1], colour.shape[0]).slices()
        cv2.imwrite(str(path), cv2.resize(colour[rows, columns], (48, 48), interpolation=cv2.INTER_AREA))
    return folder


@pytest.fixture
def evaluate(capsys, tmp_path):
    """Runs the command; gives its exit code, its result, its output and what it complained about."""

    def run(*words):
        file = tmp_path / "result.json"
        code = main(["eval", *map(str, words), "--json", str(file)])
        printed = capsys.readouterr()
        return code, json.loads(file.read_text()) if file.exists() else None, printed.out, printed.err

    return run


def test_posed_expressions_are_read_and_every_number_is_told(evaluate, lay):
    code, found, said, complaints = evaluate("expression", "--data", lay(FACES), "--confusion", "matrix.png")
    assert (code, complaints) == (0, "")
    assert found["accuracy"] == 0.75 and found["mean_recall"] == pytest.approx(2 / 3)
    assert found["recall"] == {"happy": 1.0, "angry": 0.0, "surprised": 1.0}
    assert found["precision"] == {"happy": 1.0, "angry": None, "surprised": 1.0}
    matrix = found["confusion"]
    assert matrix["classes"] == ["happy", "angry", "surprised"] and np.array(matrix["counts"]).sum() == 4
    assert matrix["counts"][1][matrix["answers"].index("sad")] == 1
    assert found["counts"] == {"pictures": 4, "undetected": 0, "without_numbers": 0, "unreadable": 0, "skipped": {}}
    assert found["cpu_ms_per_face"]["read"] > 0 and found["cpu_ms_per_face"]["detect"] > 0
    assert (found["task"], found["layout"], found["split"], found["partial"]) == (
        "expression",
        "class-folders",
        None,
        False,
    )
    assert found["mirrored"] is True and found["second"] is None
    assert found["licence"]["spdx"] == "MIT" and [each["name"] for each in found["models"]] == [
        "face_expression",
        "yunet",
    ]
    assert "0.750 accuracy" in said and "sad (1.00)" in said and "MIT" in said
    assert cv2.imread("matrix.png").shape[0] > 3 * 80


def test_a_picture_without_a_face_counts_as_wrong(evaluate, lay):
    folder = lay(FACES)
    cv2.imwrite(str(folder / "happiness" / "nobody.png"), np.full((300, 300, 3), 120, np.uint8))
    _, found, said, _ = evaluate("expression", "--data", folder)
    assert found["recall"]["happy"] == pytest.approx(2 / 3) and found["accuracy"] == 0.6
    assert found["counts"]["undetected"] == 1
    row = found["confusion"]["classes"].index("happy")
    assert found["confusion"]["counts"][row][found["confusion"]["answers"].index("undetected")] == 1
    assert "no face was found in 1 picture, which counts as wrong" in said


def test_face_crops_are_taken_as_they_are(evaluate, crops):
    _, found, _, _ = evaluate("expression", "--data", crops, "--whole-crop")
    assert found["recall"] == {"happy": 1.0, "angry": 0.0, "surprised": 1.0}
    assert found["whole_crop"] is True and found["counts"]["undetected"] == 0
    assert found["cpu_ms_per_face"]["detect"] is None


def test_a_class_that_the_network_does_not_have_is_said_and_left_out(evaluate, lay):
    _, found, said, _ = evaluate("expression", "--data", lay(FACES | {"contempt/a": "biden", "contempt/b": "obama"}))
    assert found["counts"]["skipped"] == {"contempt": 2} and found["accuracy"] == 0.75
    assert "no such class: contempt (2 pictures)" in said


def test_pictures_that_cannot_be_read_are_counted_and_named(evaluate, lay):
    folder = lay(FACES)
    (folder / "Anger" / "letter.jpg").write_text("not a picture")
    whole = next((folder / "happiness").glob("*"))
    (folder / "happiness" / "cut.jpg").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    code, found, said, _ = evaluate("expression", "--data", folder)
    assert code == 0 and found["accuracy"] == 0.75
    assert found["counts"]["pictures"] == 4 and found["counts"]["unreadable"] == 2
    assert sorted(each.partition(":")[0].rpartition("/")[2] for each in found["unreadable"]) == [
        "cut.jpg",
        "letter.jpg",
    ]
    assert "2 pictures could not be read" in said and "letter.jpg" in said


def test_fer2013s_file_is_read_like_folders(evaluate, crops, tmp_path):
    numbers = {"Anger": 0, "happiness": 3, "surprise": 5}
    lines = ["emotion,pixels,Usage", f"3,{' '.join(['7'] * 10)},PrivateTest"]
    for path in crops.glob("*/*"):
        pixels = " ".join(map(str, cv2.imread(str(path), cv2.IMREAD_GRAYSCALE).ravel()))
        lines.append(f"{numbers[path.parent.name]},{pixels},PrivateTest")
    (tmp_path / "csv").mkdir()
    (tmp_path / "csv" / "fer2013.csv").write_text("\n".join(lines) + "\n")
    code, found, _, _ = evaluate("expression", "--data", tmp_path / "csv", "--whole-crop")
    assert code == 0 and (found["layout"], found["split"]) == ("fer2013-csv", "PrivateTest")
    assert found["recall"]["happy"] == found["recall"]["surprised"] == 1.0
    assert found["counts"]["pictures"] == 4 and found["counts"]["unreadable"] == 1


def test_a_sample_is_the_same_every_time(evaluate, lay):
    folder = lay(FACES)
    first, second = (evaluate("expression", "--data", folder, "--limit", "2")[1] for _ in range(2))
    assert first["counts"]["pictures"] == 2 == first["limit"]
    assert first["confusion"] == second["confusion"]


def test_a_network_of_the_users_own_is_evaluated_by_its_name(evaluate, lay, weights, tmp_path, monkeypatch):
    """The same network under another name, with its labels in AffectNet's words."""
    shutil.copy(weights("face_expression"), tmp_path / "mine.onnx")
    (tmp_path / "models.yaml").write_text(
        """
models:
  mine:
    task: facial expression
    description: My own.
    licence: {spdx: LicenseRef-mine, note: "Only for me."}
    sources: [{file: mine.onnx}]
    conversion: onnx
    decoder: class_scores
    inputs:
      - name: image
        shape: [N, 3, 112, 112]
        image: {layout: NCHW, colour: RGB, crop: the face, face_crop: {kind: square, scale: 1.0}}
    outputs:
      - {name: scores, shape: [N, 7], meaning: probabilities}
    labels: [neutral, happiness, sadness, anger, fear, disgust, surprise]
"""
    )
    folder = lay(FACES)
    monkeypatch.setenv("PERCEPTION_MODELS_FILE", str(tmp_path / "models.yaml"))
    monkeypatch.setenv("PERCEPTION_CACHE", str(tmp_path / "cache"))
    assert main(["models", "fetch", "mine"]) == 0
    code, found, said, _ = evaluate("expression", "--data", folder, "--whole-crop", "--model", "mine")
    assert code == 0 and found["model"] == "mine" and found["counts"]["pictures"] == 4
    assert found["licence"] == {"spdx": "LicenseRef-mine", "note": "Only for me."}
    assert "Only for me." in said


@pytest.fixture
def logarithmic(tmp_path, monkeypatch):
    """A network that gives no numbers for a black picture, as the logarithm of nothing is none."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["image"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"]),
        helper.make_node("MatMul", ["flat", "ones"], ["sums"]),
        helper.make_node("Log", ["sums"], ["scores"]),
    ]
    graph = helper.make_graph(
        nodes,
        "logarithmic",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 3, 112, 112])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", 7])],
        [numpy_helper.from_array(np.ones((3, 7), np.float32), "ones")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    (tmp_path / "logarithmic.onnx").write_bytes(model.SerializeToString())
    (tmp_path / "models.yaml").write_text(
        """
models:
  logarithmic:
    task: facial expression
    description: My own.
    licence: {spdx: LicenseRef-mine}
    sources: [{file: logarithmic.onnx}]
    conversion: onnx
    decoder: class_logits
    inputs:
      - name: image
        shape: [N, 3, 112, 112]
        image: {layout: NCHW, colour: RGB, crop: the face, face_crop: {kind: square, scale: 1.0}}
    outputs:
      - {name: scores, shape: [N, 7], meaning: logits}
    labels: [neutral, happiness, sadness, anger, fear, disgust, surprise]
"""
    )
    monkeypatch.setenv("PERCEPTION_MODELS_FILE", str(tmp_path / "models.yaml"))
    monkeypatch.setenv("PERCEPTION_CACHE", str(tmp_path / "cache"))
    assert main(["models", "fetch", "logarithmic"]) == 0
    return "logarithmic"


def test_a_network_that_gives_no_numbers_is_not_taken_for_a_face_that_is_not_found(evaluate, lay, logarithmic):
    folder, words = lay(FACES), ["--whole-crop", "--model", logarithmic]
    cv2.imwrite(str(folder / "happiness" / "black.png"), np.zeros((112, 112, 3), np.uint8))
    code, found, said, _ = evaluate("expression", "--data", folder, *words)
    assert code == 0 and found["counts"]["without_numbers"] == 1 and found["counts"]["undetected"] == 0
    assert "the network gave no numbers for 1 picture, which counts as wrong" in said
    assert "no face was found" not in said
    for path in folder.glob("*/*.*"):
        if path.name != "black.png":
            path.unlink()
    code, _, _, complaints = evaluate("expression", "--data", folder, *words)
    assert code == 1 and "logarithmic gave no numbers for any picture" in complaints


def test_people_are_told_apart(evaluate, lay):
    code, found, said, _ = evaluate("identity", "--data", lay(PEOPLE), "--roc", "roc.png")
    assert code == 0
    assert found["counts"] | {"pictures": 5, "pairs": 6, "same": 3, "different": 3} == found["counts"]
    assert found["accuracy"] == 1.0 and found["folds"] == 3 and found["eer"] == 0.0
    assert found["node"]["tar"] == 1.0 and found["node"]["far"] == 0.0
    assert found["thresholds"]["accuracy"] > 0.25
    assert found["roc"][0]["tar"] == 1.0 and found["roc"][0]["far"] == 0.0
    assert found["tar_at_far"] == {"0.01": None, "0.001": None}  # three pairs of two people cannot show a hundredth
    assert cv2.imread("roc.png") is not None and "1.0000" in said


def test_aligned_faces_are_compared_as_they_are(evaluate, lay, weights):
    folder = lay(PEOPLE)
    whole = evaluate("identity", "--data", folder)[1]
    detect = FaceDetector(open_engine(weights("yunet")))
    for path in folder.glob("*/*"):
        colour = limited(read_picture(path))
        points = main_face(detect(colour), colour.shape[1], colour.shape[0]).keypoints.as_array()
        path.unlink()
        cv2.imwrite(str(path.with_suffix(".png")), aligned_crop(colour, alignment(points)))
    _, found, _, _ = evaluate("identity", "--data", folder, "--whole-crop")
    assert found["roc"] == whole["roc"] and found["accuracy"] == 1.0
    assert found["cpu_ms_per_face"]["detect"] is None and [each["name"] for each in found["models"]] == [
        "face_identity"
    ]


def test_labeled_faces_in_the_wild_is_evaluated_by_its_list(evaluate, lay):
    folder = lay(
        {"lfw/Obama/Obama_0001": "obama", "lfw/Obama/Obama_0002": "obama_other", "lfw/Biden/Biden_0001": "biden"}
    )
    cv2.imwrite(str(folder / "lfw" / "Biden" / "Biden_0002.png"), np.full((250, 250, 3), 120, np.uint8))
    lines = ["2\t2", *["Obama\t1\t2", "Biden\t1\t2", "Obama\t1\tBiden\t1", "Obama\t2\tBiden\t1"] * 2, "Eve\t1\t2"]
    (folder / "pairs.txt").write_text("\n".join(lines[:-1]) + "\n")
    _, found, said, _ = evaluate("identity", "--data", folder)
    assert (found["layout"], found["folds"]) == ("lfw", 2)
    assert found["accuracy"] == 0.75  # where a face is not found, the pair is judged wrongly
    assert found["node"]["tar"] == 0.5 and found["counts"]["undetected"] == 1
    assert "no face was found in 1 picture" in said


@pytest.mark.parametrize("options", [[], ["--whole-crop"]])
def test_landmarks_are_as_far_off_as_they_were_moved(evaluate, lay, weights, options):
    """The list says where the points are, three hundredths of the eyes' distance to the right."""
    folder = lay({"WFLW_images/one/a": "astronaut", "WFLW_images/one/b": "obama"})
    detect = FaceDetector(open_engine(weights("yunet")))
    network = LandmarkNetwork(open_engine(weights("face_landmarks")))
    lines = []
    for path in sorted((folder / "WFLW_images").rglob("*.*")):
        colour = read_picture(path)
        face = detect(colour)[0]
        region = region_of_detection(face)
        for _ in range(3):
            (landmarks,) = network(colour, [region])
            region = region_of_landmarks(landmarks)
        points = to_scheme(landmarks, LandmarkScheme.WFLW98).points[:, :2].astype(float)
        points[:, 0] += 0.03 * np.linalg.norm(points[60] - points[72])
        rect = [face.box.x, face.box.y, face.box.right, face.box.bottom]
        flags = [1, 0, 0, 0, 0, 0] if path.stem == "a" else [0] * 6
        lines.append(" ".join(map(str, [*points.ravel(), *rect, *flags, f"one/{path.name}"])))
    nobody = [*np.linspace(10, 60, 196), 5, 5, 65, 65, 0, 0, 0, 0, 0, 1]
    lines.append(" ".join(map(str, [*nobody, f"one/{path.name}"])))
    (folder / "list_98pt_rect_attr_test.txt").write_text("\n".join(lines) + "\n")
    code, found, said, _ = evaluate("landmarks", "--data", folder, *options)
    assert code == 0 and found["counts"] == {"faces": 3, "undetected": 1, "unreadable": 0}
    assert found["nme"]["mean"] == pytest.approx(0.03, abs=0.005)
    assert found["failure_rate"] == pytest.approx(1 / 3)
    assert found["auc"] == pytest.approx(2 / 3 * 0.7, abs=0.05)
    assert found["subsets"]["pose"]["faces"] == 1 and found["subsets"]["blur"]["failure_rate"] == 1.0
    assert found["subsets"]["occlusion"]["nme"]["mean"] is None
    assert "Apache-2.0" in said and "1 face not found" in said


def test_faces_that_are_missed_and_boxes_of_nobody_are_counted(evaluate, lay, weights):
    """Of the six faces that are found one is not in the list, and one in the list is nobody's."""
    folder = lay({"WIDER_val/images/six": "six_faces", "WIDER_val/images/none": "astronaut"})
    (picture,) = (folder / "WIDER_val" / "images").glob("six*")
    (portrait,) = (folder / "WIDER_val" / "images").glob("none*")
    boxes = [face.box for face in FaceDetector(open_engine(weights("yunet")))(read_picture(picture))]
    assert len(boxes) == 6
    lines = [f"{box.x} {box.y} {box.width} {box.height} 0 0 0 0 0 0" for box in boxes[:5]]
    listed = [picture.name, "6", *lines, "2 2 60 60 0 0 0 0 0 0", portrait.name, "1", "0 0 512 512 0 0 0 1 0 0"]
    (folder / "wider_face_val_bbx_gt.txt").write_text("\n".join(listed) + "\n")
    code, found, _, _ = evaluate("detection", "--data", folder)
    assert code == 0 and (found["layout"], found["split"]) == ("wider-face", "val")
    assert found["recall"] == pytest.approx(5 / 6)
    assert found["precision"] == pytest.approx(5 / 7)  # the astronaut is nowhere near the whole picture
    assert 0.6 < found["average_precision"] <= 5 / 6
    assert found["counts"]["faces"] == 6 == found["subsets"]["all"]["faces"]
    assert sum(found["subsets"][name]["faces"] for name in ("large", "medium", "small")) == 6
    assert found["cpu_ms_per_picture"]["detect"] > 0


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["expression", "--data", "nowhere"], "nowhere: the folder cannot be read: No such file or directory"),
        (["expression", "--data", "."], "a folder for each class"),
        (["expression", "--data", ".", "--layout", "fer2013-csv"], "no csv file with the columns emotion and pixels"),
        (["identity", "--data", ".", "--layout", "lfw"], "no pairs.txt"),
        (["landmarks", "--data", "."], "no list_98pt_rect_attr_*.txt"),
        (["detection", "--data", "."], "no wider_face_*_bbx_gt.txt"),
    ],
)
def test_what_is_no_data_set_is_said_in_one_line(capsys, words, complaint):
    assert main(["eval", *words]) == 1
    said = capsys.readouterr().err
    assert complaint in said and said.count("\n") == 1 and said.startswith("perception: ")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--model", "face_expresion"], "face_expression"),
        (["--model", "yunet"], "yunet cannot read expressions"),
        (["--json", "data/result.json"], "would become a part of the data"),
        (["--confusion", "data/Anger/matrix.png"], "would become a part of the data"),
        (["--confusion", "matrix.txt"], "a picture's name ends in one of"),
        (["--confusion", "one.png", "--json", "one.png"], "cannot be one file"),
        (["--json", "/proc/nowhere/result.json"], "cannot be"),
        (["--split", "test"], "leave --split out"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_before_any_work(capsys, lay, words, complaint):
    assert main(["eval", "expression", "--data", str(lay(FACES)), *words]) == 1
    printed = capsys.readouterr()
    assert complaint in printed.err and printed.err.count("\n") == 1 and printed.out == ""


def test_where_no_picture_can_be_read_nothing_is_made_up(capsys, tmp_path):
    (tmp_path / "data" / "happy").mkdir(parents=True)
    (tmp_path / "data" / "happy" / "a.jpg").write_text("letter")
    assert main(["eval", "expression", "--data", "data", "--json", "result.json"]) == 1
    assert "none of the pictures can be read" in capsys.readouterr().err
    assert not (tmp_path / "result.json").exists()


@pytest.mark.parametrize("limit", ["0", "-1", "1.5", "many", "²", "9" * 5000])
def test_a_limit_is_a_number(capsys, limit):
    with pytest.raises(SystemExit) as ended:
        main(["eval", "expression", "--data", "data", "--limit", limit])
    assert ended.value.code == 2 and "no number of 1 or more" in capsys.readouterr().err


def test_ctrl_c_gives_what_was_found_until_then(lay, tmp_path):
    folder = lay(FACES)
    first = next((folder / "happiness").glob("*"))
    for number in range(3000):
        os.link(first, folder / "happiness" / f"{number}{first.suffix}")
    terminal, inner = pty.openpty()
    words = ["eval", "expression", "--data", str(folder), "--json", "result.json"]
    with subprocess.Popen(
        [sys.executable, "-m", "perception_cli", *words], stdout=subprocess.PIPE, stderr=inner, text=True, cwd=tmp_path
    ) as process:
        os.close(inner)
        shown = b""
        while not re.search(rb"[1-9]\d*%", shown):
            shown += os.read(terminal, 1000)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=PATIENCE_S)
        os.close(terminal)
    found = json.loads((tmp_path / "result.json").read_text())
    assert process.returncode == 130 and found["partial"] is True
    assert 0 < found["counts"]["pictures"] < 3004 and found["accuracy"] > 0.9
    assert "accuracy" in said
