"""Reading what models.yaml tells TensorRT of a network."""

from __future__ import annotations

from types import MappingProxyType

from perception_core.zoo.spec import Input, SizeRange, TensorRtSpec
from perception_core.zoo.yaml_entry import Entry

PRECISIONS = ("fp32", "fp16", "int8")
_USUAL = "fp16"
_MOST = 16384  # of a size, in pixels or of a batch; more is a slip
_TOLERANCE = 0.02  # our networks deviate by less than a fifth of it in fp16, all but one (docs/tensorrt.md)


def tensorrt_entry(model: Entry, inputs: tuple[Input, ...]) -> TensorRtSpec:
    """What stands at `tensorrt` of a model; the defaults where it is left out.

    Raises:
        ManifestError: Something there cannot be meant.
    """
    if not model.has("tensorrt"):
        return TensorRtSpec(MappingProxyType({}), _USUAL, _TOLERANCE)
    entry = model.entry("tensorrt")
    left_open = {size for value in inputs for size in value.shape if isinstance(size, str)}
    sizes: dict[str, SizeRange] = {}
    if entry.has("sizes"):
        listed = entry.entry("sizes")
        sizes = {name: _size_range(listed, name) for name in sorted(left_open) if listed.has(name)}
        listed.finish()
    tolerance = entry.numbers("tolerance", (_TOLERANCE,))
    if len(tolerance) != 1 or not 0 < tolerance[0] <= 1:
        raise entry.wrong("tolerance", entry.value("tolerance"), "a number above 0, at most 1")
    found = TensorRtSpec(MappingProxyType(sizes), entry.choice("precision", PRECISIONS, _USUAL), tolerance[0])
    entry.finish()
    return found


def _size_range(entry: Entry, name: str) -> SizeRange:
    found = entry.value(name)
    sizes = found if isinstance(found, list) else []
    if len(sizes) != 3 or not all(type(size) is int for size in sizes) or not _rise(sizes):
        raise entry.wrong(name, found, f"the smallest, usual and largest size, 1 to {_MOST}, such as [1, 2, 8]")
    return SizeRange(*sizes)


def _rise(sizes: list[int]) -> bool:
    return sorted(sizes) == sizes and sizes[0] >= 1 and sizes[-1] <= _MOST
