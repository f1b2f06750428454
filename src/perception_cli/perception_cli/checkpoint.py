"""From a PyTorch checkpoint of the user's to an ONNX file and the lines of models.yaml that list it."""

from __future__ import annotations

import json
import re
from pathlib import Path

from face_perception.expression_labels import AFFECTNET8
from perception_core.regular_files import TooLargeError, read_regular
from perception_core.zoo.errors import ConversionError

KINDS = ("resnet18", "resnet50")

_MOST_BYTES = 2_000_000_000  # of a checkpoint; ONNX files cannot be larger

_SIDE = 224  # pixels, of everything that torchvision's ResNets were trained on
_IMAGE, _SCORES = "image", "scores"

# The mean and standard deviation of ImageNet's pixels, which torchvision's ResNets and most that start from them use.
_ENTRY = """\
models:
  {name}:
    task: facial expression
    description: A {kind} of my own.
    licence: {{spdx: LicenseRef-own}}
    sources: [{{file: {file}}}]
    conversion: onnx
    decoder: class_logits
    inputs:
      - name: image
        shape: [N, 3, {side}, {side}]
        image:
          layout: NCHW
          colour: RGB
          subtract: [123.675, 116.28, 103.53]  # mean and standard deviation times 255, as in its training
          divide: [58.395, 57.12, 57.375]
          crop: a square of the longer side of the face box, not turned
          face_crop: {{kind: square, scale: 1.0}}  # or aligned; as in its training
    outputs:
      - {{name: scores, shape: [N, {classes}], meaning: "logits, in the order of labels"}}
    labels: [{labels}]  # {hint}
"""


def convert(kind: str, weights: Path, output: Path, classes: int | None) -> str:
    """Writes the network of a checkpoint as ONNX.

    Args:
        kind: One of `KINDS`.
        weights: A file of torch.save. Nothing that it names is run.
        output: Where the network goes; replaced if it is there.
        classes: How many the network must tell apart; None for any number.

    Returns:
        The lines of models.yaml that list it.

    Raises:
        ConversionError: The checkpoint cannot be read or is of another network, or the output cannot be written.
    """
    from perception_core.zoo import resnet  # noqa: PLC0415 - brings onnx along, which takes 0.2 s
    from perception_core.zoo.torch_checkpoint import read_weights  # noqa: PLC0415

    _check_output(output, weights)
    try:
        tensors = read_weights(read_regular(weights, _MOST_BYTES))
        found = resnet.classes(tensors)
        if classes is not None and found != classes:
            raise ConversionError(f"its last layer tells apart {found} classes, not {classes}")
        shape = ("N", 3, _SIDE, _SIDE)
        model = resnet.build(kind, tensors, kind, [(_IMAGE, shape)], [(_SCORES, ("N", found))])
        network = model.SerializeToString(deterministic=True)
    except OSError as error:
        raise ConversionError(f"{weights} cannot be read: {error.strerror}.") from error
    except (ConversionError, TooLargeError) as error:
        raise ConversionError(f"{weights} cannot be converted: {error}") from error
    except MemoryError as error:
        raise ConversionError(f"{weights} cannot be converted: there is too little memory for it") from error
    _write(output, network)
    return _entry(kind, output, found)


def _check_output(output: Path, weights: Path) -> None:
    try:
        if output.exists() and not output.is_file():
            raise ConversionError(f"{output} cannot be written: it is there and is no file")
        for place in (output, _partial(output)):
            if place.exists() and weights.exists() and place.samefile(weights):
                raise ConversionError(f"{output} would be written over the weights: name another file")
    except OSError as error:
        raise ConversionError(f"{output} cannot be written: {error.strerror}.") from error


def _partial(path: Path) -> Path:
    return path.with_name(f"{path.name}.partial")


def _write(path: Path, data: bytes) -> None:
    partial = _partial(path)
    try:
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise ConversionError(f"{path} cannot be written: {error.strerror}.") from error


def _entry(kind: str, output: Path, classes: int) -> str:
    known = AFFECTNET8.classes[:classes]
    hint = "AffectNet's order: check that yours is the same"
    if classes not in {7, 8}:
        known, hint = tuple(f"class_{index}" for index in range(classes)), "put in their names"
    return _ENTRY.format(
        name=re.sub(r"[^A-Za-z0-9_-]", "_", output.stem).lstrip("_-") or kind,
        kind=kind,
        file=json.dumps(str(output.resolve()), ensure_ascii=False),
        side=_SIDE,
        classes=classes,
        labels=", ".join(known),
        hint=hint,
    )
