"""Pictures as a network takes them that is described wholly by its entry in models.yaml."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.engines.engine import Engine, EngineError
from perception_core.frame import ColourImage
from perception_core.zoo.spec import ImageFormat, ModelSpec

_CHANNELS = {"RGB": 3, "BGR": 3, "GREY": 1}


@dataclass(frozen=True, slots=True)
class SquareInput:
    """An input that takes square pictures.

    Attributes:
        side: Pixels.
        batched: Whether several go in at once.
    """

    side: int
    batched: bool


def square_input(engine: Engine, spec: ModelSpec, wanted: ImageFormat) -> SquareInput:
    """The size of a network's first input.

    Raises:
        EngineError: The file has another input than the entry says, or one that is not square.
    """
    inputs = {tensor.name: tensor.shape for tensor in engine.inputs}
    shape = inputs.get(spec.inputs[0].name, ())
    channels = _CHANNELS[wanted.colour]
    ordered = (shape[1:] if wanted.layout == "NCHW" else (*shape[3:], *shape[1:3])) if len(shape) == 4 else ()
    # A size that the file leaves open is taken from the entry.
    entry = spec.inputs[0].shape
    declared = (entry[1:] if wanted.layout == "NCHW" else (*entry[3:], *entry[1:3])) if len(entry) == 4 else ()
    merged = [given if given is not None else said for given, said in zip(ordered, declared, strict=False)]
    if len(merged) != 3 or merged[0] != channels or merged[1] != merged[2] or not isinstance(merged[1], int):
        raise EngineError(
            f"{spec.name}: its entry says {wanted.layout}, {wanted.colour}, so the input {spec.inputs[0].name} has to "
            f"have {channels} channels and a square size; the file has {inputs} ({spec.download.place})"
        )
    return SquareInput(merged[1], shape[0] is None)


def network_input(pictures: Sequence[ColourImage], wanted: ImageFormat, *, grey: bool = False) -> NDArray[np.float32]:
    """Pictures as a network wants them.

    Args:
        pictures: N of the same size, HxWx3 uint8, BGR; at least one.
        wanted: Order of axes and channels, and what is subtracted and divided by.
        grey: Whether all channels get the same grey.

    Returns:
        N x channels x H x W, or N x H x W x channels.
    """
    grey, channels = grey or wanted.colour == "GREY", _CHANNELS[wanted.colour]
    coloured = [_grey(picture, channels) for picture in pictures] if grey else pictures
    batch = np.asarray(cv2.dnn.blobFromImages(coloured, swapRB=wanted.colour == "RGB" and not grey), np.float32)
    if any(wanted.subtract):
        batch -= np.array(wanted.subtract, np.float32).reshape(1, -1, 1, 1)
    if any(number != 1 for number in wanted.divide):
        batch *= (1 / np.array(wanted.divide)).astype(np.float32).reshape(1, -1, 1, 1)
    return batch if wanted.layout == "NCHW" else np.ascontiguousarray(batch.transpose(0, 2, 3, 1))


def _grey(picture: ColourImage, channels: int) -> ColourImage:
    return np.asarray(cv2.merge([cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)] * channels), np.uint8)
