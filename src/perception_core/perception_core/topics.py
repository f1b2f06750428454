"""Where a camera's images are found in a ROS graph or a recording, if nothing else is said.

realsense2_camera's names where its namespace and name are left alone; relative, so that a namespace or a remapping
moves them.
"""

COLOUR_TOPIC = "camera/camera/color/image_raw"
DEPTH_TOPIC = "camera/camera/aligned_depth_to_color/image_raw"
DEPTH_INFO_TOPIC = "camera/camera/aligned_depth_to_color/camera_info"
CAMERA_INFO_TOPIC = "camera/camera/color/camera_info"
TRANSPORTS = ("auto", "raw", "compressed")
