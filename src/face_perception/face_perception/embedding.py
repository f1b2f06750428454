"""Numbers that are alike for pictures of the same person, by whatever network models.yaml names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from face_perception.identity_crop import ALIGNED, IdentityCrop, wanted_crop
from face_perception.identity_threshold import table_of
from perception_core.embedding_space import EmbeddingSpace
from perception_core.engines.engine import Engine, EngineError
from perception_core.frame import ColourImage
from perception_core.zoo.files import sha256_of
from perception_core.zoo.spec import FaceCrop, FileSource, ImageFormat, ModelSpec

Embeddings = NDArray[np.float32]

_CONVERSIONS = {"BGR": None, "RGB": cv2.COLOR_BGR2RGB, "GREY": cv2.COLOR_BGR2GRAY}


class FaceEmbedder:
    """Embeds faces cut out by its `crop`; the network is the caller's to close."""

    def __init__(self, engine: Engine, spec: ModelSpec) -> None:
        """Prepares for a network.

        Args:
            engine: The model, loaded.
            spec: Its entry in models.yaml: one square image in, one embedding out.

        Raises:
            EngineError: It is another kind of network.
        """
        self._image = _image_format(spec)
        self._engine = engine
        shape = spec.inputs[0].shape
        self.size = _side(spec, self._image)
        """Side of a crop, pixels."""
        self.crop = IdentityCrop(self.size, wanted_crop(spec, self._image))
        """Cuts out what it takes of a face."""
        self.thresholds = table_of(spec)
        """From which cosine on two of its embeddings are one person's; see `identity_threshold`."""
        self._batched = isinstance(shape[0], str)
        self._input, self._output = spec.inputs[0].name, spec.outputs[0].name
        channels = 1 if self._image.colour == "GREY" else 3
        self._subtract = np.broadcast_to(np.array(self._image.subtract, np.float32), channels)
        self._divide = np.broadcast_to(np.array(self._image.divide, np.float32), channels)
        self.space = EmbeddingSpace(spec.name, self._dimension(spec), _digest(spec, self._image, self.crop.wanted))
        """What its embeddings can be compared with."""

    def __call__(self, crops: Sequence[ColourImage]) -> Embeddings:
        """Embeddings of faces, in one run where the network takes several.

        Args:
            crops: Faces as `crop` gives them: `size` x `size` x 3 uint8, BGR.

        Returns:
            len(crops) x dimension, each row of length 1.

        Raises:
            EngineError: A crop has another size, or the network fails.
        """
        if not crops:
            return np.empty((0, self.space.dimension), np.float32)
        blob = np.stack([self._prepared(crop) for crop in crops])
        batches = [blob] if self._batched else [blob[k : k + 1] for k in range(len(blob))]
        raw = np.concatenate([self._run(batch) for batch in batches])
        lengths = np.linalg.norm(raw, axis=1, keepdims=True)
        if not (np.isfinite(lengths).all() and lengths.all()):
            raise EngineError(f"{self.space.model}: an embedding has no length; the model file does not suit its entry")
        return np.asarray(raw / lengths, np.float32)

    def _run(self, batch: NDArray[np.float32]) -> Embeddings:
        return np.asarray(self._engine.run({self._input: batch})[self._output], np.float32).reshape(len(batch), -1)

    def _prepared(self, crop: ColourImage) -> NDArray[np.float32]:
        if crop.shape != (self.size, self.size, 3):
            raise EngineError(f"{self.space.model} takes crops of {self.size}x{self.size}x3, got {crop.shape}")
        if self.crop.wanted.grey:
            crop = np.asarray(cv2.cvtColor(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8)
        conversion = _CONVERSIONS[self._image.colour]
        pixels = crop if conversion is None else cv2.cvtColor(crop, conversion)
        scaled = (pixels.reshape(self.size, self.size, -1).astype(np.float32) - self._subtract) / self._divide
        return scaled if self._image.layout == "NHWC" else scaled.transpose(2, 0, 1)

    def _dimension(self, spec: ModelSpec) -> int:
        channels = 1 if self._image.colour == "GREY" else 3
        one = (self.size, self.size, channels) if self._image.layout == "NHWC" else (channels, self.size, self.size)
        found = self._run(np.zeros((1, *one), np.float32)).shape[1]
        stated = spec.outputs[0].shape[-1]
        if isinstance(stated, int) and stated != found:
            raise EngineError(
                f"{spec.name} gives {found} numbers, its entry in models.yaml ({spec.download.place}) says {stated}: "
                "correct the shape of its output"
            )
        return found


def _image_format(spec: ModelSpec) -> ImageFormat:
    image = spec.inputs[0].image if len(spec.inputs) == 1 else None
    if image is None or spec.decoder != "embedding" or len(spec.outputs) != 1:
        raise EngineError(
            f"{spec.name} is no face embedder: its entry in models.yaml must have decoder embedding, one input with an "
            "image, and one output"
        )
    return image


def _side(spec: ModelSpec, image: ImageFormat) -> int:
    shape = spec.inputs[0].shape
    height, width = (shape[1:3] if image.layout == "NHWC" else shape[2:4]) if len(shape) == 4 else (None, None)
    if not isinstance(height, int) or height != width:
        raise EngineError(f"{spec.name}: the input's shape must be four sizes with a square image, got {list(shape)}")
    return height


def _digest(spec: ModelSpec, image: ImageFormat, crop: FaceCrop) -> str:
    hashes = {part: known or _own_file_sha256(spec) for part, known in spec.download.parts.items()}
    pixels = [image.colour, [float(x) for x in image.subtract], [float(x) for x in image.divide]]
    if crop != ALIGNED:  # galleries of aligned faces keep their digest, whether their entry says so or nothing
        pixels.append([crop.kind, crop.scale, crop.grey])
    return hashlib.sha256(json.dumps([sorted(hashes.items()), pixels]).encode()).hexdigest()[:16]


def _own_file_sha256(spec: ModelSpec) -> str:
    return next(sha256_of(source.path) for source in spec.download.sources if isinstance(source, FileSource))
