"""Recordings of RGB-D cameras as rosbag2 has them, written and read without ROS."""
