import json
import os
import re
from pathlib import Path

import pytest

from gesture_perception.gesture_names import CANNED, POSES, plain
from perception_cli.evaluation.gesture_classes import HAGRID, Meaning, class_map
from perception_cli.evaluation.pictures import DataError
from perception_core.paths import share_file

DIGITS = [str(digit) for digit in range(10)]


@pytest.fixture
def written(tmp_path):
    def write(text, name="map.yaml"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


def test_names_are_understood_without_a_map():
    means = class_map(None, ["Fist", "thumbs-up", "cat"])
    assert means("Fist") == Meaning("Closed_Fist")
    assert means("thumbs-up") == Meaning("Thumb_Up")
    assert means("cat") is None


def test_a_map_says_what_classes_are_and_what_the_others_are(written):
    file = written("1: Pointing_Up\n2: victory\n5: open-palm\nothers: None\n")
    means = class_map(file, DIGITS)
    assert [means(digit).gesture for digit in DIGITS] == [
        {"1": "Pointing_Up", "2": "Victory", "5": "Open_Palm"}.get(digit, "None") for digit in DIGITS
    ]


def test_json_is_as_good_as_yaml(written):
    file = written(json.dumps({"1": "Pointing_Up", "others": None}), "map.json")
    means = class_map(file, DIGITS)
    assert means("1") == Meaning("Pointing_Up") and means("7") == Meaning("None")


@pytest.mark.parametrize("nothing", ["None", "null", "~", "", "none"])
def test_nothing_is_no_gesture(written, nothing):
    assert class_map(written(f"7: {nothing}"), DIGITS)("7") == Meaning("None")


def test_several_gestures_may_be_right(written):
    meaning = class_map(written("1: [Pointing_Up, Point]"), DIGITS)("1")
    assert meaning.judged("Point") == meaning.judged("Pointing_Up") == "Pointing_Up"
    assert meaning.judged("Victory") == "Victory"


def test_a_class_that_only_says_pointing_may_point_anywhere():
    assert class_map(None, ["point"])("point").judged("Point") == "Pointing_Up"


def test_a_class_can_be_left_out(written):
    means = class_map(written("9: skip\nothers: None"), DIGITS)
    assert means("9") is None and means("8") == Meaning("None")


def test_without_others_the_rest_is_understood_by_its_names(written):
    means = class_map(written("x: Closed_Fist"), ["x", "peace", "y"])
    assert means("peace") == Meaning("Victory") and means("y") is None


def test_a_data_set_may_have_a_class_that_is_called_others(written):
    means = class_map(written("others: OK"), ["others", "fist"])
    assert means("others") == Meaning("OK") and means("fist") == Meaning("Closed_Fist")


def test_the_users_word_is_above_the_table_and_above_names(written):
    file = written("stop_inverted: Open_Palm\nfist: None")
    means = class_map(file, ["stop_inverted", "fist", "rock"], table=HAGRID)
    assert means("stop_inverted") == Meaning("Open_Palm")
    assert means("fist") == Meaning("None")
    assert means("rock") is None


@pytest.mark.parametrize("label", ["peace_inverted", "peace inverted", "stop", "no_gesture", "two_up", "xsign"])
def test_hagrids_classes_are_found_however_they_are_written(label):
    assert class_map(None, [label], table=HAGRID)(label) == {
        "stop": Meaning("Open_Palm"),
        "no_gesture": Meaning("None"),
    }.get(label, Meaning("Victory") if "peace" in label else None)


def test_all_that_the_table_answers_can_be_answered():
    assert {meaning.gesture for meaning in HAGRID.values() if meaning} <= set(POSES)
    assert {also for meaning in HAGRID.values() if meaning for also in meaning.also} <= set(POSES)


def test_the_table_is_told():
    told = share_file("docs/evaluation.md").read_text()
    table = told.partition("| HaGRID | here |")[2].partition("\n\n")[0]
    assert {plain(name) for name in re.findall(r"`(\w+)`", table)} == set(HAGRID)


def test_gestures_of_a_network_of_ones_own_are_known(written):
    known = ("None", "Closed_Fist", "Horns")
    means = class_map(written("rock: horns"), ["rock", "peace", "Horns"], known)
    assert means("rock") == means("Horns") == Meaning("Horns")
    assert means("peace") is None  # the network cannot answer it


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("11: Victory", r"nobody knows the class 11; the data has 0, 1, 2, .*others stands for"),
        (
            "1: Pointing_Upp",
            r"1 is mapped to Pointing_Upp, a gesture that nobody knows; known are None, .*Did you mean",
        ),
        ("1: [Victory, Hello]", r"1 is mapped to Hello, a gesture that nobody knows; known are None, Closed_Fist"),
        ("others: 5", r"others is mapped to 5, a gesture that nobody knows"),
        ("1: {Victory: 1}", r"1 has to be mapped to the name of a gesture"),
        ("1: []", r"1 has to be mapped to the name of a gesture"),
        ("1: [skip, Victory]", r"1 is mapped to skip, a gesture that nobody knows"),
        ("1: yes", r"put it in quotes|name of a gesture"),
        ("yes: Victory", r"'yes' is no name of a class; put it in quotes"),
        ("[1, 2]", r"must be a mapping.*such as \{fist: Closed_Fist"),
        ("{", r"not valid YAML"),
        ("", r"must be a mapping"),
    ],
)
def test_a_map_that_nobody_understands_is_refused(written, text, told):
    with pytest.raises(DataError, match=told):
        class_map(written(text), DIGITS)


