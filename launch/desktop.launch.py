"""Any machine: whatever driver runs already, a camera on USB, or a RealSense, and the perception nodes."""

from pathlib import Path

from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, OpaqueFunction, SetEnvironmentVariable
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import EnvironmentVariable

from launch import LaunchDescription
from perception_ros import suite

PROFILE = "FASTRTPS_DEFAULT_PROFILES_FILE"  # a file that the user has named already stays
HERE = Path(__file__).resolve().parent
REMEDY = "apt-get install ros-$ROS_DISTRO-realsense2-camera, or start it with camera:=none and a driver of your own"


def generate_launch_description() -> LaunchDescription:
    return LaunchDescription(
        [
            DeclareLaunchArgument(
                "camera",
                default_value="none",
                choices=["none", "usb", "realsense"],
                description="none: a driver that runs already, with colour_topic and so on where it has other names; "
                "usb: the camera of a number, without depth; realsense starts realsense2_camera.",
            ),
            SetEnvironmentVariable(
                PROFILE, EnvironmentVariable(PROFILE, default_value=str(HERE.parent / "config" / "fastdds_shm.xml"))
            ),
            OpaqueFunction(function=check),
            included("perception.launch.py"),
            included("camera.launch.py"),
        ]
    )


def check(context):
    """Says what is missing before anything starts."""
    if context.launch_configurations["camera"] == "realsense":
        suite.require_package("realsense2_camera", REMEDY)


def included(name):
    """A launch file beside this one."""
    return IncludeLaunchDescription(PythonLaunchDescriptionSource(str(HERE / name)))
