"""Reading `models.yaml` and `pictures.yaml`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from perception_core.paths import share_file
from perception_core.zoo.errors import ManifestError, UnknownNameError
from perception_core.zoo.spec import (
    ONLY_PART,
    Archive,
    ArchiveSource,
    Download,
    FaceCrop,
    FileSource,
    HandCrop,
    ImageFormat,
    Input,
    Licence,
    ModelSpec,
    Output,
    PictureSpec,
    Source,
)
from perception_core.zoo.tensorrt_entry import tensorrt_entry
from perception_core.zoo.yaml_entry import Entry, nearest, read_yaml

CONVERSIONS = ("none", "onnx", "tflite", "face_api", "mtcnn_pnet", "mtcnn_rnet", "mtcnn_onet")
DECODERS = (
    "blendshapes",
    "centerface",
    "class_logits",
    "class_scores",
    "data",
    "embedding",
    "face_mesh",
    "hand_landmarks",
    "mtcnn",
    "palm_anchors",
    "yunet",
)
_MOST_PEOPLE = 1_000_000  # that a threshold may be for; more is a slip
_THRESHOLDS = (
    "a cosine from -1 to 1 for two numbers of people at least, none lower for more people, such as {1: 0.35, 20: 0.47}"
)
_MOST_MARGIN, _MOST_MARGIN_PX = 4.0, 1000.0  # of a hand's crop; more is a slip
_LEAST_SCALE = 0.2  # of a face's crop; less, or more than its inverse, is a slip
_NOTHING = "None"  # the class of what shows nothing that is known
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
LAYOUTS = ("NCHW", "NHWC")
COLOURS = ("RGB", "BGR", "GREY")
FACE_CROPS = ("square", "aligned")


def user_models_file() -> Path | None:
    """The user's own list of models, if there is one: PERCEPTION_MODELS_FILE or ~/.config/perception-suite/models.yaml.

    Raises:
        ManifestError: PERCEPTION_MODELS_FILE names a file that is not there.
    """
    chosen = os.environ.get("PERCEPTION_MODELS_FILE")
    if chosen:
        path = Path(chosen).expanduser()
        if not path.is_file():
            raise ManifestError(f"PERCEPTION_MODELS_FILE is {path}, which is no file. Correct it or unset it.")
        return path
    # The XDG base directory specification says to ignore a path that is not absolute.
    xdg = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    path = (xdg if xdg.is_absolute() else Path.home() / ".config") / "perception-suite" / "models.yaml"
    return path if path.is_file() else None


def load_models() -> Mapping[str, ModelSpec]:
    """All models: ours, and over them the user's.

    Raises:
        ManifestError: A list holds a mistake.
    """
    models = dict(read_models(share_file("models/models.yaml")))
    own = user_models_file()
    if own:
        models.update(read_models(own))
    return MappingProxyType(models)


def load_pictures() -> Mapping[str, PictureSpec]:
    """All pictures.

    Raises:
        ManifestError: The list holds a mistake.
    """
    return read_pictures(share_file("models/pictures.yaml"))


def read_models(path: Path) -> Mapping[str, ModelSpec]:
    """The models of one file.

    Raises:
        ManifestError: The file holds a mistake; the text names its place, what was found and what is allowed.
    """
    return _read_models(path, _version(path))


def read_pictures(path: Path) -> Mapping[str, PictureSpec]:
    """The pictures of one file.

    Raises:
        ManifestError: As in `read_models`.
    """
    return _read_pictures(path, _version(path))


def _version(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError as error:
        raise ManifestError(f"{path} cannot be read: {error.strerror}.") from error
    return found.st_mtime_ns, found.st_size


# Reading takes longer than anything else that a check of a model does; a changed file is read again.
@lru_cache(maxsize=8)
def _read_models(path: Path, _version: tuple[int, int]) -> Mapping[str, ModelSpec]:
    top = read_yaml(path)
    archives = _archives(top)
    listed = top.entry("models")
    models = {name: _model(listed.entry(name), name, archives, path.parent) for name in listed.names()}
    top.finish()
    return MappingProxyType(models)


@lru_cache(maxsize=8)
def _read_pictures(path: Path, _version: tuple[int, int]) -> Mapping[str, PictureSpec]:
    top = read_yaml(path)
    archives = _archives(top)
    pictures = {}
    for section, test_only in (("pictures", False), ("test_pictures", True)):
        listed = top.entry(section)
        for name in listed.names():
            pictures[name] = _picture(listed.entry(name), name, archives, path.parent, test_only=test_only)
    top.finish()
    return MappingProxyType(pictures)


def named(items: Mapping[str, ModelSpec], name: str) -> ModelSpec:
    """The model of that name.

    Raises:
        UnknownNameError: There is none; the text names the nearest one.
    """
    if name not in items:
        hint = nearest(name, items)
        raise UnknownNameError(f"No model is called {name}.{hint} `./perception models list` shows all.")
    return items[name]


def _archives(top: Entry) -> dict[str, Archive]:
    if not top.has("archives"):
        return {}
    listed = top.entry("archives")
    return {name: _archive(listed.entry(name), name) for name in listed.names()}


def _archive(entry: Entry, name: str) -> Archive:
    kind = entry.choice("kind", ("pypi", "npm", "url"))
    url = entry.text("url") if kind == "url" else ""
    if url and not url.startswith(("https://", "http://")):
        raise entry.wrong("url", url, "an address that begins with https://")
    archive = Archive(
        name=name,
        kind=kind,
        package="" if url else entry.text("package"),
        version="" if url else entry.text("version"),
        build=entry.choice("build", ("wheel", "sdist"), "wheel") if kind == "pypi" else "",
        python=entry.text("python") if kind == "pypi" and entry.has("python") else "",
        platform=entry.text("platform") if kind == "pypi" and entry.has("python") else "",
        url=url,
        sha256=entry.sha256("sha256"),
        licence=_licence(entry),
    )
    entry.finish()
    return archive


def _licence(entry: Entry) -> Licence:
    inner = entry.entry("licence")
    licence = Licence(inner.text("spdx"), inner.text("note", ""))
    inner.finish()
    return licence


def _download(entry: Entry, name: str, archives: Mapping[str, Archive], folder: Path) -> Download:
    if not _NAME.fullmatch(name):
        raise ManifestError(
            f"{entry.place}: a name consists of letters, digits, _ and -, for it becomes a file's name."
        )
    sources = tuple(_source(source, archives, folder) for source in entry.entries("sources"))
    parts: dict[str, str | None] = {}
    if not entry.has("sha256"):
        if not all(isinstance(source, FileSource) for source in sources):
            raise ManifestError(f"{entry.place}: key sha256 is missing; only a file of your own may do without.")
        parts[ONLY_PART] = None
    elif isinstance(entry.value("sha256"), Mapping):
        hashes = entry.entry("sha256")
        parts |= {part: hashes.sha256(part) for part in hashes.names()}
    else:
        parts[ONLY_PART] = entry.sha256("sha256")
    for source in sources:
        given = set(source.members) if isinstance(source, ArchiveSource) else {ONLY_PART}
        if given != set(parts):
            raise ManifestError(
                f"{entry.place}: a source gives the files {sorted(given)}, sha256 is for {sorted(parts)}."
            )
    return Download(name, entry.place, MappingProxyType(parts), sources)


def _source(entry: Entry, archives: Mapping[str, Archive], folder: Path) -> Source:
    source: Source
    if entry.has("file"):
        source = FileSource(_own_file(entry, folder))
    else:
        archive = archives[entry.choice("archive", archives)]
        if not entry.has("member"):
            source = ArchiveSource(archive, MappingProxyType({ONLY_PART: ()}))
        elif isinstance(entry.value("member"), Mapping):
            members = entry.entry("member")
            source = ArchiveSource(archive, MappingProxyType({part: members.texts(part) for part in members.names()}))
        else:
            source = ArchiveSource(archive, MappingProxyType({ONLY_PART: entry.texts("member")}))
    entry.finish()
    return source


def _own_file(entry: Entry, folder: Path) -> Path:
    text = entry.text("file")
    try:
        return (folder / Path(text).expanduser()).resolve()
    except (RuntimeError, OSError) as error:  # nobody has that home, or links go round
        raise entry.wrong("file", text, f"the path of a file ({error})") from error


def _stored_suffix(download: Download) -> str:
    source = download.sources[0]
    if isinstance(source, FileSource):
        return source.path.suffix
    path = next(iter(source.members.values())) or (source.archive.url,)
    return Path(path[-1]).suffix


def _model(entry: Entry, name: str, archives: Mapping[str, Archive], folder: Path) -> ModelSpec:
    download = _download(entry, name, archives, folder)
    conversion = entry.choice("conversion", CONVERSIONS)
    decoder = entry.choice("decoder", DECODERS)
    labels = entry.texts("labels") if entry.has("labels") else ()
    inputs = () if decoder == "data" else tuple(_input(item) for item in entry.entries("inputs"))
    model = ModelSpec(
        download=download,
        task=entry.text("task"),
        description=entry.text("description"),
        licence=_licence(entry),
        default=entry.flag("default"),
        conversion=conversion,
        prelu_rewrite=entry.flag("prelu_rewrite"),
        decoder=decoder,
        inputs=inputs,
        outputs=() if decoder == "data" else tuple(_output(item) for item in entry.entries("outputs")),
        labels=labels,
        label_map=_label_map(entry, labels),
        thresholds=_thresholds(entry, decoder),
        suffix=_stored_suffix(download) if conversion == "none" else ".onnx",
        tensorrt=tensorrt_entry(entry, inputs),
    )
    entry.finish()
    return model


def _input(entry: Entry) -> Input:
    name, shape = entry.text("name"), entry.shape("shape")
    image = None
    if entry.has("image"):
        image = _image(entry.entry("image"))
    meaning = entry.text("meaning", "an image") if image else entry.text("meaning")
    sample = entry.numbers("sample", (0.0, 1.0))
    if len(sample) != 2 or not sample[0] < sample[1]:
        raise entry.wrong("sample", entry.value("sample"), "two rising numbers")
    entry.finish()
    return Input(name, shape, meaning, image, (sample[0], sample[1]))


def _image(entry: Entry) -> ImageFormat:
    colour = entry.choice("colour", COLOURS)
    image = ImageFormat(
        layout=entry.choice("layout", LAYOUTS),
        colour=colour,
        subtract=_per_channel(entry, "subtract", 0.0, colour),
        divide=_per_channel(entry, "divide", 1.0, colour),
        crop=entry.text("crop"),
        face_crop=_face_crop(entry.entry("face_crop")) if entry.has("face_crop") else None,
        hand_crop=_hand_crop(entry.entry("hand_crop")) if entry.has("hand_crop") else None,
    )
    if image.face_crop is not None and image.hand_crop is not None:
        raise entry.wrong("hand_crop", entry.value("hand_crop"), "nothing beside face_crop: it takes a face or a hand")
    if 0 in image.divide:
        raise entry.wrong("divide", entry.value("divide"), "a number or a list of numbers other than 0")
    entry.finish()
    return image


def _per_channel(entry: Entry, key: str, default: float, colour: str) -> tuple[float, ...]:
    numbers = entry.numbers(key, (default,))
    channels = 1 if colour == "GREY" else len(colour)
    if len(numbers) not in {1, channels}:
        raise entry.wrong(key, entry.value(key), f"one number, or {channels} as {colour} has {channels} channels")
    return numbers


def _face_crop(entry: Entry) -> FaceCrop:
    kind = entry.choice("kind", FACE_CROPS)
    scale = entry.numbers("scale", (1.0,))
    if len(scale) != 1 or not _LEAST_SCALE <= scale[0] <= 1 / _LEAST_SCALE:
        raise entry.wrong("scale", entry.value("scale"), f"a number from {_LEAST_SCALE:g} to {1 / _LEAST_SCALE:g}")
    crop = FaceCrop(kind, scale[0], entry.flag("grey"))
    entry.finish()
    return crop


def _hand_crop(entry: Entry) -> HandCrop:
    margin = _margin(entry, "margin", _MOST_MARGIN)
    margin_px = _margin(entry, "margin_px", _MOST_MARGIN_PX)
    crop = HandCrop(margin, margin_px, entry.flag("grey"))
    entry.finish()
    return crop


def _margin(entry: Entry, key: str, most: float) -> float:
    numbers = entry.numbers(key, (0.0,))
    if len(numbers) != 1 or not 0 <= numbers[0] <= most:
        raise entry.wrong(key, entry.value(key), f"a number from 0 to {most:g}")
    return numbers[0]


def _label_map(entry: Entry, labels: tuple[str, ...]) -> Mapping[str, str]:
    if not entry.has("label_map"):
        return MappingProxyType({})
    listed = entry.entry("label_map")
    # Nothing behind a label, which YAML also writes as null or ~, means that it is no gesture.
    names = {label: listed.text(label, _NOTHING) for label in labels if listed.has(label) or label in listed.content}
    listed.finish()
    return MappingProxyType(names)


def _thresholds(entry: Entry, decoder: str) -> Mapping[int, float]:
    if not entry.has("thresholds"):
        return MappingProxyType({})
    found = entry.value("thresholds")
    if decoder != "embedding":
        raise entry.wrong("thresholds", found, f"nothing where decoder is {decoder}: thresholds are an embedding's")
    if not isinstance(found, Mapping) or len(found) < 2 or not all(map(_is_threshold, found.items())):
        raise entry.wrong("thresholds", found, _THRESHOLDS)
    table = {people: float(found[people]) for people in sorted(found)}
    if list(table.values()) != sorted(table.values()):
        raise entry.wrong("thresholds", found, _THRESHOLDS)
    return MappingProxyType(table)


def _is_threshold(item: tuple[object, object]) -> bool:
    people, cosine = item
    counted = type(people) is int and 1 <= people <= _MOST_PEOPLE
    return counted and isinstance(cosine, (int, float)) and not isinstance(cosine, bool) and -1 <= cosine <= 1


def _output(entry: Entry) -> Output:
    output = Output(entry.text("name"), entry.shape("shape"), entry.text("meaning"))
    entry.finish()
    return output


def _picture(entry: Entry, name: str, archives: Mapping[str, Archive], folder: Path, *, test_only: bool) -> PictureSpec:
    download = _download(entry, name, archives, folder)
    picture = PictureSpec(
        download=download,
        description=entry.text("description"),
        licence=_licence(entry),
        credit=entry.text("credit"),
        test_only=test_only,
        suffix=_stored_suffix(download),
    )
    entry.finish()
    return picture
