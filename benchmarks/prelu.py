"""What rewriting graphs saves: CPU time of the rewritten over the unmodified graphs, one thread, in the same run.

./perception bench prelu [--runs 150] [--json FILE]
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray

from benchmarks.report import Result, run_benchmark
from perception_core.zoo.fetch import fetch_models
from perception_core.zoo.manifest import load_models
from perception_core.zoo.onnx_graph import drop_unused_constants
from perception_core.zoo.store import model_path

TARGETS = {"face_landmarks": 0.45, "palm_detection": 0.6, "face_identity": 0.6}
_WARM_UP = 5

Feeds = dict[str, NDArray[np.float32]]


def main() -> None:
    """The command."""
    run_benchmark("prelu", __doc__, measure, _declare)


def measure(options: argparse.Namespace) -> Result:
    """Times every network."""
    models = load_models()
    fetch_models([models[name] for name in TARGETS], print)
    return {name: {**measured(name, options.runs), "target": target} for name, target in TARGETS.items()}


def measured(name: str, runs: int) -> dict[str, float]:
    """Times and difference of one network.

    Args:
        name: Of the model.
        runs: How often each graph runs, by turns, so that another program's load falls on all alike.

    Returns:
        Median milliseconds of either graph, their ratio, the ratio of the rewritten graph with a plain ReLU in place of
        every PReLU (wrong results; tells what PReLU still costs), and the largest difference of an output relative to
        the largest value in it.
    """
    original = onnx.load(model_path(name, original=True))
    rewritten = onnx.load(model_path(name))
    sessions = [_session(graph) for graph in (original, rewritten, _with_relu(rewritten))]
    feeds = _feeds(sessions[0])
    times: list[list[float]] = [[] for _ in sessions]
    for run in range(runs + _WARM_UP):
        for session, taken in zip(sessions, times, strict=True):
            begin = time.process_time()
            session.run(None, feeds)
            if run >= _WARM_UP:
                taken.append(time.process_time() - begin)
    unmodified, fast, with_relu = (1e3 * float(np.median(taken)) for taken in times)
    expected, found = sessions[0].run(None, feeds), sessions[1].run(None, feeds)
    difference = max(float(np.abs(a - b).max() / np.abs(a).max()) for a, b in zip(expected, found, strict=True))
    return {
        "unmodified_ms": unmodified,
        "rewritten_ms": fast,
        "ratio": fast / unmodified,
        "relu_ratio": with_relu / unmodified,
        "difference": difference,
    }


def _session(graph: onnx.ModelProto) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    return ort.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])


def _with_relu(rewritten: onnx.ModelProto) -> onnx.ModelProto:
    """The rewritten graph with one ReLU in the place of every rewritten PReLU."""
    graph = onnx.ModelProto()
    graph.CopyFrom(rewritten)
    nodes = []
    for node in graph.graph.node:
        if node.name.endswith("_sum"):
            nodes.append(onnx.helper.make_node("Relu", [node.input[0]], [node.output[0]]))
        elif not node.name.endswith(("_minus", "_relu", "_scaled")):
            nodes.append(node)
    del graph.graph.node[:]
    graph.graph.node.extend(nodes)
    drop_unused_constants(graph.graph)
    return graph


def _feeds(session: ort.InferenceSession) -> Feeds:
    rng = np.random.default_rng(0)
    feeds: Feeds = {}
    for value in session.get_inputs():
        shape = [1 if isinstance(size, str) else size for size in value.shape]
        feeds[value.name] = rng.random(shape, np.float32)
    return feeds


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runs", type=int, default=150, help="runs of each graph (default 150)")


if __name__ == "__main__":
    main()
