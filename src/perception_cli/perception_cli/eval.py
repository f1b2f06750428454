"""`./perception eval`: how often the networks are right, on pictures of which the answer is known."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from perception_cli.arguments import output_path
from perception_cli.evaluation import detection, expression, gestures, identity, landmarks
from perception_cli.evaluation.pictures import DataError, small_number
from perception_cli.evaluation.report import Report, counted, write_drawing, write_json
from perception_cli.evaluation.work import Work
from perception_cli.outputs import OutputError, require_writable
from perception_cli.processes import Interruption
from perception_cli.tables import print_table
from perception_core.engines.engine import EngineError
from perception_core.paths import ShareError
from perception_core.wording import printable
from perception_core.zoo.errors import ZooError

_FAILED, _INTERRUPTED = 1, 130
_MOST_NAMED = 5
_LONGEST_SHOWN = 60  # letters of a number that is none
_OUTPUTS = ("json", "confusion", "roc")
_DRAWN = (".png", ".jpg", ".jpeg")
_TASKS: dict[str, tuple[ModuleType, str]] = {
    "expression": (expression, "expressions of faces: a folder for each, or FER2013's file"),
    "identity": (identity, "whether two faces are of one person: LFW with pairs.txt, or a folder for each person"),
    "landmarks": (landmarks, "landmarks of faces: WFLW with its list"),
    "detection": (detection, "faces in pictures: WIDER FACE with its list"),
    "gestures": (gestures, "gestures of hands: a folder for each, HaGRID, a list of boxes, or videos"),
}


def add_arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command."""
    parser = commands.add_parser("eval", help="measure accuracy on pictures of your own, or on a public data set")
    tasks = parser.add_subparsers(metavar="TASK", required=True)
    for name, (module, words) in _TASKS.items():
        task = tasks.add_parser(name, help=words, description=f"Measures {words}.")
        task.add_argument("--data", type=output_path, required=True, metavar="FOLDER", help="the data set")
        task.add_argument("--layout", choices=module.LAYOUTS, help="how it lies there (default: what is found)")
        task.add_argument("--split", metavar="NAME", help="part of it, such as test or train (default test)")
        task.add_argument("--limit", type=_count, metavar="N", help="only so many, drawn the same way every time")
        task.add_argument("--json", type=output_path, metavar="FILE", help="write everything as JSON")
        module.add_options(task)
        task.set_defaults(func=run, evaluate=module.evaluate)


def run(options: argparse.Namespace) -> int:
    """Evaluates until the end of the data or Ctrl-C, and says what was found until then."""
    work = Work(Interruption())
    options.data = options.data.expanduser()
    try:
        outputs = _outputs(options)
        report = options.evaluate(options, work)
        if not work.read:
            return _nothing(work)
        _print(report, work)
        _write(report, outputs)
    except (DataError, ZooError, ShareError, EngineError, OutputError) as error:
        _say(str(error))
        return _FAILED
    return _INTERRUPTED if work.partial else 0


def _outputs(options: argparse.Namespace) -> dict[str, Path]:
    """The files to be written, by their options; that they can be is seen to before hours of work.

    Raises:
        OutputError: One cannot be, or would come to lie among the data.
    """
    named = {name: getattr(options, name, None) for name in _OUTPUTS}
    outputs = {name: path for name, path in named.items() if path is not None}
    data = options.data.resolve()
    for name, path in outputs.items():
        place = path.resolve()
        if place == data or data in place.parents:
            raise OutputError(f"{path} would become a part of the data in {options.data}: choose another place")
        if name != "json" and path.suffix.lower() not in _DRAWN:
            raise OutputError(f"{path}: a picture's name ends in one of {', '.join(_DRAWN)}")
        require_writable(path)
    if len({path.resolve() for path in outputs.values()}) < len(outputs):
        raise OutputError("two results cannot be one file: choose another place for one")
    return outputs


def _nothing(work: Work) -> int:
    if work.partial:
        _say("interrupted; nothing was evaluated until then")
        return _INTERRUPTED
    _say("; ".join([f"none of the {work.unit}s can be read", *work.unreadable[:1]]))
    return _FAILED


def _print(report: Report, work: Work) -> None:
    print_table(report.header, report.rows)
    for line in report.lines:
        print(printable(line))
    if work.unreadable:
        print(f"{counted(len(work.unreadable), work.unit)} could not be read:")
        for text in work.unreadable[:_MOST_NAMED]:
            print(f"  {printable(text)}")
    if work.partial:
        _say(f"interrupted: this is the partial result of {counted(work.read, work.unit)} drawn at random")


def _write(report: Report, outputs: Mapping[str, Path]) -> None:
    for name, path in outputs.items():
        if name == "json":
            write_json(path, report.result)
        elif name in report.drawings:
            write_drawing(path, report.drawings[name])
        else:
            raise OutputError(f"{path}: there is too little to draw")
    if outputs:
        print(f"wrote {', '.join(map(str, outputs.values()))}")


def _count(text: str) -> int:
    number = small_number(text)
    if not number:
        raise argparse.ArgumentTypeError(f"'{text[:_LONGEST_SHOWN]}' is no number of 1 or more")
    return number


def _say(text: str) -> None:
    print(f"perception: {printable(text)}", file=sys.stderr)
