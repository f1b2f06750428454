import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception_core.parameters import (
    ParameterError,
    check,
    declarations,
    markdown_table,
    parameter,
    scaled,
    with_changes,
)


@dataclass(frozen=True, slots=True)
class Settings:
    engine: str = parameter("auto", "What runs the networks.", one_of=("auto", "cpu"))
    threads: int = parameter(1, "Threads.", at_least=1, at_most=64)
    hold_s: float = parameter(0.2, "Seconds.", at_least=0.0, live=True)
    loop: bool = parameter(False, "Again.")

    def __post_init__(self):
        check(self)
        if self.loop and self.threads > 8:
            raise ParameterError("loop needs at most 8 threads")


DECLARED = {declaration.name: declaration for declaration in declarations(Settings)}


def test_type_default_and_range_come_from_the_one_line():
    assert [declaration.type_name for declaration in DECLARED.values()] == ["string", "int", "float", "bool"]
    assert [declaration.range_text for declaration in DECLARED.values()] == ["auto, cpu", "1 to 64", "at least 0.0", ""]


def test_the_defaults_are_allowed():
    assert Settings() == Settings("auto", 1, 0.2, False)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("engine", "gpu", "engine: 'gpu' is not one of auto, cpu"),
        ("engine", 3, "engine: 3 is not of type string"),
        ("threads", 0, "threads: 0 is out of range: allowed is 1 to 64"),
        ("threads", 65, "threads: 65 is out of range: allowed is 1 to 64"),
        ("threads", 2.0, "threads: 2.0 is not of type int"),
        ("threads", True, "threads: True is not of type int"),
        ("hold_s", -0.1, "hold_s: -0.1 is out of range: allowed is at least 0.0"),
        ("hold_s", math.nan, "hold_s: nan is out of range: allowed is at least 0.0"),
        ("hold_s", 1, "hold_s: 1 is not of type float"),
        ("hold_s", None, "hold_s: None is not of type float"),
        ("loop", 1, "loop: 1 is not of type bool"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_with_the_reason(name, value, reason):
    with pytest.raises(ParameterError) as made:
        Settings(**{name: value})
    with pytest.raises(ParameterError) as changed:
        with_changes(Settings(), {name: value})
    assert str(made.value) == str(changed.value) == DECLARED[name].refusal(value) == reason


@given(st.integers())
def test_exactly_the_numbers_in_the_range_are_allowed(threads):
    assert (DECLARED["threads"].refusal(threads) is None) == (1 <= threads <= 64)


def test_changes_make_new_values_and_leave_the_old():
    old = Settings()
    new = with_changes(old, {"hold_s": 0.5, "use_sim_time": True})
    assert (old.hold_s, new.hold_s, new.threads) == (0.2, 0.5, 1)


def test_changes_that_contradict_each_other_are_refused_although_each_is_allowed():
    with pytest.raises(ParameterError, match="at most 8 threads"):
        with_changes(Settings(threads=9), {"loop": True})
    assert with_changes(Settings(threads=9), {"loop": True, "threads": 8}).loop


def test_the_table_has_a_row_for_each():
    rows = markdown_table(Settings).splitlines()[2:]
    assert rows[1] == "| `threads` | int | `1` | 1 to 64 |  | Threads. |"
    assert [row.split("`")[1] for row in rows] == list(DECLARED)
    assert "`false`" in rows[3]


@pytest.mark.parametrize("name", ["engine", "threads"])
def test_a_value_of_any_length_and_any_letters_is_refused_in_a_line(name):
    refusal = DECLARED[name].refusal("\x1b[2J\n" * 100_000)
    assert refusal is not None and refusal.isprintable() and len(refusal) < 150


def test_a_number_is_scaled_as_far_as_its_range_allows():
    assert scaled(Settings(threads=3, hold_s=0.5), {"threads": 2, "hold_s": 0.1}) == Settings(threads=6, hold_s=0.05)
    assert scaled(Settings(threads=40), {"threads": 2}).threads == 64
    assert scaled(Settings(threads=3), {"threads": 0.1}).threads == 1
