from types import SimpleNamespace

import numpy as np
import pytest
from visualization_msgs.msg import Marker

from perception_core.frame import RgbdFrame
from perception_ros.space_messages import header
from perception_ros.track_markers import track_marker

FRAME = RgbdFrame(5_000_000_007, "camera", np.zeros((4, 6, 3), np.uint8))


@pytest.mark.parametrize("bridged", [False, True])
def test_a_marker_is_known_by_its_track_and_pale_where_that_is_bridged(bridged):
    followed = SimpleNamespace(track_id=7, bridged=bridged)
    marker = track_marker(header(FRAME), followed, "hands", Marker.SPHERE, (0.25, 0.5, 0.75))
    assert (marker.id, marker.ns, marker.type, marker.header.frame_id) == (7, "hands", Marker.SPHERE, "camera")
    assert (marker.color.r, marker.color.g, marker.color.b) == (0.25, 0.5, 0.75)
    assert marker.color.a == pytest.approx(0.5 if bridged else 0.9)
    assert 0 < marker.lifetime.sec + marker.lifetime.nanosec / 1e9 <= 1
