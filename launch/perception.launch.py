"""The perception nodes, brought up in order and kept up; other launch files bring a camera and include this one."""

from pathlib import Path

from launch.actions import (
    DeclareLaunchArgument,
    GroupAction,
    IncludeLaunchDescription,
    LogInfo,
    OpaqueFunction,
    SetEnvironmentVariable,
)
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import EnvironmentVariable
from launch_ros.actions import Node, PushRosNamespace

from launch import LaunchDescription
from perception_ros import params_file, suite

PROFILE = "FASTRTPS_DEFAULT_PROFILES_FILE"  # a file that the user has named already stays
HERE = Path(__file__).resolve().parent
CONFIG = HERE.parent / "config"
RESPAWN_DELAY_S = 2.0
TRUE_FALSE = ["true", "false"]
LOG_LEVELS = ["debug", "info", "warn", "error", "fatal"]


def generate_launch_description() -> LaunchDescription:
    behaviours = ", ".join(node.name for node in suite.BEHAVIOURS)
    return LaunchDescription(
        [
            DeclareLaunchArgument("namespace", default_value="", description="Namespace of all nodes and topics."),
            DeclareLaunchArgument(
                "camera_name",
                default_value=suite.USUAL_CAMERA,
                description="Images are found at camera/<camera_name>/color/image_raw, and so on.",
            ),
            DeclareLaunchArgument(
                "colour_topic", default_value="", description="Of a driver that has other names; empty: by camera_name."
            ),
            DeclareLaunchArgument(
                "depth_topic", default_value="", description="Likewise; depth has to be aligned to colour."
            ),
            DeclareLaunchArgument("camera_info_topic", default_value="", description="Likewise."),
            DeclareLaunchArgument(
                "params_file", default_value=str(CONFIG / "perception.yaml"), description="Parameters of the nodes."
            ),
            DeclareLaunchArgument(
                "engine",
                default_value="",
                choices=["", *suite.allowed("engine")],
                description="What runs the networks; empty leaves it to params_file.",
            ),
            DeclareLaunchArgument(
                "precision",
                default_value="",
                choices=["", *suite.allowed("precision")],
                description="Of what TensorRT runs; empty leaves it to params_file.",
            ),
            DeclareLaunchArgument(
                "gestures",
                default_value="true",
                choices=TRUE_FALSE,
                description="Whether hands are perceived beside faces.",
            ),
            DeclareLaunchArgument(
                "people",
                default_value="true",
                choices=TRUE_FALSE,
                description="Whether faces and hands are brought together to people; needs gestures.",
            ),
            DeclareLaunchArgument(
                "behaviours", default_value="", description=f"With commas, of {behaviours}: what the robot does."
            ),
            DeclareLaunchArgument(
                "composed",
                default_value="true",
                choices=TRUE_FALSE,
                description="One process for the nodes of perception; false: one each, which is restarted singly.",
            ),
            DeclareLaunchArgument(
                "autostart", default_value="true", choices=TRUE_FALSE, description="Configure and activate at once."
            ),
            DeclareLaunchArgument(
                "respawn",
                default_value="true",
                choices=TRUE_FALSE,
                description="Start a process again when it ends, and bring its nodes up again.",
            ),
            DeclareLaunchArgument(
                "timeout_s", default_value="60.0", description="Seconds for each step of a node's bring-up."
            ),
            DeclareLaunchArgument(
                "rviz", default_value="false", choices=TRUE_FALSE, description="Show it all in rviz2."
            ),
            DeclareLaunchArgument(
                "use_sim_time", default_value="false", choices=TRUE_FALSE, description="Take the time from /clock."
            ),
            DeclareLaunchArgument(
                "log_level", default_value="info", choices=LOG_LEVELS, description="What the nodes log."
            ),
            SetEnvironmentVariable(
                PROFILE, EnvironmentVariable(PROFILE, default_value=str(CONFIG / "fastdds_shm.xml"))
            ),
            OpaqueFunction(function=graph),
        ]
    )


def graph(context):
    """Everything, once the arguments are known."""
    given = context.launch_configurations
    acting = [name.strip() for name in given["behaviours"].split(",") if name.strip()]
    doubts = check(given["params_file"], acting)
    nodes = suite.perceivers(gestures=is_set(given, "gestures"), people=is_set(given, "people"))
    inside = [PushRosNamespace(given["namespace"]), *perceivers(given, nodes)]
    if is_set(given, "autostart"):
        inside.append(bring_up(given, [node.name for node in nodes]))
    if is_set(given, "rviz"):
        inside.append(Node(package="rviz2", executable="rviz2", arguments=["-d", str(CONFIG / "perception.rviz")]))
    return [*(LogInfo(msg=doubt) for doubt in doubts), GroupAction(inside), *(behaviour(each) for each in acting)]


def check(path, acting):
    """Refuses what no node would understand, before anything runs; tells what it doubts."""
    known = [node.name for node in suite.BEHAVIOURS]
    unknown = [name for name in acting if name not in known]
    if unknown:
        raise RuntimeError(f"behaviours: there is no {', '.join(unknown)}; there are {', '.join(known)}")
    stated = params_file.in_file(Path(path))
    parameters = suite.known_parameters()
    mistakes = params_file.mistakes(stated, parameters)
    if mistakes:
        raise RuntimeError("; ".join(mistakes))
    return params_file.suspicions(stated, parameters)


def perceivers(given, nodes):
    """One process for all nodes, or one for each."""
    chosen = {name: given[name] for name in ("engine", "precision") if given[name]}
    remappings = suite.camera_remappings(
        given["camera_name"],
        colour=given["colour_topic"],
        depth=given["depth_topic"],
        camera_info=given["camera_info_topic"],
    )
    if suite.PEOPLE in nodes:
        remappings.append(suite.TO_PERSON_NODE)
    common = {
        "parameters": [given["params_file"], {"use_sim_time": is_set(given, "use_sim_time"), **chosen}],
        "remappings": remappings,
        "respawn": is_set(given, "respawn"),
        "respawn_delay": RESPAWN_DELAY_S,
        "output": "screen",
    }
    if is_set(given, "composed"):
        arguments = [*(node.component for node in nodes), *ros_arguments(given)]
        return [Node(package="perception_ros", executable="container", arguments=arguments, **common)]
    return [
        Node(package=node.package, executable=node.executable, arguments=ros_arguments(given), **common)
        for node in nodes
    ]


def bring_up(given, names):
    """What takes nodes to active; where processes come back it stays."""
    stays = is_set(given, "respawn")
    return Node(
        package="perception_ros",
        executable="bring_up",
        arguments=[*names, "--timeout", given["timeout_s"], *(["--keep"] if stays else []), *ros_arguments(given)],
        respawn=stays,
        respawn_delay=RESPAWN_DELAY_S,
        output="screen",
    )


def behaviour(name):
    """A behaviour as its own launch file has it, with our arguments."""
    return GroupAction(
        [
            IncludeLaunchDescription(
                PythonLaunchDescriptionSource(str(HERE / "behaviours.launch.py")),
                launch_arguments={"behaviour": name}.items(),
            )
        ]
    )


def ros_arguments(given):
    """For every node."""
    return ["--ros-args", "--log-level", given["log_level"]]


def is_set(given, name):
    """Whether an argument is true."""
    return given[name] == "true"
