"""`./perception eval gestures` on small data sets of real hands, and on what is none."""

import json
import os
import shutil

import cv2
import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from gesture_perception.hand_crop import box_of_hand
from gesture_perception.hand_network import HandNetwork
from gesture_perception.hand_region import region_of_palm
from gesture_perception.palms import PalmDetector
from perception_cli.commands import main
from perception_core.engines.engine import open_engine
from perception_core.sources.video import VideoSource

NETWORKS = ("palm_detection", "hand_landmarks", "hand_landmarks_light", "gesture_embedder", "gesture_classifier")
VICTORY, THUMB_UP = 5, 18  # pictures of the clip

OWN = """
models:
  mine:
    task: gestures
    description: My own.
    licence: {spdx: LicenseRef-mine, note: "Only for me."}
    sources: [{file: mine.onnx}]
    conversion: onnx
    decoder: class_scores
    inputs:
      - name: image
        shape: [N, 3, 16, 16]
        image: {layout: NCHW, colour: RGB, crop: the hand, hand_crop: {margin: 0.2}}
    outputs: [{name: scores, shape: [N, 2], meaning: probabilities}]
    labels: [hello, good_bye]
"""


@pytest.fixture(autouse=True)
def ready(weights, tmp_path, monkeypatch, signals_kept):
    """The networks are there, and results go into a folder of the test."""
    for name in NETWORKS:
        weights(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def shown(picture):
    """A man who makes the sign of victory, the same with his thumb up, and that upside down; 240x320."""
    frames = [frame.colour for frame in VideoSource(picture("hands_clip")).frames()]
    return {"victory": frames[VICTORY], "thumb": frames[THUMB_UP], "thumb_down": frames[THUMB_UP][::-1]}


@pytest.fixture
def folders(tmp_path, shown):
    """A folder for each of three gestures, in other people's words."""
    folder = tmp_path / "data"
    for place, name in {"dislike/a.png": "thumb_down", "peace/a.png": "victory", "Thumbs-Up/a.png": "thumb"}.items():
        (folder / place).parent.mkdir(parents=True)
        cv2.imwrite(str(folder / place), shown[name])
    return folder


@pytest.fixture(scope="session")
def two_hands(shown, weights):
    """A picture with a sign of victory and a thumb, and the box of each, in pixels."""
    colour = np.hstack([shown["victory"], shown["thumb"]])
    palms = PalmDetector(open_engine(weights("palm_detection")))(colour)
    hands = HandNetwork(open_engine(weights("hand_landmarks")))(colour, [region_of_palm(palm) for palm in palms])
    boxes = sorted((box_of_hand(hand) for hand in hands if hand.presence > 0.5), key=lambda box: box.x)
    assert len(boxes) == 2
    return colour, boxes


@pytest.fixture
def evaluate(capsys, tmp_path):
    """Runs the command; gives its exit code, its result, its output and what it complained about."""

    def run(*words):
        file = tmp_path / "result.json"
        code = main(["eval", "gestures", *map(str, words), "--json", str(file)])
        printed = capsys.readouterr()
        return code, json.loads(file.read_text()) if file.exists() else None, printed.out, printed.err

    return run


def test_clear_gestures_are_read_and_every_number_is_told(evaluate, folders):
    code, found, said, complaints = evaluate("--data", folders, "--confusion", "matrix.png")
    assert (code, complaints) == (0, "")
    assert found["accuracy"] == found["mean_recall"] == found["detection_rate"] == 1.0
    assert found["recall"] == {"Thumb_Down": 1.0, "Thumb_Up": 1.0, "Victory": 1.0} == found["found"]
    assert found["confusion"]["classes"] == ["Thumb_Down", "Thumb_Up", "Victory"]
    assert np.array(found["confusion"]["counts"])[:, :3].tolist() == np.eye(3, dtype=int).tolist()
    assert (found["task"], found["layout"], found["model"]) == ("gestures", "class-folders", "gesture_classifier")
    assert found["false_share"] is None and found["wrong_share"] == 0.0
    assert found["counts"]["hands"] == found["counts"]["pictures"] == 3
    assert found["cpu_ms_per_hand"]["read"] > 0 and found["cpu_ms_per_hand"]["detect"] > 0
    assert {"gesture_classifier", "gesture_embedder", "palm_detection", "hand_landmarks"} <= {
        each["name"] for each in found["models"]
    }
    assert found["licence"]["spdx"] == "Apache-2.0"
    assert "1.000 accuracy" in said and "Apache-2.0" in said and "per hand" in said
    assert cv2.imread("matrix.png").shape[0] > 3 * 80


def test_a_hand_that_is_not_found_counts_as_wrong(evaluate, folders):
    cv2.imwrite(str(folders / "peace" / "nobody.png"), np.full((300, 300, 3), 120, np.uint8))
    _, found, said, _ = evaluate("--data", folders)
    assert found["recall"]["Victory"] == found["found"]["Victory"] == 0.5
    assert found["accuracy"] == found["detection_rate"] == 0.75
    assert found["counts"]["undetected"] == 1
    assert "1 hand not found, which counts as wrong" in said and "--whole-crop" in said


def test_a_label_map_says_what_the_classes_are(evaluate, folders, tmp_path):
    (tmp_path / "map.yaml").write_text("peace: Victory\ndislike: skip\nothers: None\n")
    _, found, said, _ = evaluate("--data", folders, "--map", "map.yaml")
    assert found["map"] == "map.yaml" and found["recall"] == {"None": 0.0, "Victory": 1.0}
    assert found["false_share"] == 1.0  # a thumb is up where the map says that there is nothing
    assert found["counts"]["skipped"] == {"dislike": 1} and "left out: dislike (1 hand)" in said
    assert "other shapes taken for a gesture: 1.000" in said


def test_crops_are_read_with_a_border(evaluate, tmp_path, two_hands):
    colour, (victory, _) = two_hands
    rows, columns = victory.squared().scaled(1.1).clipped(colour.shape[1], colour.shape[0]).slices()
    (tmp_path / "data" / "peace").mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "data" / "peace" / "a.png"), colour[rows, columns])
    _, found, _, _ = evaluate("--data", "data", "--whole-crop")
    assert found["whole_crop"] is True and found["recall"] == {"Victory": 1.0}


