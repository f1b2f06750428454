"""What is known about a model or a picture before it is fetched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

Shape = tuple[int | str, ...]
"""Sizes of a tensor; a name is a size left open."""

ONLY_PART = "file"  # the part of an item that consists of one file


@dataclass(frozen=True, slots=True)
class Licence:
    """Under what an item may be used.

    Attributes:
        spdx: SPDX identifier, or LicenseRef-... where there is none.
        note: Whose it is, and what its user must know; may be empty.
    """

    spdx: str
    note: str


@dataclass(frozen=True, slots=True)
class Archive:
    """A published file that holds others.

    Attributes:
        name: In the manifest.
        kind: pypi, npm or url.
        package: Name in the registry; empty for a url.
        version: Exact version; empty for a url.
        build: For pypi: wheel or sdist.
        python: For a wheel that is made for one Python version: that version, such as 3.11; else empty.
        platform: For such a wheel: its platform, such as manylinux2014_x86_64; else empty.
        url: For kind url.
        sha256: Of the archive.
        licence: The archive's own, which is not always that of what it holds.
    """

    name: str
    kind: str
    package: str
    version: str
    build: str
    python: str
    platform: str
    url: str
    sha256: str
    licence: Licence

    @property
    def title(self) -> str:
        """How messages call it."""
        return self.url if self.kind == "url" else f"{self.package} {self.version} ({self.kind})"


@dataclass(frozen=True, slots=True)
class ArchiveSource:
    """An item's files within an archive.

    Attributes:
        archive: Where to look.
        members: For every part the path to it; more than one step where archives are nested, none where the archive
            is the file itself.
    """

    archive: Archive
    members: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file of the user's."""

    path: Path


Source = ArchiveSource | FileSource


@dataclass(frozen=True, slots=True)
class Download:
    """What there is to obtain and how to know that it is the right thing.

    Attributes:
        name: Of the model or picture.
        place: File and entry, for messages.
        parts: sha256 of every file by its role; None for a user's file without one.
        sources: To be tried in this order; each gives the same files.
    """

    name: str
    place: str
    parts: Mapping[str, str | None]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class FaceCrop:
    """The part of a picture that a network wants of a face, for programs; `ImageFormat.crop` says it for readers.

    Attributes:
        kind: square, about the face's box and upright; or aligned, turned and scaled so that the eyes, nose and
            corners of the mouth lie where ArcFace's template has them.
        scale: Side of the square in longer sides of the box; for aligned, in sides of the template.
        grey: Whether all channels get the same grey.
    """

    kind: str
    scale: float
    grey: bool


@dataclass(frozen=True, slots=True)
class HandCrop:
    """The part of a picture that a network wants of a hand: an upright square about the box of the hand's 21 points.

    Attributes:
        margin: Added on each side, in longer sides of the box.
        margin_px: Added to that on each side, pixels of the picture.
        grey: Whether all channels get the same grey.
    """

    margin: float
    margin_px: float
    grey: bool


@dataclass(frozen=True, slots=True)
class ImageFormat:
    """How pixels become the numbers of an input: (pixel - subtract) / divide, pixels 0 to 255.

    Attributes:
        layout: Order of the axes.
        colour: Order of the channels.
        subtract: One number, or one per channel in the order of `colour`.
        divide: Likewise.
        crop: What part of the picture the network expects, in words.
        face_crop: The same for programs, where the network takes faces and its entry says so.
        hand_crop: Likewise where it takes hands.
    """

    layout: str
    colour: str
    subtract: tuple[float, ...]
    divide: tuple[float, ...]
    crop: str
    face_crop: FaceCrop | None = None
    hand_crop: HandCrop | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """An input of a network, float32.

    Attributes:
        name: As in the graph.
        shape: A name is a size left open.
        meaning: In words.
        image: How pixels become its numbers; None where it is no image.
        sample: Between which numbers it usually lies, where it is no image: what a plan's precision is checked with.
    """

    name: str
    shape: Shape
    meaning: str
    image: ImageFormat | None
    sample: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Output:
    """An output of a network, float32."""

    name: str
    shape: Shape
    meaning: str


@dataclass(frozen=True, slots=True)
class SizeRange:
    """How large a size gets that a network leaves open."""

    least: int
    usual: int
    most: int


@dataclass(frozen=True, slots=True)
class TensorRtSpec:
    """What TensorRT is told of a network.

    Attributes:
        sizes: Of what the inputs leave open, by name.
        precision: fp32, fp16 or int8, where none is asked for.
        tolerance: How far an output may be from ONNX Runtime's, in its own largest value, before the next higher
            precision is taken.
    """

    sizes: Mapping[str, SizeRange]
    precision: str
    tolerance: float


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A line of the zoo.

    Attributes:
        download: Where it comes from.
        task: A few words.
        description: A sentence.
        licence: Of the weights.
        default: Whether set-up fetches it without being asked.
        conversion: How the published file becomes the file that is used.
        prelu_rewrite: Whether ONNX Runtime gets a graph without PReLU; the original is stored beside it.
        decoder: Which decoder understands the outputs.
        inputs: In the graph's order; empty for what is no network.
        outputs: In the graph's order.
        labels: Of the classes, in the order of the scores.
        label_map: What the suite calls some of the labels; empty where it calls them as the network does.
        thresholds: Of a face embedder, where they were measured: the cosine above which 1 % of strangers find somebody
            like them, by the number of people who are enrolled with one view each; rising, two at least. Else empty.
        suffix: Of the stored file.
        tensorrt: How its plans are built.
    """

    download: Download
    task: str
    description: str
    licence: Licence
    default: bool
    conversion: str
    prelu_rewrite: bool
    decoder: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    labels: tuple[str, ...]
    label_map: Mapping[str, str]
    thresholds: Mapping[int, float]
    suffix: str
    tensorrt: TensorRtSpec

    @property
    def name(self) -> str:
        """As models.yaml calls it."""
        return self.download.name


@dataclass(frozen=True, slots=True)
class PictureSpec:
    """A picture or clip.

    Attributes:
        download: Where it comes from.
        description: What is to be seen.
        licence: Of the picture.
        credit: Whom to name.
        test_only: Without a licence of its own that is clear: for tests, not for the demo.
        suffix: Of the stored file.
    """

    download: Download
    description: str
    licence: Licence
    credit: str
    test_only: bool
    suffix: str

    @property
    def name(self) -> str:
        """As pictures.yaml calls it."""
        return self.download.name
