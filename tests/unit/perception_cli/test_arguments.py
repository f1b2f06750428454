import argparse

import pytest

from perception_cli.arguments import output_path, seconds


@pytest.mark.parametrize(("text", "value"), [("10", 10.0), ("0.5", 0.5), ("1e3", 1000.0)])
def test_a_time_is_a_number_of_seconds(text, value):
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["0", "-1", "nan", "soon", "", "inf", "1e308"])
def test_what_is_no_time_is_refused_by_name(text):
    with pytest.raises(argparse.ArgumentTypeError, match=f"'{text}' is not a number of seconds above 0"):
        seconds(text)


def test_an_output_has_a_name(tmp_path):
    assert output_path(str(tmp_path)) == tmp_path
    with pytest.raises(argparse.ArgumentTypeError, match="a name is missing"):
        output_path("")
