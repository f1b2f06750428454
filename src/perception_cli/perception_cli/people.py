"""`./perception people`: whom the robot knows."""

from __future__ import annotations

import argparse
import json
from datetime import datetime, timezone

from face_perception.gallery_records import Person
from face_perception.gallery_store import GalleryStore
from perception_cli.arguments import number, output_path, seconds, views
from perception_cli.people_gallery import DEFAULT_MODEL, PeopleError, gallery_path, opened, person_called
from perception_cli.private_files import FAILED, Command, agreed, guarded, say
from perception_cli.tables import print_table
from perception_core.private_store.place import holds_anything


def add_arguments(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the `people` command; every one of its subcommands sets `func`."""
    people = subparsers.add_parser("people", help="list, enrol, rename and forget the people whom the robot knows")
    commands = people.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, command: Command, about: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=about)
        added.add_argument("--gallery", type=output_path, metavar="FILE", help="the gallery (default: the face node's)")
        added.add_argument(
            "--model", metavar="NAME", help=f"the network that recognises people (default {DEFAULT_MODEL})"
        )
        added.set_defaults(func=guarded(command, gallery_path))
        return added

    listed = add("list", list_people, "everybody, with their ids")
    listed.add_argument("--json", action="store_true", help="for other programs")
    enrol = add("enroll", enroll, "remember people from pictures, or one person from the running camera")
    enrol.add_argument(
        "source",
        metavar="FOLDER|FILE|NAME",
        help="<name>.jpg and <name>/*.jpg in a folder, or one <name>.jpg; with --live a name",
    )
    enrol.add_argument("--force", action="store_true", help="also who looks like somebody enrolled, as twins do")
    _add_live_options(enrol)
    forgotten = add("forget", forget, "remove a person and every byte of what was stored of them")
    forgotten.add_argument("person", metavar="NAME_OR_ID")
    forgotten.add_argument("--yes", action="store_true", help="do not ask")
    renamed = add("rename", rename, "give a person another name")
    renamed.add_argument("person", metavar="OLD", help="name or id")
    renamed.add_argument("name", metavar="NEW")
    merged = add("merge", merge, "two entries are one person: the first gets the second's views and stays")
    merged.add_argument("keep", metavar="KEEP", help="name or id")
    merged.add_argument("other", metavar="OTHER", help="name or id")
    merged.add_argument("--force", action="store_true", help="also two who do not resemble each other")
    exported = add("export", export, "write everybody into a file, readable by its owner only")
    exported.add_argument("file", type=output_path, metavar="FILE")
    imported = add("import", import_people, "add the people of an exported file")
    imported.add_argument("file", type=output_path, metavar="FILE")
    imported.add_argument("--dry-run", action="store_true", help="only say what would happen")


def _add_live_options(enrol: argparse.ArgumentParser) -> None:
    live = enrol.add_argument_group("with --live")
    live.add_argument("--live", action="store_true", help="from the camera of the face node that runs")
    live.add_argument(
        "--node", default="/face_perception", metavar="NAME", help="of the face node (default %(default)s)"
    )
    live.add_argument(
        "--track", type=number, default=0, metavar="ID", help="of the face (default: the only one in view)"
    )
    live.add_argument("--views", type=views, default=0, metavar="N", help="good views to gather (default: the node's)")
    live.add_argument("--timeout", type=seconds, metavar="SECONDS", help="to gather them in (default: the node's)")


def list_people(options: argparse.Namespace) -> int:
    """Prints everybody, ordered by name."""
    people: list[Person] = []
    if holds_anything(gallery_path(options)):
        with opened(options) as store:
            people = store.people()
    if options.json:
        print(json.dumps([_record(person) for person in people], indent=1))
        return 0
    if not people:
        say(f"nobody is enrolled in {gallery_path(options)}")
        return 0
    rows = [(person.name, person.id, str(person.views), f"{_enrolled(person):%Y-%m-%d %H:%M}") for person in people]
    print_table(("name", "id", "views", "enrolled"), rows)
    return 0


def enroll(options: argparse.Namespace) -> int:
    """Adds people from pictures or from the camera."""
    # Networks and ROS take half a second each to import.
    if options.live:
        if options.gallery or options.model:
            raise PeopleError("with --live all is as the face node has it: leave --gallery and --model out")
        from perception_cli.people_live import enroll_live  # noqa: PLC0415

        return enroll_live(options)
    if options.track or options.views or options.timeout:
        raise PeopleError("--track, --views and --timeout are for --live")
    from perception_cli.people_folder import enroll_folder  # noqa: PLC0415

    return enroll_folder(options)


def forget(options: argparse.Namespace) -> int:
    """Removes a person; asks before on a terminal."""
    with opened(options) as store:
        person = person_called(store.people(), options.person)
        if not (options.yes or agreed(f"Forget {person.name} ({_views_of(person)})?")):
            say(f"{person.name} is not forgotten")
            return FAILED
        store.forget(person.id)
    print(f"{person.name} is forgotten ({person.id}, {_views_of(person)})")
    return 0


def rename(options: argparse.Namespace) -> int:
    """Gives a person another name."""
    with opened(options) as store:
        person = person_called(store.people(), options.person)
        store.rename(person.id, options.name)
        named = next((each.name for each in store.people() if each.id == person.id), options.name)
    print(f"{person.name} is now {named} ({person.id})")
    return 0


def merge(options: argparse.Namespace) -> int:
    """Makes one person of two entries."""
    with opened(options) as store:
        people = store.people()
        keep, other = person_called(people, options.keep), person_called(people, options.other)
        if not options.force:
            _refuse_difference(store, keep, other)
        store.merge(keep.id, other.id)
    print(f"{keep.name} has the views of {other.name} now: {keep.views + other.views} ({keep.id})")
    return 0


def _refuse_difference(store: GalleryStore, keep: Person, other: Person) -> None:
    from perception_cli.people_merge import difference  # noqa: PLC0415 - brings numpy along

    cosine = difference(store, keep.id, other.id)
    if cosine is not None:
        raise PeopleError(
            f"{other.name} does not resemble {keep.name} ({cosine:.2f}), and what is merged cannot be taken apart: if "
            "they are one person all the same, --force merges them"
        )


def export(options: argparse.Namespace) -> int:
    """Writes everybody into a file."""
    from perception_cli.people_files import export_people  # noqa: PLC0415 - the other commands need none of it

    return export_people(options)


def import_people(options: argparse.Namespace) -> int:
    """Adds the people of an exported file."""
    from perception_cli.people_files import import_exported  # noqa: PLC0415 - brings the networks along

    return import_exported(options)


def _record(person: Person) -> dict[str, object]:
    enrolled = datetime.fromtimestamp(person.enrolled_ns // 10**9, timezone.utc)
    return {"name": person.name, "id": person.id, "views": person.views, "enrolled": enrolled.isoformat()}


def _enrolled(person: Person) -> datetime:
    return datetime.fromtimestamp(person.enrolled_ns // 10**9)


def _views_of(person: Person) -> str:
    return "1 view" if person.views == 1 else f"{person.views} views"
