import pytest

from face_perception.parameters import FaceParameters
from perception_core.parameters import ParameterError, declarations, with_changes


def test_a_face_is_not_reported_for_longer_than_it_is_kept():
    with pytest.raises(ParameterError, match=r"bridge_s \(0\.5\) is above keep_lost_s \(0\.3\)"):
        FaceParameters(keep_lost_s=0.3, bridge_s=0.5)
    with pytest.raises(ParameterError, match=r"bridge_s .* keep_lost_s"):
        with_changes(FaceParameters(), {"bridge_s": 2.0})
    assert FaceParameters(keep_lost_s=0.5, bridge_s=0.5).bridge_s == 0.5


def test_values_are_checked_without_ros_too():
    with pytest.raises(ParameterError, match="threads: 0 is out of range"):
        FaceParameters(threads=0)


@pytest.mark.parametrize("declaration", declarations(FaceParameters), ids=lambda declaration: declaration.name)
def test_every_parameter_is_described_in_a_sentence(declaration):
    assert declaration.description.endswith(".")
