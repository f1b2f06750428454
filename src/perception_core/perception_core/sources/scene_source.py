"""A virtual scene as a source of frames, with its truth."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from perception_core.frame import RgbdFrame
from perception_core.sources.error import SourceError
from perception_core.sources.scene_actor import Actor, cast
from perception_core.sources.scene_camera import VirtualCamera
from perception_core.sources.scene_path import Pose
from perception_core.sources.scene_truth import SceneTruth, truth_of
from perception_core.sources.scenes import RATE_HZ, Scene
from perception_core.zoo.errors import ZooError
from perception_core.zoo.store import picture_path


class SceneSource:
    """Renders a scene again and again, without end.

    Frame k is the same on every run and whatever was rendered before it. Only the noise differs from one loop of the
    scene to the next.

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

    def frame(self, k: int) -> RgbdFrame:
        """Frame number k, 0 or more."""
        things = [(pose, actor.sprites) for actor, pose in self._places(k)]
        return self._camera.render(things, k, round(k / RATE_HZ * 1e9))

    def truth(self, k: int) -> SceneTruth:
        """What is true in frame number k."""
        return truth_of(self._places(k), k, k)

    def close(self) -> None:
        """Nothing is held open."""

    def _places(self, k: int) -> list[tuple[Actor, Pose]]:
        second = k % self.scene.frames / RATE_HZ
        return [(actor, actor.role.walk.at(second)) for actor in self._actors]


def _paths(scene: Scene, find: Callable[[str], Path]) -> dict[str, Path]:
    try:
        return {role.picture: find(role.picture) for role in scene.roles if role.picture is not None}
    except ZooError as error:
        raise SourceError(f"the virtual scene {scene.name} lacks a picture: {error}") from error
