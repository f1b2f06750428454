"""`./perception gestures teach NAME`, from the camera of a node that runs."""

from __future__ import annotations

import argparse

from perception_msgs.srv import TeachGesture

from gesture_perception.gesture_label import checked_label
from perception_cli.node_client import NodeAskedError, NodeClient
from perception_cli.private_files import FAILED, INTERRUPTED, CommandError, say
from perception_cli.processes import Interruption
from perception_core.wording import printable


def teach_live(options: argparse.Namespace) -> int:
    """Has the gesture node learn what a hand before its camera shows, and tells what it says."""
    name = checked_label(options.name)  # what cannot be a name needs no node to say so
    request = TeachGesture.Request(
        name=name, track_id=options.track, views=options.views, timeout=float(options.timeout or 0.0)
    )
    interruption = Interruption()
    asked = False
    try:
        with NodeClient(options.node, "gesture node", lambda: interruption.asked) as node:
            service = node.find(TeachGesture, "teach_gesture")
            node.wait_until_active()
            print(f"asking {options.node} to learn {name}: show it to the camera, with one hand ...", flush=True)
            asked = True
            answer = node.ask(service, request)
    except NodeAskedError as error:
        raise CommandError(str(error)) from error
    except KeyboardInterrupt:
        say("interrupted" + (f"; the gesture node may learn {name} all the same" if asked else ""))
        return INTERRUPTED
    text = printable(answer.message)
    if answer.result != TeachGesture.Response.OK:
        say(text)
        return FAILED
    print(text)
    return 0
