from perception_cli.bootstrap import prerequisites
from perception_cli.bootstrap.prerequisites import Prerequisite, missing


def thing(name, *, there):
    return Prerequisite(name, f"apt-get install {name}", lambda: there)


def test_everything_missing_is_named_at_once_with_its_remedy():
    needed = [thing("g++", there=False), thing("git", there=True), thing("npm", there=False)]
    assert missing(needed) == ["Missing: g++ (apt-get install g++)", "Missing: npm (apt-get install npm)"]


def test_what_two_steps_need_is_named_once():
    compiler = thing("g++", there=False)
    assert missing([compiler, compiler]) == ["Missing: g++ (apt-get install g++)"]


def test_programs_are_looked_for_on_the_path(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert missing([prerequisites.NPM, prerequisites.COMPILER]) == [
        "Missing: npm (apt-get install npm)",
        "Missing: a C++ compiler (apt-get install g++)",
    ]
    for name in ("npm", "c++"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o755)
    assert missing([prerequisites.NPM, prerequisites.COMPILER]) == []


def test_the_interpreter_that_runs_this_has_its_environments():
    assert missing([prerequisites.VENV]) == []
