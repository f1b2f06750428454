"""What the perceivers share and ROS has no part in: frames, geometry, depth, tracking, engines and the model zoo."""

import os

# OpenCV looks once, when it is imported. Sizes are examined before it decodes anything; this holds if that is deceived.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", "210000000")
