"""TFLite -> ONNX.

TFLite keeps images channels last, ONNX computes them channels first. A value is translated between the two only where
an operator needs it, so that a chain of convolutions stays channels first from its first to its last.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perception_core.zoo.errors import ConversionError
from perception_core.zoo.onnx_graph import GraphBuilder
from perception_core.zoo.spec import Shape
from perception_core.zoo.tflite_reader import Network, Tensor

_IMAGE_RANK = 4


class Layout(Enum):
    """The order of an image's axes; what is no image is always channels last."""

    CHANNELS_LAST = "NHWC"
    CHANNELS_FIRST = "NCHW"


_TO_CHANNELS_FIRST = (0, 3, 1, 2)
_TO_CHANNELS_LAST = (0, 2, 3, 1)


class Importer:
    """A network half translated: what operators read their inputs from and put their outputs into."""

    def __init__(self, network: Network) -> None:
        self.graph = GraphBuilder()
        self._network = network
        self._constants = {i: tensor.value for i, tensor in enumerate(network.tensors) if tensor.value is not None}
        self._names: dict[int, dict[Layout, str]] = {}

    def tensor(self, index: int) -> Tensor:
        """The tensor as published."""
        return self._network.tensors[index]

    def shape(self, index: int) -> tuple[int, ...]:
        """The tensor's published shape, channels last."""
        return self._network.tensors[index].shape

    def constant(self, index: int) -> NDArray[Any]:
        """The value of a tensor that must be known beforehand.

        Raises:
            ConversionError: It is computed by the network.
        """
        if index not in self._constants:
            raise ConversionError(f"{self.tensor(index).name} must be a constant but is computed")
        return self._constants[index]

    def fold(self, index: int, value: NDArray[Any]) -> None:
        """Declares a tensor to be a constant."""
        self._constants[index] = value

    def layout(self, indices: Sequence[int]) -> Layout:
        """The layout in which an operator that does not care shall run: the one that its inputs are already in."""
        computed = [index for index in indices if index not in self._constants]
        images = all(len(self.shape(index)) == _IMAGE_RANK for index in computed)
        first = any(Layout.CHANNELS_FIRST in self._names[index] for index in computed)
        return Layout.CHANNELS_FIRST if images and first else Layout.CHANNELS_LAST

    def value(self, index: int, layout: Layout = Layout.CHANNELS_LAST) -> str:
        """The ONNX name of a tensor in a layout; transposes it where it is not there yet."""
        if index in self._constants:
            return self.graph.constant(_constant_in(self._constants[index], layout))
        names = self._names[index]
        if layout not in names:
            first = layout is Layout.CHANNELS_FIRST
            other = Layout.CHANNELS_LAST if first else Layout.CHANNELS_FIRST
            order = _TO_CHANNELS_FIRST if first else _TO_CHANNELS_LAST
            names[layout] = self.graph.node("Transpose", [names[other]], perm=order)
        return names[layout]

    def put(self, index: int, name: str, layout: Layout = Layout.CHANNELS_LAST) -> None:
        """Says that the ONNX value of that name is the tensor in a layout."""
        self._names[index] = {layout: name}

    def reshape(self, name: str, before: tuple[int, ...], after: tuple[int, ...]) -> str:
        """Adds a reshape; where both shapes begin with the batch of one, any batch size passes through."""
        batched = before[:1] == after[:1] == (1,)
        # A zero copies the size of the same axis of the input.
        return self.graph.node("Reshape", [name, self.graph.numbers((0, *after[1:]) if batched else after)])

    def shown(self, index: int, shape: Shape) -> str:
        """The ONNX name of an output of the network in the shape that the manifest wants.

        Raises:
            ConversionError: The numbers do not fit into that shape.
        """
        published, wanted = self.shape(index), tuple(1 if isinstance(size, str) else size for size in shape)
        if np.prod(wanted, dtype=int) != np.prod(published, dtype=int):
            raise ConversionError(
                f"output {self.tensor(index).name} has shape {published}, which cannot become {shape}"
            )
        single_pixel = len(published) == _IMAGE_RANK and published[1:3] == (1, 1)
        # One pixel has the same numbers in the same order in both layouts.
        name = next(iter(self._names[index].values())) if single_pixel else self.value(index)
        return name if wanted == published and not single_pixel else self.reshape(name, published, wanted)


def _constant_in(value: NDArray[Any], layout: Layout) -> NDArray[Any]:
    if layout is Layout.CHANNELS_LAST or value.ndim == 0:
        return value
    image = value.reshape((1,) * (_IMAGE_RANK - value.ndim) + value.shape)
    return image.transpose(_TO_CHANNELS_FIRST)
