"""The message packages of the tests carry the fields of the real ones, in their order."""

import pytest

FIELDS = {
    "Point2D": {"x": "double", "y": "double"},
    "Pose2D": {"position": "vision_msgs/Point2D", "theta": "double"},
    "BoundingBox2D": {"center": "vision_msgs/Pose2D", "size_x": "double", "size_y": "double"},
    "BoundingBox3D": {"center": "geometry_msgs/Pose", "size": "geometry_msgs/Vector3"},
    "ObjectHypothesis": {"class_id": "string", "score": "double"},
    "ObjectHypothesisWithPose": {
        "hypothesis": "vision_msgs/ObjectHypothesis",
        "pose": "geometry_msgs/PoseWithCovariance",
    },
    "Detection2D": {
        "header": "std_msgs/Header",
        "results": "sequence<vision_msgs/ObjectHypothesisWithPose>",
        "bbox": "vision_msgs/BoundingBox2D",
        "id": "string",
    },
    "Detection2DArray": {"header": "std_msgs/Header", "detections": "sequence<vision_msgs/Detection2D>"},
    "Detection3D": {
        "header": "std_msgs/Header",
        "results": "sequence<vision_msgs/ObjectHypothesisWithPose>",
        "bbox": "vision_msgs/BoundingBox3D",
        "id": "string",
    },
    "Detection3DArray": {"header": "std_msgs/Header", "detections": "sequence<vision_msgs/Detection3D>"},
}


@pytest.mark.parametrize("name", FIELDS)
def test_vision_msgs(name):
    messages = pytest.importorskip("vision_msgs.msg", reason="./perception test builds it")
    assert list(getattr(messages, name).get_fields_and_field_types().items()) == list(FIELDS[name].items())


def test_tf2_msgs():
    messages = pytest.importorskip("tf2_msgs.msg", reason="./perception test builds it")
    fields = messages.TFMessage.get_fields_and_field_types()
    assert fields == {"transforms": "sequence<geometry_msgs/TransformStamped>"}
