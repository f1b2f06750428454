from pathlib import Path

from perception_cli.commands import main

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


def test_without_a_name_every_benchmark_is_listed_with_what_it_measures(capsys):
    assert main(["bench"]) == 0
    listed = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert {"detection", "prelu", "scene", "graph"} <= set(listed)
    assert all(len(purpose) > 20 for purpose in listed.values())


def test_every_benchmark_has_a_committed_result():
    results = {path.stem for path in (BENCHMARKS / "results").glob("*.json")}
    assert {"detection", "prelu", "scene", "graph", "setup"} <= results


def test_an_unknown_name_is_refused_with_those_there_are(capsys):
    try:
        main(["bench", "nothing"])
    except SystemExit as ended:
        assert ended.code == 2
    assert "detection" in capsys.readouterr().err
