import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from face_perception.alignment import aligned_crop, alignment
from face_perception.detection import FaceDetection, FaceDetector, FaceKeypoints
from face_perception.embedding import FaceEmbedder
from face_perception.view_gate import ViewGate
from perception_core.engines.engine import EngineError, open_engine
from perception_core.geometry import Box
from perception_core.zoo.fetch import fetch_models
from perception_core.zoo.manifest import load_models, read_models
from perception_core.zoo.store import model_path

FACENET = """
models:
  my_facenet:
    task: face identity
    description: A network like FaceNet.
    licence: {{spdx: MIT}}
    sources: [{{file: facenet.onnx}}]
    conversion: {conversion}
    decoder: embedding
    inputs:
      - name: image
        shape: {shape}
        image: {{layout: {layout}, colour: {colour}, subtract: {subtract}, divide: 128, crop: "160 pixels"{face_crop}}}
    outputs:
      - {{name: embedding, shape: [N, {stated}], meaning: "compared by cosine"}}
"""


@pytest.fixture(scope="module")
def embedders(weights):
    models = load_models()
    return {name: FaceEmbedder(open_engine(weights(name)), models[name]) for name in ("face_identity", "mobilefacenet")}


@pytest.fixture(scope="module")
def crops(weights, picture):
    detect = FaceDetector(open_engine(weights("yunet")))

    def crop(name):
        colour = cv2.imread(str(picture(name)))
        return aligned_crop(colour, alignment(detect(colour)[0].keypoints.as_array()))

    return {name: crop(name) for name in ("obama", "obama_other", "biden", "astronaut")}


@pytest.fixture
def facenet(tmp_path, monkeypatch):
    """A model of the user's that takes 160x160 pixels and gives their mean colours over some numbers."""

    def make(*, layout="NCHW", colour="RGB", batch="N", numbers=128, stated=None, subtract="127.5", face_crop=""):
        monkeypatch.setenv("PERCEPTION_CACHE", str(tmp_path / "cache"))
        shape = [batch, 3, 160, 160] if layout == "NCHW" else [batch, 160, 160, 3]
        axes = [2, 3] if layout == "NCHW" else [1, 2]
        weight = np.random.default_rng(0).normal(size=(3, numbers)).astype(np.float32)
        graph = helper.make_graph(
            [
                helper.make_node("ReduceMean", ["image"], ["means"], axes=axes, keepdims=0),
                helper.make_node("MatMul", ["means", "weight"], ["embedding"]),
            ],
            "facenet",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [batch, numbers])],
            [onnx.numpy_helper.from_array(weight, "weight")],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        onnx.save(model, tmp_path / "facenet.onnx")
        text = FACENET.format(
            conversion="onnx" if batch == "N" else "none",
            shape=str(shape).replace("'", ""),
            layout=layout,
            colour=colour,
            subtract=subtract,
            face_crop=f", face_crop: {face_crop}" if face_crop else "",
            stated=stated or numbers,
        )
        (tmp_path / "models.yaml").write_text(text)
        monkeypatch.setenv("PERCEPTION_MODELS_FILE", str(tmp_path / "models.yaml"))
        spec = read_models(tmp_path / "models.yaml")["my_facenet"]
        fetch_models([spec], lambda _: None)
        return open_engine(model_path("my_facenet")), spec, weight

    return make


@pytest.mark.parametrize(("name", "dimension"), [("face_identity", 512), ("mobilefacenet", 192)])
def test_embeddings_have_length_one_and_know_their_own_face(name, dimension, embedders, crops):
    embed = embedders[name]
    obama, other, biden, astronaut = embed([crops[key] for key in ("obama", "obama_other", "biden", "astronaut")])
    assert obama.dtype == np.float32
    assert obama.shape == (dimension,)
    assert np.linalg.norm(obama) == pytest.approx(1, abs=1e-5)
    assert obama @ other > 0.6
    assert max(obama @ biden, obama @ astronaut, biden @ astronaut) < 0.3


@pytest.mark.parametrize("name", ["face_identity", "mobilefacenet"])
def test_several_faces_at_once_give_what_each_gives_alone(name, embedders, crops):
    embed, faces = embedders[name], list(crops.values())
    alone = np.concatenate([embed([face]) for face in faces])
    assert embed(faces) == pytest.approx(alone, abs=1e-4)
    assert embed([]).shape == (0, embed.space.dimension)


def test_every_network_has_a_space_of_its_own(embedders):
    spaces = [embed.space for embed in embedders.values()]
    assert len({space.id for space in spaces}) == 2
    assert spaces[0].id == f"face_identity:512:{spaces[0].digest}"


def test_the_space_is_that_of_the_published_weights_not_of_the_rewritten_graph(embedders, weights_original, crops):
    original = FaceEmbedder(open_engine(weights_original("face_identity")), load_models()["face_identity"])
    assert original.space == embedders["face_identity"].space
    assert original([crops["obama"]]) == pytest.approx(embedders["face_identity"]([crops["obama"]]), abs=1e-3)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("colour", ["RGB", "BGR"])
@pytest.mark.parametrize("batch", ["N", 1])
@pytest.mark.parametrize("numbers", [128, 512])
def test_a_network_like_facenet_plugs_in_through_its_entry(facenet, layout, colour, batch, numbers):
    engine, spec, weight = facenet(layout=layout, colour=colour, batch=batch, numbers=numbers)
    embed = FaceEmbedder(engine, spec)
    assert (embed.size, embed.space.dimension) == (160, numbers)
    bgr = np.array([[[20, 90, 200]], [[250, 3, 60]]], np.uint8)
    faces = [np.broadcast_to(colour_of, (160, 160, 3)).copy() for colour_of in bgr]
    ordered = bgr[:, 0, ::-1] if colour == "RGB" else bgr[:, 0]
    expected = ((ordered.astype(np.float32) - 127.5) / 128) @ weight
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert embed(faces) == pytest.approx(expected, abs=1e-4)


