"""What a plan of TensorRT is built for: precision, sizes, and which GPU."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from perception_core.engines.engine import EngineError, Precision
from perception_core.zoo.spec import ImageFormat, Input, ModelSpec, SizeRange

Shape = tuple[int, ...]
_ANY_BATCH = SizeRange(1, 1, 8)  # of a first size that is left open and of which models.yaml says nothing
_WORKSPACE_BYTES = 512 << 20  # a Jetson Nano has 4 GB for everything


@dataclass(frozen=True, slots=True)
class ShapeRange:
    """The shapes of an input that a plan takes.

    Attributes:
        least: Smallest size of each axis.
        usual: What the kernels are chosen for.
        most: Largest size of each axis; memory is reserved for it.
    """

    least: Shape
    usual: Shape
    most: Shape


@dataclass(frozen=True, slots=True)
class Sample:
    """What an input is filled with where a plan's precision is checked.

    Attributes:
        low: Smallest value of what is no image.
        high: Largest value of what is no image.
        image: How pixels become numbers, where it is one.
    """

    low: float
    high: float
    image: ImageFormat | None


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How a plan is built; see `build_options`.

    Attributes:
        name: Of the model, for messages and file names.
        precision: The wanted one; a higher one is taken where it deviates too much.
        shapes: By input.
        samples: By input.
        tolerance: How far outputs may be from ONNX Runtime's, see `precision_check.deviation`.
        gpu: Name and compute capability of the GPU it is for; empty where there is none, which only TensorRT for RTX
            can do.
        workspace_bytes: Limit of the scratch memory of kernels.
    """

    name: str
    precision: Precision
    shapes: Mapping[str, ShapeRange]
    samples: Mapping[str, Sample]
    tolerance: float
    gpu: str = ""
    workspace_bytes: int = _WORKSPACE_BYTES


def build_options(spec: ModelSpec, precision: Precision = Precision.AUTO, gpu: str = "") -> BuildOptions:
    """What models.yaml says of a model, as the builder takes it.

    Args:
        spec: Of the model.
        precision: AUTO takes that of models.yaml.
        gpu: Name and compute capability.

    Raises:
        EngineError: A size is left open, and models.yaml does not say how large it gets.
    """
    return BuildOptions(
        name=spec.name,
        precision=Precision(spec.tensorrt.precision) if precision is Precision.AUTO else precision,
        shapes={value.name: _shapes(spec, value) for value in spec.inputs},
        samples={value.name: Sample(*value.sample, value.image) for value in spec.inputs},
        tolerance=spec.tensorrt.tolerance,
        gpu=gpu,
    )


def _shapes(spec: ModelSpec, value: Input) -> ShapeRange:
    ranges = [_sizes(spec, value, axis) for axis in range(len(value.shape))]
    return ShapeRange(
        tuple(each.least for each in ranges), tuple(each.usual for each in ranges), tuple(each.most for each in ranges)
    )


def _sizes(spec: ModelSpec, value: Input, axis: int) -> SizeRange:
    size = value.shape[axis]
    if isinstance(size, int):
        return SizeRange(size, size, size)
    if size in spec.tensorrt.sizes:
        return spec.tensorrt.sizes[size]
    if axis == 0:
        return _ANY_BATCH
    raise EngineError(
        f"{spec.download.place}: input {value.name} leaves {size} open. TensorRT has to know its limits: add "
        f"`tensorrt: {{sizes: {{{size}: [SMALLEST, USUAL, LARGEST]}}}}`."
    )
