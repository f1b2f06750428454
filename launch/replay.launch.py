"""A camera that is not there: a source replayed on the RealSense topic names, and the perception nodes."""

from pathlib import Path

from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, SetEnvironmentVariable
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import EnvironmentVariable

from launch import LaunchDescription

PROFILE = "FASTRTPS_DEFAULT_PROFILES_FILE"  # a file that the user has named already stays
HERE = Path(__file__).resolve().parent


def generate_launch_description() -> LaunchDescription:
    return LaunchDescription(
        [
            DeclareLaunchArgument(
                "camera", default_value="replay", choices=["replay"], description="A source stands for the camera."
            ),
            SetEnvironmentVariable(
                PROFILE, EnvironmentVariable(PROFILE, default_value=str(HERE.parent / "config" / "fastdds_shm.xml"))
            ),
            included("perception.launch.py"),
            included("camera.launch.py"),
        ]
    )


def included(name):
    """A launch file beside this one."""
    return IncludeLaunchDescription(PythonLaunchDescriptionSource(str(HERE / name)))