def test_pixels_that_enter_otherwise_make_another_space(facenet):
    one = FaceEmbedder(*facenet()[:2]).space
    other = FaceEmbedder(*facenet(subtract="127")[:2]).space
    assert (one.model, one.dimension) == (other.model, other.dimension)
    assert one.id != other.id


SQUARE = "{kind: square, scale: 1.0}"


@pytest.fixture(scope="module")
def astronaut(weights, picture):
    """A picture and the face in it."""
    colour = cv2.imread(str(picture("astronaut")))
    return colour, FaceDetector(open_engine(weights("yunet")))(colour)[0]


def test_the_crop_that_the_entry_names_is_what_the_network_gets(facenet, astronaut):
    colour, face = astronaut
    embedders = [FaceEmbedder(*facenet(face_crop=crop)[:2]) for crop in ("", SQUARE, "{kind: square, scale: 1.5}")]
    aligned, square, wide = (embed([embed.crop(colour, face)])[0] for embed in embedders)
    assert max(aligned @ square, square @ wide, wide @ aligned) < 0.9999
    assert len({embed.space.id for embed in embedders}) == 3


def test_the_square_is_upright_about_the_box_however_the_head_is_held(facenet):
    across, down = np.meshgrid(np.arange(256), np.arange(256))
    places = np.dstack([across, down, np.zeros_like(down)]).astype(np.uint8)  # every pixel holds its own place
    tilted = FaceKeypoints((60, 90), (100, 110), (75, 115), (60, 130), (85, 145))
    face = FaceDetection(Box(50, 60, 80, 120), 0.9, tilted)
    crop = FaceEmbedder(*facenet(face_crop="{kind: square, scale: 1.2}")[:2]).crop(places, face)
    x, y = face.box.centre
    assert crop[80, 80, :2] == pytest.approx((x, y), abs=1.5)
    assert crop[80, 159, :2] == pytest.approx((x + 72, y), abs=1.5)
    assert crop[159, 80, :2] == pytest.approx((x, y + 72), abs=1.5)


def test_the_gate_judges_by_the_aligned_face_and_gives_the_square(facenet, weights, astronaut):
    embed = FaceEmbedder(*facenet(face_crop=SQUARE)[:2])
    detector = open_engine(weights("yunet"))
    usual, square = ViewGate(detector)(*astronaut), ViewGate(detector, embed.crop)(*astronaut)
    assert square.quality == usual.quality and square.usable
    assert np.array_equal(square.crop, embed.crop(*astronaut))


def test_an_aligned_crop_that_is_named_is_the_usual_one(facenet, astronaut):
    usual, named = (FaceEmbedder(*facenet(face_crop=crop)[:2]) for crop in ("", "{kind: aligned}"))
    assert named.space == usual.space
    assert np.array_equal(named.crop(*astronaut), usual.crop(*astronaut))


def test_a_network_that_wants_grey_gets_the_same_grey_in_all_channels(facenet):
    engine, spec, weight = facenet(face_crop="{kind: aligned, grey: true}")
    embed = FaceEmbedder(engine, spec)
    red = np.broadcast_to(np.array([0, 0, 255], np.uint8), (160, 160, 3)).copy()
    expected = np.full(3, (76 - 127.5) / 128) @ weight  # 0.299 of 255
    assert embed([red])[0] == pytest.approx(expected / np.linalg.norm(expected), abs=1e-4)
    assert embed.space != FaceEmbedder(*facenet()[:2]).space


def test_an_aligned_crop_of_another_scale_is_refused(facenet):
    engine, spec, _ = facenet(face_crop="{kind: aligned, scale: 1.2}")
    with pytest.raises(EngineError, match=r"my_facenet: .*aligned with scale 1\.2.*choose kind square"):
        FaceEmbedder(engine, spec)


def test_galleries_that_were_made_before_entries_named_a_crop_still_fit(embedders):
    assert {name: embed.space.digest for name, embed in embedders.items()} == {
        "face_identity": "27e6d56097be2af4",
        "mobilefacenet": "4498fa89c393afa6",
    }


def test_an_entry_that_states_another_dimension_is_refused(facenet):
    engine, spec, _ = facenet(batch=1, numbers=128, stated=512)
    with pytest.raises(EngineError, match=r"gives 128 numbers.*says 512"):
        FaceEmbedder(engine, spec)


def test_a_crop_of_another_size_is_refused(embedders):
    with pytest.raises(EngineError, match=r"112x112x3, got \(160, 160, 3\)"):
        embedders["face_identity"]([np.zeros((160, 160, 3), np.uint8)])


def test_an_embedding_without_length_is_an_error(facenet):
    engine, spec, _ = facenet(subtract="0")
    embed = FaceEmbedder(engine, spec)
    with pytest.raises(EngineError, match="no length"):
        embed([np.zeros((160, 160, 3), np.uint8)])


@pytest.mark.parametrize("name", ["face_expression", "gesture_embedder", "yunet"])
def test_another_kind_of_network_is_refused(name, weights):
    with pytest.raises(EngineError, match=f"{name}.* is no face embedder|{name}: the input"):
        FaceEmbedder(open_engine(weights(name)), load_models()[name])
