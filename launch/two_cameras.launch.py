"""Several cameras on one robot: for each a namespace, a camera, and perception nodes of its own; people known to all.

The galleries are one file, which the nodes share. Topics and TF frames have the camera's name.
"""

from pathlib import Path

from launch.actions import (
    DeclareLaunchArgument,
    GroupAction,
    IncludeLaunchDescription,
    OpaqueFunction,
    SetEnvironmentVariable,
)
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import EnvironmentVariable

from launch import LaunchDescription
from perception_ros import suite

PROFILE = "FASTRTPS_DEFAULT_PROFILES_FILE"  # a file that the user has named already stays
HERE = Path(__file__).resolve().parent
OWN = {"realsense": ("serial_no", "serial_numbers"), "replay": ("source", "sources"), "none": ()}


def generate_launch_description() -> LaunchDescription:
    return LaunchDescription(
        [
            DeclareLaunchArgument(
                "names", default_value="front,rear", description="A name for each camera, which is its namespace, too."
            ),
            DeclareLaunchArgument(
                "camera",
                default_value="realsense",
                choices=list(OWN),
                description="realsense starts realsense2_camera for each, replay shows sources, none starts none.",
            ),
            DeclareLaunchArgument(
                "serial_numbers",
                default_value="",
                description="Of the cameras, in the order of their names, with commas: _1234,_5678.",
            ),
            DeclareLaunchArgument(
                "sources", default_value="demo,demo", description="Of replay, in the order of the names, with commas."
            ),
            SetEnvironmentVariable(
                PROFILE, EnvironmentVariable(PROFILE, default_value=str(HERE.parent / "config" / "fastdds_shm.xml"))
            ),
            OpaqueFunction(function=cameras),
        ]
    )


def cameras(context):
    """Everything for each camera."""
    given = context.launch_configurations
    names = listed(given["names"])
    if not names or len(set(names)) < len(names) or not all(name.isidentifier() for name in names):
        raise RuntimeError(f"names: {given['names']!r} has to be names such as front,rear, none of them twice")
    if given["camera"] == "realsense":
        suite.require_package("realsense2_camera", "it is the driver of the cameras")
    own = [{} for _ in names]
    if OWN[given["camera"]]:
        argument, several = OWN[given["camera"]]
        own = [{argument: value} for value in listed(given[several])]
        if len(own) != len(names):
            raise RuntimeError(f"{several}: {given[several]!r} has to be one for each of {', '.join(names)}")
    return [camera(name, values) for name, values in zip(names, own, strict=True)]


def camera(name, own):
    """One of them, whose arguments are not the next one's."""
    arguments = {"namespace": name, "camera_name": name, **own}.items()
    files = [PythonLaunchDescriptionSource(str(HERE / file)) for file in ("perception.launch.py", "camera.launch.py")]
    return GroupAction([IncludeLaunchDescription(file, launch_arguments=arguments) for file in files])


def listed(text):
    """The parts between commas."""
    return [part.strip() for part in text.split(",") if part.strip()]
