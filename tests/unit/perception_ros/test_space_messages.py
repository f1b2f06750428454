import math

import numpy as np
import pytest
from perception_msgs.msg import Position3D as Position3DMessage
from rclpy.serialization import deserialize_message, serialize_message

from perception_core.depth import Position3D, PositionSource
from perception_core.frame import RgbdFrame
from perception_ros.space_messages import floats, header, position_message, position_of


def received(message):
    return deserialize_message(serialize_message(message), type(message))


@pytest.mark.parametrize("source", PositionSource)
def test_a_place_comes_back_as_it_went(source):
    sent = Position3D((0.25, -0.5, 1.75), 0.125, 0.5, source)
    assert position_of(received(position_message(sent))) == sent


def test_a_place_that_is_not_known_is_not_a_number():
    nowhere = Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)
    message = received(position_message(nowhere))
    assert message.source == Position3DMessage.NONE
    assert all(map(math.isnan, (message.point.x, message.point.y, message.point.z, message.sigma)))


def test_the_stamp_keeps_its_nanoseconds():
    frame = RgbdFrame(5_000_000_007, "camera", np.zeros((4, 6, 3), np.uint8))
    sent = header(frame)
    assert (sent.stamp.sec, sent.stamp.nanosec, sent.frame_id) == (5, 7, "camera")


def test_numbers_go_row_by_row_whatever_their_order_in_memory():
    values = np.asfortranarray(np.arange(6, dtype=np.float64).reshape(2, 3))
    assert floats(values).tolist() == [0, 1, 2, 3, 4, 5]
