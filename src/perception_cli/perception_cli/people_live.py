"""`./perception people enroll NAME --live`."""

from __future__ import annotations

import argparse

from perception_msgs.srv import Enroll

from perception_cli.node_client import NodeAskedError, NodeClient
from perception_cli.people_gallery import PeopleError
from perception_cli.private_files import FAILED, INTERRUPTED, say
from perception_cli.processes import Interruption
from perception_core.private_store.names import checked_name
from perception_core.wording import printable


def enroll_live(options: argparse.Namespace) -> int:
    """Has the face node remember whom its camera sees, and tells what it says."""
    name = checked_name(options.source)  # what cannot be a name needs no node to say so
    request = Enroll.Request(
        name=name,
        track_id=options.track,
        views=options.views,
        timeout=float(options.timeout or 0.0),
        even_if_alike=options.force,
    )
    interruption = Interruption()
    asked = False
    try:
        with NodeClient(options.node, "face node", lambda: interruption.asked) as face_node:
            service = face_node.find(Enroll, "enroll")
            face_node.wait_until_active()
            print(f"asking {options.node} to enrol {name}, who looks at its camera now ...", flush=True)
            asked = True
            answer = face_node.ask(service, request)
    except NodeAskedError as error:
        raise PeopleError(str(error)) from error
    except KeyboardInterrupt:
        say("interrupted" + (f"; the face node may enrol {name} all the same" if asked else ""))
        return INTERRUPTED
    return _told(answer)


def _told(answer: Enroll.Response) -> int:
    enrolled = answer.result == Enroll.Response.OK
    text = printable(answer.message)
    if enrolled:
        print(f"{text} ({answer.person_id})")
    else:
        say(text)
    for reason in answer.refused:
        say(f"views were refused: {printable(reason)}")
    return 0 if enrolled else FAILED
