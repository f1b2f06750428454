"""One behaviour in a process of its own, beside the perception nodes, which other launch files start.

It is not started again when it dies: a stop that somebody has asked for would be forgotten.
"""

from pathlib import Path

from launch.actions import DeclareLaunchArgument, GroupAction, SetEnvironmentVariable
from launch.conditions import IfCondition
from launch.substitutions import EnvironmentVariable, LaunchConfiguration
from launch_ros.actions import Node, PushRosNamespace

from launch import LaunchDescription

PROFILE = "FASTRTPS_DEFAULT_PROFILES_FILE"  # a file that the user has named already stays
TRUE_FALSE = ["true", "false"]
CONFIG = Path(__file__).resolve().parent.parent / "config"


def generate_launch_description() -> LaunchDescription:
    behaviour = LaunchConfiguration("behaviour")
    ros_arguments = ["--ros-args", "--log-level", LaunchConfiguration("log_level")]
    return LaunchDescription(
        [
            DeclareLaunchArgument("namespace", default_value="", description="Namespace of all nodes and topics."),
            DeclareLaunchArgument(
                "behaviour",
                default_value="greeter",
                choices=["follow_person", "gesture_actions", "greeter", "stop_on_palm"],
                description="What the robot does about people.",
            ),
            DeclareLaunchArgument(
                "params_file", default_value=str(CONFIG / "perception.yaml"), description="Parameters of the nodes."
            ),
            DeclareLaunchArgument(
                "table",
                default_value=str(CONFIG / "gesture_actions.yaml"),
                description="Of gesture_actions: which gesture of whom does what.",
            ),
            DeclareLaunchArgument(
                "cmd_vel",
                default_value="cmd_vel",
                description="Topic of the velocity commands; with twist_mux, one of its inputs.",
            ),
            DeclareLaunchArgument(
                "autostart", default_value="true", choices=TRUE_FALSE, description="Configure and activate at once."
            ),
            DeclareLaunchArgument(
                "use_sim_time", default_value="false", choices=TRUE_FALSE, description="Take the time from /clock."
            ),
            DeclareLaunchArgument(
                "log_level",
                default_value="info",
                choices=["debug", "info", "warn", "error", "fatal"],
                description="What the node logs.",
            ),
            # A behaviour publishes no images.
            SetEnvironmentVariable(
                PROFILE, EnvironmentVariable(PROFILE, default_value=str(CONFIG / "fastdds_receiver.xml"))
            ),
            GroupAction(
                [
                    PushRosNamespace(LaunchConfiguration("namespace")),
                    Node(
                        package="person_perception",
                        executable=behaviour,
                        arguments=ros_arguments,
                        parameters=[
                            LaunchConfiguration("params_file"),
                            {
                                "use_sim_time": LaunchConfiguration("use_sim_time"),
                                "table": LaunchConfiguration("table"),
                            },
                        ],
                        remappings=[("cmd_vel", LaunchConfiguration("cmd_vel"))],
                        output="screen",
                    ),
                    Node(
                        package="perception_ros",
                        executable="bring_up",
                        name=[behaviour, "_bring_up"],
                        arguments=[behaviour, *ros_arguments],
                        condition=IfCondition(LaunchConfiguration("autostart")),
                        output="screen",
                    ),
                ]
            ),
        ]
    )
