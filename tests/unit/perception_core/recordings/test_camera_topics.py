import pytest

from perception_core.recordings.camera_topics import choose
from perception_core.recordings.error import RecordingError

IMAGE = "sensor_msgs/msg/Image"
COMPRESSED = "sensor_msgs/msg/CompressedImage"
CAMERA_INFO = "sensor_msgs/msg/CameraInfo"
REALSENSE = {
    "/camera/camera/color/image_raw": IMAGE,
    "/camera/camera/color/image_raw/compressed": COMPRESSED,
    "/camera/camera/color/camera_info": CAMERA_INFO,
    "/camera/camera/depth/image_rect_raw": IMAGE,
    "/camera/camera/depth/camera_info": CAMERA_INFO,
    "/camera/camera/aligned_depth_to_color/image_raw": IMAGE,
    "/camera/camera/aligned_depth_to_color/image_raw/compressedDepth": COMPRESSED,
    "/camera/camera/aligned_depth_to_color/camera_info": CAMERA_INFO,
    "/camera/camera/infra1/image_rect_raw": IMAGE,
    "/face_perception/image_annotated": IMAGE,
    "/tf": "tf2_msgs/msg/TFMessage",
}


def chosen(types, colour=None, depth=None):
    topics = choose(types, "bag", colour, depth)
    return topics.colour.name, topics.depth.name if topics.depth else None, topics.camera_info


def without(types, *parts):
    return {name: kind for name, kind in types.items() if not any(part in name for part in parts)}


def within(namespace, types):
    return {f"/{namespace}{name}": kind for name, kind in types.items()}


def test_of_everything_a_realsense_publishes_colour_aligned_depth_and_its_calibration_are_taken():
    assert chosen(REALSENSE) == (
        "/camera/camera/color/image_raw",
        "/camera/camera/aligned_depth_to_color/image_raw",
        "/camera/camera/color/camera_info",
    )


def test_compressed_images_are_taken_where_there_are_no_raw_ones():
    only_compressed = {name: kind for name, kind in REALSENSE.items() if kind != IMAGE}
    assert chosen(only_compressed) == (
        "/camera/camera/color/image_raw/compressed",
        "/camera/camera/aligned_depth_to_color/image_raw/compressedDepth",
        "/camera/camera/color/camera_info",
    )


def test_a_namespace_is_found_and_the_usual_name_goes_before_it():
    assert chosen(within("robot1", REALSENSE))[0] == "/robot1/camera/camera/color/image_raw"
    assert chosen(REALSENSE | within("robot1", REALSENSE))[0] == "/camera/camera/color/image_raw"


def test_depth_is_that_of_the_same_camera():
    types = within("left", REALSENSE) | within("right", REALSENSE)
    with pytest.raises(RecordingError, match=r"several topics .* /left/\S+, /right/\S+\. Choose by 'bag\?colour="):
        chosen(types)
    colour, depth, camera_info = chosen(types, colour="/right/camera/camera/color/image_raw")
    assert {name.split("/")[1] for name in (colour, depth, camera_info)} == {"right"}


def test_other_cameras_are_found_by_type_if_there_is_only_one():
    types = {"/usb_cam/image": IMAGE, "/usb_cam/camera_info": CAMERA_INFO, "/stereo/depth": IMAGE}
    assert chosen(types) == ("/usb_cam/image", "/stereo/depth", "/usb_cam/camera_info")


def test_depth_that_is_not_aligned_is_better_than_none_if_there_is_only_one():
    assert chosen(without(REALSENSE, "aligned"))[1] == "/camera/camera/depth/image_rect_raw"
    assert chosen(without(REALSENSE, "depth"))[1] is None


def test_depth_that_could_be_several_is_left_out_and_said(caplog):
    types = {"/a/image": IMAGE, "/b/depth": IMAGE, "/c/depth": IMAGE}
    assert chosen(types)[1] is None
    assert "without depth, because several topics could be it: /b/depth, /c/depth. Choose by" in caplog.text
    assert chosen(types, depth="/c/depth")[1] == "/c/depth"


def test_a_calibration_of_another_image_is_not_taken():
    assert chosen(without(REALSENSE, "color/camera_info"))[2] is None


def test_what_is_chosen_must_be_there():
    with pytest.raises(RecordingError, match=r"bag: there is no topic /mine with images in it\. It has: /camera"):
        chosen(REALSENSE, colour="/mine")
    with pytest.raises(RecordingError, match="no topic /tf with images"):
        chosen(REALSENSE, depth="/tf")


def test_without_colour_the_topics_that_there_are_are_listed():
    with pytest.raises(RecordingError, match=r"no topic with colour.*It has: /depth \(sensor_msgs/msg/Image\), /tf"):
        chosen({"/depth": IMAGE, "/tf": "tf2_msgs/msg/TFMessage"})
