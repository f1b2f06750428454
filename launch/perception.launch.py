"""The perception nodes in one process, brought up in order; other launch files bring a camera and include this one."""

from pathlib import Path

from launch.actions import DeclareLaunchArgument, GroupAction, SetEnvironmentVariable
from launch.conditions import IfCondition, UnlessCondition
from launch.substitutions import EnvironmentVariable, LaunchConfiguration
from launch_ros.actions import Node, PushRosNamespace

from launch import LaunchDescription

PROFILE = "FASTRTPS_DEFAULT_PROFILES_FILE"  # a file that the user has named already stays
CONFIG = Path(__file__).resolve().parent.parent / "config"


FACES = {"face_perception": "face_perception.node:FaceNode"}
HANDS = {"gesture_perception": "gesture_perception.node:GestureNode"}
PEOPLE = {"person_perception": "person_perception.node:PersonNode"}
# The person node publishes gesture_events with their authors; it takes them from here.
TO_PERSON_NODE = ("gesture_perception:gesture_events", "hand_events")


def perceivers(nodes, condition, remappings=()):
    """One process with some nodes, and what brings them up."""
    ros_arguments = ["--ros-args", "--log-level", LaunchConfiguration("log_level")]
    use_sim_time = {"use_sim_time": LaunchConfiguration("use_sim_time")}
    return GroupAction(
        [
            Node(
                package="perception_ros",
                executable="container",
                arguments=[*nodes.values(), *ros_arguments],
                parameters=[LaunchConfiguration("params_file"), use_sim_time],
                remappings=remappings,
                output="screen",
            ),
            Node(
                package="perception_ros",
                executable="bring_up",
                arguments=[*nodes, *ros_arguments],
                condition=IfCondition(LaunchConfiguration("autostart")),
                output="screen",
            ),
        ],
        condition=condition,
    )


def generate_launch_description() -> LaunchDescription:
    gestures, people = LaunchConfiguration("gestures"), LaunchConfiguration("people")
    return LaunchDescription(
        [
            DeclareLaunchArgument("namespace", default_value="", description="Namespace of all nodes and topics."),
            DeclareLaunchArgument(
                "params_file", default_value=str(CONFIG / "perception.yaml"), description="Parameters of the nodes."
            ),
            DeclareLaunchArgument(
                "gestures", default_value="true", description="Whether hands are perceived beside faces."
            ),
            DeclareLaunchArgument(
                "people",
                default_value="true",
                description="Whether faces and hands are brought together to people; needs gestures.",
            ),
            DeclareLaunchArgument("autostart", default_value="true", description="Configure and activate at once."),
            DeclareLaunchArgument("use_sim_time", default_value="false", description="Take the time from /clock."),
            DeclareLaunchArgument("log_level", default_value="info", description="debug, info, warn or error."),
            SetEnvironmentVariable(
                PROFILE, EnvironmentVariable(PROFILE, default_value=str(CONFIG / "fastdds_shm.xml"))
            ),
            GroupAction(
                [
                    PushRosNamespace(LaunchConfiguration("namespace")),
                    GroupAction(
                        [
                            perceivers({**FACES, **HANDS, **PEOPLE}, IfCondition(people), [TO_PERSON_NODE]),
                            perceivers({**FACES, **HANDS}, UnlessCondition(people)),
                        ],
                        condition=IfCondition(gestures),
                    ),
                    perceivers(FACES, UnlessCondition(gestures)),
                ]
            ),
        ]
    )
