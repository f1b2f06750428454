"""What the doctor has to say, for people and for programs."""

from __future__ import annotations

import dataclasses
import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from perception_core.diagnosis.catalogue import Area
from perception_core.diagnosis.finding import Finding
from perception_core.wording import printable

_WIDTH = 110


@dataclass(frozen=True, slots=True)
class Examined:
    """One part of the examination.

    Attributes:
        area: What it is about.
        lines: What was seen, in plain words.
        findings: What is wrong.
        unseen: Why it could not be looked at; empty if it could.
    """

    area: Area
    lines: Sequence[str] = ()
    findings: Sequence[Finding] = ()
    unseen: str = ""


def exit_code(parts: Sequence[Examined]) -> int:
    """0 where nothing is wrong, 1 where something is, 2 where something could not be looked at."""
    if any(part.unseen for part in parts):
        return 2
    return 1 if any(part.findings for part in parts) else 0


def for_programs(parts: Sequence[Examined]) -> str:
    """As JSON."""
    areas = [
        {
            "area": part.area.value,
            "seen": list(part.lines),
            "findings": [dataclasses.asdict(finding) for finding in part.findings],
            "not_looked_at": part.unseen,
        }
        for part in parts
    ]
    return json.dumps({"exit_code": exit_code(parts), "areas": areas}, indent=1, ensure_ascii=False)


def for_people(parts: Sequence[Examined]) -> str:
    """As text: what was seen of each part, then what is wrong with it."""
    lines: list[str] = []
    for part in parts:
        lines.append(part.area.value)
        lines += [f"  {printable(line)}" for line in part.lines]
        for finding in part.findings:
            lines += ["", *_wrapped("  ! ", _sentence(finding.what), "    "), *_wrapped("    ", finding.why, "    ")]
            # A command stays in one line, to be copied.
            lines += [f"    -> {finding.remedy}"]
        if part.unseen:
            lines.append(f"  not looked at: {printable(part.unseen)}")
        lines.append("")
    return "\n".join([*lines, _summary(parts)])


def _summary(parts: Sequence[Examined]) -> str:
    count = sum(len(part.findings) for part in parts)
    unseen = [part.area.value for part in parts if part.unseen]
    text = "Nothing is wrong" if not count else f"{count} finding{'s' if count > 1 else ''}"
    if unseen:
        text = f"{text if count else 'Nothing was found'}; {', '.join(unseen)} could not be looked at"
    return f"{text}."


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _wrapped(first: str, text: str, further: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=further, break_long_words=False)
