"""What an evaluation found: for reading, for programs, and as pictures."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2

from perception_cli.evaluation.work import Networks, Work
from perception_cli.outputs import OutputError, begun_beside, in_folder
from perception_core.frame import ColourImage
from perception_core.zoo.spec import ModelSpec

_MOST_NAMED = 20  # pictures that could not be read


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of an evaluation.

    Attributes:
        result: As it is written as JSON; NaN stands for what there is not.
        header: Of the table.
        rows: Of the table.
        lines: What is said below it.
        drawings: Pictures by the option that asks for them.
    """

    result: Mapping[str, Any]
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    lines: Sequence[str]
    drawings: Mapping[str, ColourImage] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setting:
    """What was evaluated on what.

    Attributes:
        task: expression, identity, landmarks, detection or gestures.
        options: As they were given.
        layout: Of the data.
        split: Part of the data; None where it has none.
        networks: That were used; `model` is the one that is evaluated.
        model: Its name.
        work: What became of the pictures.
    """

    task: str
    options: argparse.Namespace
    layout: str
    split: str | None
    networks: Networks
    model: str
    work: Work

    def described(self) -> dict[str, Any]:
        """The keys that all results begin with."""
        models = {spec.name: _model(spec) for spec in self.networks.used}
        return {
            "task": self.task,
            "data": str(self.options.data),
            "layout": self.layout,
            "split": self.split,
            "limit": self.options.limit,
            "partial": self.work.partial,
            "model": self.model,
            "licence": models[self.model]["licence"],
            "models": list(models.values()),
            "unreadable": self.work.unreadable[:_MOST_NAMED],
        }

    def lines(self) -> list[str]:
        """The same for reading, as far as a table does not say it."""
        part = f", part {self.split}" if self.split else ""
        licences = [f"{spec.name}: {_licence_words(spec)}" for spec in self.networks.used]
        return [f"data: {self.options.data} ({self.layout}{part})", *licences]


def share(value: float | None) -> str:
    """A share for reading."""
    return "-" if value is None or not math.isfinite(value) else f"{value:.3f}"


def milliseconds(value: float | None) -> str:
    """A time for reading."""
    return "-" if value is None else f"{value:.2f} ms"


def time_words(face_ms: float | None, finding_ms: float | None) -> str:
    """How long a face took, and finding it in the picture where it was looked for."""
    finding = "" if finding_ms is None else f", {milliseconds(finding_ms)} per picture to find it"
    return f"processor time: {milliseconds(face_ms)} per face{finding}"


def counted(number: int, unit: str) -> str:
    """A number of things."""
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def write_json(path: Path, result: Mapping[str, Any]) -> None:
    """Writes the result; the file is whole or as it was before.

    Raises:
        OutputError: It cannot be written.
    """
    text = json.dumps(_without_nan(result), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    _write(path, text.encode())


def write_drawing(path: Path, drawing: ColourImage) -> None:
    """Writes a picture; the file is whole or as it was before.

    Raises:
        OutputError: It cannot be written, or its ending is that of no picture.
    """
    try:
        _, data = cv2.imencode(path.suffix, drawing)
    except cv2.error as error:
        raise OutputError(f"{path}: a picture's name ends in .png or .jpg") from error
    _write(path, data.tobytes())


def _write(path: Path, content: bytes) -> None:
    try:
        replacement = begun_beside(in_folder(path))
        try:
            replacement.partial.write_bytes(content)
            replacement.complete()
        finally:
            replacement.discard()
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(f"{path}: the result cannot be written: {error.strerror}") from error


def _model(spec: ModelSpec) -> dict[str, Any]:
    licence = {"spdx": spec.licence.spdx, "note": spec.licence.note}
    return {"name": spec.name, "task": spec.task, "licence": licence}


def _licence_words(spec: ModelSpec) -> str:
    return f"{spec.licence.spdx}; {spec.licence.note}" if spec.licence.note else spec.licence.spdx


def _without_nan(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _without_nan(each) for key, each in value.items()}
    return [_without_nan(each) for each in value] if isinstance(value, list | tuple) else value
