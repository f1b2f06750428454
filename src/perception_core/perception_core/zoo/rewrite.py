"""Everything that is done to a graph to make it fast on ONNX Runtime's CPU kernels.

All rewrites are exact: the numbers differ by rounding only. They hold for any graph and look for patterns, not names;
a graph without a pattern stays as it is. What they were chosen by is ONNX Runtime's profiler: it computes images in
blocks of channels (NCHWc), close to the processor's limit for 1x1 convolutions, so what is left to gain is work that
need not be done at all, and operators that have no kernel for blocks.

TensorRT has kernels and rewrites of its own: give it the original.
"""

from __future__ import annotations

import onnx

from perception_core.zoo.late_resize import with_late_resize
from perception_core.zoo.narrow_prelu import without_narrow_prelu
from perception_core.zoo.padded_shortcut import without_channel_padding
from perception_core.zoo.prelu import without_prelu
from perception_core.zoo.silent_channels import without_silent_channels

# In this order: those that need PReLU as one node come before the one that takes it apart, and channels go first.
_REWRITES = (
    without_silent_channels,
    without_narrow_prelu,
    with_late_resize,
    without_channel_padding,
    without_prelu,
)


def for_onnx_runtime(model: onnx.ModelProto) -> onnx.ModelProto:
    """A graph that computes the same in less time.

    Args:
        model: Left as it is.

    Returns:
        A new model, the same bytes on every run.

    Raises:
        ConversionError: The graph is not valid ONNX.
    """
    for rewrite in _REWRITES:
        model = rewrite(model)
    return model
