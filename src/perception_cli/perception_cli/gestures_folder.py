"""`./perception gestures teach NAME --from FOLDER`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from gesture_perception.gesture_collection import GestureCollection
from gesture_perception.gesture_label import checked_label
from gesture_perception.gesture_records import MOST_EXAMPLES
from gesture_perception.hand import Side
from gesture_perception.pose_description import described
from gesture_perception.pose_gathering import PoseView, TeachResult
from gesture_perception.teaching import taught
from perception_cli.gestures_file import gestures_path
from perception_cli.gestures_networks import PoseNetworks, opened_networks, pose_space_of_default
from perception_cli.gestures_pictures import HandPictures, PictureRefusedError
from perception_cli.private_files import FAILED, INTERRUPTED, CommandError, counted, say
from perception_cli.processes import Interruption
from perception_cli.tables import print_table
from perception_core.engines.engine import EngineError
from perception_core.private_store.errors import StoreReadOnlyError
from perception_core.sources.pictures import PICTURE_SUFFIXES
from perception_core.wording import printable


def teach_folder(options: argparse.Namespace, side: Side | None) -> int:
    """Teaches a gesture from the pictures of a folder.

    Args:
        options: Of the command.
        side: Of the hands that count; None leaves it as it is.
    """
    name = checked_label(options.name)
    pictures = _pictures(options.folder)
    interruption = Interruption()
    # Before the networks are: who may not write, or has another model's gestures, hears of it at once.
    with closing(GestureCollection(gestures_path(options), pose_space_of_default())) as gestures:
        if not gestures.writable:
            raise StoreReadOnlyError(f"{gestures.path} cannot be written; give this user the right to write it")
        with opened_networks() as networks:
            try:
                views, left_out = _seen(pictures, networks, interruption)
                if interruption.asked:
                    say("interrupted; nothing was taught")
                    return INTERRUPTED
                examples = described([view.landmarks for view in views], networks.embed)
            except EngineError as error:
                raise CommandError(str(error)) from error
        print_table(("picture", "result"), [(path.name, f"left out: {reason}") for path, reason in left_out])
        if not examples:
            raise CommandError(f"{name} is not taught: {_of(pictures)} shows a hand that could be used")
        outcome = taught(gestures, name, views, examples, side)
    if outcome.result is not TeachResult.OK:
        say(printable(f"{name} is not taught: {outcome.message}"))
        return FAILED
    print(f"{printable(outcome.message)}, from {counted(len(pictures), 'picture', 'pictures')}, in {gestures.path}")
    return 0


def _pictures(folder: Path) -> list[Path]:
    """The pictures that are meant.

    Raises:
        CommandError: There are none, or too many.
        OSError: The folder cannot be read.
    """
    if folder.is_file():
        return [folder]
    if not folder.exists():
        raise CommandError(f"there is no folder {folder}")
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES and path.is_file())
    if not found:
        raise CommandError(f"{folder} holds no pictures ({', '.join(PICTURE_SUFFIXES)}): nothing is taught")
    if len(found) > MOST_EXAMPLES:
        raise CommandError(
            f"{folder} holds {len(found)} pictures; more than {MOST_EXAMPLES} make a gesture no better known: choose "
            "some that differ"
        )
    return found


def _seen(
    pictures: Sequence[Path], networks: PoseNetworks, interruption: Interruption
) -> tuple[list[PoseView], list[tuple[Path, str]]]:
    """The hands in pictures, and the pictures that are left out, each with the reason."""
    look = HandPictures(networks.palms, networks.hands, networks.read)
    views: list[PoseView] = []
    left_out: list[tuple[Path, str]] = []
    console = Console()
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        for path in progress.track(pictures, description="looking at pictures"):
            if interruption.asked:
                break
            try:
                views.append(look(path))
            except PictureRefusedError as error:
                left_out.append((path, str(error)))
    return views, left_out


def _of(pictures: Sequence[Path]) -> str:
    return "no picture" if len(pictures) == 1 else f"none of the {len(pictures)} pictures"
