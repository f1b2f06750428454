"""Who is in front of the robot, and what they want of it: faces and hands as people, and behaviours."""
