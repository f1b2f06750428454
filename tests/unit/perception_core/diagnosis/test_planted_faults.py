"""Each fault alone, planted into a healthy system: it is found, nothing else is, and its remedy is named."""

from dataclasses import replace

import pytest

from perception_core.depth_faults import DepthFault
from perception_core.diagnosis import (
    calibration,
    catalogue,
    depth_content,
    environment,
    machine,
    nodes,
    shared_memory,
    streams,
    topics,
    weights,
)
from perception_core.diagnosis.environment import Profile
from perception_core.diagnosis.machine import Device
from perception_core.diagnosis.nodes import NodesFacts
from perception_core.diagnosis.registration import Registration
from perception_core.diagnosis.shared_memory import Segment
from perception_core.diagnosis.streams import StreamsFacts
from perception_core.diagnosis.topics import Endpoint
from perception_core.diagnosis.weights import Weight

from .healthy import (
    ARRIVED_NS,
    CALIBRATION,
    CAMERA_INFO,
    COLOUR,
    COLOUR_STREAM,
    DEPTH,
    DEPTH_IMAGES,
    DEPTH_STREAM,
    ENVIRONMENT,
    IMAGE,
    INFO_STREAM,
    LENS,
    MACHINE,
    MEMORY,
    NODE,
    NODES,
    SENT_NS,
    STREAMS,
    TICK_NS,
    WEIGHTS,
)

HOUR_NS = 3_600_000_000_000
PUBLISHER = COLOUR.publishers[0]


def environment_with(**changes):
    return environment.check_environment(replace(ENVIRONMENT, **changes))


def memory_with(**changes):
    return shared_memory.check_shared_memory(replace(MEMORY, **changes))


def machine_with(**changes):
    return machine.check_machine(replace(MACHINE, **changes))


def jetson_in(mode):
    return machine_with(jetson=replace(MACHINE.jetson, mode=mode))


def folder_with(**changes):
    return machine_with(folders=(replace(MACHINE.folders[0], **changes),))


def weights_with(**changes):
    return weights.check_weights(replace(WEIGHTS, **changes))


def camera_with(colour=COLOUR, depth=DEPTH, info=CAMERA_INFO):
    return topics.check_topics((colour, depth, info), "7", "/ws/config/fastdds_shm.xml")


def heard(colour=COLOUR_STREAM, depth=DEPTH_STREAM, info=INFO_STREAM):
    return streams.check_streams(StreamsFacts(2.0, (colour, depth, info)))


def heard_alone(stream):
    return streams.check_streams(StreamsFacts(9.0, (stream,)))


def lens_with(**changes):
    return calibration.check_calibration(replace(CALIBRATION, intrinsics=replace(LENS, **changes), depth=None))


def depth_with(**changes):
    return depth_content.check_depth(replace(DEPTH_IMAGES, **changes))


def node_with(**changes):
    return nodes.check_nodes(NodesFacts(5.0, (replace(NODE, **changes),)))


def stamped(stream, change):
    return replace(stream, stamps_ns=tuple(change(k, stamp) for k, stamp in enumerate(stream.stamps_ns)))


def every_third(stream):
    return replace(stream, stamps_ns=SENT_NS[::3], arrived_ns=ARRIVED_NS[::3])


