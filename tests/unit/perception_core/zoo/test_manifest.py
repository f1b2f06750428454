from pathlib import Path

import pytest

from perception_core.paths import share_file
from perception_core.zoo.errors import ManifestError, UnknownNameError
from perception_core.zoo.manifest import load_models, load_pictures, named, read_models, read_pictures
from perception_core.zoo.spec import ArchiveSource, FaceCrop, FileSource, HandCrop

SHA = "a0" * 32

ENTRY = f"""
    task: doubling
    description: Doubles numbers.
    licence: {{spdx: MIT}}
    sha256: {SHA}
    sources: [{{archive: box, member: a.onnx}}]
    conversion: none
    decoder: class_scores
    inputs: [{{name: x, shape: [1, 4], meaning: numbers}}]
    outputs: [{{name: y, shape: [1, 4], meaning: numbers}}]
"""

IMAGE = "{layout: NCHW, colour: RGB, crop: a square"

LIST = f"""
archives:
  box: {{kind: pypi, package: box, version: "1.0", sha256: {SHA}, licence: {{spdx: MIT}}}}
models:
  doubler:{ENTRY}
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "models.yaml"
    path.write_text(text)
    return path


def test_every_model_of_the_suite_is_complete():
    models = load_models()
    assert {"yunet", "face_landmarks", "face_identity", "palm_detection", "hand_landmarks"} <= set(models)
    for spec in models.values():
        assert spec.licence.spdx
        assert all(isinstance(source, ArchiveSource) for source in spec.download.sources)
        assert spec.decoder == "data" or (spec.inputs and spec.outputs)
        classes = spec.outputs[0].shape[-1] if spec.labels else 0
        assert len(spec.labels) == classes, spec.name


@pytest.mark.parametrize("name", ["../evil", "a/b", ".hidden", "", "a b"])
def test_a_name_that_would_be_another_file_is_refused(tmp_path, name):
    with pytest.raises(ManifestError, match="becomes a file's name"):
        read_models(written(tmp_path, LIST.replace("doubler:", f'"{name}":')))


def test_set_up_fetches_only_what_the_demo_needs():
    assert [spec.name for spec in load_models().values() if spec.default] == [
        "yunet",
        "face_landmarks",
        "face_landmarks_light",
        "face_blendshapes",
        "face_geometry",
        "face_identity",
        "face_expression",
        "palm_detection",
        "hand_landmarks",
        "hand_landmarks_light",
        "gesture_embedder",
        "gesture_classifier",
    ]


def test_only_pictures_with_a_clear_licence_are_for_the_demo():
    for spec in load_pictures().values():
        assert spec.credit
        assert (spec.licence.spdx == "NOASSERTION") == spec.test_only, spec.name


def test_no_registry_is_named_so_that_mirrors_work():
    for name in ("models/models.yaml", "models/pictures.yaml"):
        addresses = [line for line in share_file(name).read_text().splitlines() if "://" in line]
        assert all(line.lstrip().startswith("url: ") for line in addresses)


def test_a_model_knows_what_goes_in():
    image = load_models()["face_identity"].inputs[0].image
    assert image is not None
    assert (image.layout, image.colour, image.subtract, image.divide) == ("NCHW", "BGR", (127.0,), (128.0,))


def test_a_nested_member_is_a_path_of_several_steps():
    source = load_models()["palm_detection"].download.sources[0]
    assert isinstance(source, ArchiveSource)
    assert source.members["file"][1:] == ("hand_landmarker.task", "hand_detector.tflite")


def test_a_list_without_a_mistake_is_read(tmp_path):
    (spec,) = read_models(written(tmp_path, LIST)).values()
    assert spec.name == "doubler"
    assert spec.suffix == ".onnx"
    assert spec.download.parts == {"file": SHA}


def test_a_list_that_was_changed_is_read_again(tmp_path):
    read_models(written(tmp_path, LIST))
    assert "tripler" in read_models(written(tmp_path, LIST.replace("doubler:", "tripler:")))


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("decoder: class_scores", "decoder: class_score", ["decoder", "'class_score'", "Did you mean class_scores"]),
        ("conversion: none", "conversion: tflit", ["conversion", "'tflit'", "face_api", "Did you mean tflite"]),
        ("description:", "descripton:", ["descripti", "missing", "Found descripton"]),
        ("conversion: none", "conversion: none\n    defualt: true", ["unknown key defualt", "Did you mean default"]),
        ("conversion: none", "conversion: none\n    default: maybe", ["default", "'maybe'", "true or false"]),
        ("archive: box", "archive: bos", ["archive", "'bos'", "box"]),
        (
            "shape: [1, 4], meaning: numbers}]\n    outputs",
            "shape: [1, -4], meaning: n}]\n    outputs",
            ["shape", "-4"],
        ),
        (f"    sha256: {SHA}\n    sources", "    sha256: 123\n    sources", ["sha256", "123"]),
        (f"    sha256: {SHA}\n    sources", "    sources", ["sha256 is missing"]),
        (f"    sha256: {SHA}\n    sources", f"    sha256: {{a: {SHA}}}\n    sources", ["['file']", "['a']"]),
        ('version: "1.0"', "version: 1.0", ["version", "1.0", "quotes"]),
        ("kind: pypi", "kind: pypy", ["kind", "'pypy'", "Did you mean pypi"]),
        ("licence: {spdx: MIT}\n    sha256", "licence: MIT\n    sha256", ["licence", "mapping", "'MIT'"]),
        ("doubler:", "7:", ["7", "must be a text"]),
        ("models:", "modles:", ["key models is missing", "Found modles"]),
        ("[{archive: box, member: a.onnx}]", "[]", ["sources", "a list"]),
        ("shape: [1, 4]", "shape: [1, 4", ["not valid YAML"]),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_would_be_right(tmp_path, right, wrong, told):
    assert right in LIST
    path = written(tmp_path, LIST.replace(right, wrong, 1))
    with pytest.raises(ManifestError) as caught:
        read_models(path)
    text = str(caught.value)
    assert str(path) in text
    for part in told:
        assert part in text


@pytest.mark.parametrize(
    "word",
    [
        *("!!bool x", "!!float x", "!!timestamp x", "!!int x", "!!int ''", "2001-99-99", "0b_", "9" * 5000),
        pytest.param("[" * 5000, id="nested"),
    ],
)
def test_words_on_which_the_yaml_library_itself_breaks_are_no_valid_yaml(tmp_path, word):
    path = written(tmp_path, LIST.replace("conversion: none", f"conversion: {word}"))
    with pytest.raises(ManifestError, match="is not valid YAML"):
        read_models(path)


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("archive: box, member: a.onnx", 'file: "a\\0b"', "printable"),
        ("archive: box, member: a.onnx", "file: ~nobody-of-that-name/a.onnx", "path of a file"),
        ("member: a.onnx", 'member: "\\ud800"', "printable"),
        ("task: doubling", 'task: "\\ud800"', "printable"),
        ("doubler:", '"\\ud800":', "printable"),
        ("meaning: numbers", f"image: {IMAGE}, divide: 0}}", "divide is 0"),
        ("meaning: numbers", f"image: {IMAGE}, divide: .nan}}", "divide is nan"),
        ("meaning: numbers", f"image: {IMAGE}, subtract: 0x{'f' * 400}}}", "subtract is"),
        ("conversion: none", f"conversion: 0x{'f' * 9000}", "conversion is"),
    ],
)
def test_values_that_nothing_can_be_done_with_are_refused(tmp_path, right, wrong, told):
    with pytest.raises(ManifestError, match=told):
        read_models(written(tmp_path, LIST.replace(right, wrong, 1)))


def test_a_long_word_that_is_no_yaml_is_not_quoted_in_full(tmp_path):
    with pytest.raises(ManifestError, match=r"not valid YAML: .*undefined alias.*\.\.\.$") as caught:
        read_models(written(tmp_path, LIST.replace("conversion: none", f"conversion: *{'l' * 10_000}")))
    assert len(str(caught.value)) < 1000


def test_a_value_that_is_long_when_written_out_is_not_written_out(tmp_path):
    """Each list holds the one before nine times: nine to the ninth numbers in a few lines."""
    lines = ["l0: &l0 [1]"] + [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 10)]
    with pytest.raises(ManifestError) as caught:
        read_models(written(tmp_path, "\n".join([*lines, "models: *l9"])))
    assert len(str(caught.value)) < 500


def test_a_list_that_is_no_mapping_is_refused(tmp_path):
    with pytest.raises(ManifestError, match="must be a mapping"):
        read_models(written(tmp_path, "- a\n- b\n"))


def test_a_list_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ManifestError, match=r"nowhere\.yaml cannot be read"):
        read_pictures(tmp_path / "nowhere.yaml")


def test_a_name_that_nobody_knows_gets_the_nearest_one():
    with pytest.raises(UnknownNameError, match="Did you mean face_landmarks"):
        named(load_models(), "face_landmark")


def test_the_users_own_network_joins_by_an_entry(tmp_path, monkeypatch):
    text = "models:\n  mine:" + ENTRY.replace("archive: box, member: a.onnx", "file: nets/a.onnx").replace(
        f"    sha256: {SHA}\n", ""
    )
    monkeypatch.setenv("PERCEPTION_MODELS_FILE", str(written(tmp_path, text)))
    models = load_models()
    assert models["mine"].download.sources == (FileSource((tmp_path / "nets" / "a.onnx").resolve()),)
    assert models["mine"].download.parts == {"file": None}
    assert "yunet" in models


def test_an_entry_of_the_users_replaces_ours_of_the_same_name(tmp_path, monkeypatch):
    monkeypatch.setenv("PERCEPTION_MODELS_FILE", str(written(tmp_path, LIST.replace("doubler:", "yunet:"))))
    assert load_models()["yunet"].task == "doubling"


def test_a_list_of_the_users_that_is_not_there_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PERCEPTION_MODELS_FILE", str(tmp_path / "gone.yaml"))
    with pytest.raises(ManifestError, match="PERCEPTION_MODELS_FILE"):
        load_models()


def test_the_users_list_is_found_in_the_config_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("PERCEPTION_MODELS_FILE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "perception-suite").mkdir()
    written(tmp_path / "perception-suite", LIST)
    assert "doubler" in load_models()


def with_image(tmp_path, image):
    text = LIST.replace("meaning: numbers}]\n    outputs", f"image: {image}}}]\n    outputs")
    return read_models(written(tmp_path, text))["doubler"].inputs[0].image


def test_a_mean_and_a_deviation_per_channel_are_kept_in_their_order(tmp_path):
    image = with_image(tmp_path, f"{IMAGE}, subtract: [123.7, 116.3, 103.5], divide: [58, 57, 56]}}")
    assert image.subtract == (123.7, 116.3, 103.5)
    assert image.divide == (58, 57, 56)
    assert image.face_crop is None


@pytest.mark.parametrize(
    ("given", "crop"),
    [
        ("{kind: square}", FaceCrop("square", 1.0, grey=False)),
        ("{kind: aligned, scale: 1.2, grey: true}", FaceCrop("aligned", 1.2, grey=True)),
    ],
)
def test_the_crop_of_a_face_is_data(tmp_path, given, crop):
    assert with_image(tmp_path, f"{IMAGE}, face_crop: {given}}}").face_crop == crop


@pytest.mark.parametrize(
    ("given", "crop"),
    [
        ("{margin: 0.3}", HandCrop(0.3, 0.0, grey=False)),
        ("{margin_px: 20, grey: true}", HandCrop(0.0, 20.0, grey=True)),
        ("{}", HandCrop(0.0, 0.0, grey=False)),
    ],
)
def test_the_crop_of_a_hand_is_data(tmp_path, given, crop):
    assert with_image(tmp_path, f"{IMAGE}, hand_crop: {given}}}").hand_crop == crop


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("subtract: [1, 2]", "3 as RGB has 3 channels"),
        ("divide: [1, 2, 3, 4]", "3 as RGB has 3 channels"),
        ("face_crop: {scale: 1.0}", "key kind is missing"),
        ("face_crop: {kind: round}", "allowed is one of aligned, square"),
        ("face_crop: {kind: square, scale: 0}", "scale is 0; allowed is a number from 0.2 to 5"),
        ("face_crop: {kind: square, scale: [1, 2]}", "allowed is a number from 0.2 to 5"),
        ("face_crop: {kind: square, gray: true}", "Did you mean grey"),
        ("face_crop: square", "must be a mapping"),
        ("hand_crop: {margin: -0.1}", "margin is -0.1; allowed is a number from 0 to 4"),
        ("hand_crop: {margin: [0.1, 0.2]}", "allowed is a number from 0 to 4"),
        ("hand_crop: {margin_px: 2000}", "margin_px is 2000; allowed is a number from 0 to 1000"),
        ("hand_crop: {border: 0.3}", "unknown key border"),
        ("hand_crop: {margin: 0.3}, face_crop: {kind: square}", "a face or a hand"),
    ],
)
def test_a_crop_that_cannot_be_meant_is_refused(tmp_path, wrong, told):
    with pytest.raises(ManifestError, match=told):
        with_image(tmp_path, f"{IMAGE}, {wrong}}}")


def test_the_example_for_a_network_of_ones_own_is_a_valid_list(tmp_path):
    lines = share_file("models/models.yaml").read_text().splitlines()
    first = lines.index("#   models:")
    last = next(index for index in range(first, len(lines)) if not lines[index].startswith("#"))
    example = "\n".join(line.removeprefix("# ") for line in lines[first:last])
    spec, embedder, gestures, gesturenet = read_models(written(tmp_path, example)).values()
    image = spec.inputs[0].image
    assert image is not None
    assert len(image.subtract) == len(image.divide) == 3
    assert image.face_crop == FaceCrop("square", 1.0, grey=False)
    assert len(spec.labels) == spec.outputs[0].shape[-1] == 8
    assert embedder.inputs[0].image.face_crop == FaceCrop("square", 1.0, grey=False)
    assert embedder.decoder == "embedding" and len(embedder.thresholds) == 2
    assert gestures.inputs[0].shape[-1] == 128 and gestures.inputs[0].image is None
    assert gestures.label_map == {"rock": "Closed_Fist", "paper": "Open_Palm", "scissors": "Victory"}
    assert gesturenet.inputs[0].image.hand_crop == HandCrop(0.2, 0.0, grey=False)
    assert gesturenet.label_map == {"random": "None"}
    assert all(len(spec.labels) == spec.outputs[0].shape[-1] for spec in (gestures, gesturenet))


def with_labels(tmp_path, label_map):
    text = LIST.replace(
        "decoder: class_scores", f"decoder: class_scores\n    labels: [a, b]\n    label_map: {label_map}"
    )
    return read_models(written(tmp_path, text))["doubler"].label_map


@pytest.mark.parametrize("nothing", ["None", "null", "~", ""])
def test_a_label_that_is_mapped_to_nothing_is_no_gesture(tmp_path, nothing):
    assert with_labels(tmp_path, f"{{a: {nothing}, b: Fist}}") == {"a": "None", "b": "Fist"}


@pytest.mark.parametrize(
    ("label_map", "told"),
    [
        ("{c: Fist}", "unknown key c; allowed are a, b"),
        ("{a: 5}", "put numbers in quotes"),
        ("{1: Fist}", "must be a text; put it in quotes"),
        ("Fist", "must be a mapping"),
    ],
)
def test_a_label_map_that_does_not_fit_the_labels_is_refused(tmp_path, label_map, told):
    with pytest.raises(ManifestError, match=told):
        with_labels(tmp_path, label_map)


def with_thresholds(tmp_path, thresholds, decoder="embedding"):
    text = LIST.replace("decoder: class_scores", f"decoder: {decoder}\n    thresholds: {thresholds}")
    return read_models(written(tmp_path, text))["doubler"].thresholds


def test_thresholds_are_cosines_by_people_in_their_order(tmp_path):
    found = with_thresholds(tmp_path, "{5: 0.31, 1: 0.25, 20: 1}")
    assert list(found.items()) == [(1, 0.25), (5, 0.31), (20, 1.0)]
    assert read_models(written(tmp_path, LIST))["doubler"].thresholds == {}


@pytest.mark.parametrize(
    "given",
    [
        "{}",
        "{1: 0.3}",
        "0.3",
        "[0.3, 0.4]",
        "{1: 0.4, 5: 0.3}",
        "{0: 0.3, 5: 0.4}",
        "{1: 0.3, 5: 1.2}",
        "{1: 0.3, 5: .nan}",
        "{1: 0.3, 5: high}",
        "{1: 0.3, 5: true}",
        "{true: 0.3, 5: 0.4}",
        "{one: 0.3, 5: 0.4}",
        "{1.5: 0.3, 5: 0.4}",
        f"{{1: 0.3, 1{'0' * 400}: 0.4}}",
    ],
)
def test_thresholds_that_cannot_be_meant_are_refused(tmp_path, given):
    with pytest.raises(ManifestError, match=r"doubler: thresholds is .*two numbers of people.*such as \{1: 0.35"):
        with_thresholds(tmp_path, given)


def test_thresholds_of_what_is_no_embedder_are_refused(tmp_path):
    with pytest.raises(ManifestError, match="nothing where decoder is class_scores"):
        with_thresholds(tmp_path, "{1: 0.3, 5: 0.4}", "class_scores")
