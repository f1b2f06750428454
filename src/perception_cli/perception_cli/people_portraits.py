"""From a picture file to the one face in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from face_perception.detection import FaceDetection, FaceDetector, FaceKeypoints
from face_perception.identity_crop import IdentityCrop
from face_perception.view_gate import View, ViewGate
from perception_core.engines.engine import Engine
from perception_core.frame import ColourImage
from perception_core.geometry import Box, GeometryError
from perception_core.sources.error import SourceError
from perception_core.sources.pictures import limited, read_picture

_LONGEST_SIDES_PX = (320, 640, 1280)
_GOOD_HEIGHT_PX = 120  # of a face for the detector; one of more than 500 it takes for two
_TIMES_HIGHER = 3.0  # so much higher than all others, a face is the one that the picture was taken of


class PictureRefusedError(ValueError):
    """A picture that shows nobody who could be remembered; the text says why."""


class Portraits:
    """Finds the face in pictures of one person."""

    def __init__(self, detector: Engine, crop: IdentityCrop) -> None:
        """Prepares.

        Args:
            detector: The face detector's network.
            crop: What the embedder takes of a face.
        """
        self._detect = FaceDetector(detector)
        self._gate = ViewGate(detector, crop)

    def __call__(self, path: Path) -> View:
        """The face in a picture.

        Raises:
            PictureRefusedError: It cannot be read, shows no face or several, or the face in it is not well to be seen.
        """
        try:
            colour = read_picture(path)
            view = self._gate(colour, main_face(self._faces(colour)))
        except SourceError as error:
            raise PictureRefusedError(str(error).removeprefix(f"{path}: ")) from error
        except GeometryError as error:
            raise PictureRefusedError("there is no face in it") from error
        if not view.usable:
            raise PictureRefusedError("; ".join(refusal.value for refusal in view.quality.refusals))
        return view

    def _faces(self, colour: ColourImage) -> list[FaceDetection]:
        """The faces in a picture, looked for in a shrunk copy in which the largest is neither large nor small."""
        faces: list[FaceDetection] = []
        for side in _LONGEST_SIDES_PX:
            small = limited(colour, side)
            faces = self._detect(small)
            if max((face.box.height for face in faces), default=0.0) >= _GOOD_HEIGHT_PX or small is colour:
                break
        return [_enlarged(face, colour.shape[1] / small.shape[1]) for face in faces]


def main_face(faces: Sequence[FaceDetection]) -> FaceDetection:
    """The face that a picture was taken of: the only one, or one clearly larger than those in the background.

    Raises:
        PictureRefusedError: There is none, or it is not clear which.
    """
    if not faces:
        raise PictureRefusedError("there is no face in it, or none upright")
    largest = max(faces, key=lambda face: face.box.height)
    large = sum(face.box.height * _TIMES_HIGHER > largest.box.height for face in faces)
    if large > 1:
        raise PictureRefusedError(f"there are {large} faces in it: crop it to one")
    return largest


def _enlarged(face: FaceDetection, factor: float) -> FaceDetection:
    """A face found in a shrunk picture, in pixels of the whole one."""
    box = Box(*(factor * side for side in (face.box.x, face.box.y, face.box.width, face.box.height)))
    points = (face.keypoints.as_array() + 0.5) * factor - 0.5
    return FaceDetection(box, face.score, FaceKeypoints(*((float(x), float(y)) for x, y in points)))
