from dataclasses import dataclass

from perception_core.parameters import declarations, parameter
from perception_ros.parameters import descriptor


@dataclass(frozen=True, slots=True)
class Settings:
    door: str = parameter("open", "Whether anybody may come in.", one_of=("open", "shut"), fixed=True)
    threads: int = parameter(1, "Threads.", at_least=1)


def test_ros_is_told_what_nobody_may_change_once_the_node_runs():
    door, threads = (descriptor(declaration) for declaration in declarations(Settings))
    assert door.read_only and not threads.read_only
    assert door.description.endswith("Can be given at the start of the node only.")
