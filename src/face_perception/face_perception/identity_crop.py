"""What part of the picture a face embedder gets of a face: the same wherever people are enrolled and recognised."""

from __future__ import annotations

from dataclasses import dataclass

from face_perception.alignment import TEMPLATE_SIZE, aligned_crop, alignment
from face_perception.detection import FaceDetection
from face_perception.expression_crop import FaceView, face_region
from perception_core.cropping import cut
from perception_core.engines.engine import EngineError
from perception_core.frame import ColourImage
from perception_core.geometry import GeometryError
from perception_core.zoo.spec import FaceCrop, ImageFormat, ModelSpec

ALIGNED = FaceCrop("aligned", 1.0, grey=False)
"""For entries that say nothing: what most embedders are trained on."""


@dataclass(frozen=True, slots=True)
class IdentityCrop:
    """Cuts faces out for an embedder.

    Attributes:
        size: Side of the crops, pixels.
        wanted: What they show.
    """

    size: int = TEMPLATE_SIZE
    wanted: FaceCrop = ALIGNED

    def __call__(self, colour: ColourImage, face: FaceDetection) -> ColourImage:
        """The crop of a face.

        Args:
            colour: HxWx3 uint8, BGR.
            face: As it was detected in the picture.

        Returns:
            size x size x 3 uint8, BGR, in colour also where the embedder wants grey.

        Raises:
            GeometryError: The face's points coincide, or most of a square lies outside the picture.
        """
        if self.wanted.kind == "aligned":
            return aligned_crop(colour, alignment(face.keypoints.as_array(), self.size), self.size)
        region = face_region(FaceView(face.box, face.keypoints), self.wanted, colour.shape[1], colour.shape[0])
        if region is None:
            raise GeometryError("most of the face is outside the picture")
        return cut(colour, region, self.size)


def wanted_crop(spec: ModelSpec, image: ImageFormat) -> FaceCrop:
    """What an embedder's entry in models.yaml says about its crops.

    Raises:
        EngineError: It asks for an aligned face larger or smaller than the template's.
    """
    wanted = image.face_crop or ALIGNED
    if wanted.kind == "aligned" and wanted.scale != ALIGNED.scale:
        raise EngineError(
            f"{spec.name}: its face_crop is aligned with scale {wanted.scale:g}, and an embedder's aligned face has "
            f"exactly ArcFace's template: leave scale out, or choose kind square ({spec.download.place})"
        )
    return wanted
