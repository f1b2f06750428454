"""A camera that is not there: a source replayed on the RealSense topic names, and the perception nodes."""

from pathlib import Path

from launch.actions import DeclareLaunchArgument, GroupAction, IncludeLaunchDescription, SetEnvironmentVariable
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import EnvironmentVariable, LaunchConfiguration
from launch_ros.actions import Node, PushRosNamespace
from launch_ros.parameter_descriptions import ParameterValue

from launch import LaunchDescription

PROFILE = "FASTRTPS_DEFAULT_PROFILES_FILE"  # a file that the user has named already stays
HERE = Path(__file__).resolve().parent


def generate_launch_description() -> LaunchDescription:
    return LaunchDescription(
        [
            DeclareLaunchArgument("namespace", default_value="", description="Namespace of all nodes and topics."),
            DeclareLaunchArgument(
                "source",
                default_value="demo",
                description="demo, a video file, a folder of pictures, a camera number, csi or realsense.",
            ),
            DeclareLaunchArgument("loop", default_value="true", description="Begin again when the source ends."),
            SetEnvironmentVariable(
                PROFILE, EnvironmentVariable(PROFILE, default_value=str(HERE.parent / "config" / "fastdds_shm.xml"))
            ),
            GroupAction(
                [
                    PushRosNamespace(LaunchConfiguration("namespace")),
                    Node(
                        package="perception_ros",
                        executable="replay_node",
                        parameters=[
                            {
                                # A camera's number is still a name.
                                "source": ParameterValue(LaunchConfiguration("source"), value_type=str),
                                "loop": LaunchConfiguration("loop"),
                            }
                        ],
                        output="screen",
                    ),
                ]
            ),
            IncludeLaunchDescription(PythonLaunchDescriptionSource(str(HERE / "perception.launch.py"))),
        ]
    )