def test_a_map_that_is_not_there_is_said(tmp_path):
    with pytest.raises(DataError, match=r"nowhere\.yaml cannot be read"):
        class_map(tmp_path / "nowhere.yaml", DIGITS)


def test_a_map_for_all_of_a_data_set_goes_with_a_part_of_it(written):
    """A class that the data lacks is a mistake only where nobody knows its name."""
    means = class_map(written("fist: None\nfour: None"), ["palm"], CANNED, HAGRID)
    assert means("palm") == Meaning("Open_Palm")


NESTED = list(zip("abcdefghijklmn", "bcdefghijklmno", strict=True))
BOMB = "a: &a [x, x]\n" + "\n".join(f"{name}: &{name} [{', '.join([f'*{of}'] * 9)}]" for of, name in NESTED)
MERGED = "a: &a {x: 1}\n" + "\n".join(f"{name}: &{name} {{<<: [{', '.join([f'*{of}'] * 9)}]}}" for of, name in NESTED)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"1: Victory\n{BOMB}", "b has to be mapped to .*; found a list"),
        (BOMB.partition("\n")[0], "a is mapped to x, a gesture that nobody knows"),
        (BOMB.replace("\n", ", ").join("[]"), "not valid YAML|must be a mapping"),
        (MERGED, "a has to be mapped to .*; found a mapping"),
        ("<<: &a [*a]", "'<<' is no name of a class"),
        ("1: &a [*a]", "1 has to be mapped to .*; found a list"),
        ("&a [1, *a]: Victory", "a list is no name of a class"),
        ("1: [Victory, null]", "1 has to be mapped to .*; found a list"),
        ("1: [" + "Victory, " * 1000 + "]", "1 has to be mapped to .*; found a list"),
        ("[" * 10_000, "not valid YAML"),
    ],
    ids=lambda text: text[:20],
)
def test_a_map_in_which_few_lines_stand_for_more_than_fits_into_memory_is_refused(written, text, told):
    with pytest.raises(DataError, match=told) as caught:
        class_map(written(text), DIGITS)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("number", ["1" * 5000, "-" + "1" * 5000, "0x" + "f" * 5000, "1" * 5000 + ".0"])
