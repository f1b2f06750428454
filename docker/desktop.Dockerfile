# x86_64 or arm64 without a Jetson's GPU: Ubuntu 24.04, ROS 2 Jazzy. Build from the repository's root:
#     docker build --file docker/desktop.Dockerfile --tag perception:desktop .
#     docker build --file docker/desktop.Dockerfile --tag perception:cuda --build-arg CUDA=true .
# docs/deployment.md says what of this was tried and what was not.
FROM ros:jazzy-ros-base

SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ENV DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8

# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        g++ git npm python3-colcon-common-extensions python3-dev python3-venv \
        ros-jazzy-diagnostic-msgs ros-jazzy-realsense2-camera ros-jazzy-vision-msgs ros-jazzy-visualization-msgs \
    && rm -rf /var/lib/apt/lists/*

# What pycuda is built with; the driver itself comes from the host.
ARG CUDA=false
# hadolint ignore=DL3008
RUN if [ "${CUDA}" = true ]; then \
        apt-get update \
        && apt-get install --yes --no-install-recommends nvidia-cuda-toolkit \
        && rm -rf /var/lib/apt/lists/*; \
    fi

# The same number as who runs the other nodes on this machine, or Fast DDS cannot share memory with them. Ubuntu's image
# has a user of its own with the usual one.
ARG USER_ID=1000
RUN if id ubuntu >/dev/null 2>&1; then userdel --remove ubuntu; fi \
    && useradd --create-home --uid "${USER_ID}" --groups video,plugdev robot
# hadolint ignore=DL3066
USER robot
WORKDIR /home/robot/perception
COPY --chown=robot . .

# As on the bare machine. The weights are fetched here, so that nothing is downloaded when the robot starts.
RUN . /opt/ros/jazzy/setup.sh \
    && ./perception setup \
    && . .venv-jazzy/bin/activate \
    && python3 -m colcon build

# TensorRT of the version that JetPack 6.2 has. A volume takes over the owner of the folder that it is put on.
# hadolint ignore=DL3059
RUN if [ "${CUDA}" = true ]; then .venv-jazzy/bin/pip install --no-cache-dir pycuda==2026.1 tensorrt-cu12==10.3.0; fi \
    && mkdir -p ~/.cache/perception-suite/plans ~/.config/perception-suite ~/.local/share/perception-suite

ENTRYPOINT ["docker/entrypoint.sh"]
CMD ["ros2", "launch", "face_perception", "jetson.launch.py"]
