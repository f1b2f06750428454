"""The person node's parameters."""

from __future__ import annotations

from dataclasses import dataclass

from perception_core.parameters import ParameterError, check, parameter


@dataclass(frozen=True, slots=True)
class PersonParameters:
    """All of them; the README's table is made from these lines."""

    keep_lost_s: float = parameter(
        2.0, "A person who is not seen keeps the id for this long, in seconds.", at_least=0.05, at_most=60.0
    )
    wait_s: float = parameter(
        0.1,
        "So long the faces of an image wait for its hands, or hands for faces, in seconds by the images' stamps; then "
        "the last ones stand in.",
        at_least=0.0,
        at_most=2.0,
        live=True,
    )
    target_frame: str = parameter(
        "", "Frame of the robot in which people are published, such as base_link; empty: the camera's optical frame."
    )
    mount: str = parameter(
        "tf",
        "Where the camera's place in the target frame is taken from: /tf_static, or the parameters camera_*.",
        one_of=("tf", "parameters"),
    )
    camera_x: float = parameter(0.0, "The camera's place in the target frame, in metres: ahead.")
    camera_y: float = parameter(0.0, "Likewise: to the left.")
    camera_z: float = parameter(0.0, "Likewise: up.")
    camera_roll: float = parameter(0.0, "How the camera is turned, in radians: about the way it looks.")
    camera_pitch: float = parameter(0.0, "Likewise: down.")
    camera_yaw: float = parameter(0.0, "Likewise: to the left.")

    def __post_init__(self) -> None:
        """Refuses what contradicts itself.

        Raises:
            ParameterError: The camera's place is given and nothing to relate it to.
        """
        check(self)
        if self.mount == "parameters" and not self.target_frame:
            raise ParameterError("mount: the camera's place is given by parameters, but target_frame is empty: name it")