def test_numbers_of_thousands_of_digits_are_classes_and_gestures_that_nobody_knows(written, number):
    for text in (f"? {number}\n: Victory", f"1: {number}", f"1: [{number}]"):
        with pytest.raises(DataError, match="nobody knows") as caught:
            class_map(written(text), DIGITS)
        assert len(str(caught.value)) < 1000


def test_numbers_are_classes_as_they_are_written(written):
    means = class_map(written("007: Victory\n1.50: OK"), ["007", "1.50", "7"])
    assert means("007") == Meaning("Victory") and means("1.50") == Meaning("OK") and means("7") is None


@pytest.mark.parametrize("text", ["{}: Victory", "1: {}", "1: [{}]", "1: {{{}: 1}}", "{}", "yes: {}", "!!bool {}: 1"])
def test_long_texts_are_shortened_in_messages(written, text):
    with pytest.raises(DataError) as caught:
        class_map(written(text.format("x" * 100_000)), ["y" * 100_000, *DIGITS])
    assert "xxx" in str(caught.value) or "mapping" in str(caught.value) or "yes" in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_a_map_that_is_too_large_is_refused(written):
    with pytest.raises(DataError, match="too large for a label map: it has 2000003 bytes"):
        class_map(written("1: " + "x" * 2_000_000), DIGITS)


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_a_map_that_is_no_file_is_refused_and_not_waited_for(tmp_path, make):
    make(tmp_path / "map.yaml")
    with pytest.raises(DataError, match=r"map\.yaml cannot be read: "):
        class_map(tmp_path / "map.yaml", DIGITS)


def test_a_map_that_has_no_end_is_refused():
    with pytest.raises(DataError, match="it is a pipe or a device and no file"):
        class_map(Path("/dev/zero"), DIGITS)


def test_names_of_signs_and_emoji_are_as_many_classes_and_gestures(written):
    up, down = "\N{THUMBS UP SIGN}", "\N{THUMBS DOWN SIGN}"
    says = {"\N{VICTORY HAND}": up, "\N{RAISED FIST}": down, "?": "+1", "*": "-1", "+2": "+1", "-2": "-1"}
    labels = [*says, down, "\N{PERSONAL COMPUTER}"]
    means = class_map(written(json.dumps(says)), labels, ("None", up, down, "+1", "-1"))
    answers = [means(label) for label in labels]
    assert [answer.gesture for answer in answers[:-1]] == [*says.values(), down]
    assert answers[-1] is None


@pytest.mark.parametrize("text", ["fist: Closed_Fist\nFIST: None", "fist: OK\nfist: skip", "others: OK\nOthers: None"])
def test_a_map_that_says_two_things_of_one_class_is_refused(written, text):
    with pytest.raises(DataError, match=r"(?i)(fist|others) and \1 are one class, and are"):
        class_map(written(text), ["fist", "palm"])


def test_a_map_may_say_the_same_twice_and_tell_classes_apart_that_the_data_has(written):
    assert class_map(written("fist: OK\nFIST: ok"), ["fist"])("Fist") == Meaning("OK")
    means = class_map(written("fist: OK\nFIST: None"), ["fist", "FIST"])
    assert means("fist") == Meaning("OK") and means("FIST") == Meaning("None")


def test_all_others_can_be_left_out(written):
    means = class_map(written("1: Victory\nothers: skip"), ["1", "fist"])
    assert means("1") == Meaning("Victory") and means("fist") is None


def test_it_is_said_why_there_is_no_class_left(written):
    labels = ["fist", *("y" * 1000 + str(number) for number in range(100))]
    for text in ("others: skip", "fist: skip\nothers: skip"):
        told = str(class_map(written(text), labels).nothing_left(labels))
        assert "map.yaml leaves out every class of the data: fist, yyy" in told and told.endswith("and 61 more")
    assert str(class_map(written("palm: OK"), labels).nothing_left(labels)).startswith("no class of the data is one of")
    assert str(class_map(None, ["7"]).nothing_left(["7"])).endswith("found: 7; say with --map what they are")
