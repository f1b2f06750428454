"""Pictures and depth of camera messages, raw or compressed; cv_bridge for what else there is, where it is installed."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import cv2
import numpy as np
from sensor_msgs.msg import CompressedImage, Image

from perception_core.compressed_images import decode_compressed_colour, decode_compressed_depth
from perception_core.frame import ColourImage, DepthImage
from perception_core.image_messages import ImageError, UnknownEncodingError, decode_colour, decode_depth


def colour_of(message: Image | CompressedImage) -> ColourImage:
    """The picture in a message.

    Returns:
        HxWx3 uint8, BGR; a view of the message's data for bgr8.

    Raises:
        ImageError: The message cannot be used.
    """
    if isinstance(message, CompressedImage):
        return decode_compressed_colour(message)
    try:
        return decode_colour(message)
    except UnknownEncodingError as unknown:
        if find_spec("cv_bridge") is None:
            raise UnknownEncodingError(f"{unknown}. With ROS's package cv_bridge installed, more are") from unknown
        return _by_cv_bridge(message)


def depth_of(message: Image | CompressedImage) -> DepthImage:
    """The depth in a message; a view of its data where it is not compressed.

    Raises:
        ImageError: The message cannot be used. cv_bridge is not asked: it does not know what unit other encodings have.
    """
    return decode_compressed_depth(message) if isinstance(message, CompressedImage) else decode_depth(message)


def _by_cv_bridge(message: Image) -> ColourImage:
    size, reason = (message.height, message.width, 3), "its size, step and bytes do not belong together"
    try:
        pixels = import_module("cv_bridge").CvBridge().imgmsg_to_cv2(message, desired_encoding="bgr8")
        if pixels is not None and pixels.shape == size:  # a wrong step gives it a smaller picture, or none
            return np.asarray(pixels, np.uint8)
    # ImportError: built for another numpy or OpenCV; it may come as late as in the call. TypeError: its own error is
    # one, and numpy's for wrong sizes. AttributeError: how it swaps bytes is gone from numpy 2.
    except (ImportError, TypeError, ValueError, AttributeError, cv2.error) as error:
        reason = str(error)
    raise ImageError(
        f"{message.encoding} image of {message.width}x{message.height}, step {message.step}, "
        f"{len(message.data)} bytes: cv_bridge cannot convert it: {reason}"
    )
