"""A fast first look at very many embeddings, with bounds that keep the search exact.

Rows are rounded to seven bits and multiplied in whole numbers by ONNX Runtime, which reads a quarter of the memory.
What rounding can change is known for every row, so that no row that could be among the best is left out.
"""

from __future__ import annotations

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import TensorProto, helper

_ROW_LEVELS = 63  # seven bits: where processors add two products of eight bits in sixteen, they would overflow
_QUERY_LEVELS = 127
_QUERY_ZERO = 128
_CHUNK = 8192
_ROUNDING = 1e-5  # of the float32 arithmetic itself
_OPSET, _IR_VERSION = 13, 8

Floats = NDArray[np.float32]


class CoarseRows:
    """Rounded rows of length one."""

    def __init__(self, rows: Floats) -> None:
        """Rounds rows.

        Args:
            rows: NxD, each of length one.
        """
        count, dimension = rows.shape
        rounded = np.empty((dimension, count), np.int8)
        self._scale, self._error = np.empty(count, np.float32), np.empty(count, np.float32)
        self._offset = np.empty(count, np.float32)
        for begin in range(0, count, _CHUNK):
            part = slice(begin, begin + _CHUNK)
            chunk, scale = _rounded(rows[part], _ROW_LEVELS)
            rounded[:, part], self._scale[part] = chunk.T, scale
            self._error[part] = np.linalg.norm(rows[part] - chunk * scale[:, None], axis=1)
            self._offset[part] = _QUERY_ZERO * chunk.sum(axis=1, dtype=np.int32)
        self._session = _product_with(rounded)

    def bounds(self, queries: Floats) -> tuple[Floats, Floats]:
        """Between what the cosine of every row with every query lies.

        Args:
            queries: QxD, each of length one or less.

        Returns:
            QxN lower and QxN upper bounds.
        """
        rounded, scale = _rounded(queries, _QUERY_LEVELS)
        query_error = np.linalg.norm(queries - rounded * scale[:, None], axis=1)[:, None]
        shifted = (rounded + np.int16(_QUERY_ZERO)).astype(np.uint8)
        (product,) = self._session.run(None, {"queries": shifted})
        estimate = product.astype(np.float32)  # whole numbers below 2^24, which float32 holds exactly
        estimate -= self._offset
        estimate *= self._scale
        estimate *= scale[:, None]
        # |xq - x'q'| <= |x - x'||q| + |x'||q - q'| with |q| <= 1 and |x'| <= 1 + |x - x'|
        slack = (self._error + (1 + self._error) * query_error + _ROUNDING).astype(np.float32)
        return estimate - slack, estimate + slack


def _rounded(rows: Floats, levels: int) -> tuple[NDArray[np.int8], Floats]:
    scale = np.maximum(np.abs(rows).max(axis=1), np.finfo(np.float32).tiny) / levels
    return np.rint(rows / scale[:, None]).astype(np.int8), np.asarray(scale, np.float32)


def _product_with(columns: NDArray[np.int8]) -> ort.InferenceSession:
    """A network that multiplies queries by these columns."""
    dimension, count = columns.shape
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["queries", "columns"], ["product"])],
        "product",
        [helper.make_tensor_value_info("queries", TensorProto.UINT8, ["Q", dimension])],
        [helper.make_tensor_value_info("product", TensorProto.INT32, ["Q", count])],
        [helper.make_tensor("columns", TensorProto.INT8, columns.shape, columns.tobytes(), raw=True)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)])
    model.ir_version = _IR_VERSION
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
