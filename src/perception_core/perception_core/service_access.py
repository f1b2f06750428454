"""Which services a node answers to whoever asks in its ROS graph."""

from __future__ import annotations

from enum import Enum

from perception_core.parameters import parameter


class ServiceAccess(Enum):
    """Everybody in a ROS graph can call every service, so what they may do is said when the node starts."""

    ALL = "all"
    READ = "read"
    NONE = "none"

    @classmethod
    def _missing_(cls, _value: object) -> ServiceAccess:
        return cls.NONE  # a typing error opens nothing; configuring the node says what is allowed

    def allows(self, *, changes: bool) -> bool:
        """Whether a service is answered.

        Args:
            changes: It changes what is stored, or tells only.
        """
        return self is ServiceAccess.ALL or (self is ServiceAccess.READ and not changes)


def services_parameter(what: str) -> str:
    """The parameter `services` of a node that stores something.

    Args:
        what: Which services these are, for the description.
    """
    declared: str = parameter(
        ServiceAccess.ALL.value,
        f"Which of the services {what} are answered: all; read, those that change nothing; or none. The command line "
        "on the robot itself works all the same.",
        one_of=tuple(access.value for access in ServiceAccess),
        fixed=True,
    )
    return declared
