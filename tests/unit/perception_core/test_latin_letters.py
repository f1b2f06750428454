# ruff: noqa: RUF001 - letters that look like others are what this is about
import sys

import pytest

from perception_core.latin_letters import in_latin


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("José Núñez", "Jose Nunez"),
        ("Jose\u0301", "Jose"),
        ("Łukasz Ørsted", "Lukasz Orsted"),
        ("Straße", "Strasse"),
        ("Þóra", "Thora"),
        ("Жанна Королёва", "Zhanna Korolyova"),
        ("Юлія Ґудзь", "Yuliya Gudz"),
        ("Ελένη", "Eleni"),
        ("O’Neill – “Max”", 'O\'Neill - "Max"'),
        ("Ａｄａ", "Ada"),
    ],
)
def test_a_name_is_written_as_near_as_latin_letters_come(name, written):
    assert in_latin(name) == written


@pytest.mark.parametrize(
    ("name", "written"), [("李明", "?"), ("김민수", "?"), ("Ana 🎉🎉", "Ana ?"), ("👩\u200d🚀", "?")]
)
def test_what_cannot_be_written_is_one_question_mark(name, written):
    assert in_latin(name) == written


def test_whatever_it_is_can_be_drawn():
    every = "".join(map(chr, range(0, sys.maxunicode, 23)))
    written = in_latin(every)
    assert written.isascii() and written.isprintable()
