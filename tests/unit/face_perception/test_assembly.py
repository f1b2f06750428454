"""The pipeline as parameters ask for it, on real pictures."""

from contextlib import closing

import numpy as np
import pytest
import yaml

from face_perception.assembly import network_count, open_face_pipeline
from face_perception.embedding import FaceEmbedder
from face_perception.expression_evidence import UNKNOWN
from face_perception.gallery import FaceView, Gallery
from face_perception.gallery_errors import GalleryCorruptError, OtherModelError
from face_perception.identity import NOT_EXAMINED, IdentityState
from face_perception.landmarks import LandmarkScheme
from face_perception.parameters import FaceParameters
from face_perception.view_gate import ViewGate
from perception_core.embedding_space import EmbeddingSpace
from perception_core.engines.engine import EngineError, open_engine
from perception_core.frame import RgbdFrame
from perception_core.sources.pictures import read_picture
from perception_core.stages import StageTimes
from perception_core.zoo.errors import UnknownNameError
from perception_core.zoo.fetch import fetch_models
from perception_core.zoo.manifest import load_models

FRAME_NS = 33_333_333
PLAIN = {"landmarks": "none", "expression": "", "identity": ""}
EVERYTHING = {"refresh_every": 1, "refresh_faces": 64, "landmark_faces": 64, "follow_faces": 64}


def found(assembly, colour, stamp_ns=0):
    return assembly.pipeline(RgbdFrame(stamp_ns, "", colour), StageTimes())


@pytest.fixture(autouse=True)
def ready(weights):
    """What the node loads unless it is told otherwise."""
    for spec in load_models().values():
        if spec.default:
            weights(spec.name)


@pytest.fixture
def six_faces(picture):
    return read_picture(picture("six_faces"))


@pytest.fixture
def portrait(picture):
    return read_picture(picture("astronaut"))


@pytest.fixture
def gallery_file(tmp_path):
    return tmp_path / "people.sqlite"


def test_the_parameters_decide_who_is_a_face(six_faces):
    with closing(open_face_pipeline(FaceParameters(**PLAIN), print)) as assembly:
        scores = sorted(face.score for face in found(assembly, six_faces))
    middle = (scores[2] + scores[3]) / 2
    with closing(open_face_pipeline(FaceParameters(score_threshold=middle, **PLAIN), print)) as assembly:
        assert len(found(assembly, six_faces)) == 3


@pytest.mark.parametrize("landmarks", ["full", "light", "none"])
def test_at_first_sight_only_the_sure_ones_are_reported(six_faces, landmarks):
    parameters = FaceParameters(landmarks=landmarks, expression="", identity="")
    with closing(open_face_pipeline(parameters, print, sure_score=1.0)) as assembly:
        assert found(assembly, six_faces) == []
        assert len(found(assembly, six_faces, FRAME_NS)) == 6


def test_after_a_reset_everybody_is_somebody_else(six_faces):
    with closing(open_face_pipeline(FaceParameters(), print)) as assembly:
        before = {face.track_id for face in found(assembly, six_faces)}
        assembly.pipeline.reset()
        assert before.isdisjoint(face.track_id for face in found(assembly, six_faces))


def test_models_are_told_by_name_and_hash():
    with closing(open_face_pipeline(FaceParameters(), print)) as assembly:
        named = {purpose: name for purpose, name in assembly.models.items() if not purpose.endswith("_sha256")}
        assert named == {
            "detector": "yunet",
            "light_landmarks": "face_landmarks_light",
            "landmarks": "face_landmarks",
            "head": "face_geometry",
            "blendshapes": "face_blendshapes",
            "expression": "face_expression",
            "identity": "face_identity",
        }
        assert all(len(assembly.models[f"{purpose}_sha256"]) == 64 for purpose in named)


def test_only_what_is_wanted_is_loaded(six_faces):
    with closing(open_face_pipeline(FaceParameters(**PLAIN), print)) as assembly:
        assert list(assembly.engines) == ["detector"]
        assert assembly.gallery is None and assembly.pipeline.identification is None
        face = found(assembly, six_faces)[0]
        assert (face.landmarks, face.expression, face.identity) == (None, UNKNOWN, NOT_EXAMINED)


def test_the_light_landmarks_need_no_more_than_the_light_network(portrait):
    parameters = FaceParameters(landmarks="light", expression="", identity="")
    with closing(open_face_pipeline(parameters, print)) as assembly:
        assert set(assembly.engines) == {"detector", "light_landmarks"}
        (face,) = found(assembly, portrait)
        assert face.landmarks.scheme is LandmarkScheme.MEDIAPIPE468 and face.pose is not None


