import pytest

from perception_core.parameters import ParameterError, declarations
from person_perception.parameters import PersonParameters


def test_a_place_of_the_camera_needs_a_frame_to_be_in():
    with pytest.raises(ParameterError, match=r"mount: .* target_frame is empty: name it"):
        PersonParameters(mount="parameters", camera_z=1.2)
    assert PersonParameters(mount="parameters", target_frame="base_link").camera_z == 0.0


def test_how_long_an_image_waits_may_be_changed_while_it_runs():
    assert {declaration.name for declaration in declarations(PersonParameters) if declaration.live} == {"wait_s"}


@pytest.mark.parametrize("declaration", declarations(PersonParameters), ids=lambda declaration: declaration.name)
def test_every_parameter_is_described_in_a_sentence(declaration):
    assert declaration.description.endswith(".")
