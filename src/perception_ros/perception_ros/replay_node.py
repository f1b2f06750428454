"""A camera that is not there: publishes a source's frames on the RealSense topic names.

    ros2 run perception_ros replay_node --ros-args -p source:=demo

With `answered_on` it plays as fast as the frames are worked on, and every one of them.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from rclpy.exceptions import ParameterException
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rosgraph_msgs.msg import Clock

from perception_core.frame import DepthImage, RgbdFrame
from perception_core.parameters import ParameterError, parameter
from perception_core.sources.error import SourceError
from perception_core.sources.pacing import paced
from perception_core.sources.source import open_source
from perception_core.zoo.errors import ZooError
from perception_ros import parameters
from perception_ros.answers import Answers, AnswersError, check_topics
from perception_ros.camera_publishers import CameraPublishers
from perception_ros.image_codec import time_message
from perception_ros.library_log import hand_on_to
from perception_ros.spinning import Ending, StartError, spinning

_QUEUE = 4
_LOOK_FOR_SUBSCRIBERS_S = 0.02
_LAST_FRAME_S = 1.0  # how long its way to the subscribers may take
_ANSWER_S = 5.0
_USUAL_RATE_HZ = 30.0


@dataclass(frozen=True, slots=True)
class ReplayParameters:
    """What is replayed, and how."""

    source: str = parameter(
        "demo", "demo, a recording, a video file, a folder of pictures, a camera number, csi or realsense.", live=False
    )
    loop: bool = parameter(False, "Begin again when the source ends.")
    wait_for_subscriber: bool = parameter(True, "Hold the first frame until there are `subscribers`.")
    answered_on: str = parameter(
        "",
        "Topics, separated by commas, that have to bear a frame's stamp before the next frame is published; without "
        "any, frames are published at the rate at which they were taken.",
    )
    subscribers: int = parameter(
        1, "How many have to subscribe to colour before the first frame is published, if it waits.", at_least=1
    )
    stamps: str = parameter(
        "now",
        "Stamp frames with the time of publishing, or as recorded, and give the time on /clock.",
        one_of=("now", "recorded"),
    )
    frame_id: str = parameter("", "Name of the camera's optical frame; that of the source if empty.")
    reliability: str = parameter("reliable", "Quality of service of the images.", one_of=("reliable", "best_effort"))


class ReplayNode(Node):
    """Publishes the frames of a source."""

    def __init__(self) -> None:
        """Opens the source.

        Raises:
            SourceError: The source cannot be opened, or cannot be played as asked for.
            ZooError: The demo's pictures are not there.
        """
        super().__init__("replay")
        hand_on_to(self.get_logger())
        parameters.declare(self, ReplayParameters)
        self._settings = parameters.read(self, ReplayParameters)
        self._source = open_source(self._settings.source)
        self._topics = [topic.strip() for topic in self._settings.answered_on.split(",") if topic.strip()]
        if self._topics and self._source.live:
            raise SourceError(f"{self._source.name} is a camera: it cannot wait until its frames are worked on")
        check_topics(self._topics)
        reliability = ReliabilityPolicy[self._settings.reliability.upper()]
        self._camera = CameraPublishers(self, QoSProfile(depth=_QUEUE, reliability=reliability))
        self._clock_topic = self.create_publisher(Clock, "/clock", _QUEUE) if self._recorded_stamps else None
        self._answers: Answers | None = None

    @property
    def _recorded_stamps(self) -> bool:
        return self._settings.stamps == "recorded"

    def run(self, ending: Ending) -> None:
        """Publishes until the source ends, or the process is to end."""
        try:
            self._play_once(ending)
            while self._settings.loop and not self._source.live and not ending.asked:
                if not self._topics:
                    ending.wait(1 / (self._source.rate_hz or _USUAL_RATE_HZ))  # for the last frame
                self._play_once(ending)
            self._camera.wait_until_received(_LAST_FRAME_S)
        finally:
            self._source.close()

    def _play_once(self, ending: Ending) -> None:
        frames = self._source.frames()
        first = next(frames, None)
        if first is None:
            raise SourceError(f"{self._source.name}: there is no image in it that can be read")
        self._prepare(first, ending)
        following = itertools.chain([first], frames)
        timed = following if self._topics or self._source.live else paced(following, ending.wait)
        for frame in timed:
            if ending.asked:
                return
            self._publish(frame, ending)

    def _prepare(self, frame: RgbdFrame, ending: Ending) -> None:
        """Waits until there is somebody to whom to publish a frame, if told so."""
        self._camera.advertise(frame)
        if self._topics:
            _wait_until(lambda: self._camera.all_are_subscribed(self._settings.subscribers), ending)
            self._answers = self._answers or Answers(self, self._topics, ending)
        elif self._settings.wait_for_subscriber:
            _wait_until(lambda: self._camera.colour_is_subscribed(self._settings.subscribers), ending)

    def _publish(self, frame: RgbdFrame, ending: Ending) -> None:
        stamp_ns = frame.stamp_ns if self._recorded_stamps else self.get_clock().now().nanoseconds
        frame = replace(frame, stamp_ns=stamp_ns, frame_id=self._settings.frame_id or frame.frame_id)
        if self._clock_topic is not None and stamp_ns >= 0:  # there is no time before 1970
            self._clock_topic.publish(Clock(clock=time_message(stamp_ns)))
        if self._answers is None:
            self._camera.advertise(frame)
            self._camera.publish(frame)
            return
        self._prepare(frame, ending)
        self._answers.forget()
        self._camera.publish(_with_depth(frame) if self._camera.has_depth() else frame)
        silent = self._answers.wait_for(stamp_ns, _ANSWER_S)
        if silent:
            self.get_logger().warning(
                f"no answer on {', '.join(silent)} within {_ANSWER_S:.0f} s to the frame of {stamp_ns / 1e9:.3f} s: "
                "going on with the next one"
            )


def _with_depth(frame: RgbdFrame) -> RgbdFrame:
    """The frame with a depth image, though an empty one: who waits for depth would wait for the next frame."""
    if frame.depth is not None:
        return frame
    return replace(frame, depth=DepthImage(np.zeros(frame.colour.shape[:2], np.uint16), 0.001))


def _wait_until(condition: Callable[[], bool], ending: Ending) -> None:
    while not condition():
        if ending.wait(_LOOK_FOR_SUBSCRIBERS_S):
            return


def main() -> None:
    """The command."""
    try:
        with spinning(lambda: [ReplayNode()]) as ((node,), ending):
            node.run(ending)
    except (SourceError, ZooError, ParameterError, ParameterException, AnswersError) as error:
        sys.exit(str(error))
    except StartError as error:
        sys.exit(f"cannot start: {error}")
    except KeyboardInterrupt:
        return  # told to end while starting


if __name__ == "__main__":
    main()
