#!/bin/bash
# Any command with ROS, the suite's environment and its workspace sourced, as after a bare-metal set-up.
set -e
here=$(cd "$(dirname "$0")/.." && pwd)
source "/opt/ros/$ROS_DISTRO/setup.bash"
source "$here/.venv-$ROS_DISTRO/bin/activate"
source "$here/install/setup.bash"
# For what is started without a launch file, such as `ros2 topic hz` in the running container.
export FASTRTPS_DEFAULT_PROFILES_FILE="${FASTRTPS_DEFAULT_PROFILES_FILE:-$here/config/fastdds_shm.xml}"
exec "$@"