def test_blendshapes_can_be_left_out(portrait):
    parameters = FaceParameters(blendshapes=False, expression="", identity="")
    with closing(open_face_pipeline(parameters, print)) as assembly:
        (face,) = found(assembly, portrait)
        assert face.landmarks.scheme is LandmarkScheme.MEDIAPIPE478 and face.blendshapes is None


def test_of_a_picture_everything_can_be_told_at_once(six_faces):
    with closing(open_face_pipeline(FaceParameters(**EVERYTHING), print)) as assembly:
        faces = found(assembly, six_faces)
    assert len(faces) == 6 and all(face.blendshapes is not None for face in faces)


def test_once_closed_it_does_not_run(six_faces):
    assembly = open_face_pipeline(FaceParameters(), print)
    assembly.close()
    with pytest.raises(EngineError):
        found(assembly, six_faces)


@pytest.mark.parametrize("purpose", ["detector", "landmark_model", "expression", "expression_second", "identity"])
def test_a_model_that_is_not_listed_is_named(purpose):
    with pytest.raises(UnknownNameError, match="yunnet"):
        open_face_pipeline(FaceParameters(**{purpose: "yunnet"}), print)


@pytest.mark.parametrize(
    ("purpose", "model", "words"),
    [
        ("landmark_model", "face_landmarks_light", "landmark_model is face_landmarks_light.* one of MEDIAPIPE478"),
        ("light_landmark_model", "face_landmarks", "light_landmark_model is face_landmarks.* one of MEDIAPIPE468"),
        ("landmark_model", "yunet", "has to be a face mesh"),
        ("expression", "face_identity", "face_identity cannot read expressions"),
        ("identity", "face_expression", "face_expression is no face embedder"),
    ],
)
def test_a_model_of_another_kind_is_refused_with_the_reason(purpose, model, words):
    with pytest.raises(EngineError, match=words):
        open_face_pipeline(FaceParameters(**{purpose: model}), print)


def own_models(tmp_path, monkeypatch, weights, of, name, **changes):
    """A models.yaml of the user's with a copy of one of our networks under a name of its own."""
    file = tmp_path / f"{name}.onnx"
    file.write_bytes(weights(of).read_bytes())
    spec = next(iter(yaml.safe_load(_entries(of)).values()))
    spec |= {"sources": [{"file": str(file)}], "conversion": "onnx", "licence": {"spdx": "LicenseRef-own"}, **changes}
    for gone in ("sha256", "default", "prelu_rewrite"):
        spec.pop(gone, None)
    listed = tmp_path / "models.yaml"
    listed.write_text(yaml.safe_dump({"models": {name: spec}}))
    monkeypatch.setenv("PERCEPTION_MODELS_FILE", str(listed))
    fetch_models([load_models()[name]], lambda _line: None)


def _entries(name):
    from perception_core.paths import share_file  # noqa: PLC0415

    models = yaml.safe_load(share_file("models/models.yaml").read_text())["models"]
    return yaml.safe_dump({name: models[name]})


def test_an_expression_network_of_the_users_is_taken_by_its_name(tmp_path, monkeypatch, weights, portrait):
    monkeypatch.setenv("PERCEPTION_CACHE", str(_cache_beside(tmp_path, weights)))
    labels = ["calm", "delighted", "gloomy", "cross", "scared", "sick", "amazed"]
    own_models(tmp_path, monkeypatch, weights, "face_expression", "mine", labels=labels)
    wanted = FaceParameters(expression="mine", expression_after_s=0.0, identity="")
    with closing(open_face_pipeline(wanted, print)) as assembly:
        (face,) = found(assembly, portrait)
        assert (face.expression.label_set, face.expression.label) == ("mine", "delighted")
        assert assembly.models["expression"] == "mine"


def _cache_beside(tmp_path, weights):
    """A cache with our weights, to which others can be added."""
    cache = tmp_path / "cache"
    models = cache / "models"
    models.mkdir(parents=True)
    for file in weights("yunet").parent.iterdir():
        (models / file.name).symlink_to(file)
    return cache


def test_two_expression_networks_are_averaged(weights, picture):
    weights("face_expression_densenet")
    disgusted = read_picture(picture("disgusted_face"))
    told = []
    for names in (
        {"expression": "face_expression"},
        {"expression": "face_expression_densenet"},
        {"expression": "face_expression", "expression_second": "face_expression_densenet"},
    ):
        with closing(open_face_pipeline(FaceParameters(identity="", **names), print)) as assembly:
            told.append(found(assembly, disgusted)[0].expression)
    one, other, both = (np.array(each.scores) for each in told)
    assert np.abs(one - other).max() > 0.05
    assert both == pytest.approx((one + other) / 2, abs=1e-4)


