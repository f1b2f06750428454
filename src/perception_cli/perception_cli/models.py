"""`./perception models`: what the zoo holds, what is here, and under which licences."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from perception_cli.checkpoint import KINDS, convert
from perception_cli.models_build import build_named, declare_build, plans_here
from perception_cli.tables import print_table
from perception_core.paths import ShareError, models_dir
from perception_core.zoo.errors import ModelError, ZooError
from perception_core.zoo.manifest import load_models, named
from perception_core.zoo.recipe import stored_names
from perception_core.zoo.spec import ArchiveSource, ImageFormat, ModelSpec, Shape
from perception_core.zoo.store import check_model

_FAILED = 1


def add_arguments(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the `models` command; every one of its subcommands sets `func`."""
    models = subparsers.add_parser("models", help="list, fetch and check the networks")
    commands = models.add_subparsers(title="commands", required=True, metavar="COMMAND")
    commands.add_parser("list", help="all models and whether they are here").set_defaults(func=list_models)
    fetch = commands.add_parser("fetch", help="download and convert models; without a name those that the demo needs")
    fetch.add_argument("names", nargs="*", metavar="NAME")
    fetch.add_argument("--all", action="store_true", help="every model of the list")
    fetch.set_defaults(func=fetch_named)
    declare_build(commands).set_defaults(func=build)
    verify = commands.add_parser("verify", help="check the models that are here, or those named")
    verify.add_argument("names", nargs="*", metavar="NAME")
    verify.set_defaults(func=verify_named)
    show = commands.add_parser("show", help="everything about one model")
    show.add_argument("name", metavar="NAME")
    show.set_defaults(func=show_model)
    commands.add_parser("licenses", help="under what every model may be used").set_defaults(func=list_licences)
    own = commands.add_parser("convert", help="turn an expression network of your own from PyTorch into ONNX")
    own.add_argument("kind", choices=KINDS, help="what it is, as torchvision has it")
    own.add_argument("weights", type=Path, metavar="WEIGHTS.pth", help="what torch.save wrote")
    own.add_argument("output", type=Path, metavar="OUT.onnx")
    own.add_argument("--classes", type=int, metavar="N", help="how many classes it has; another number is refused")
    own.set_defaults(func=convert_checkpoint)


def list_models(_args: argparse.Namespace) -> int:
    """Prints all models."""

    def models() -> int:
        listed = list(load_models().values())
        plans = plans_here(listed)
        rows = [
            (spec.name, spec.task, _state(spec), spec.licence.spdx, _source_titles(spec)[0], plans.get(spec.name, "-"))
            for spec in listed
        ]
        print_table(("name", "task", "here", "licence", "from", "plans"), rows)
        return 0

    return _guarded(models)


def fetch_named(args: argparse.Namespace) -> int:
    """Downloads and converts models."""
    from perception_core.zoo.fetch import fetch_models  # noqa: PLC0415 - brings the converters along

    def fetch() -> int:
        models = load_models()
        if args.names:
            chosen = [named(models, name) for name in args.names]
        else:
            chosen = [spec for spec in models.values() if spec.default or args.all]
        fetch_models(chosen, _print_progress)
        print(f"ready in {models_dir()}: {', '.join(spec.name for spec in chosen)}")
        return 0

    return _guarded(fetch)


def build(args: argparse.Namespace) -> int:
    """Builds plans of TensorRT ahead of time."""
    return _guarded(lambda: build_named(args))


def verify_named(args: argparse.Namespace) -> int:
    """Checks models; says which are not as they should be."""

    def verify() -> int:
        models = load_models()
        if args.names:
            chosen = [named(models, name) for name in args.names]
        else:
            chosen = [spec for spec in models.values() if _is_stored(spec)]
        found = 0
        for spec in chosen:
            try:
                check_model(spec)
            except ModelError as error:
                found += 1
                print(error, file=sys.stderr)
        print(f"{len(chosen) - found} of {len(chosen)} models are as they should be")
        return _FAILED if found else 0

    return _guarded(verify)


def show_model(args: argparse.Namespace) -> int:
    """Prints everything about one model."""

    def show() -> int:
        spec = named(load_models(), args.name)
        rows = [
            ("task", spec.task),
            ("description", spec.description),
            ("here", _state(spec)),
            ("licence", _sentence(spec.licence.spdx, spec.licence.note)),
            *[("from", title) for title in _source_titles(spec)],
            *[("sha256", f"{sha256 or 'not pinned'} ({part})") for part, sha256 in spec.download.parts.items()],
            ("conversion", spec.conversion + (", PReLU rewritten for ONNX Runtime" if spec.prelu_rewrite else "")),
            ("decoder", spec.decoder),
        ]
        for value in spec.inputs:
            rows.append(("input", f"{value.name} {_sizes(value.shape)}: {value.meaning}"))
            rows += [("", line) for line in _image_lines(value.image)]
        rows += [("output", f"{value.name} {_sizes(value.shape)}: {value.meaning}") for value in spec.outputs]
        rows += [("labels", ", ".join(spec.labels))] if spec.labels else []
        rows += [("file", str(models_dir() / name)) for name in stored_names(spec)]
        print_table((spec.name, ""), rows)
        return 0

    return _guarded(show)


def list_licences(_args: argparse.Namespace) -> int:
    """Prints the licence of every model, and of the archives that carry it where that is another."""

    def licences() -> int:
        rows = []
        for spec in load_models().values():
            rows.append((spec.name, spec.licence.spdx, spec.licence.note))
            archives = [source.archive for source in spec.download.sources if isinstance(source, ArchiveSource)]
            rows += [
                ("", archive.licence.spdx, _sentence(f"Carried by {archive.title}.", archive.licence.note))
                for archive in archives
                if archive.licence.spdx != spec.licence.spdx
            ]
        print_table(("model", "licence", "note"), rows)
        return 0

    return _guarded(licences)


def convert_checkpoint(args: argparse.Namespace) -> int:
    """Writes the network of a checkpoint as ONNX, and prints the entry that lists it."""

    def run() -> int:
        print(convert(args.kind, args.weights, args.output, args.classes), end="")
        print(f"wrote {args.output}; the entry above goes into your models.yaml", file=sys.stderr)
        return 0

    return _guarded(run)


def _guarded(command: Callable[[], int]) -> int:
    """Runs a command; what is wrong with a model, a list or a download is said without a traceback."""
    try:
        return command()
    except (ZooError, ShareError) as error:
        print(error, file=sys.stderr)
        return _FAILED


def _is_stored(spec: ModelSpec) -> bool:
    return any((models_dir() / name).exists() for name in stored_names(spec))


def _state(spec: ModelSpec) -> str:
    if not _is_stored(spec):
        return "no"
    try:
        check_model(spec)
    except ModelError:
        return "damaged or old"
    return "yes"


def _source_titles(spec: ModelSpec) -> list[str]:
    return [
        source.archive.title if isinstance(source, ArchiveSource) else str(source.path)
        for source in spec.download.sources
    ]


def _image_lines(image: ImageFormat | None) -> list[str]:
    if image is None:
        return []
    scale = f"(pixel - {_numbers(image.subtract)}) / {_numbers(image.divide)}"
    return [f"{image.layout}, {image.colour}, {scale}", image.crop]


def _numbers(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _sizes(shape: Shape) -> str:
    return "x".join(str(size) for size in shape)


def _sentence(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _print_progress(line: str) -> None:
    print(line, flush=True)
