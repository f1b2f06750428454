"""How probable each expression of a face is, by networks that are described wholly by their entries in models.yaml."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from face_perception.expression_crop import FaceView, face_region
from face_perception.expression_labels import LabelError, recognised
from perception_core.cropping import cut
from perception_core.engines.class_output import LOGITS, PROBABILITIES, ClassOutput
from perception_core.engines.engine import Engine, EngineError
from perception_core.engines.picture_input import network_input, square_input
from perception_core.frame import ColourImage
from perception_core.geometry import RotatedRegion
from perception_core.zoo.spec import FaceCrop, ImageFormat, Input, ModelSpec


class ExpressionNetwork:
    """One network; its engine is the caller's to close.

    Attributes:
        label_set: The classes, in the order of the scores.
        crop: What part of the picture it wants of a face.
        size: Side of its input, pixels.
    """

    def __init__(self, engine: Engine, spec: ModelSpec) -> None:
        """Prepares for a network.

        Args:
            engine: One input, an image, and one output of N rows of scores.
            spec: Its entry, which says everything else.

        Raises:
            EngineError: The entry is of another kind of network, says too little, or does not fit the network.
        """
        self._input = _image_input(spec)
        self._format, self.crop = _formats(spec, self._input)
        square = square_input(engine, spec, self._format)
        self.size, self._batched = square.side, square.batched
        try:
            self.label_set, self._order = recognised(spec.labels, spec.name)
        except LabelError as error:
            raise EngineError(f"{error} ({spec.download.place})") from error
        self._engine = engine
        self._output = ClassOutput(engine, spec)

    def __call__(self, crops: Sequence[ColourImage]) -> NDArray[np.float64]:
        """The probability of every class for every face.

        Args:
            crops: `size` x `size` x 3 uint8, BGR, as `crop` says.

        Returns:
            NxC; every row sums to 1. NaN in a row where the network gives no usable number.

        Raises:
            EngineError: The entry promises probabilities, and the network gives something else.
        """
        if not crops:
            return np.empty((0, len(self._order)))
        batch = network_input(crops, self._format, grey=self.crop.grey)
        parts = [batch] if self._batched else [batch[i : i + 1] for i in range(len(batch))]
        scores = np.concatenate([self._engine.run({self._input.name: part})[self._output.name] for part in parts])
        return self._output.probabilities(scores.reshape(len(batch), -1))[:, self._order]


class ExpressionReader:
    """The mean of what one or more networks say of the faces in a picture.

    Attributes:
        label_set: The classes, in the order of the scores.
    """

    def __init__(self, networks: Sequence[ExpressionNetwork], *, mirrored: bool = False) -> None:
        """Prepares for networks.

        What it costs and gains: processor time per face, and the share that is right of the 3589 faces of FER2013's
        private test and of CK+ (927, six expressions), each picture being a face's crop:

            face_expression                           0.6 ms  0.575  0.877
            face_expression, mirrored                 1.3 ms  0.582  0.880
            and face_expression_densenet               27 ms  0.610  0.861
            and face_expression_densenet, mirrored     55 ms  0.621  0.862

        Args:
            networks: With the same label set.
            mirrored: Each network also gets every face mirrored. That makes the answer the same for a face and its
                mirror image, and the scores tremble a third less when the detector's box does.

        Raises:
            EngineError: There is no network, or they have different label sets.
        """
        sets = {network.label_set for network in networks}
        if len(sets) != 1:
            names = sorted(label_set.name for label_set in sets)
            raise EngineError(f"expression networks can be averaged only if they have the same classes, got {names}")
        (self.label_set,) = sets
        self._networks, self._mirrored = tuple(networks), mirrored

    def __call__(self, colour: ColourImage, views: Sequence[FaceView]) -> NDArray[np.float64]:
        """The probability of every class for every face, in one call per network.

        Args:
            colour: HxWx3 uint8, BGR.
            views: Where the faces are.

        Returns:
            NxC in the order of `views`; every row sums to 1, or is NaN where there is no face to be read.

        Raises:
            EngineError: A network fails.
        """
        height, width = colour.shape[:2]
        scores = np.zeros((len(views), len(self.label_set.classes)))
        for network in self._networks:
            regions = [face_region(view, network.crop, width, height) for view in views]
            scores += self._read(network, colour, regions)
        return scores / len(self._networks)

    def _read(
        self, network: ExpressionNetwork, colour: ColourImage, regions: Sequence[RotatedRegion | None]
    ) -> NDArray[np.float64]:
        crops = [cut(colour, region, network.size) for region in regions if region is not None]
        if self._mirrored:
            crops += [np.ascontiguousarray(crop[:, ::-1]) for crop in crops]
        found = network(crops)
        if self._mirrored:
            found = found.reshape(2, -1, found.shape[1]).mean(axis=0)
        scores = np.full((len(regions), len(self.label_set.classes)), np.nan)
        scores[[region is not None for region in regions]] = found
        return scores


def _image_input(spec: ModelSpec) -> Input:
    if spec.decoder not in {LOGITS, PROBABILITIES} or len(spec.inputs) != 1 or len(spec.outputs) != 1:
        raise EngineError(
            f"{spec.name} cannot read expressions: that takes a decoder {PROBABILITIES} or {LOGITS}, one input and "
            f"one output; its entry has {spec.decoder}, {len(spec.inputs)} and {len(spec.outputs)} "
            f"({spec.download.place})"
        )
    return spec.inputs[0]


def _formats(spec: ModelSpec, wanted: Input) -> tuple[ImageFormat, FaceCrop]:
    if wanted.image is None or wanted.image.face_crop is None:
        raise EngineError(
            f"{spec.name} cannot read expressions: its input {wanted.name} does not say which part of the picture it "
            f"wants of a face; add `face_crop: {{kind: square, scale: 1.0}}` to `image` ({spec.download.place})"
        )
    return wanted.image, wanted.image.face_crop
