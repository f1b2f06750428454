"""A TFLite file as an ONNX graph with the names and shapes that the manifest gives it."""

from __future__ import annotations

from collections.abc import Sequence

import onnx

from perception_core.zoo.errors import ConversionError
from perception_core.zoo.spec import Shape
from perception_core.zoo.tflite_importer import Importer, Layout
from perception_core.zoo.tflite_operators import translate
from perception_core.zoo.tflite_reader import Network, read


def import_tflite(
    data: bytes, name: str, inputs: Sequence[tuple[str, Shape]], outputs: Sequence[tuple[str, Shape]]
) -> onnx.ModelProto:
    """Translates a TFLite file.

    Args:
        data: The file.
        name: Of the graph.
        inputs: Name and shape of each, in the file's order. An image may be asked for channels first, which saves
            a transpose. A string in a shape is a size left open.
        outputs: Name and shape of each, in the file's order; shapes may differ from the published ones as long as
            they hold the same numbers.

    Returns:
        The graph in float32.

    Raises:
        ConversionError: The file is damaged, has an operator that is not supported, or does not fit the shapes.
    """
    network = read(data)
    for kind, published, wanted in (("inputs", network.inputs, inputs), ("outputs", network.outputs, outputs)):
        if len(published) != len(wanted):
            raise ConversionError(f"{name}: the file has {len(published)} {kind}, the manifest lists {len(wanted)}")
    importer = Importer(network)
    for index, (input_name, shape) in zip(network.inputs, inputs, strict=True):
        importer.put(index, input_name, _layout(network, index, shape))
    for operator in network.operators:
        translate(importer, operator)
    return importer.graph.model(
        name,
        inputs,
        [
            (output, shape, importer.shown(index, shape))
            for index, (output, shape) in zip(network.outputs, outputs, strict=True)
        ],
    )


def _layout(network: Network, index: int, wanted: Shape) -> Layout:
    published = network.tensors[index].shape
    sizes = tuple(1 if isinstance(size, str) else size for size in wanted)
    if sizes == published:
        return Layout.CHANNELS_LAST
    if len(published) == len(sizes) == len("NCHW") and sizes == tuple(published[axis] for axis in (0, 3, 1, 2)):
        return Layout.CHANNELS_FIRST
    raise ConversionError(f"input {network.tensors[index].name} has shape {published}, the manifest says {wanted}")
