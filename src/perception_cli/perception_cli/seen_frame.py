"""What the perceivers have found in a frame, as the commands show and log it."""

from __future__ import annotations

from face_perception.face import Face
from gesture_perception.gesture_events import GestureEvent
from gesture_perception.hand import Hand
from person_perception.frame_pairing import FramePairing, PairedFrame

SeenFrame = PairedFrame[list[Face], list[Hand], GestureEvent]
SeenFrames = FramePairing[list[Face], list[Hand], GestureEvent]