BEST_EFFORT = replace(PUBLISHER, node="/other", reliable=False)
SILENT = {"stamps_ns": (), "arrived_ns": ()}
PLANTED = [
    ("ros-missing", lambda: environment_with(ros_problem="No module named rclpy"), "source /opt/ros"),
    ("ros-distro", lambda: environment_with(distro="iron"), "source /opt/ros/jazzy"),
    ("python-version", lambda: environment_with(python=(3, 12)), "python3.10"),
    (
        "middleware",
        lambda: environment_with(middleware="rmw_zenoh_cpp", middleware_problem="no such library"),
        "apt-get install ros-humble-rmw-zenoh-cpp",
    ),
    ("domain", lambda: environment_with(domain="robot"), "export ROS_DOMAIN_ID=0"),
    ("domain", lambda: environment_with(domain="233"), "export ROS_DOMAIN_ID=0"),
    ("discovery-range", lambda: environment_with(discovery="OFF"), "LOCALHOST"),
    ("discovery-range", lambda: environment_with(discovery="LOCAL"), "LOCALHOST"),
    ("profile-missing", lambda: environment_with(profile=Profile("/gone.xml", "is not there")), "/ws/config"),
    ("profile-small", lambda: environment_with(profile=Profile("/own.xml", "", 524_288)), "/ws/config"),
    (
        "profile-not-set",
        lambda: environment.check_environment(replace(ENVIRONMENT, profile=None), of_node=True),
        "export FASTRTPS_DEFAULT_PROFILES_FILE=/ws/config/fastdds_shm.xml",
    ),
    ("shared-memory-full", lambda: memory_with(total_bytes=64_000_000, free_bytes=60_000_000), "--shm-size"),
    (
        "shared-memory-stale",
        lambda: memory_with(stale=(Segment("fastrtps_00ff", 140_000_000),)),
        "cd /dev/shm && rm -f fastrtps_00ff*",
    ),
    ("no-gpu", lambda: machine_with(gpu="", gpu_problem="no driver"), "nvidia-smi"),
    ("no-tensorrt", lambda: machine_with(tensorrt=""), "python3-libnvinfer"),
    ("no-pycuda", lambda: machine_with(pycuda=""), "pip install pycuda"),
    ("cpu-governor", lambda: machine_with(governors=("powersave",) * 6), "scaling_governor"),
    ("jetson-power-mode", lambda: jetson_in("15W"), "sudo nvpmodel -m 0"),
    ("one-core", lambda: machine_with(cores=1), "gestures:=false"),
    ("disk-full", lambda: folder_with(free_bytes=1000), "PERCEPTION_CACHE"),
    ("not-writable", lambda: folder_with(writable=False), "sudo chown"),
    ("camera-permission", lambda: machine_with(devices=(Device("/dev/video0", False, False),)), "usermod -aG video"),
    ("usb-camera-permission", lambda: machine_with(devices=(Device("/dev/bus/usb/1", True, False),)), "udev"),
    ("model-list", lambda: weights_with(list_problem="models.yaml is no YAML"), "git checkout models/models.yaml"),
    ("model", lambda: weights_with(weights=(Weight("yunet", "damaged"),)), "./perception models fetch yunet"),
    ("plan-folder", lambda: weights_with(plans_problem="it is read-only"), "mkdir -p /cache/plans"),
    (
        "no-camera",
        lambda: camera_with(*(replace(each, publishers=(), subscribers=()) for each in (COLOUR, DEPTH, CAMERA_INFO))),
        "jetson.launch.py",
    ),
    (
        "camera-elsewhere",
        lambda: camera_with(colour=replace(COLOUR, publishers=(), others=("/usb_cam/image_raw",))),
        "-r camera/camera/color/image_raw:=/usb_cam/image_raw",
    ),
    ("camera-gone", lambda: camera_with(depth=replace(DEPTH, publishers=(), heard=True)), "dmesg"),
    ("no-depth", lambda: camera_with(depth=replace(DEPTH, publishers=())), "align_depth.enable:=true"),
    ("no-camera-info", lambda: camera_with(info=replace(CAMERA_INFO, publishers=())), "cameracalibrator"),
    (
        "wrong-type",
        lambda: camera_with(colour=replace(COLOUR, publishers=(Endpoint("/camera", "std_msgs/msg/String", True),))),
        "ros2 topic list -t",
    ),
    (
        "two-publishers",
        lambda: camera_with(colour=replace(COLOUR, publishers=(PUBLISHER, replace(PUBLISHER, node="/other")))),
        "end all but one",
    ),
    (
        "unheard",
        lambda: camera_with(
            colour=replace(COLOUR, publishers=(BEST_EFFORT,), subscribers=(Endpoint("/rviz", IMAGE, reliable=True),))
        ),
        "have /rviz subscribe best effort",
    ),
    (
        "small-segment",
        lambda: camera_with(*(with_memory(each, 549_408) for each in (COLOUR, DEPTH, CAMERA_INFO))),
        "export FASTRTPS_DEFAULT_PROFILES_FILE=/ws",
    ),
    ("topic-silent", lambda: heard(depth=replace(DEPTH_STREAM, **SILENT)), "driver's log"),
    ("image-unusable", lambda: heard(colour=replace(COLOUR_STREAM, problem="encoding 'x' is not known")), "encoding"),
    (
        "images-lost",
        lambda: streams.check_streams(StreamsFacts(2.0, (replace(COLOUR_STREAM, lost=50),))),
        "fastdds_shm",
    ),
    (
        "slow",
        lambda: heard_alone(slow_stream(COLOUR_STREAM)),
        "raise the driver's rate",
    ),
    ("rates-differ", lambda: heard(depth=every_third(DEPTH_STREAM)), "depth_module.depth_profile"),
    ("rates-differ", lambda: heard(info=every_third(INFO_STREAM)), "same profile"),
    ("zero-stamps", lambda: heard(info=stamped(INFO_STREAM, lambda k, stamp: 0)), "header.stamp"),
    ("clock-offset", lambda: heard(info=stamped(INFO_STREAM, lambda k, stamp: stamp + HOUR_NS)), "chronyc"),
    ("clock-offset", lambda: heard(info=stamped(INFO_STREAM, lambda k, stamp: stamp - 100 * HOUR_NS)), "use_sim_time"),
    ("stamps-jump", lambda: heard(info=stamped(INFO_STREAM, lambda k, stamp: stamp - (k == 9) * 10**9)), "global_time"),
    ("stamps-repeated", lambda: heard(info=stamped(INFO_STREAM, lambda k, stamp: SENT_NS[k // 2 * 2])), "again"),
    ("depth-apart", lambda: heard(depth=stamped(DEPTH_STREAM, lambda k, stamp: stamp + TICK_NS // 2)), "enable_sync"),
    ("no-frame-id", lambda: heard(info=replace(INFO_STREAM, frame_ids=("",))), "frame"),
    ("frame-differs", lambda: heard(depth=replace(DEPTH_STREAM, frame_ids=("camera_depth",))), "align_depth"),
    ("size-differs", lambda: heard(depth=replace(DEPTH_STREAM, sizes=((848, 480),))), "align_depth"),
    (
        "calibration-unusable",
        lambda: calibration.check_calibration(replace(CALIBRATION, problem="K is all zero", intrinsics=None)),
        "cameracalibrator",
    ),
    ("calibration-view", lambda: lens_with(fx=100.0, fy=100.0), "this camera at this resolution"),
    ("calibration-centre", lambda: lens_with(cx=160.0, cy=120.0), "of this resolution"),
    ("calibration-pixels", lambda: lens_with(fy=460.0), "calibrate again"),
    (
        "depth-calibration",
        lambda: calibration.check_calibration(replace(CALIBRATION, depth=replace(LENS, fx=385.0, fy=385.0))),
        "align_depth.enable:=true",
    ),
    ("depth-empty", lambda: depth_with(fault=DepthFault.EMPTY, valid_share=0.0), "emitter_enabled"),
    ("depth-sparse", lambda: depth_with(valid_share=0.1), "projector"),
    ("depth-unit", lambda: depth_with(fault=DepthFault.MILLIMETRES_AS_METRES, encoding="32FC1"), "16UC1"),
    ("registration", lambda: depth_with(registration=Registration(False, (-14, 0), 1.0, 0.4)), "align_depth"),
    ("node-twice", lambda: node_with(count=2), "namespace"),
    ("node-silent", lambda: node_with(state=""), "look at its log"),
    ("node-not-active", lambda: node_with(state="inactive"), "bring_up /face_perception"),
    ("node-complains", lambda: node_with(complaints=("no colour image for 3 s",)), "as it says"),
]


def with_memory(topic, size):
    return replace(topic, publishers=tuple(replace(each, segment_bytes=size) for each in topic.publishers))


def slow_stream(stream):
    return replace(
        stream,
        stamps_ns=tuple(SENT_NS[0] + k * 500_000_000 for k in range(12)),
        arrived_ns=tuple(ARRIVED_NS[0] + k * 500_000_000 for k in range(12)),
    )


@pytest.mark.parametrize(
    ("fault", "examine", "remedy"), PLANTED, ids=[f"{k}-{each[0]}" for k, each in enumerate(PLANTED)]
)
def test_a_planted_fault_is_found_alone_and_its_remedy_named(fault, examine, remedy):
    (finding,) = examine()
    assert finding.fault == fault
    assert remedy in finding.remedy
    assert finding.what and finding.why and "{" not in finding.what + finding.remedy


def test_a_healthy_robot_has_no_finding():
    found = [
        environment.check_environment(ENVIRONMENT, of_node=True),
        memory_with(),
        machine_with(),
        weights_with(),
        camera_with(),
        streams.check_streams(STREAMS),
        calibration.check_calibration(CALIBRATION),
        depth_with(),
        nodes.check_nodes(NODES),
    ]
    assert not any(found)


def test_every_fault_of_the_catalogue_is_planted_here_or_in_a_params_file():
    planted = {name for name, _, _ in PLANTED} | {"mixed-reliability"}
    known = {
        fault.name
        for area, faults in catalogue.FAULTS.items()
        if area is not catalogue.Area.PARAMETERS
        for fault in faults
    }
    assert planted == known


def test_names_of_faults_are_given_once():
    names = [fault.name for faults in catalogue.FAULTS.values() for fault in faults]
    assert len(names) == len(set(names))


def test_best_effort_and_reliable_on_one_topic_is_said_beside_there_being_two():
    both = replace(COLOUR, publishers=(PUBLISHER, BEST_EFFORT), subscribers=())
    mixed = next(each for each in camera_with(colour=both) if each.fault == "mixed-reliability")
    assert "/other" in mixed.what and "same quality of service" in mixed.remedy


def test_clocks_an_hour_apart_are_said_of_each_topic_and_depth_that_is_an_hour_off_of_its_pairs():
    late = stamped(DEPTH_STREAM, lambda k, stamp: stamp - HOUR_NS)
    found = {each.fault: each.what for each in heard(depth=late)}
    assert set(found) == {"clock-offset", "depth-apart"}
    assert "60 min in the past" in found["clock-offset"] and "60 min" in found["depth-apart"]


def test_a_recording_with_its_clock_is_not_late():
    old = tuple(stamped(each, lambda k, stamp: stamp - 1000 * HOUR_NS) for each in STREAMS.streams)
    assert not streams.check_streams(StreamsFacts(2.0, old, simulated_time=True))


def test_losses_and_rates_are_not_judged_where_the_listener_itself_was_held_up():
    stalled = StreamsFacts(2.0, (replace(COLOUR_STREAM, lost=50), every_third(DEPTH_STREAM)), stalled_s=0.5)
    assert not streams.check_streams(stalled)
    assert "so busy" in streams.describe_streams(stalled)[-1]


def test_what_nobody_asks_for_is_not_missing():
    assert not machine_with(gpu="", tensorrt="", pycuda="", engines=("auto",), jetson=None)


def test_a_governor_that_only_is_called_powersave_is_none():
    assert not machine_with(governors=("powersave",) * 6, scaling_driver="intel_pstate")


def test_a_few_stale_segments_are_no_matter_and_many_are_where_memory_is_scarce():
    stale = (Segment("fastrtps_00ff", 35_000_000),)
    assert not memory_with(stale=stale)
    assert {each.fault for each in memory_with(total_bytes=128_000_000, free_bytes=90_000_000, stale=stale)} == {
        "shared-memory-full",
        "shared-memory-stale",
    }


def test_the_middlewares_profile_is_no_matter_for_another_middleware():
    assert not environment.check_environment(
        replace(ENVIRONMENT, middleware="rmw_cyclonedds_cpp", profile=None), of_node=True
    )


def test_a_name_that_would_steer_the_terminal_is_made_harmless():
    (finding,) = camera_with(colour=replace(COLOUR, publishers=(PUBLISHER, replace(PUBLISHER, node="/\x1b[2J{x}"))))
    assert "\x1b" not in finding.what and "{x}" in finding.what
