"""`./perception gestures`: the gestures that were taught."""

from __future__ import annotations

import argparse
import json
from datetime import datetime, timezone
from pathlib import Path

from gesture_perception.gesture_records import TaughtGesture
from gesture_perception.hand import Side
from perception_cli.arguments import number, output_path, seconds, views
from perception_cli.gestures_file import gesture_called, gestures_path, opened
from perception_cli.private_files import FAILED, Command, CommandError, agreed, counted, guarded, say
from perception_cli.tables import print_table
from perception_core.private_store.place import holds_anything

_SIDES = {"both": Side.UNKNOWN, "left": Side.LEFT, "right": Side.RIGHT}
_SIDE_WORDS = {side: word for word, side in _SIDES.items()}


def add_arguments(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the `gestures` command; every one of its subcommands sets `func`."""
    gestures = subparsers.add_parser("gestures", help="teach, list, rename and forget gestures")
    commands = gestures.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, command: Command, about: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=about)
        added.add_argument(
            "--gestures",
            type=output_path,
            metavar="FILE",
            help="where they are (default: the gesture node's file)",
        )
        added.set_defaults(func=guarded(command, gestures_path))
        return added

    listed = add("list", list_gestures, "those that were taught")
    listed.add_argument("--json", action="store_true", help="for other programs")
    taught = add("teach", teach, "learn a gesture from pictures or from the running camera; a known one better")
    taught.add_argument("name", metavar="NAME", help="what it is to be called")
    taught.add_argument(
        "--from", dest="folder", type=Path, metavar="FOLDER", help="pictures of one hand each; or a single picture"
    )
    taught.add_argument(
        "--side",
        choices=tuple(_SIDES),
        help="with --from: hands that count (default: both, also if one is shown)",
    )
    _add_live_options(taught)
    forgotten = add("forget", forget, "remove a gesture and every byte of what was stored of it")
    forgotten.add_argument("name", metavar="NAME")
    forgotten.add_argument("--yes", action="store_true", help="do not ask")
    renamed = add("rename", rename, "give a gesture another name")
    renamed.add_argument("name", metavar="OLD")
    renamed.add_argument("new_name", metavar="NEW")
    exported = add("export", export, "write all into a file, readable by its owner only")
    exported.add_argument("file", type=output_path, metavar="FILE")
    imported = add("import", import_gestures, "add the gestures of an exported file")
    imported.add_argument("file", type=output_path, metavar="FILE")
    imported.add_argument("--dry-run", action="store_true", help="only say what would happen")


def _add_live_options(taught: argparse.ArgumentParser) -> None:
    live = taught.add_argument_group("without --from, from the camera of the gesture node that runs")
    live.add_argument(
        "--node", default="/gesture_perception", metavar="NAME", help="of the gesture node (default %(default)s)"
    )
    live.add_argument(
        "--track", type=number, default=0, metavar="ID", help="of the hand (default: the only one in view)"
    )
    live.add_argument("--views", type=views, default=0, metavar="N", help="views to gather (default: the node's)")
    live.add_argument("--timeout", type=seconds, metavar="SECONDS", help="to gather them in (default: the node's)")


def list_gestures(options: argparse.Namespace) -> int:
    """Prints all, ordered by name."""
    gestures: list[TaughtGesture] = []
    if holds_anything(gestures_path(options)):
        with opened(options) as store:
            gestures = store.gestures()
    if options.json:
        print(json.dumps([_record(gesture) for gesture in gestures], indent=1))
        return 0
    if not gestures:
        say(f"nothing was taught in {gestures_path(options)}")
        return 0
    rows = [
        (each.name, str(each.examples), _SIDE_WORDS[each.side], f"{_taught(each).astimezone():%Y-%m-%d %H:%M}")
        for each in gestures
    ]
    print_table(("gesture", "examples", "hands", "taught"), rows)
    return 0


def teach(options: argparse.Namespace) -> int:
    """Teaches a gesture from pictures or from the camera."""
    # Networks and ROS take half a second each to import.
    if options.folder is not None:
        if options.track or options.views or options.timeout:
            raise CommandError("--track, --views and --timeout are for the camera: leave them or --from out")
        from perception_cli.gestures_folder import teach_folder  # noqa: PLC0415

        return teach_folder(options, None if options.side is None else _SIDES[options.side])
    if options.gestures or options.side:
        raise CommandError("from the camera all is as the gesture node has it: leave --gestures and --side out")
    from perception_cli.gestures_live import teach_live  # noqa: PLC0415

    return teach_live(options)


def forget(options: argparse.Namespace) -> int:
    """Removes a gesture; asks before on a terminal."""
    with opened(options) as store:
        gesture = gesture_called(store.gestures(), options.name)
        examples = counted(gesture.examples, "example", "examples")
        if not (options.yes or agreed(f"Forget {gesture.name} ({examples})?")):
            say(f"{gesture.name} is not forgotten")
            return FAILED
        store.forget(gesture.name)
    print(f"{gesture.name} is forgotten ({examples})")
    return 0


def rename(options: argparse.Namespace) -> int:
    """Gives a gesture another name."""
    with opened(options) as store:
        gesture = gesture_called(store.gestures(), options.name)
        named = store.rename(gesture.name, options.new_name)
    print(f"{gesture.name} is now {named}")
    return 0


def export(options: argparse.Namespace) -> int:
    """Writes all into a file."""
    from perception_cli.gestures_carried import export_all  # noqa: PLC0415 - the other commands need none of it

    return export_all(options)


def import_gestures(options: argparse.Namespace) -> int:
    """Adds the gestures of an exported file."""
    from perception_cli.gestures_carried import import_all  # noqa: PLC0415

    return import_all(options)


def _record(gesture: TaughtGesture) -> dict[str, object]:
    return {
        "name": gesture.name,
        "examples": gesture.examples,
        "hands": _SIDE_WORDS[gesture.side],
        "taught": _taught(gesture).isoformat(),
    }


def _taught(gesture: TaughtGesture) -> datetime:
    return datetime.fromtimestamp(gesture.taught_ns // 10**9, timezone.utc)
