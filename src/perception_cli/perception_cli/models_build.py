"""`./perception models build`: plans of TensorRT ahead of time, and which there are."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType

from perception_core.engines.engine import CancelledError, EngineError, Precision, Progress
from perception_core.engines.plan_cache import Plan, PlanCache
from perception_core.engines.trt_module import find_tensorrt
from perception_core.zoo.errors import ModelError
from perception_core.zoo.files import sha256_of
from perception_core.zoo.manifest import load_models, named
from perception_core.zoo.spec import ModelSpec
from perception_core.zoo.store import model_path

_FAILED, _INTERRUPTED = 1, 130
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def declare_build(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the `build` command, for `build_named`."""
    build = commands.add_parser(
        "build", help="build TensorRT's plans ahead of time; without a name those of the default models"
    )
    build.add_argument("names", nargs="*", metavar="NAME")
    build.add_argument(
        "--engine", choices=("tensorrt",), default="tensorrt", help="what builds (the only one that does)"
    )
    build.add_argument(
        "--precision",
        choices=[each.value for each in Precision if each is not Precision.AUTO],
        help="in which numbers; that of models.yaml unless given",
    )
    return build


def build_named(args: argparse.Namespace) -> int:
    """Builds plans; what cannot be built is said, and the others are built.

    Raises:
        ZooError: No model is called so, or a list of models holds a mistake.
    """
    models = load_models()
    chosen = [named(models, name) for name in args.names] or [spec for spec in models.values() if spec.default]
    networks = [spec for spec in chosen if spec.inputs]
    for spec in chosen:
        if args.names and not spec.inputs:
            print(f"{spec.name} is no network; there is nothing to build")
    precision = Precision(args.precision) if args.precision else Precision.AUTO
    try:
        find_tensorrt()
    except EngineError as error:
        print(error, file=sys.stderr)
        return _FAILED
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    with _stopping() as stop:
        work = _Work(networks, precision, stop)
        # TensorRT keeps the thread that builds; signals are for the main thread, which waits and can take them.
        builder = threading.Thread(target=work)
        builder.start()
        builder.join()
    if work.unexpected is not None:
        raise work.unexpected
    if stop.is_set():
        print("stopped; what was built before is kept", file=sys.stderr)
        return _INTERRUPTED
    print(f"{len(networks) - work.failed} of {len(networks)} plans are ready in {PlanCache().folder}")
    return _FAILED if work.failed else 0


class _Work:
    """Builds one network after the other, on a thread of its own."""

    def __init__(self, networks: Sequence[ModelSpec], precision: Precision, stop: threading.Event) -> None:
        self.failed = 0
        self.unexpected: BaseException | None = None
        self._networks, self._precision, self._stop = networks, precision, stop

    def __call__(self) -> None:
        try:
            gpu = _gpu()
            for number, spec in enumerate(self._networks, start=1):
                self._build(spec, gpu, f"[{number}/{len(self._networks)}]")
        except CancelledError:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again on the main thread
            self.unexpected = error

    def _build(self, spec: ModelSpec, gpu: str, place: str) -> None:
        from perception_core.engines.build_options import build_options  # noqa: PLC0415 - brings onnx along
        from perception_core.engines.plans import plan_of  # noqa: PLC0415

        def report(line: str) -> None:
            print(f"{place} {line}", flush=True)

        try:
            wanted = build_options(spec, self._precision, gpu)
            plan = plan_of(model_path(spec.name, original=True), wanted, Progress(report, self._stop.is_set))
        except CancelledError:
            raise
        except (EngineError, ModelError) as error:
            self.failed += 1
            print(f"{place} {error}", file=sys.stderr, flush=True)
            return
        report(f"{spec.name}: {described(plan)}, {len(plan.data) / 1e6:.1f} MB")


def _gpu() -> str:
    """What plans are for; empty without a GPU, where TensorRT for RTX builds all the same."""
    from perception_core.engines.cuda import open_device  # noqa: PLC0415

    try:
        return open_device().info.title
    except EngineError as error:
        print(f"no GPU to check the plans on: {error}", file=sys.stderr, flush=True)
        return ""


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """Set by Ctrl-C; the build then ends at its next step."""
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, ask) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def described(plan: Plan) -> str:
    """Precision, what built it, and for which GPU, in words."""
    note = f" ({plan.note})" if plan.note else ""
    return f"{plan.precision} for {plan.key.tensorrt}, {plan.key.gpu}{note}"


def plans_here(models: Sequence[ModelSpec]) -> Mapping[str, str]:
    """What is built of each model, in words; of models of which nothing is built there is nothing."""
    plans: dict[str, set[str]] = {}
    hashes: dict[str, str] = {}
    known = {spec.name for spec in models}
    for plan in PlanCache().headers():
        name = plan.key.name
        if name not in known:
            continue
        try:
            hashes[name] = hashes.get(name) or sha256_of(model_path(name, original=True))
        except (ModelError, OSError):
            continue
        if plan.key.model == hashes[name]:  # else it is of an earlier version of the model
            plans.setdefault(name, set()).add(described(plan))
    return {name: "; ".join(sorted(each)) for name, each in plans.items()}
