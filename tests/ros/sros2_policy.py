"""The SROS2 policy as the tests read it: who may publish, subscribe, offer and call what."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

FOLDER = Path(__file__).parents[2] / "config" / "sros2"
POLICY = FOLDER / "policy.xml"
_INCLUDE = "{http://www.w3.org/2001/XInclude}include"
_RIGHTS = ("publish", "subscribe", "reply", "request")


@dataclass
class Profile:
    """What one node may do: resolved names by right, those it shares with every node included."""

    enclave: str
    node: str
    rights: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def resolved(name: str, node: str, namespace: str = "/") -> str:
    """A name as the graph has it, by the rules of sros2's templates."""
    inside = namespace.rstrip("/") + "/"
    if name.startswith("~"):
        return f"{inside}{node}{name[1:]}"
    return name if name.startswith("/") else inside + name


def profiles() -> list[Profile]:
    found = []
    for enclave in ElementTree.parse(POLICY).getroot().iter("enclave"):
        for element in enclave.iter("profile"):
            profile = Profile(enclave.get("path", ""), element.get("node", ""))
            for group in _groups(element):
                names = {resolved(each.text or "", profile.node, element.get("ns", "/")) for each in group}
                for right in _RIGHTS:
                    if group.get(right) == "ALLOW":
                        profile.rights[right] |= names
            found.append(profile)
    return found


def _groups(profile: ElementTree.Element) -> list[ElementTree.Element]:
    """The lists of names in a profile, those of the files that it includes, too."""
    groups = []
    for child in profile:
        if child.tag == _INCLUDE:
            groups += list(ElementTree.parse(FOLDER / child.get("href", "")).getroot())
        else:
            groups.append(child)
    return groups