def test_hagrid_is_evaluated_hand_by_hand(evaluate, tmp_path, two_hands):
    colour, boxes = two_hands
    height, width = colour.shape[:2]
    shares = [[box.x / width, box.y / height, box.width / width, box.height / height] for box in boxes]
    nowhere = [0.45, 0.0, 0.1, 0.1]
    entry = {"bboxes": [shares[1], nowhere, shares[0]], "labels": ["like", "no_gesture", "rock"]}
    (tmp_path / "data" / "like").mkdir(parents=True)
    (tmp_path / "data" / "like.json").write_text(json.dumps({"x": entry, "not_there": entry}))
    cv2.imwrite(str(tmp_path / "data" / "like" / "x.png"), colour)
    code, found, said, _ = evaluate("--data", "data")
    assert code == 0 and found["layout"] == "hagrid"
    assert found["recall"] == {"None": 0.0, "Thumb_Up": 1.0} and found["found"] == {"None": 0.0, "Thumb_Up": 1.0}
    assert found["false_share"] == 0.0  # what is not found is no false alarm
    assert found["counts"]["skipped"] == {"rock": 1} and found["counts"]["extra"] == 0
    assert found["counts"]["missing"] == 1 and "not there: 1 picture of the list" in said


def test_a_list_of_boxes_is_evaluated_hand_by_hand(evaluate, tmp_path, two_hands):
    colour, (victory, _) = two_hands
    large = cv2.resize(colour, None, fx=3, fy=3)  # larger than the node's frames
    (tmp_path / "data").mkdir()
    cv2.imwrite(str(tmp_path / "data" / "a.png"), large)
    corners = [3 * number for number in (victory.x, victory.y, victory.right, victory.bottom)]
    lines = [
        "filename,class,xmin,ymin,xmax,ymax",
        f"a.png,2-hand,{','.join(map(str, corners))}",
        "b.png,x,1,1,9,9",
        "?",
    ]
    (tmp_path / "data" / "list.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "map.json").write_text('{"2-hand": "Victory"}')
    code, found, said, _ = evaluate("--data", "data", "--map", "map.json")
    assert code == 0 and found["layout"] == "boxes-csv"
    assert found["recall"] == {"Victory": 1.0}
    assert found["counts"]["extra"] == found["counts"]["extra_with_gesture"] == 1
    assert found["counts"]["missing"] == 1 and found["counts"]["unreadable"] == 1
    assert "1 hand found where the list has none, 1 of them with a gesture" in said


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A network of the user's that looks at the picture of a hand and always says the same."""

    def make(*scores):
        nodes = [
            helper.make_node("GlobalAveragePool", ["image"], ["mean"]),
            helper.make_node("Flatten", ["mean"], ["flat"]),
            helper.make_node("MatMul", ["flat", "zeros"], ["none"]),
            helper.make_node("Add", ["none", "fixed"], ["scores"]),
        ]
        graph = helper.make_graph(
            nodes,
            "fixed",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 3, 16, 16])],
            [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", 2])],
            [
                numpy_helper.from_array(np.zeros((3, 2), np.float32), "zeros"),
                numpy_helper.from_array(np.array(scores, np.float32), "fixed"),
            ],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        (tmp_path / "mine.onnx").write_bytes(model.SerializeToString())
        (tmp_path / "models.yaml").write_text(OWN)
        monkeypatch.setenv("PERCEPTION_MODELS_FILE", str(tmp_path / "models.yaml"))
        assert main(["models", "fetch", "mine"]) == 0
        return "mine"

    return make


def test_a_network_of_the_users_own_is_evaluated_by_its_name(evaluate, folders, own):
    for old, new in (("dislike", "Hello"), ("peace", "good-bye")):
        (folders / old).rename(folders / new)
    code, found, said, _ = evaluate("--data", folders, "--model", own(0.9, 0.1))
    assert code == 0 and found["model"] == "mine" and found["licence"]["note"] == "Only for me."
    assert found["recall"]["hello"] == 1.0 and found["recall"]["good_bye"] == 0.0
    assert found["counts"]["skipped"] == {"Thumbs-Up": 1}  # which it does not know
    assert "Only for me." in said


def test_a_network_that_gives_no_numbers_is_found_out(evaluate, folders, own):
    (folders / "dislike").rename(folders / "hello")
    code, _, _, complaints = evaluate("--data", folders, "--model", own(np.nan, np.nan))
    assert code == 1 and "mine cannot read gestures: it gives no numbers for a hand" in complaints


def test_a_sample_is_the_same_every_time(evaluate, folders):
    first, second = (evaluate("--data", folders, "--limit", "2")[1] for _ in range(2))
    assert first["counts"]["pictures"] == 2 == first["limit"] and first["confusion"] == second["confusion"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--data", "nowhere"], "nowhere: the folder cannot be read"),
        (["--data", "empty"], "a folder for each class"),
        (["--data", "data", "--layout", "hagrid"], "no file *.json with bboxes and labels"),
        (["--data", "data", "--layout", "boxes-csv"], "no csv file with columns such as file, xmin"),
        (["--data", "data", "--layout", "videos"], "no video is in this folder"),
        (["--data", "data", "--model", "gesture_clasifier"], "gesture_classifier"),
        (["--data", "data", "--model", "palm_detection"], "cannot read gestures"),
        (["--data", "data", "--map", "nowhere.yaml"], "nowhere.yaml cannot be read"),
        (["--data", "data", "--map", "cat.yaml"], "nobody knows the class cat; the data has Thumbs-Up, dislike, peace"),
        (["--data", "data", "--map", "hello.yaml"], "peace is mapped to hello, a gesture that nobody knows; known are"),
        (["--data", "data", "--map", "pipe.yaml"], "pipe.yaml cannot be read: it is a pipe or a device and no file"),
        (
            ["--data", "data", "--map", "skip.yaml"],
            "skip.yaml leaves out every class of the data: Thumbs-Up, dislike, ",
        ),
        (
            ["--data", "lists"],
            "list.csv is no list of boxes, as it has no column xmin, ymin, xmax, ymax; and lists holds",
        ),
        (["--data", "lists/list.csv"], "list.csv is no list of boxes, as it has no column xmin, ymin, xmax, ymax"),
        (["--data", "lists/broken.csv"], "lists/broken.csv: broken.csv, line 2: a quote is opened and not closed"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_before_any_work(capsys, folders, tmp_path, words, complaint):
    (tmp_path / "empty").mkdir()
    (tmp_path / "cat.yaml").write_text("cat: Victory")
    (tmp_path / "hello.yaml").write_text("peace: hello")
    (tmp_path / "skip.yaml").write_text("peace: skip\nothers: skip")
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "list.csv").write_text("file,label\na.png,fist\n")
    if "lists/broken.csv" in words:
        (tmp_path / "lists" / "broken.csv").write_text('file,label,x,y,w,h\n"a.png,fist,1,1,9,9\n')
    assert main(["eval", "gestures", *words]) == 1
    printed = capsys.readouterr()
    assert complaint in printed.err and printed.err.count("\n") == 1 and printed.out == ""


def test_pictures_whose_classes_nobody_knows_want_a_map(capsys, lay):
    folder = lay({"7/a": "hand_fist", "8/a": "hand_fist"})
    assert main(["eval", "gestures", "--data", str(folder)]) == 1
    assert "found: 7, 8; say with --map what they are" in capsys.readouterr().err


def test_what_begins_in_a_video_without_gestures_is_false(evaluate, picture, tmp_path):
    (tmp_path / "data").mkdir()
    for name in ("hands_clip", "no_face_clip"):
        shutil.copy(picture(name), tmp_path / "data")
    code, found, said, _ = evaluate("--data", "data")
    assert code == 0 and found["layout"] == "videos" and found["model"] == "gesture_classifier"
    lengths = {each["video"]: each["seconds"] for each in found["videos"]}
    assert lengths == {"hands_clip.gif": 4.3, "no_face_clip.mp4": pytest.approx(4.1, abs=0.2)}
    assert {each["video"]: set(each["events"]) >= {"Victory", "Thumb_Up"} for each in found["videos"]} == {
        "hands_clip.gif": True,
        "no_face_clip.mp4": False,
    }
    minutes = sum(lengths.values()) / 60
    assert found["false_events"] >= 2 and found["false_events_per_minute"] == pytest.approx(
        found["false_events"] / minutes
    )
    assert "where there is none" in said and found["counts"]["videos"] == 2


def test_a_gesture_is_looked_for_in_the_videos_of_its_folder(evaluate, picture, tmp_path):
    for name in ("peace", "ok"):
        (tmp_path / "data" / name).mkdir(parents=True)
        shutil.copy(picture("hands_clip"), tmp_path / "data" / name)
    (tmp_path / "data" / "peace" / "broken.mp4").write_text("no video")
    code, found, said, _ = evaluate("--data", "data")
    assert code == 0 and found["recall"] == {"Victory": 1.0, "OK": 0.0}
    assert found["classes"]["Victory"]["events"]["Thumb_Up"] >= 1
    assert found["false_events"] is None and found["false_events_per_minute"] is None
    assert "1 of 1" in said and "1 video could not be read" in said


def test_a_map_that_leaves_out_all_videos_says_so(capsys, tmp_path):
    (tmp_path / "data" / "peace").mkdir(parents=True)
    (tmp_path / "data" / "peace" / "a.mp4").write_text("not looked at")
    (tmp_path / "map.yaml").write_text("others: skip")
    assert main(["eval", "gestures", "--data", "data", "--map", "map.yaml"]) == 1
    assert "map.yaml leaves out every class of the data: peace" in capsys.readouterr().err


def test_names_of_classes_that_nobody_can_read_to_their_end_are_shortened(evaluate, tmp_path, two_hands):
    colour, (victory, _) = two_hands
    (tmp_path / "data").mkdir()
    cv2.imwrite(str(tmp_path / "data" / "a.png"), colour)
    corners = ",".join(str(number) for number in (victory.x, victory.y, victory.right, victory.bottom))
    long = [f"a.png,{'x' * length},{corners}" for length in (*range(100, 149), 100_000)]
    lines = ["filename,class,xmin,ymin,xmax,ymax", f"a.png,peace,{corners}", *long]
    (tmp_path / "data" / "list.csv").write_text("\n".join(lines))
    code, found, said, _ = evaluate("--data", "data")
    assert code == 0 and len(found["counts"]["skipped"]) == 50
    assert "xxx... (1 hand)" in said and "and 10 more; --map" in said and len(said) < 8000
