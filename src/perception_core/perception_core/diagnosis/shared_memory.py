"""Whether there is shared memory for images, and what killed processes have left in it."""

from __future__ import annotations

from dataclasses import dataclass

from perception_core.diagnosis.finding import Fault, Finding, megabytes

_NEEDED_BYTES = 128_000_000  # a camera and three processes with 32 MB each
_TOLERATED_BYTES = 100_000_000  # what three killed processes leave
_TOLERATED_SHARE = 0.1
_NAMED = 40  # segments in one command

FULL = Fault(
    "shared-memory-full",
    "{free} of {total} of shared memory ({folder}) are free",
    "Every process of ROS that moves images takes 35 MB; without them images go over the network, and are lost.",
    "sudo mount -o remount,size=1G {folder}; in a container: docker run --shm-size=1g",
)
STALE = Fault(
    "shared-memory-stale",
    "killed processes have left {size} of shared memory behind ({count} segments)",
    "Nothing gives it back until the machine starts again, and no image passes once it is full.",
    "cd {folder} && rm -f {names}",
)
FAULTS = (FULL, STALE)


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of shared memory of Fast DDS.

    Attributes:
        name: Of its file.
        size: Bytes.
    """

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class SharedMemoryFacts:
    """The shared memory of this machine.

    Attributes:
        folder: Where it lies.
        total_bytes: Its size.
        free_bytes: What is left of it.
        stale: Segments that no process holds any more.
    """

    folder: str
    total_bytes: int
    free_bytes: int
    stale: tuple[Segment, ...] = ()


def check_shared_memory(facts: SharedMemoryFacts) -> list[Finding]:
    """What is wrong with it; a few stale segments are no matter."""
    findings = []
    if facts.free_bytes < _NEEDED_BYTES:
        free, total = megabytes(facts.free_bytes), megabytes(facts.total_bytes)
        findings.append(FULL.found(free=free, total=total, folder=facts.folder))
    stale = _stale_bytes(facts)
    scarce = facts.free_bytes < _NEEDED_BYTES or stale > _TOLERATED_SHARE * facts.total_bytes
    if facts.stale and (stale >= _TOLERATED_BYTES or scarce):
        findings.append(
            STALE.found(size=megabytes(stale), count=len(facts.stale), folder=facts.folder, names=_names(facts))
        )
    return findings


def _names(facts: SharedMemoryFacts) -> str:
    """Stale segments as patterns, at most forty of them, the largest first."""
    largest = sorted(facts.stale, key=lambda segment: -segment.size)[:_NAMED]
    return " ".join(f"{segment.name}*" for segment in largest)


def describe_shared_memory(facts: SharedMemoryFacts) -> list[str]:
    """It in plain lines."""
    line = f"shared memory: {megabytes(facts.free_bytes)} of {megabytes(facts.total_bytes)} free"
    if facts.stale:
        line += f", {megabytes(_stale_bytes(facts))} left behind by killed processes"
    return [line]


def _stale_bytes(facts: SharedMemoryFacts) -> int:
    return sum(segment.size for segment in facts.stale)
