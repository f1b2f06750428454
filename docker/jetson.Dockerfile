# A Jetson with JetPack 6: Ubuntu 22.04, ROS 2 Humble, CUDA and TensorRT of the base image. Build from the repository's
# root, on the Jetson:
#     docker build --file docker/jetson.Dockerfile --tag perception:jetson .
# docs/deployment.md says what of this was tried and what was not.
ARG BASE=nvcr.io/nvidia/l4t-jetpack:r36.4.0
FROM ${BASE}

SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ENV DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8 ROS_DISTRO=humble

# The base knows nothing of ROS: this package names where ROS's packages are, and their key. The checksum is the one that
# the official ROS images check.
ARG ROS_APT_SOURCE=1.1.0 ROS_APT_SOURCE_SHA256=1600cb8cc28258a39bffc1736a75bcbf52d1f2db371a4d020c1b187d2a5a083b
ADD https://github.com/ros-infrastructure/ros-apt-source/releases/download/${ROS_APT_SOURCE}/ros2-apt-source_${ROS_APT_SOURCE}.jammy_all.deb /tmp/ros2-apt-source.deb
# hadolint ignore=DL3008
RUN echo "${ROS_APT_SOURCE_SHA256} /tmp/ros2-apt-source.deb" | sha256sum --strict --check \
    && apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && apt-get install --yes --no-install-recommends /tmp/ros2-apt-source.deb \
    && apt-get update \
    && apt-get install --yes --no-install-recommends \
        g++ git npm python3-colcon-common-extensions python3-dev python3-venv \
        ros-humble-ros-base ros-humble-diagnostic-msgs ros-humble-realsense2-camera ros-humble-vision-msgs \
        ros-humble-visualization-msgs \
    && rm -rf /var/lib/apt/lists/* /tmp/ros2-apt-source.deb

# The same number as who runs the other nodes on this machine, or Fast DDS cannot share memory with them.
ARG USER_ID=1000
RUN useradd --create-home --uid "${USER_ID}" --groups video,plugdev robot
# hadolint ignore=DL3066
USER robot
WORKDIR /home/robot/perception
COPY --chown=robot . .

# As on the bare machine. The weights are fetched here, so that nothing is downloaded when the robot starts.
RUN . /opt/ros/humble/setup.sh \
    && ./perception setup \
    && . .venv-humble/bin/activate \
    && python3 -m colcon build

# pycuda is built against the base's CUDA. TensorRT is the base's: the environment sees the system's packages.
ENV PATH=/usr/local/cuda/bin:${PATH}
RUN .venv-humble/bin/pip install --no-cache-dir pycuda==2026.1 \
    && .venv-humble/bin/python -c 'import tensorrt; print("TensorRT", tensorrt.__version__)'

# A volume takes over the owner of the folder that it is put on.
RUN mkdir -p ~/.cache/perception-suite/plans ~/.config/perception-suite ~/.local/share/perception-suite

ENTRYPOINT ["docker/entrypoint.sh"]
CMD ["ros2", "launch", "face_perception", "jetson.launch.py"]
