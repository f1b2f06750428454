import json
from pathlib import Path

import pytest

from perception_cli import bench
from perception_cli.commands import main

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
RESULTS = sorted((BENCHMARKS / "results").glob("*.json"))


def listed(capsys):
    assert main(["bench"]) == 0
    return dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())


def test_without_a_name_every_benchmark_is_listed_with_what_it_measures(capsys):
    benchmarks = listed(capsys)
    assert {"detection", "flood", "graph", "node", "peers", "prelu", "scene", "setup"} <= set(benchmarks)
    assert all(len(purpose) > 20 for purpose in benchmarks.values())


def test_every_benchmark_has_a_committed_result(capsys):
    assert {path.stem for path in RESULTS} == set(listed(capsys))


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_a_committed_result_says_on_what_machine_and_by_which_command(path):
    result = json.loads(path.read_text())
    assert "cores" in result["machine"]
    assert result["command"].startswith(f"./perception bench {path.stem}")


def test_an_unknown_name_is_refused_with_those_there_are(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["bench", "nothing"])
    assert ended.value.code == 2
    assert "detection" in capsys.readouterr().err


@pytest.fixture
def some_benchmarks(tmp_path, monkeypatch):
    """A folder with a benchmark that works, one that fails, one that takes long, and what they share."""
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    bodies = {
        "works": "import pathlib, sys\ndef main(): pathlib.Path(sys.argv[-1]).write_text('{\"a\": 1}')\nmain()",
        "fails": "def main(): raise SystemExit(3)\nmain()",
        "fuzz": "def main(): raise SystemExit('must not run')\nmain()",
        "shared": "raise SystemExit('is no command')",
    }
    for name, body in bodies.items():
        (folder / f"{name}.py").write_text(f'"""The one that {name}."""\n{body}\n')
    monkeypatch.setattr(bench, "_FOLDER", folder)
    monkeypatch.setattr(bench, "_command", lambda name, file: ["python3", str(folder / f"{name}.py"), "--json", file])


def test_with_a_file_all_but_the_long_ones_run_and_one_that_fails_does_not_stop_the_others(
    some_benchmarks, tmp_path, capsys
):
    file = tmp_path / "all.json"
    assert main(["bench", "--json", str(file)]) == 1
    assert json.loads(file.read_text()) == {"works": {"a": 1}}
    assert capsys.readouterr().err.strip().endswith("failed: fails")


@pytest.mark.parametrize("words", [[], ["works"]])
def test_a_file_that_cannot_be_written_is_said_before_anything_runs(some_benchmarks, tmp_path, capsys, words):
    (tmp_path / "file").touch()
    assert main(["bench", "--json", str(tmp_path / "file" / "all.json"), *words]) == 1
    printed = capsys.readouterr()
    assert "the folder cannot be made: " in printed.err and "===" not in printed.out
