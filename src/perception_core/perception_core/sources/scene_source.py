"""A virtual scene as a source of frames, with its truth."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from perception_core.frame import RgbdFrame
from perception_core.sources.error import SourceError
from perception_core.sources.scene_actor import Actor, cast
from perception_core.sources.scene_camera import INTRINSICS, NEAREST_M, VirtualCamera
from perception_core.sources.scene_path import Pose
from perception_core.sources.scene_robot import AT_REST, RobotPose, seen_from
from perception_core.sources.scene_truth import SceneTruth, truth_of
from perception_core.sources.scenes import RATE_HZ, Scene
from perception_core.zoo.errors import ZooError
from perception_core.zoo.store import picture_path


class SceneSource:
    """Renders a scene again and again, without end.

    Frame k is the same on every run and whatever was rendered before it. Only the noise differs from one loop of the
    scene to the next. The camera stands still unless the caller says for a frame where it is, as a robot's does.

    Attributes:
        name: Name of the scene.
        rate_hz: Frames per second.
        live: False.
        scene: Its script.
    """

    rate_hz: float | None = RATE_HZ
    live = False

    def __init__(self, scene: Scene, pictures: Mapping[str, Path] | None = None, seed: int = 0) -> None:
        """Load what the scene shows.

        Args:
            scene: What happens.
            pictures: Where the pictures lie, by their name; None for those of the model zoo.
            seed: Of all noise.

        Raises:
            SourceError: A picture is missing or cannot be read.
        """
        self.name = scene.name
        self.scene = scene
        paths = _paths(scene, pictures.__getitem__ if pictures is not None else picture_path)
        self._actors = tuple(cast(role, paths, scene.frames, RATE_HZ) for role in scene.roles)
        self._camera = VirtualCamera(seed)

    def frames(self) -> Iterator[RgbdFrame]:
        """Frames from the first one on, stamped k / rate; never ends."""
        return (self.frame(k) for k in itertools.count())

    def frame(self, k: int, robot: RobotPose = AT_REST) -> RgbdFrame:
        """Frame number k, 0 or more.

        Args:
            k: The number; the scene goes on whatever the camera does.
            robot: Where the camera stands.
        """
        second = self._second(k)
        things = [
            (pose, actor.painted(second, INTRINSICS.fx / max(pose.z, NEAREST_M)))
            for actor, pose in self._places(second, robot)
        ]
        return self._camera.render(things, k, round(k / RATE_HZ * 1e9), robot)

    def truth(self, k: int, robot: RobotPose = AT_REST) -> SceneTruth:
        """What is true in frame number k; what is beside or behind a camera that has moved is left out."""
        second = self._second(k)
        ahead = [(actor, pose) for actor, pose in self._places(second, robot) if pose.z >= NEAREST_M]
        return truth_of(ahead, k, second)

    def get_ready_to_move(self) -> None:
        """Does now what takes a second or two before the first frame of a camera that has moved."""
        self._camera.get_ready_to_move()

    def close(self) -> None:
        """Nothing is held open."""

    def _second(self, k: int) -> float:
        return k % self.scene.frames / RATE_HZ

    def _places(self, second: float, robot: RobotPose) -> list[tuple[Actor, Pose]]:
        return [(actor, seen_from(robot, actor.at(second))) for actor in self._actors]


def _paths(scene: Scene, find: Callable[[str], Path]) -> dict[str, Path]:
    try:
        return {role.picture: find(role.picture) for role in scene.roles if role.picture is not None}
    except ZooError as error:
        raise SourceError(f"the virtual scene {scene.name} lacks a picture: {error}") from error
