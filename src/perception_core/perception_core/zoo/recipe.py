"""Which files a model becomes, and what decides about their bytes.

Apart from the conversion itself: a node that only loads what is ready imports none of the conversion's libraries.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from perception_core.zoo.spec import Input, ModelSpec, Output, Shape

_VERSION = 3  # of everything in this package that decides about the bytes of a converted file


def recipe(spec: ModelSpec) -> str:
    """What else than the published file decides about the converted one, as a checksum."""
    decides = [_VERSION, spec.conversion, spec.prelu_rewrite, named_shapes(spec.inputs), named_shapes(spec.outputs)]
    return hashlib.sha256(json.dumps(decides).encode()).hexdigest()


def stored_names(spec: ModelSpec) -> tuple[str, ...]:
    """The files of a converted model: first the one for ONNX Runtime, then the original if it is another."""
    ready = f"{spec.name}{spec.suffix}"
    return (ready, f"{spec.name}.original{spec.suffix}") if spec.prelu_rewrite else (ready,)


def named_shapes(tensors: Sequence[Input] | Sequence[Output]) -> list[tuple[str, Shape]]:
    """Name and shape of each input or output."""
    return [(tensor.name, tensor.shape) for tensor in tensors]
