"""How probable each expression of a face is, by networks that are described wholly by their entries in models.yaml."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from face_perception.expression_crop import FaceView, cut, face_region
from face_perception.expression_labels import LabelError, recognised
from perception_core.engines.engine import Engine, EngineError
from perception_core.frame import ColourImage
from perception_core.geometry import RotatedRegion
from perception_core.zoo.spec import FaceCrop, ImageFormat, Input, ModelSpec

_LOGITS, _PROBABILITIES = "class_logits", "class_scores"
_CHANNELS = {"RGB": 3, "BGR": 3, "GREY": 1}
_LEAST_PROBABILITY = 1e-6  # of any class: no network is surer than that, however it rounds
_SUM_TOLERANCE = 0.02  # of what should be 1


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
        self.size, self._open_batch = _input_size(engine, spec, self._format)
        try:
            self.label_set, self._order = recognised(spec.labels, spec.name)
        except LabelError as error:
            raise EngineError(f"{error} ({spec.download.place})") from error
        self._engine, self._spec = engine, spec
        self._output = _output_name(engine, spec)

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
        batch = network_input(crops, self._format, self.crop)
        parts = [batch] if self._open_batch else [batch[i : i + 1] for i in range(len(batch))]
        scores = np.concatenate([self._engine.run({self._input.name: part})[self._output] for part in parts])
        return self._probabilities(scores.reshape(len(batch), -1).astype(np.float64))[:, self._order]

    def _probabilities(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        if self._spec.decoder == _LOGITS:
            with np.errstate(invalid="ignore"):  # an infinite logit makes the row NaN
                return _shares(np.exp(scores - scores.max(axis=1, keepdims=True)))
        finite = scores[np.isfinite(scores).all(axis=1)]
        if (finite < -_SUM_TOLERANCE).any() or (np.abs(finite.sum(axis=1) - 1) > _SUM_TOLERANCE).any():
            raise EngineError(
                f"{self._spec.name} gives {finite[0].round(3).tolist()}, which are no probabilities; if they are "
                f"logits, its decoder is {_LOGITS} ({self._spec.download.place})"
            )
        return _shares(scores.clip(_LEAST_PROBABILITY, 1.0))


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


def network_input(crops: Sequence[ColourImage], wanted: ImageFormat, crop: FaceCrop) -> NDArray[np.float32]:
    """Pictures as a network wants them.

    Args:
        crops: N pictures of the same size, HxWx3 uint8, BGR.
        wanted: Order of axes and channels, and what is subtracted and divided by.
        crop: Whether all channels get the same grey.

    Returns:
        N x channels x H x W, or N x H x W x channels.
    """
    grey, channels = crop.grey or wanted.colour == "GREY", _CHANNELS[wanted.colour]
    pictures = (
        [cv2.merge([cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)] * channels) for picture in crops] if grey else crops
    )
    batch = np.asarray(cv2.dnn.blobFromImages(pictures, swapRB=wanted.colour == "RGB" and not grey), np.float32)
    if any(wanted.subtract):
        batch -= np.array(wanted.subtract, np.float32).reshape(1, -1, 1, 1)
    if any(number != 1 for number in wanted.divide):
        batch *= (1 / np.array(wanted.divide)).astype(np.float32).reshape(1, -1, 1, 1)
    return batch if wanted.layout == "NCHW" else np.ascontiguousarray(batch.transpose(0, 2, 3, 1))


def _image_input(spec: ModelSpec) -> Input:
    if spec.decoder not in {_LOGITS, _PROBABILITIES} or len(spec.inputs) != 1 or len(spec.outputs) != 1:
        raise EngineError(
            f"{spec.name} cannot read expressions: that takes a decoder {_PROBABILITIES} or {_LOGITS}, one input and "
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


def _input_size(engine: Engine, spec: ModelSpec, wanted: ImageFormat) -> tuple[int, bool]:
    """Side of the input in pixels, and whether several faces go in at once."""
    inputs = {tensor.name: tensor.shape for tensor in engine.inputs}
    shape = inputs.get(spec.inputs[0].name, ())
    channels = _CHANNELS[wanted.colour]
    ordered = (shape[1:] if wanted.layout == "NCHW" else (*shape[3:], *shape[1:3])) if len(shape) == 4 else ()
    # A size that the file leaves open is taken from the entry.
    entry = spec.inputs[0].shape
    declared = (entry[1:] if wanted.layout == "NCHW" else (*entry[3:], *entry[1:3])) if len(entry) == 4 else ()
    merged = [given if given is not None else said for given, said in zip(ordered, declared, strict=False)]
    if len(merged) != 3 or merged[0] != channels or merged[1] != merged[2] or not isinstance(merged[1], int):
        raise EngineError(
            f"{spec.name}: its entry says {wanted.layout}, {wanted.colour}, so the input {spec.inputs[0].name} has to "
            f"have {channels} channels and a square size; the file has {inputs} ({spec.download.place})"
        )
    return merged[1], shape[0] is None


def _output_name(engine: Engine, spec: ModelSpec) -> str:
    outputs = {tensor.name: tensor.shape for tensor in engine.outputs}
    name, labels = spec.outputs[0].name, len(spec.labels)
    shape = outputs.get(name, ())
    if not shape or shape[-1] not in {labels, None}:
        raise EngineError(
            f"{spec.name}: {labels} labels, so the output {name} has to be Nx{labels}; the file has {outputs} "
            f"({spec.download.place})"
        )
    return name


def _shares(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows scaled so that each sums to 1."""
    return np.asarray(values / values.sum(axis=1, keepdims=True), np.float64)
