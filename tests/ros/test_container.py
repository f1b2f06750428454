"""Starting a node with what cannot be right: a line that says why, and no traceback."""

import pytest

GARBAGE = {
    "no YAML": ("a: [", "bad.yaml"),
    "values of several types": ("/**:\n  ros__parameters:\n    threads: [1, a]\n", "type"),
    "a value of another type": ("/**:\n  ros__parameters:\n    threads: many\n", "threads"),
    "not a number": ("/**:\n  ros__parameters:\n    score_threshold: .nan\n", "score_threshold"),
    "a value out of range": ("/**:\n  ros__parameters:\n    threads: 65\n", "threads"),
    "a name that the node does not have": (
        "/**/face_perception:\n  ros__parameters:\n    max_distnce: 1.0\n",
        "bad.yaml:3: face_perception has no parameter max_distnce; did you mean max_distance?",
    ),
    "parameters without a node": ("threads: 1\n", "bad.yaml"),
}


@pytest.mark.parametrize("program", ["face_perception.node", "perception_ros.replay_node"])
def test_a_params_file_that_ros_cannot_read_ends_in_a_line_that_names_it(graph, tmp_path, program):
    path = tmp_path / "bad.yaml"
    path.write_text("a: [")
    process = graph.start(program, "--ros-args", "--params-file", str(path))
    assert process.exit_code() == 1
    assert "Traceback" not in process.text()
    assert f"cannot start: Couldn't parse params file: '--params-file {path}'" in process.text()
    assert ".c:" not in process.text()  # the places in rcl's source say nothing to who wrote the file


@pytest.mark.parametrize("kind", GARBAGE)
def test_a_params_file_with_a_mistake_ends_in_a_line_that_says_where(graph, tmp_path, kind):
    content, told = GARBAGE[kind]
    path = tmp_path / "bad.yaml"
    path.write_text(content)
    process = graph.start("face_perception.node", "--ros-args", "--params-file", str(path))
    assert process.exit_code() == 1
    assert "Traceback" not in process.text()
    assert "cannot start: " in process.text()
    assert told in process.text().rpartition("cannot start: ")[2]
