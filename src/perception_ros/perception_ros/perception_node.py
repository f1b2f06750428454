"""A perceiver: a lifecycle node with a camera and a worker thread."""

from __future__ import annotations

import threading
import traceback
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import TypeVar

from perception_core.effort import Effort
from perception_core.frame import RgbdFrame
from perception_core.image_messages import ImageError
from perception_core.newest import NewestOnly
from perception_core.stages import StageTimes
from perception_ros import diagnostics
from perception_ros.camera_watch import CameraWatch, check_clock
from perception_ros.configured_node import ConfiguredNode
from perception_ros.environment_check import environment_lines
from perception_ros.frame_builder import FrameBuilder
from perception_ros.rgbd_subscriber import CameraSettings, RgbdMessages, RgbdSubscriber

_REPEAT_FAILURE_S = 5.0
_LEAST_EFFORT = 2  # level of the least that is done about an image

P = TypeVar("P")


class PerceptionNode(ConfiguredNode[P]):
    """What a perceiver needs around its pipeline.

    A subclass gives `load` (configure), `process` (every frame), and `unload` (clean up). The newest frame is worked
    on in a thread of its own, so that images keep arriving; frames that came too fast are counted, not queued.
    """

    def __init__(self, name: str, parameters_type: type[P], camera: Callable[[P], CameraSettings]) -> None:
        """Declares the parameters.

        Args:
            name: Of the node.
            parameters_type: A frozen dataclass of `perception_ros.parameters.parameter` fields.
            camera: How the parameters want the camera's topics to be read.
        """
        super().__init__(name, parameters_type)
        self._camera_settings = camera
        self.stages = StageTimes()
        self._activity = diagnostics.Activity()
        self._newest: NewestOnly[RgbdMessages] = NewestOnly()
        self._camera: RgbdSubscriber | None = None
        self._watch: CameraWatch | None = None
        self._worker: threading.Thread | None = None
        self.effort = Effort(0)
        """How much is done about an image; `changed` is called when its level changes."""

    @abstractmethod
    def process(self, frame: RgbdFrame) -> None:
        """Works on a frame and publishes, on the worker thread."""

    def camera_started(self) -> None:
        """Frames will come from now on; for a subclass that has more to do than to work on them."""

    def camera_stopped(self) -> None:
        """No frame is worked on any more, and none will come; likewise."""

    @abstractmethod
    def about_models(self) -> Mapping[str, str]:
        """Models and engine, for the diagnostics."""

    def started(self) -> None:
        """Subscribes to the camera and starts to work."""
        assert self._loaded is not None
        self._activity = diagnostics.Activity()
        self.stages = StageTimes()
        self._newest = NewestOnly()
        settings = self._camera_settings(self._loaded)
        self.effort = Effort(_LEAST_EFFORT if settings.keep_up and not self._is_replayed() else 0)
        self._worker = threading.Thread(target=self._work, name=f"{self.get_name()} worker", daemon=True)
        self._worker.start()
        self._camera = RgbdSubscriber(self, settings, self._newest.put, self.stages)
        self._watch = CameraWatch(self._camera, self.notices)
        for line in environment_lines():
            self.get_logger().warning(line)
        self.camera_started()

    def stopped(self) -> None:
        """Unsubscribes and waits for the frame in work."""
        self._newest.close()
        if self._worker is not None:
            self._worker.join()
            self._worker = None
            self.camera_stopped()
        if self._camera is not None:
            self.publish_diagnostics()  # the final figures
            self._camera.close()
            self._camera = self._watch = None

    def complaints(self) -> list[str]:
        """What is wrong with the camera."""
        return [] if self._watch is None else self._watch.look(self._newest.dropped)

    def about(self) -> Mapping[str, str]:
        """Models and engine, and with a camera what has become of its images."""
        if self._camera is None:
            return self.about_models()
        activity = diagnostics.activity_values(
            self._activity.summary(),
            diagnostics.Losses(
                dropped=self._newest.dropped,
                lost_colour=self._camera.lost_colour,
                lost_depth=self._camera.lost_depth,
                without_depth=self._camera.frames_without_depth,
                time_jumps=self._camera.jumps,
            ),
            self.stages.stages(),
        )
        return {**self.about_models(), **activity, "effort": f"{1 / (1 + self.effort.level):.2f}"}

    def _is_replayed(self) -> bool:
        """By simulated time: two runs of a recording are to give the same, however fast the machine is."""
        return bool(self.get_parameter("use_sim_time").value)

    def _work(self) -> None:
        newest = self._newest
        builder = FrameBuilder(self.notices)
        while (moment := newest.take()) is not None:
            self._choose_effort(waited=newest.waited)
            self._work_on(builder, moment)
            self.effort.image_done()

    def _work_on(self, builder: FrameBuilder, moment: RgbdMessages) -> None:
        try:
            with self.stages.stage("convert"):
                frame = builder.build(
                    moment.colour,
                    moment.depth,
                    moment.camera_info,
                    depth_comes=moment.depth_comes,
                    depth_lost=moment.depth_lost,
                )
            self.process(frame)
        except ImageError as error:
            self._activity.frame_failed()
            self.notices.begins("colour", f"a colour image cannot be used: {error}")
            return
        except Exception:  # noqa: BLE001 - one frame must not end the robot's sight; counted, and logged in full
            if self.context.ok():  # else the process is being ended: nothing can be published any more
                self._activity.frame_failed()
                self.get_logger().error(
                    f"a frame could not be worked on:\n{traceback.format_exc()}",
                    throttle_duration_sec=_REPEAT_FAILURE_S,
                )
            return
        self.notices.ends("colour")
        now_ns = self.get_clock().now().nanoseconds
        self._activity.frame_done(frame.stamp_ns, now_ns)
        check_clock(self.notices, frame.stamp_ns, now_ns)

    def _choose_effort(self, *, waited: bool) -> None:
        before, level = self.effort.level, self.effort.image_taken(waited=waited)
        if level == before:
            return
        loaded = self._loaded
        if loaded is not None:
            self.changed(loaded)
        self.get_logger().debug(f"effort: what takes long is done on one of {level + 1} occasions")
