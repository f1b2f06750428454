"""The camera of a robot that drives in the virtual room: takes commands, and shows what it sees from where they lead.

    python3 -m perception_cli.driving_camera --ros-args -p source:=scene:beckon -p picture:=path.png

It is the robot's base, too: it obeys `cmd_vel`. When the scene is over, or it is told to end, it draws where it went.
"""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

from geometry_msgs.msg import Twist
from perception_msgs.msg import GestureEvent
from rclpy.exceptions import ParameterException
from rclpy.node import Node
from rclpy.qos import QoSProfile

from perception_cli.driving_picture import Drive, Mark, Walked, draw_drive
from perception_cli.driving_robot import DrivingRobot
from perception_cli.picture_file import write_picture
from perception_core.parameters import ParameterError, check, parameter
from perception_core.sources.error import SourceError
from perception_core.sources.scene_actor import Subject
from perception_core.sources.scene_robot import on_floor
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import RATE_HZ
from perception_core.sources.source import open_source
from perception_core.zoo.errors import ZooError
from perception_ros import parameters
from perception_ros.camera_publishers import CameraPublishers
from perception_ros.spinning import Ending, StartError, spinning
from person_perception.behaviours.stop_gestures import StopRules

_QUEUE = 4
_EVENT_QUEUE = 100
_LOOK_FOR_SUBSCRIBERS_S = 0.02
_PEOPLE_EVERY = 3  # frames between two points of a person's path
_STEP = 3  # of the frames one is shown: to render, perceive and drive at 30 Hz takes more than two cores


@dataclass(frozen=True, slots=True)
class DrivingParameters:
    """Where the robot drives."""

    source: str = parameter("scene:beckon", "One of the virtual scenes.")
    picture: str = parameter("", "File of the picture of the way from above; empty for none.")
    distance_m: float = parameter(0.0, "What the robot is to keep, drawn into it, in metres.", at_least=0.0)
    subscribers: int = parameter(1, "How many have to subscribe to colour before the first frame.", at_least=1)

    def __post_init__(self) -> None:
        check(self)


class DrivingCamera(Node):
    """A robot with two driven wheels, and a camera on it."""

    def __init__(self) -> None:
        """Opens the scene.

        Raises:
            SourceError: The source is no virtual scene.
            ZooError: Its pictures are not there.
        """
        super().__init__("replay")
        parameters.declare(self, DrivingParameters)
        self._settings = parameters.read(self, DrivingParameters)
        source = open_source(self._settings.source)
        if not isinstance(source, SceneSource):
            source.close()
            raise SourceError(f"{source.name}: a robot drives in the virtual scenes only, such as scene:beckon")
        self._source = source
        self._source.get_ready_to_move()
        self._camera = CameraPublishers(self, QoSProfile(depth=_QUEUE))
        self._robot = DrivingRobot()
        self._lock = threading.Lock()  # commands come on the executor's thread
        self._began_s: float | None = None
        self._shown = 0
        self._marks: list[Mark] = []
        self.create_subscription(Twist, "cmd_vel", self._obey, _QUEUE)
        self.create_subscription(GestureEvent, "gesture_events", self._note, _EVENT_QUEUE)

    def run(self, ending: Ending) -> None:
        """Publishes in real time until the scene is over, or the process is to end."""
        first = self._source.frame(0)
        self._camera.advertise(first)
        while not self._camera.colour_is_subscribed(self._settings.subscribers):
            if ending.wait(_LOOK_FOR_SUBSCRIBERS_S):
                return
        self._began_s = time.monotonic()
        while not ending.asked and self._shown < self._source.scene.frames:
            if ending.wait(max(0.0, self._shown / RATE_HZ - self._now_s())):
                break
            self._shown = max(self._shown, int(self._now_s() * RATE_HZ))  # who is late leaves images out
            with self._lock:
                pose = self._robot.advance(self._now_s())
            frame = self._source.frame(self._shown, pose)
            self._camera.publish(replace(frame, stamp_ns=self.get_clock().now().nanoseconds))
            self._shown += _STEP

    def draw(self) -> None:
        """Writes the picture of the way, if one is wanted.

        Raises:
            OutputError: It cannot be written.
        """
        if not self._settings.picture or self._began_s is None:
            return
        with self._lock:
            trail, marks = self._robot.trail, tuple(self._marks)
        picture = draw_drive(Drive(trail, self._people(), marks, self._settings.distance_m))
        write_picture(Path(self._settings.picture), picture)

    def _now_s(self) -> float:
        return 0.0 if self._began_s is None else time.monotonic() - self._began_s

    def _obey(self, command: Twist) -> None:
        with self._lock:
            self._robot.command(command.linear.x, command.angular.z, self._now_s())

    def _note(self, event: GestureEvent) -> None:
        if event.event == GestureEvent.STARTED:
            label = event.gesture.label
            with self._lock:
                self._marks.append(Mark(self._now_s(), label, halts=label in StopRules().poses))

    def _people(self) -> list[Walked]:
        roles = [role for role in self._source.scene.roles if role.subject is Subject.BUST]
        seconds = [k / RATE_HZ for k in range(0, max(self._shown, 1), _PEOPLE_EVERY)]
        walks = [[role.walk.at(second) for second in seconds] for role in roles]
        return [
            Walked(f"person {role.actor_id}", [on_floor((pose.x, pose.y, pose.z)) for pose in walk])
            for role, walk in zip(roles, walks, strict=True)
        ]


def main() -> None:
    """The command."""
    try:
        with spinning(lambda: [DrivingCamera()]) as ((node,), ending):
            try:
                node.run(ending)
            finally:
                node.draw()
    except (SourceError, ZooError, ParameterError, ParameterException, OSError) as error:
        sys.exit(str(error))
    except StartError as error:
        sys.exit(f"cannot start: {error}")
    except KeyboardInterrupt:
        return  # told to end while starting


if __name__ == "__main__":
    main()
