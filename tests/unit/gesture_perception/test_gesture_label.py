import pytest
from hypothesis import given
from hypothesis import strategies as st

from gesture_perception.gesture_label import checked_label
from gesture_perception.gesture_names import MOTIONS, POSES
from perception_core.private_store.errors import BadNameError


@pytest.mark.parametrize("name", ["Three", "dört", "三", "🤘", "fist bump", "x" * 64])
def test_any_printable_name_is_kept_as_it_is(name):
    assert checked_label(f" {name} ") == name


@given(st.sampled_from(POSES + MOTIONS), st.sampled_from([str, str.lower, str.upper]), st.sampled_from("_- "))
def test_what_a_built_in_gesture_is_called_is_refused_however_it_is_written(name, case, blank):
    with pytest.raises(BadNameError, match=f"built-in gesture {name} is called"):
        checked_label(case(name).replace("_", blank))


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\nb", "\x1b[2J"])
def test_what_can_be_no_name_is_refused(name):
    with pytest.raises(BadNameError):
        checked_label(name)
