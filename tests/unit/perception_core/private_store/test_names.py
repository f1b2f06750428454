import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception_core.private_store.errors import BadNameError
from perception_core.private_store.names import checked_name, name_key

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    "name", ["Ada", "Zoë", "李小龍", "🤖", FAMILY, "a/b\\c", "../etc/passwd", "O'Neil; DROP TABLE", "x" * 64, "7", "?"]
)
def test_any_printable_name_is_kept_as_it_is(name):
    assert checked_name(name) == name


def test_both_spellings_of_a_letter_are_the_same_name():
    assert checked_name("Zoe\u0308") == checked_name("Zo\u00eb") == "Zo\u00eb"


def test_spaces_around_a_name_do_not_belong_to_it():
    assert checked_name("  Ada Lovelace ") == "Ada Lovelace"


@pytest.mark.parametrize("name", ["", "   ", "\u200d", "\u0301", "\u3000"])
def test_an_empty_name_is_refused(name):
    with pytest.raises(BadNameError, match="empty"):
        checked_name(name)


@pytest.mark.parametrize("name", ["x" * 65, "x" * 10_000])
def test_a_long_name_is_refused_without_being_repeated(name):
    with pytest.raises(BadNameError, match=f"at most 64 characters, this one has {len(name)}") as refused:
        checked_name(name)
    assert len(str(refused.value)) < 150


@pytest.mark.parametrize("character", ["\n", "\0", "\x1b", "\u202e", "\u2028", "\ud800", "\ue000", "\x7f", "\u200b"])
def test_a_name_with_a_character_that_cannot_be_printed_is_refused(character):
    with pytest.raises(BadNameError, match="printable") as refused:
        checked_name(f"Ada{character}Lovelace")
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(("name", "same"), [("Ada", "aDA"), ("STRASSE", "straße"), ("ÉMILE", "e\u0301mile")])
def test_names_that_differ_in_capital_letters_only_are_one(name, same):
    assert name_key(checked_name(name)) == name_key(checked_name(same))


@given(st.text(max_size=80))
def test_what_is_accepted_is_normal_printable_and_accepted_again(name):
    try:
        stored = checked_name(name)
    except BadNameError:
        return
    assert 1 <= len(stored) <= 64
    assert checked_name(stored) == stored == unicodedata.normalize("NFC", stored)
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in stored)
