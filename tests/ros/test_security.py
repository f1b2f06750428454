"""What nodes do is what the SROS2 policy allows, and services that are switched off stay so."""

from collections import defaultdict
from contextlib import closing
from xml.etree import ElementTree

import pytest
from perception_msgs.srv import Enroll, Forget, ListPeople, TeachGesture
from rcl_interfaces.msg import Parameter, ParameterValue
from rcl_interfaces.srv import SetParametersAtomically
from sensor_msgs.msg import CameraInfo, Image

from person_perception.behaviours.action_table import Call, Publish, read_action_table

from .conftest import Graph, own_domain
from .faces import activate
from .sros2_policy import FOLDER, POLICY, profiles, resolved

TABLE = FOLDER.parent / "gesture_actions.yaml"
BEHAVIOURS = {
    "follow_person": "FollowPersonNode",
    "stop_on_palm": "StopOnPalmNode",
    "gesture_actions": "GestureActionsNode",
    "greeter": "GreeterNode",
}
COMPONENTS = {
    "face_perception": "face_perception.node:FaceNode",
    "gesture_perception": "gesture_perception.node:GestureNode",
    "person_perception": "person_perception.node:PersonNode",
    **{name: f"person_perception.behaviours.{name}:{node}" for name, node in BEHAVIOURS.items()},
}
SETTINGS = ["face_perception:services:=read", "gesture_perception:services:=none", f"gesture_actions:table:={TABLE}"]
CAMERA = {
    "/camera/camera/color/image_raw": Image,
    "/camera/camera/aligned_depth_to_color/image_raw": Image,
    "/camera/camera/color/camera_info": CameraInfo,
}
# What a node does under other circumstances than those here: allowed, and not seen.
SELDOM = {
    "/clock",  # with use_sim_time
    "/tf_static",  # with target_frame
    "/tf",  # where tf2_msgs is installed, likewise
    "/face_perception/detections_2d",
    "/face_perception/detections_3d",
    "/camera/camera/color/image_raw/compressed",  # where no raw images are published
    "/camera/camera/aligned_depth_to_color/image_raw/compressedDepth",
    "/gesture_events",  # of the gesture node where no person node runs
    "/camera/camera/color/image_raw",  # of the person node, while its picture is looked at
}
ALL = profiles()
OURS = [profile for profile in ALL if profile.node in COMPONENTS]
NONE_THERE = "nobody_is_called_so"  # what bring_up waits for
ENCLAVE = "/perception/bring_up"


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    """All nodes and behaviours, active, in one process, with a camera that is there and sends nothing; and bring_up."""
    folder = tmp_path_factory.mktemp("security")
    with own_domain() as environment:
        environment["PERCEPTION_DATA"] = str(folder)
        with closing(Graph(environment, folder)) as graph:
            cameras = [graph.node.create_publisher(kind, topic, 1) for topic, kind in CAMERA.items()]
            parameters = [word for setting in SETTINGS for word in ("-p", setting)]
            remapping = ["-r", "gesture_perception:gesture_events:=hand_events"]
            graph.start("perception_ros.container", *COMPONENTS.values(), "--ros-args", *parameters, *remapping)
            for name in COMPONENTS:
                activate(graph, name)
            graph.start("perception_ros.bring_up", NONE_THERE, "--ros-args", "--enclave", ENCLAVE)
            graph.spin_until(
                lambda: all(each.get_subscription_count() >= 2 for each in cameras), "camera's subscriptions"
            )
            # The last thing that was made is known, and so is all that was made before.
            graph.spin_until(lambda: "/people" in done(graph)["greeter"]["subscribe"], "the last behaviour")
            graph.spin_until(lambda: done(graph)["perception_bring_up"]["request"], "bring_up")
            yield graph


def done(graph):
    """What the nodes do, by node and right; a hidden node's is that of the node that it belongs to."""
    node = graph.node
    asked = {
        "publish": node.get_publisher_names_and_types_by_node,
        "subscribe": node.get_subscriber_names_and_types_by_node,
        "reply": node.get_service_names_and_types_by_node,
        "request": node.get_client_names_and_types_by_node,
    }
    found = defaultdict(lambda: defaultdict(set))
    for name, namespace in node.get_node_names_and_namespaces():
        owner = next((each for each in COMPONENTS if name.startswith(f"_{each}_")), name)
        for right, ask in asked.items():
            found[owner][right] |= {topic for topic, _ in ask(name, namespace)}
    return found


@pytest.mark.parametrize("profile", OURS, ids=lambda profile: profile.node)
def test_a_node_does_nothing_that_the_policy_denies(graph, profile):
    for right, names in done(graph)[profile.node].items():
        assert names <= profile.rights[right], right


