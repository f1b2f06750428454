"""A short run of `./perception bench fuzz`, the same each time; and that it sees what it looks for."""

import pickle

import pytest

from benchmarks.fuzzing import campaign
from benchmarks.fuzzing.campaign import TARGETS, fuzz, module_of
from benchmarks.fuzzing.replay import replay

INPUTS = 150
BROKEN = """
import ctypes, os
from hypothesis import strategies as st
from benchmarks.fuzzing.reader import Reader, WrongAnswerError

def wrong(data):
    raise WrongAnswerError("two and two are five")

def readers(folder):
    return [Reader("broken", st.binary(max_size=9), lambda data: {reads}, (KeyError,))]
"""


@pytest.mark.parametrize("target", TARGETS)
def test_no_reader_breaks_on_damaged_input(target):
    outcome = fuzz(module_of(target), seed=1, inputs=INPUTS)
    assert [str(found) for found in outcome.found] == []
    assert sum(outcome.tried.values()) == INPUTS


@pytest.mark.parametrize(
    ("reads", "told"),
    [
        ("int('x')", "ValueError: invalid literal"),
        ("wrong(data)", "WrongAnswerError: two and two are five"),
        ("os.write(2, b'libpng warning: 7')", "on the terminal: libpng warning: 7"),
        ("b'x' * 1_200_000_000", "memory: grew by 12"),
        ("ctypes.string_at(0)", "death: the process ended with -11"),
    ],
    ids=["another error", "a wrong answer", "words of a library", "memory", "death"],
)
def test_what_no_reader_may_do_is_found_with_its_input(tmp_path, monkeypatch, reads, told):
    (tmp_path / "broken_reader.py").write_text(BROKEN.replace("{reads}", reads))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(campaign, "_MOST_DEATHS", 1)
    outcome = fuzz("broken_reader", seed=1, inputs=2)
    assert told in str(outcome.found[0])
    name, given = pickle.loads(outcome.found[0].saved)
    assert name == "broken"
    assert len(given) <= 9


def test_the_input_that_is_saved_is_as_small_as_it_can_be(tmp_path, monkeypatch):
    (tmp_path / "broken_reader.py").write_text(BROKEN.replace("{reads}", "len(data) < 3 or int('x')"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (found,) = fuzz("broken_reader", seed=1, inputs=1000).found
    assert pickle.loads(found.saved) == ("broken", b"\0\0\0")


def test_an_error_that_the_reader_documents_is_no_finding(tmp_path, monkeypatch):
    (tmp_path / "broken_reader.py").write_text(BROKEN.replace("{reads}", "{}['absent']"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert fuzz("broken_reader", seed=1, inputs=20).found == []


def test_a_saved_input_can_be_read_again(tmp_path):
    path = tmp_path / "pictures-0.pickle"
    path.write_bytes(pickle.dumps(("picture", b"GIF89a")))
    assert "the picture cannot be shown" in replay(path)
