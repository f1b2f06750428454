import argparse
import json

import pytest

from benchmarks.report import as_json, command, run_benchmark, table


@pytest.mark.parametrize(
    ("arguments", "repeats"),
    [
        ([], "./perception bench node"),
        (["--seconds", "20", "--json", "out.json"], "./perception bench node --seconds 20"),
        (["--json=out.json", "--source", "two words"], "./perception bench node --source 'two words'"),
    ],
)
def test_the_command_repeats_the_measurement_but_not_the_writing(arguments, repeats):
    assert command("node", arguments) == repeats


def test_json_keeps_every_value_and_has_a_series_on_one_line():
    result = {"machine": "m", "figures": {"a": 1.5, "b": None}, "series": [1.0, -2.5e-7, 3], "words": ["x", "y"]}
    text = as_json(result)
    assert json.loads(text) == result
    assert '"series": [1.0, -2.5e-07, 3]' in text


def test_the_table_has_a_line_for_every_figure_and_none_for_series():
    lines = table({"one": 1, "more": {"two": 2}, "series": {"values": [1, 2]}, "list": [3]}).splitlines()
    assert [line.split() for line in lines] == [["one", "1"], ["more"], ["two", "2"]]


def test_a_result_file_says_on_what_machine_and_by_which_command(monkeypatch, tmp_path, capsys):
    file = tmp_path / "result.json"
    monkeypatch.setattr("sys.argv", ["perception bench some", "--rounds", "2", "--json", str(file)])

    def measure(options: argparse.Namespace) -> dict[str, object]:
        return {"doubled": 2 * options.rounds}

    run_benchmark("some", "Something.", measure, lambda parser: parser.add_argument("--rounds", type=int))
    result = json.loads(file.read_text())
    assert "cores" in result["machine"]
    assert result["command"] == "./perception bench some --rounds 2"
    assert result["doubled"] == 4
    assert "doubled" in capsys.readouterr().out
