"""Frames that are fixed to one another, and the ways between them."""

from __future__ import annotations

from person_perception.rigid_motion import MotionError, RigidMotion


class FrameTree:
    """Every frame has one parent at most, as in TF."""

    def __init__(self) -> None:
        self._parents: dict[str, tuple[str, RigidMotion]] = {}

    def put(self, parent: str, child: str, motion: RigidMotion) -> None:
        """Takes in where a frame is in its parent; a later word counts.

        Args:
            parent: Name of the frame that is known.
            child: Name of the other one.
            motion: From the child's frame to its parent's.

        Raises:
            MotionError: The parent would be its own ancestor.
        """
        parent, child = _plain(parent), _plain(child)
        if child in self._line(parent):
            raise MotionError(f"'{parent}' hangs on '{child}' already")
        self._parents[child] = (parent, motion)

    def between(self, source: str, target: str) -> RigidMotion | None:
        """From one frame to another; None where they have no common ancestor."""
        source, target = _plain(source), _plain(target)
        up, down = self._line(source), self._line(target)
        common = next((frame for frame in up if frame in down), None)
        if common is None:
            return None
        return down[common].inverse().after(up[common])

    def _line(self, frame: str) -> dict[str, RigidMotion]:
        """The frame and its ancestors, nearest first, each with the way to it."""
        line = {frame: RigidMotion.none()}
        while frame in self._parents:
            parent, motion = self._parents[frame]
            line[parent] = motion.after(line[frame])
            frame = parent
        return line


def _plain(frame: str) -> str:
    """Names of the first TF began with a slash; some drivers still write it."""
    return frame.removeprefix("/")
