"""What brings the images, in a process of its own, as drivers crash: a RealSense with aligned depth, or a source."""

from launch.actions import DeclareLaunchArgument, GroupAction, IncludeLaunchDescription, OpaqueFunction
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import PathJoinSubstitution
from launch_ros.actions import Node, PushRosNamespace
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

from launch import LaunchDescription
from perception_ros import suite

TRUE_FALSE = ["true", "false"]


def generate_launch_description() -> LaunchDescription:
    return LaunchDescription(
        [
            DeclareLaunchArgument("namespace", default_value="", description="Namespace of all nodes and topics."),
            DeclareLaunchArgument(
                "camera",
                default_value="realsense",
                choices=["realsense", "usb", "replay", "none"],
                description="realsense starts realsense2_camera; usb shows the camera of a number, without depth; "
                "replay shows a source; none leaves the camera to somebody else.",
            ),
            DeclareLaunchArgument(
                "camera_name",
                default_value=suite.USUAL_CAMERA,
                description="Names the camera's topics, camera/<camera_name>/color/image_raw, and its TF frames.",
            ),
            DeclareLaunchArgument(
                "serial_no",
                default_value="''",
                description="Of realsense, where there are several: the serial number after an underscore (_1234).",
            ),
            DeclareLaunchArgument(
                "profile",
                default_value="640x480x30",
                description="Of realsense: width, height and images per second of colour and depth.",
            ),
            DeclareLaunchArgument("device", default_value="0", description="Of usb: which camera; 0 is the first."),
            DeclareLaunchArgument(
                "source",
                default_value="demo",
                description="Of replay: demo, scene:<name>, a recording, a video file, or a folder of pictures.",
            ),
            DeclareLaunchArgument(
                "loop",
                default_value="true",
                choices=TRUE_FALSE,
                description="Of replay: begin again when the source ends.",
            ),
            DeclareLaunchArgument(
                "respawn", default_value="true", choices=TRUE_FALSE, description="Start a camera again when it ends."
            ),
            OpaqueFunction(function=camera),
        ]
    )


def camera(context):
    """The camera that was chosen."""
    given = context.launch_configurations
    made = {"none": lambda _: [], "realsense": realsense, "usb": replay, "replay": replay}[given["camera"]](given)
    return [GroupAction([PushRosNamespace(given["namespace"]), *made])]


def realsense(given):
    """The driver's own launch file."""
    file = PathJoinSubstitution([FindPackageShare("realsense2_camera"), "launch", "rs_launch.py"])
    arguments = {
        "camera_namespace": "camera",
        "camera_name": given["camera_name"],
        "serial_no": given["serial_no"],
        "align_depth.enable": "true",
        "enable_sync": "true",
        "rgb_camera.color_profile": given["profile"],
        "depth_module.depth_profile": given["profile"],
    }
    return [IncludeLaunchDescription(PythonLaunchDescriptionSource(file), launch_arguments=arguments.items())]


def replay(given):
    """A source, or a camera without a driver."""
    live = given["camera"] == "usb"
    shown = {
        "source": ParameterValue(given["device" if live else "source"], value_type=str),  # a number is still a name
        "loop": given["loop"] == "true",
        "frame_id": suite.camera_frame(given["camera_name"]),
    }
    return [
        Node(
            package="perception_ros",
            executable="replay_node",
            parameters=[shown],
            remappings=suite.camera_remappings(given["camera_name"]),
            respawn=live and given["respawn"] == "true",  # a source that cannot be opened will not be the next time
            respawn_delay=2.0,
            output="screen",
        )
    ]
