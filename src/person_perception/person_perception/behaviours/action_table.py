"""The table of `gesture_actions`: which gesture, made by whom, does what.

taught: [Hang_Loose]           # names of gestures of your own, besides the built-in ones
limits: {linear: 0.3}          # of the rows that drive; see `Limits`
actions:
  - {gesture: Thumb_Up, who: nearest, hold_s: 0.5, action: publish, topic: lamp, type: Bool, value: true}
  - {gesture: Victory, who: enrolled, people: [Ann], action: call, service: dock, type: Trigger}
  - {gesture: Pointing_Up, who: first, action: twist, linear: 0.2}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from pathlib import Path

from gesture_perception.gesture_names import MOTIONS, POSES
from gesture_perception.hand import NO_GESTURE
from person_perception.behaviours.authority import AuthorityRule, Who
from person_perception.behaviours.limits import Limits
from person_perception.behaviours.stop_gestures import StopRules
from person_perception.behaviours.table_yaml import Field, TableError, read_table

BUILT_IN = tuple(name for name in (*POSES, *MOTIONS) if name != NO_GESTURE)
_TOPIC = re.compile(r"(~/|/)?[A-Za-z_][A-Za-z0-9_]*(/[A-Za-z_][A-Za-z0-9_]*)*")
_WHO = tuple(who.value for who in Who)
_LONGEST_HOLD_S = 60.0


@dataclass(frozen=True, slots=True)
class Publish:
    """A message on a topic; its type is String, Bool or Empty of std_msgs, by its value."""

    topic: str
    value: str | bool | None


@dataclass(frozen=True, slots=True)
class Call:
    """A service; its type is SetBool of std_srvs where there is a value, else Trigger."""

    service: str
    value: bool | None


@dataclass(frozen=True, slots=True)
class Drive:
    """Speeds for as long as the gesture is shown, metres and radians per second."""

    linear: float
    angular: float


@dataclass(frozen=True, slots=True)
class Action:
    """A row of the table.

    Attributes:
        gesture: Its label.
        authority: Whose.
        hold_s: So long it has to be shown; the events have a delay of their own, which is the least.
        does: What happens then.
    """

    gesture: str
    authority: AuthorityRule
    hold_s: float
    does: Publish | Call | Drive


@dataclass(frozen=True, slots=True)
class ActionTable:
    """All rows, and the limits of those that drive."""

    actions: tuple[Action, ...]
    limits: Limits

    @property
    def drives(self) -> bool:
        """Whether any row does."""
        return any(isinstance(action.does, Drive) for action in self.actions)


def read_action_table(path: Path) -> ActionTable:
    """Reads a table.

    Raises:
        TableError: Something in it is unknown, of the wrong type or out of range; the text has file and line.
    """
    top = read_table(path).entries(("taught", "limits", "actions"))
    taught = top["taught"].texts() if "taught" in top else ()
    limits = _limits(top["limits"]) if "limits" in top else Limits()
    rows = top["actions"].items("a list of actions") if "actions" in top else []
    if not rows:
        raise TableError(f"{path}:1: has no actions: write a list of them under the key actions")
    actions = tuple(_action(row, (*BUILT_IN, *taught), limits) for row in rows)
    _check_types(rows, actions)
    return ActionTable(actions, limits)


def _limits(field: Field) -> Limits:
    given = field.entries([each.name for each in fields(Limits)])
    try:
        return Limits(**{name: value.positive() for name, value in given.items()})
    except TableError:
        raise
    except ValueError as error:
        raise field.error(str(error)) from error


def _action(row: Field, gestures: Collection[str], limits: Limits) -> Action:
    kinds: dict[str, tuple[tuple[str, ...], Callable[..., Publish | Call | Drive]]] = {
        "publish": (("topic", "type", "value"), _publish),
        "call": (("service", "type", "value"), _call),
        "twist": (("linear", "angular"), lambda row, found: _drive(row, found, limits)),
    }
    common = ("gesture", "who", "people", "hold_s", "action")
    found = row.entries((*common, *dict.fromkeys(key for keys, _ in kinds.values() for key in keys)))
    gesture = _needed(row, found, "gesture").choice(gestures)
    kind = _needed(row, found, "action").choice(tuple(kinds))
    keys, parse = kinds[kind]
    for name, field in found.items():
        if name not in (*common, *keys):
            raise field.error(f"{name} is not for the action {kind}: allowed are {', '.join((*common, *keys))}")
    if kind == "twist" and gesture in StopRules().poses:
        raise found["gesture"].error(f"{gesture} stops the robot, and cannot drive it: choose another gesture")
    hold_s = found["hold_s"].not_negative() if "hold_s" in found else 0.0
    if hold_s > _LONGEST_HOLD_S:
        raise found["hold_s"].wrong(f"at most {_LONGEST_HOLD_S:g}")
    return Action(gesture, _authority(row, found), hold_s, parse(row, found))


def _authority(row: Field, found: dict[str, Field]) -> AuthorityRule:
    who = Who(_needed(row, found, "who").choice(_WHO))
    if "people" in found and who is not Who.ENROLLED:
        raise found["people"].error(
            f"people is for who: enrolled only, here it is {who.value}: change the one or leave out"
        )
    return AuthorityRule(who, frozenset(found["people"].texts()) if "people" in found else frozenset())


def _publish(row: Field, found: dict[str, Field]) -> Publish:
    topic = _name(_needed(row, found, "topic"))
    kind = _needed(row, found, "type").choice(("String", "Bool", "Empty"))
    if kind == "Empty":
        _without_value(found, kind)
        return Publish(topic, None)
    value = _needed(row, found, "value")
    return Publish(topic, value.flag() if kind == "Bool" else value.text())


def _call(row: Field, found: dict[str, Field]) -> Call:
    service = _name(_needed(row, found, "service"))
    kind = _needed(row, found, "type").choice(("Trigger", "SetBool"))
    if kind == "Trigger":
        _without_value(found, kind)
        return Call(service, None)
    return Call(service, _needed(row, found, "value").flag())


def _drive(row: Field, found: dict[str, Field], limits: Limits) -> Drive:
    speeds = {}
    for name, most in (("linear", limits.linear), ("angular", limits.angular)):
        speeds[name] = found[name].number() if name in found else 0.0
        if abs(speeds[name]) > most:
            raise found[name].wrong(f"within the limit of {most:g}")
    if not any(speeds.values()):
        raise row.error("a twist needs linear or angular other than 0")
    return Drive(**speeds)


def _needed(row: Field, found: dict[str, Field], name: str) -> Field:
    if name not in found:
        raise row.error(f"{row.name} has no {name}: add it")
    return found[name]


def _without_value(found: dict[str, Field], kind: str) -> None:
    if "value" in found:
        raise found["value"].error(f"{kind} carries no value: leave it out")


def _name(field: Field) -> str:
    name = field.text()
    if not _TOPIC.fullmatch(name):
        raise field.wrong("a name as ROS allows it: letters, digits, _ and /")
    return name


def _check_types(rows: list[Field], actions: tuple[Action, ...]) -> None:
    """One topic has one type, and so has one service."""
    first: dict[tuple[type, str], type] = {}
    for row, action in zip(rows, actions, strict=True):
        does = action.does
        if isinstance(does, Drive):
            continue
        name = does.topic if isinstance(does, Publish) else does.service
        if first.setdefault((type(does), name), type(does.value)) is not type(does.value):
            raise row.error(f"{name} has another type in a row above: use one type, or another name")