@pytest.mark.parametrize("profile", OURS, ids=lambda profile: profile.node)
def test_a_node_is_allowed_nothing_that_it_does_not_do(graph, profile):
    does = done(graph)[profile.node]
    for right, names in profile.rights.items():
        assert names - SELDOM <= does[right], right


def test_what_brings_nodes_up_does_no_more_than_that(graph):
    (profile,) = (each for each in ALL if each.node == "perception_bring_up")
    does = done(graph)["perception_bring_up"]
    assert does["publish"] <= profile.rights["publish"]
    assert does["reply"] <= profile.rights["reply"]
    assert not does["subscribe"]
    waited_for = {name.replace(NONE_THERE, "face_perception") for name in does["request"]}
    assert waited_for <= profile.rights["request"]


def test_a_process_is_in_the_enclave_that_it_is_given(graph):
    enclaves = {name: where for name, _, where in graph.node.get_node_names_and_namespaces_with_enclaves()}
    assert enclaves["perception_bring_up"] == ENCLAVE


def test_every_node_of_the_suite_has_a_profile_and_every_behaviour_an_enclave_of_its_own():
    assert {profile.node for profile in OURS} == set(COMPONENTS)
    enclaves = {profile.node: profile.enclave for profile in OURS}
    assert len({enclaves[name] for name in BEHAVIOURS}) == len(BEHAVIOURS)
    assert not {enclaves[name] for name in BEHAVIOURS} & {enclaves[name] for name in set(COMPONENTS) - set(BEHAVIOURS)}


def test_only_behaviours_that_drive_may_command_the_robot():
    assert {profile.node for profile in ALL if "/cmd_vel" in profile.rights["publish"]} == set(BEHAVIOURS) - {"greeter"}


def test_only_the_operator_may_change_what_is_stored():
    changing = {"/face_perception/enroll", "/face_perception/forget", "/gesture_perception/teach_gesture"}
    assert {profile.node for profile in ALL if profile.rights["request"] & changing} == {"operator"}


def test_only_the_cameras_driver_and_the_operators_tools_have_rights_to_names_that_are_not_said():
    wild = {
        (profile.node, name) for profile in ALL for names in profile.rights.values() for name in names if "*" in name
    }
    assert wild == {("camera", "/camera/camera/*"), ("operator", "/*/get_type_description")}


def test_the_table_that_is_shipped_can_be_done():
    (profile,) = (each for each in OURS if each.node == "gesture_actions")
    does = [action.does for action in read_action_table(TABLE).actions]
    topics = {resolved(each.topic, "gesture_actions") for each in does if isinstance(each, Publish)}
    services = {resolved(each.service, "gesture_actions") for each in does if isinstance(each, Call)}
    assert topics <= profile.rights["publish"] and services <= profile.rights["request"]


def test_between_the_enclaves_there_is_no_comment():
    """`ros2 security generate_artifacts` takes each child for an enclave, and ends with a traceback."""
    with_comments = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))
    enclaves = ElementTree.parse(POLICY, with_comments).getroot().find("enclaves")
    assert [child.tag for child in enclaves] == ["enclave"] * len(enclaves)


def asked(graph, kind, service, /, **fields):
    client = graph.node.create_client(kind, service)
    graph.spin_until(client.service_is_ready, service)
    return graph.answer(lambda: client.call_async(kind.Request(**fields)), service)


@pytest.mark.parametrize(
    ("kind", "name", "fields"),
    [
        (Enroll, "/face_perception/enroll", {"name": "Ada"}),
        (Forget, "/face_perception/forget", {"person_id": "0" * 16}),
        (TeachGesture, "/gesture_perception/teach_gesture", {"name": "Rock"}),
    ],
)
def test_a_service_that_is_switched_off_refuses_with_the_reason(graph, kind, name, fields):
    answer = asked(graph, kind, name, **fields)
    assert answer.result == kind.Response.STORE_FAILED
    assert "is switched off: the node was started with services" in answer.message


def test_one_that_only_tells_is_answered_where_reading_is_allowed(graph):
    answer = asked(graph, ListPeople, "/face_perception/list_people")
    assert answer.result == ListPeople.Response.OK, answer.message


def test_nobody_can_switch_it_on_while_the_node_runs(graph):
    on = Parameter(name="services", value=ParameterValue(type=4, string_value="all"))
    answer = asked(graph, SetParametersAtomically, "/face_perception/set_parameters_atomically", parameters=[on])
    assert not answer.result.successful and "read-only" in answer.result.reason
    assert "switched off" in asked(graph, Forget, "/face_perception/forget", person_id="0" * 16).message
