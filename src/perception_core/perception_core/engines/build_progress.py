"""How far a build of TensorRT is, and stopping it."""

from __future__ import annotations

from typing import Any

from perception_core.engines.engine import Progress

_STEP = 25  # percent between two lines


class Phases:
    """What share of a tree of phases is done.

    TensorRT begins and ends phases within phases, and tells steps of each as they are done.
    """

    def __init__(self) -> None:
        self._open: dict[str, _Phase] = {}

    def begin(self, name: str, parent: str | None, steps: int) -> None:
        """A phase of so many steps begins, within another or as the outermost."""
        self._open[name] = _Phase(parent, max(steps, 1))

    def step(self, name: str, index: int) -> None:
        """One step of a phase is done, counted from 0."""
        if name in self._open:
            self._open[name].done = index + 1

    def end(self, name: str) -> None:
        """A phase has ended."""
        self._open.pop(name, None)

    @property
    def share(self) -> float:
        """Of the outermost phase, 0 to 1."""
        outermost = [name for name, phase in self._open.items() if phase.parent not in self._open]
        return self._share(outermost[0]) if outermost else 0.0

    def _share(self, name: str) -> float:
        phase = self._open[name]
        within = max((self._share(child) for child, inner in self._open.items() if inner.parent == name), default=0.0)
        return min((phase.done + within) / phase.steps, 1.0)


class _Phase:
    __slots__ = ("done", "parent", "steps")

    def __init__(self, parent: str | None, steps: int) -> None:
        self.parent, self.steps, self.done = parent, steps, 0


def progress_monitor(trt: Any, what: str, progress: Progress) -> Any | None:
    """What a builder reports to, and asks whether to go on.

    Args:
        trt: TensorRT's module.
        what: Is built, for the lines.
        progress: Gets a line for every quarter that is done.

    Returns:
        A `tensorrt.IProgressMonitor`, whose `failure` is what its listeners raised; None where this version
        has none, as TensorRT 8.
    """
    if not hasattr(trt, "IProgressMonitor"):
        return None

    class Monitor(trt.IProgressMonitor):  # type: ignore[misc]
        def __init__(self) -> None:
            trt.IProgressMonitor.__init__(self)
            self._phases, self._said = Phases(), 0
            self.failure: BaseException | None = None

        def phase_start(self, phase_name: str, parent_phase: str | None, num_steps: int) -> None:
            self._phases.begin(phase_name, parent_phase, num_steps)

        def step_complete(self, phase_name: str, step: int) -> bool:
            # An exception must not pass through TensorRT's own frames, also not that of Ctrl-C.
            try:
                self._phases.step(phase_name, step)
                self._tell()
                return not progress.cancelled()
            except BaseException as error:  # noqa: BLE001 - raised again once TensorRT has returned
                self.failure = error
                return False

        def phase_finish(self, phase_name: str) -> None:
            self._phases.end(phase_name)

        def _tell(self) -> None:
            percent = int(100 * self._phases.share) // _STEP * _STEP
            if self._said < percent < 100:
                self._said = percent
                progress.report(f"building {what}: {percent} %")

    return Monitor()