def enrolled(gallery_file, portrait):
    """A gallery that knows the person in the picture."""
    with closing(open_face_pipeline(FaceParameters(gallery=str(gallery_file)), print)) as assembly:
        faces = found(assembly, portrait)
        view = ViewGate(assembly.engine, assembly.embedder.crop)(portrait, faces[0])
        embedding = assembly.embedder([view.crop])[0]
        return assembly.gallery.enrol("Eileen", [FaceView(embedding)], 0)


def named(assembly, portrait, frames=30):
    for k in range(frames):
        (face,) = found(assembly, portrait, k * FRAME_NS)
    return face.identity


def test_who_is_in_the_gallery_is_named(gallery_file, portrait):
    person = enrolled(gallery_file, portrait)
    with closing(open_face_pipeline(FaceParameters(gallery=str(gallery_file)), print)) as assembly:
        identity = named(assembly, portrait)
    assert (identity.state, identity.person_id, identity.name) == (IdentityState.CONFIRMED, person.id, "Eileen")


@pytest.fixture
def space(weights):
    """Of the embedder that is used unless another is named."""
    return FaceEmbedder(open_engine(weights("face_identity")), load_models()["face_identity"]).space


@pytest.fixture
def read_only(gallery_file, portrait, space, unprivileged):
    """A gallery with one person, as somebody opens it who may only read it."""
    enrolled(gallery_file, portrait)
    for folder in gallery_file.parents:
        if "pytest" in str(folder):
            folder.chmod(folder.stat().st_mode | 0o055)
    gallery_file.chmod(0o444)
    with unprivileged():
        gallery = Gallery(gallery_file, space)
    with closing(gallery):
        yield gallery


def test_by_a_gallery_that_may_not_be_written_people_are_recognised(read_only, portrait):
    assert not read_only.writable
    with closing(open_face_pipeline(FaceParameters(), print, gallery=read_only)) as assembly:
        assert named(assembly, portrait).name == "Eileen"


def test_a_gallery_that_is_given_stays_open(gallery_file, portrait, space):
    enrolled(gallery_file, portrait)
    with closing(Gallery(gallery_file, space)) as gallery:
        open_face_pipeline(FaceParameters(), print, gallery=gallery).close()
        assert [person.name for person in gallery.people()] == ["Eileen"]


def test_a_gallery_that_is_damaged_is_refused_and_kept(gallery_file):
    gallery_file.write_bytes(b"SQLite format 3\0" + b"no more of it" * 100)
    before = gallery_file.read_bytes()
    with pytest.raises(GalleryCorruptError, match="damaged"):
        open_face_pipeline(FaceParameters(gallery=str(gallery_file)), print)
    assert gallery_file.read_bytes() == before


def test_a_gallery_of_another_model_is_refused_with_the_reason(gallery_file, weights):
    weights("mobilefacenet")
    open_face_pipeline(FaceParameters(gallery=str(gallery_file)), print).close()
    with pytest.raises(OtherModelError, match=r"face_identity.*mobilefacenet"):
        open_face_pipeline(FaceParameters(gallery=str(gallery_file), identity="mobilefacenet"), print)
    with (
        closing(Gallery(gallery_file.with_name("other"), EmbeddingSpace("other", 4, "00"))) as other,
        pytest.raises(OtherModelError, match="other:4:00"),
    ):
        open_face_pipeline(FaceParameters(), print, gallery=other)


def test_another_embedder_recognises_as_well(gallery_file, portrait, weights):
    weights("mobilefacenet")
    parameters = FaceParameters(gallery=str(gallery_file), identity="mobilefacenet")
    with closing(open_face_pipeline(parameters, print)) as assembly:
        (face,) = found(assembly, portrait)
        crop = ViewGate(assembly.engine, assembly.embedder.crop)(portrait, face).crop
        assembly.gallery.enrol("Eileen", [FaceView(assembly.embedder([crop])[0])], 0)
        assembly.pipeline.reset()
        assert named(assembly, portrait).name == "Eileen"


def test_a_pipeline_that_cannot_be_opened_leaves_nothing_open(gallery_file):
    with pytest.raises(UnknownNameError):
        open_face_pipeline(FaceParameters(gallery=str(gallery_file), expression="nobody"), print)
    assert not gallery_file.exists()


@pytest.mark.parametrize(
    "wanted",
    [{}, PLAIN, PLAIN | {"landmarks": "light"}, PLAIN | {"landmarks": "full", "blendshapes": False}],
    ids=["all", "detector", "light", "no blendshapes"],
)
def test_as_many_networks_are_counted_as_are_loaded(tmp_path, wanted):
    parameters = FaceParameters(**{"gallery": str(tmp_path / "people.gallery")} | wanted)
    with closing(open_face_pipeline(parameters, print)) as assembly:
        assert network_count(parameters) == len(assembly.engines)
