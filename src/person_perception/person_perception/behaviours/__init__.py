"""Example behaviours: what a robot does about people and their gestures. None of this is a safety-rated stop.

The decisions are pure policies on a clock that is handed to them. The nodes (`follow_person`, `stop_on_palm`,
`greeter`, `gesture_actions`) are thin, and know ROS together with `messages_in`, `senses`, `wheels` and `acting_timer`.
"""
