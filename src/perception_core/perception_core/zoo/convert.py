"""From the published file to the file that is used."""

from __future__ import annotations

import struct
from collections.abc import Mapping

import onnx
from google.protobuf.message import DecodeError

from perception_core.zoo import face_api, mtcnn
from perception_core.zoo.errors import ConversionError
from perception_core.zoo.prelu import has_prelu
from perception_core.zoo.recipe import named_shapes, stored_names
from perception_core.zoo.rewrite import for_onnx_runtime
from perception_core.zoo.spec import ONLY_PART, ModelSpec
from perception_core.zoo.symbolic import with_shapes
from perception_core.zoo.tflite import import_tflite
from perception_core.zoo.torch_weights import read_state_dict

_MTCNN = "mtcnn_"
# What a translation meets whose file lacks a tensor, or has one of another shape, order or kind.
_MISFIT = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError, struct.error)
_LONGEST_REASON = 500  # characters: a damaged file can make a word of any length


def convert(spec: ModelSpec, parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Converts a published model.

    Args:
        spec: What the manifest says about it.
        parts: The published files by role, already checked.

    Returns:
        The content of every file of `stored_names`; the same bytes on every run.

    Raises:
        ConversionError: The file is not what the manifest describes.
    """
    names = stored_names(spec)
    try:
        if spec.conversion == "none" and not spec.prelu_rewrite:
            if spec.suffix == ".onnx":
                _parsed(parts[ONLY_PART])
            return {names[0]: parts[ONLY_PART]}
        original = _original(spec, parts)
        graphs = [original]
        if spec.prelu_rewrite:
            if not has_prelu(original):
                raise ConversionError("it has no PReLU; remove prelu_rewrite from its entry")
            graphs = [for_onnx_runtime(original), original]
    except ConversionError as error:
        raise _failure(spec, str(error)) from error
    except _MISFIT as error:
        reason = f"the file is damaged or of another network: {type(error).__name__}, {error}"
        raise _failure(spec, reason) from error
    return {name: graph.SerializeToString(deterministic=True) for name, graph in zip(names, graphs, strict=True)}


def _failure(spec: ModelSpec, reason: str) -> ConversionError:
    shown = reason if len(reason) <= _LONGEST_REASON else f"{reason[: _LONGEST_REASON - 3]}..."
    return ConversionError(f"{spec.name} cannot be converted: {shown} ({spec.download.place})")


def _original(spec: ModelSpec, parts: Mapping[str, bytes]) -> onnx.ModelProto:
    inputs, outputs = named_shapes(spec.inputs), named_shapes(spec.outputs)
    if spec.conversion == "tflite":
        return import_tflite(parts[ONLY_PART], spec.name, inputs, outputs)
    if spec.conversion == "face_api":
        weights = face_api.read_weights(parts["manifest"], parts["weights"])
        return face_api.build(weights, spec.name, inputs, outputs)
    if spec.conversion.startswith(_MTCNN):
        state = read_state_dict(parts[ONLY_PART])
        return mtcnn.build(spec.conversion.removeprefix(_MTCNN), state, spec.name, inputs, outputs)
    published = _parsed(parts[ONLY_PART])
    return published if spec.conversion == "none" else with_shapes(published, inputs, outputs)


def _parsed(data: bytes) -> onnx.ModelProto:
    try:
        model = onnx.ModelProto.FromString(data)
    except DecodeError as error:
        raise ConversionError("the file is no ONNX, or is cut short") from error
    if not model.graph.node:
        raise ConversionError("the file is no ONNX, or holds no graph")
    return model
