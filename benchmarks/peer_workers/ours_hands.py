"""Worker for this suite with all that it tells of faces and hands: `ours_hands FRAMES GALLERY GESTURES`.

All parameters of both have their defaults but the places of the gallery and of the gestures that were taught. The hands
follow the faces here, on one thread; the nodes do them side by side.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import onnxruntime

from benchmarks.harness.network_work import counted_rows, counted_work
from benchmarks.peer_workers.ours_faces import boxes_of, notify, spent, told_of_faces
from benchmarks.peer_workers.serving import Frame, as_boxes, serve_clip
from face_perception.assembly import open_face_pipeline
from face_perception.face import Face
from face_perception.parameters import FaceParameters
from gesture_perception.assembly import open_hand_pipeline
from gesture_perception.hand import Hand
from gesture_perception.parameters import GestureParameters
from gesture_perception.reaches import Reaches
from perception_core.frame import RgbdFrame
from perception_core.stages import StageTimes


class _Seen(NamedTuple):
    faces: list[Face]
    hands: list[Hand]
    times: StageTimes
    times_of_hands: StageTimes


def main(frames: str, gallery: str, taught: str) -> None:
    """The process."""
    face_assembly = open_face_pipeline(FaceParameters(gallery=gallery), notify)
    hand_assembly = open_hand_pipeline(GestureParameters(gestures=taught), notify)
    reaches = Reaches()

    def look(picture: Frame, stamp_ns: int) -> _Seen:
        frame, times, times_of_hands = RgbdFrame(stamp_ns, "camera", picture), StageTimes(), StageTimes()
        with times.stage("all_faces"):
            faces = face_assembly.pipeline(frame, times)
        with times_of_hands.stage("all_hands"):
            reaches.put(stamp_ns, [face.box for face in faces])
            hands = hand_assembly.pipeline(frame, times_of_hands, reaches.at(stamp_ns)).hands
        return _Seen(faces, hands, times, times_of_hands)

    about = {"version": f"ONNX Runtime {onnxruntime.__version__}", "threads": "1"}
    with counted_work() as work:
        for engine, kind in (("hands", "full_hand_network"), ("light_hands", "light_hand_network")):
            counted_rows(hand_assembly.engines[engine], kind, work)

        def answer(seen: _Seen) -> dict[str, Any]:
            faces = [face for face in seen.faces if not face.bridged]
            hands = [hand for hand in seen.hands if not hand.bridged]
            stages = {**spent(seen.times), **{_of_hands(kind): ms for kind, ms in spent(seen.times_of_hands).items()}}
            done = {**work, **told_of_faces(faces), **_told_of_hands(hands), **stages}
            work.clear()
            return {**as_boxes(boxes_of(faces)), "hands": boxes_of(hands), "work": done}

        serve_clip(frames, look, answer, about)


def _told_of_hands(hands: Sequence[Hand]) -> dict[str, int]:
    """What is known of how many of the hands."""
    return {
        "hand_landmarks": sum(hand.landmarks is not None for hand in hands),
        "gestures": sum(bool(hand.gesture.label) for hand in hands),
        "gestures_shown": sum(hand.gesture.shown for hand in hands),
    }


def _of_hands(stage: str) -> str:
    """The name of a stage, of which faces have some of the same names."""
    return stage if stage.startswith("all_") else f"hand_{stage}"


if __name__ == "__main__":
    main(*sys.argv[1:])
