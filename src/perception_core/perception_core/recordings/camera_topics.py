"""Which topics of a recording are those of the camera."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from perception_core.recordings.error import RecordingError
from perception_core.recordings.messages import CAMERA_INFO, COMPRESSED_IMAGE, IMAGE
from perception_core.topics import COLOUR_TOPIC, DEPTH_TOPIC

_TRANSPORTS = ("/compressedDepth", "/compressed")  # of image_transport, beside the topic of the raw images
_ALIGNED = "aligned_depth_to_color"
_CHOOSE = "Choose by '{}?colour=/topic&depth=/topic'."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic with images.

    Attributes:
        name: As recorded.
        message_type: IMAGE or COMPRESSED_IMAGE.
    """

    name: str
    message_type: str

    @property
    def compressed(self) -> bool:
        """Whether its messages are sensor_msgs/CompressedImage."""
        return self.message_type == COMPRESSED_IMAGE

    @property
    def raw_name(self) -> str:
        """Where the same images are published uncompressed."""
        for transport in _TRANSPORTS:
            if self.compressed and self.name.endswith(transport):
                return self.name.removesuffix(transport)
        return self.name

    @property
    def is_depth(self) -> bool:
        """Whether its name says that it is depth."""
        return "depth" in self.name.lower()


@dataclass(frozen=True, slots=True)
class CameraTopics:
    """The topics of a camera; what it has not is None."""

    colour: Topic
    depth: Topic | None
    camera_info: str | None

    @property
    def names(self) -> set[str]:
        """Of all that there are."""
        depth = self.depth.name if self.depth else None
        return {name for name in (self.colour.name, depth, self.camera_info) if name is not None}


def choose(types: Mapping[str, str], recording: str, colour: str | None, depth: str | None) -> CameraTopics:
    """The camera's topics: those of a RealSense, in whatever namespace, or else the only ones there are.

    Raw images are preferred to compressed ones of the same camera, aligned depth to other depth.

    Args:
        types: Of the recorded topics by name.
        recording: Its path, for messages.
        colour: The topic to take; None to find it.
        depth: Likewise.

    Raises:
        RecordingError: There is no such topic, or several could be meant; the text lists what there is.
    """
    images = [Topic(name, kind) for name, kind in sorted(types.items()) if kind in (IMAGE, COMPRESSED_IMAGE)]
    if colour is not None:
        chosen = _named(colour, images, types, recording)
    else:
        chosen = _only_colour(_best([image for image in images if not image.is_depth], COLOUR_TOPIC), types, recording)
    depths = [image for image in images if image.is_depth and image != chosen]
    camera_info = f"{chosen.raw_name.rpartition('/')[0]}/camera_info"
    return CameraTopics(
        colour=chosen,
        depth=_named(depth, images, types, recording) if depth is not None else _depth_of(chosen, depths, recording),
        camera_info=camera_info if types.get(camera_info) == CAMERA_INFO else None,
    )


def _named(name: str, images: list[Topic], types: Mapping[str, str], recording: str) -> Topic:
    for image in images:
        if image.name == name:
            return image
    raise RecordingError(f"{recording}: there is no topic {name} with images in it. {_all_of(types)}")


def _only_colour(candidates: list[Topic], types: Mapping[str, str], recording: str) -> Topic:
    if not candidates:
        raise RecordingError(f"{recording}: there is no topic with colour images in it. {_all_of(types)}")
    if len(candidates) > 1:
        names = ", ".join(candidate.name for candidate in candidates)
        raise RecordingError(
            f"{recording}: several topics could be the camera's colour: {names}. {_CHOOSE.format(recording)}"
        )
    return candidates[0]


def _depth_of(colour: Topic, depths: list[Topic], recording: str) -> Topic | None:
    camera = colour.raw_name.rpartition("/")[0].rpartition("/")[0]
    of_same_camera = [depth for depth in depths if depth.name.startswith(f"{camera}/")]
    aligned = [depth for depth in of_same_camera if _ALIGNED in depth.name]
    candidates = _best(aligned or of_same_camera or depths, DEPTH_TOPIC)
    if len(candidates) > 1:
        names = ", ".join(candidate.name for candidate in candidates)
        _log.warning(
            "%s is played without depth, because several topics could be it: %s. %s",
            recording,
            names,
            _CHOOSE.format(recording),
        )
    return candidates[0] if len(candidates) == 1 else None


def _best(images: list[Topic], usual_name: str) -> list[Topic]:
    """One topic for each camera, raw if there is such; only those with the usual name if there are such."""
    by_raw_name: dict[str, Topic] = {}
    for image in images:
        known = by_raw_name.get(image.raw_name)
        if known is None or (known.compressed and not image.compressed):
            by_raw_name[image.raw_name] = image
    found = list(by_raw_name.values())
    exactly = [image for image in found if image.raw_name == f"/{usual_name}"]
    in_a_namespace = [image for image in found if image.raw_name.endswith(f"/{usual_name}")]
    return exactly or in_a_namespace or found


def _all_of(types: Mapping[str, str]) -> str:
    if not types:
        return "No topic can be read from it: it is empty, damaged, or no recording."
    return "It has: " + ", ".join(f"{name} ({kind})" for name, kind in sorted(types.items()))
