"""The robot: a RealSense camera with aligned depth, and the perception nodes."""

from pathlib import Path

from launch.actions import DeclareLaunchArgument, GroupAction, IncludeLaunchDescription, SetEnvironmentVariable
from launch.conditions import IfCondition
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import EnvironmentVariable, LaunchConfiguration, PathJoinSubstitution, PythonExpression
from launch_ros.actions import PushRosNamespace
from launch_ros.substitutions import FindPackageShare

from launch import LaunchDescription

PROFILE = "FASTRTPS_DEFAULT_PROFILES_FILE"  # a file that the user has named already stays
HERE = Path(__file__).resolve().parent
REALSENSE = {
    "camera_namespace": "camera",
    "camera_name": "camera",
    "align_depth.enable": "true",
    "enable_sync": "true",
    "rgb_camera.color_profile": "640x480x30",
    "depth_module.depth_profile": "640x480x30",
}


def generate_launch_description() -> LaunchDescription:
    return LaunchDescription(
        [
            DeclareLaunchArgument("namespace", default_value="", description="Namespace of all nodes and topics."),
            DeclareLaunchArgument(
                "camera",
                default_value="realsense",
                choices=["realsense", "none"],
                description="realsense starts realsense2_camera; none leaves the camera to somebody else.",
            ),
            SetEnvironmentVariable(
                PROFILE, EnvironmentVariable(PROFILE, default_value=str(HERE.parent / "config" / "fastdds_shm.xml"))
            ),
            GroupAction(
                [
                    PushRosNamespace(LaunchConfiguration("namespace")),
                    IncludeLaunchDescription(
                        PythonLaunchDescriptionSource(
                            PathJoinSubstitution([FindPackageShare("realsense2_camera"), "launch", "rs_launch.py"])
                        ),
                        launch_arguments=REALSENSE.items(),
                    ),
                ],
                condition=IfCondition(PythonExpression(["'", LaunchConfiguration("camera"), "' == 'realsense'"])),
            ),
            IncludeLaunchDescription(PythonLaunchDescriptionSource(str(HERE / "perception.launch.py"))),
        ]
    )
