"""What the perceivers share and ROS has no part in: frames, geometry, depth, tracking, engines and the model zoo."""
