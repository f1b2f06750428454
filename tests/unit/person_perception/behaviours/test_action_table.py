import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from person_perception.behaviours.action_table import Call, Drive, Publish, read_action_table
from person_perception.behaviours.authority import Who
from person_perception.behaviours.table_yaml import TableError

GOOD = """taught: [Hang_Loose]
limits: {linear: 0.3}
actions:
  - gesture: Thumb_Up
    who: nearest
    hold_s: 0.5
    action: publish
    topic: lamp
    type: Bool
    value: yes
  - {gesture: Hang_Loose, who: enrolled, people: [Ann], action: call, service: /dock, type: Trigger}
  - {gesture: Wave, who: first, action: twist, linear: 0.2, angular: -0.1}
"""


def read(text, tmp_path):
    file = tmp_path / "table.yaml"
    file.write_text(text)
    return read_action_table(file)


def test_a_table_says_what_it_says(tmp_path):
    table = read(GOOD, tmp_path)
    lamp, dock, wave = table.actions
    assert (lamp.gesture, lamp.authority.who, lamp.hold_s) == ("Thumb_Up", Who.NEAREST, 0.5)
    assert lamp.does == Publish("lamp", True)
    assert (dock.authority.people, dock.does) == ({"Ann"}, Call("/dock", None))
    assert wave.does == Drive(0.2, -0.1)
    assert table.limits.linear == 0.3 and table.drives


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("Thumb_Up", "Thumbs_Up", 4, "'Thumbs_Up'; it has to be one of Closed_Fist"),
        ("Thumb_Up", "Thumbs_Up", 4, "Did you mean Thumb_Up?"),
        ("Thumb_Up", "None", 4, "gesture is 'None'"),
        ("[Hang_Loose]", "[]", 11, "gesture is 'Hang_Loose'"),
        ("nearest", "everybody", 5, "anyone, nearest, enrolled, first"),
        ("publish", "shout", 7, "action is 'shout'; it has to be one of publish, call, twist"),
        ("    hold_s: 0.5", "    holds: 0.5", 6, "key in actions[0] is 'holds'"),
        ("hold_s: 0.5", "hold_s: -1", 6, "hold_s is '-1'; it has to be 0 or more"),
        ("hold_s: 0.5", "hold_s: long", 6, "hold_s is 'long'; it has to be a number"),
        ("hold_s: 0.5", "hold_s: 1e9", 6, "hold_s"),
        ("value: yes", "value: 5", 10, "value is '5'; it has to be true or false"),
        ("topic: lamp", "topic: a lamp", 8, "a name as ROS allows it"),
        ("    topic: lamp\n", "", 4, "actions[0] has no topic"),
        ("    who: nearest\n", "", 4, "actions[0] has no who"),
        ("topic: lamp", "service: lamp", 8, "service is not for the action publish"),
        ("linear: 0.3", "linear: 0", 2, "linear is '0'; it has to be above 0"),
        ("linear: 0.3", "linear: -0.3", 2, "linear is '-0.3'; it has to be above 0"),
        ("linear: 0.3", "linear: .nan", 2, "linear is '.nan'; it has to be a number"),
        ("linear: 0.3", "liner: 0.3", 2, "Did you mean linear?"),
        ("linear: 0.3", "linear: 0.3, linear_stop: 0.1", 2, "linear_stop (0.1) is below"),
        ("linear: 0.2", "linear: 0.31", 12, "within the limit of 0.3"),
        ("linear: 0.2, angular: -0.1", "linear: 0", 12, "needs linear or angular"),
        ("Wave", "Open_Palm", 12, "Open_Palm stops the robot"),
        ("enrolled, people", "anyone, people", 11, "people is for who: enrolled only"),
        ("type: Trigger", "type: Trigger, value: true", 11, "Trigger carries no value"),
        ("type: Trigger", "type: SetBool", 11, "has no value"),
        ("who: nearest", "who: nearest\n    who: first", 6, "has the key who twice"),
        ("limits: {linear: 0.3}", "limits: [", 4, "is not valid YAML"),
        ("limits: {linear: 0.3}", "limits: 3", 2, "limits is '3'; it has to be a mapping"),
    ],
)
def test_a_mistake_is_told_with_file_line_value_and_what_is_possible(tmp_path, old, new, line, said):
    assert old in GOOD
    with pytest.raises(TableError) as error:
        read(GOOD.replace(old, new, 1), tmp_path)
    assert f"table.yaml:{line}: " in str(error.value)
    assert said in str(error.value)


@pytest.mark.parametrize("text", ["", "actions: []", "3", "[]", "a: &a [*a]", "!!bool x", "actions: !!float x", "\x00"])
def test_what_is_no_table_is_told_in_a_line(tmp_path, text):
    with pytest.raises(TableError, match=r"table\.yaml") as error:
        read(text, tmp_path)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(TableError, match="cannot be read"):
        read_action_table(tmp_path / "none.yaml")


def test_a_topic_has_one_type(tmp_path):
    row = "\n  - {gesture: Victory, who: anyone, action: publish, topic: lamp, type: String, value: on}"
    with pytest.raises(TableError, match="another type"):
        read(GOOD + row.replace("on}", "'on'}").lstrip("\n"), tmp_path)


@settings(max_examples=100)
@given(st.integers(0, len(GOOD) - 1), st.text(max_size=4))
def test_damage_is_read_or_refused_and_nothing_else(tmp_path_factory, place, put):
    file = tmp_path_factory.getbasetemp() / "damaged.yaml"
    file.write_text(GOOD[:place] + put + GOOD[place + 1 :], encoding="utf-8", errors="surrogatepass")
    try:
        read_action_table(file)
    except TableError as error:
        assert "damaged.yaml" in str(error)
