"""`./perception people enroll FOLDER`."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from face_perception.embedding import FaceEmbedder
from face_perception.gallery import Gallery
from face_perception.gallery_errors import GalleryReadOnlyError
from perception_cli.people_album import Album, Sitter, read_album
from perception_cli.people_gallery import PeopleError, gallery_path
from perception_cli.people_judge import Judge, Outcome, PictureView
from perception_cli.people_networks import opened_detector, opened_embedder
from perception_cli.people_portraits import PictureRefusedError, Portraits
from perception_cli.private_files import FAILED, INTERRUPTED, counted, say
from perception_cli.processes import Interruption
from perception_cli.tables import print_table
from perception_core.engines.engine import EngineError
from perception_core.wording import printable

_MOST_VIEWS = 50  # of a person: more make every search slower and recognise nobody better
_NAMED = 5  # files that are passed over


class _Enrolment:
    """Enrols one person after the other."""

    def __init__(self, portraits: Portraits, embed: FaceEmbedder, judge: Judge, interruption: Interruption) -> None:
        self._portraits, self._embed, self._judge = portraits, embed, judge
        self._interruption = interruption

    def __call__(self, sitter: Sitter, advance: Callable[[int], None]) -> Outcome | None:
        """What becomes of a person; None if the user ends it before that is known."""
        views: list[PictureView] = []
        left_out: list[tuple[str, str]] = []
        for count, path in enumerate(sitter.pictures):
            if self._interruption.asked:
                return None
            if len(views) == _MOST_VIEWS:
                rest = sitter.pictures[count:]
                left_out.append((f"{len(rest)} more", f"{_MOST_VIEWS} good views are enough"))
                advance(len(rest))
                break
            try:
                views.append(PictureView(path.name, self._embed([self._portraits(path).crop])[0]))
            except PictureRefusedError as error:
                left_out.append((path.name, str(error)))
            advance(1)
        if not views:
            trouble = sitter.trouble or ("no picture can be used" if sitter.pictures else "there is no picture of them")
            return Outcome(sitter.name, trouble, failed=True, left_out=tuple(left_out))
        outcome = self._judge(sitter.name, views, time.time_ns())
        return Outcome(outcome.name, outcome.result, outcome.failed, outcome.views, (*left_out, *outcome.left_out))


def enroll_folder(options: argparse.Namespace) -> int:
    """Enrols everybody of whom a folder has pictures."""
    if not options.source:  # as a variable of a shell may be; it would mean the current folder
        raise PeopleError("a name is missing: name the folder that the pictures are in")
    album = read_album(Path(options.source))
    interruption = Interruption()
    outcomes: list[Outcome] = []
    try:
        with _enrolment(options, interruption) as enrol, _progress(album) as advance:
            for sitter in album.sitters:
                outcome = enrol(sitter, advance)
                if outcome is None:
                    break
                outcomes.append(outcome)
    except EngineError as error:
        raise PeopleError(str(error)) from error
    finally:  # whoever is in the gallery is told, whatever ends it
        _print(outcomes, gallery_path(options))
    if album.passed_over:
        say(_passed_over(album))
    if interruption.asked:
        say("interrupted; who was enrolled until then is in the gallery")
        return INTERRUPTED
    return FAILED if any(outcome.failed for outcome in outcomes) else 0


@contextmanager
def _enrolment(options: argparse.Namespace, interruption: Interruption) -> Iterator[_Enrolment]:
    with (
        opened_detector() as detector,
        opened_embedder(options.model) as embed,
        closing(Gallery(gallery_path(options), embed.space)) as gallery,
    ):
        if not gallery.writable:
            raise GalleryReadOnlyError(f"{gallery.path} cannot be written; give this user the right to write it")
        judge = Judge(gallery, embed.thresholds, force=options.force)
        yield _Enrolment(Portraits(detector, embed.crop), embed, judge, interruption)


@contextmanager
def _progress(album: Album) -> Iterator[Callable[[int], None]]:
    """What is called with the number of pictures that are done; shown where there is a terminal."""
    console = Console()
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        total = sum(len(sitter.pictures) for sitter in album.sitters)
        task = progress.add_task("looking at pictures", total=total)
        yield lambda count: progress.advance(task, count)


def _print(outcomes: Sequence[Outcome], gallery: Path) -> None:
    if not outcomes:
        return
    rows: list[tuple[str, str, str]] = []
    for outcome in outcomes:
        rows.append((outcome.name, str(outcome.views), outcome.result))
        rows += [(outcome.name, "", f"left out {picture}: {reason}") for picture, reason in outcome.left_out]
    print_table(("person", "views", "result"), rows)
    failed = sum(outcome.failed for outcome in outcomes)
    views = sum(outcome.views for outcome in outcomes)
    turned_away = f", {failed} could not be enrolled" if failed else ""
    print(
        f"{counted(len(outcomes) - failed, 'person', 'people')} with {counted(views, 'new view', 'new views')} in "
        f"{gallery}{turned_away}"
    )


def _passed_over(album: Album) -> str:
    named = ", ".join(printable(str(path.relative_to(album.folder))) for path in album.passed_over[:_NAMED])
    more = f" and {len(album.passed_over) - _NAMED} more" if len(album.passed_over) > _NAMED else ""
    return f"passed over, as no pictures: {named}{more}"
