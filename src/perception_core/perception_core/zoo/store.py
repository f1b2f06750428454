"""Finding what is ready to be used, and making sure that it is what it should be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from perception_core.paths import models_dir, pictures_dir
from perception_core.zoo.errors import ModelError, UnknownNameError
from perception_core.zoo.files import sha256_of
from perception_core.zoo.manifest import load_models, load_pictures, named
from perception_core.zoo.recipe import recipe, stored_names
from perception_core.zoo.spec import ONLY_PART, FileSource, ModelSpec, PictureSpec
from perception_core.zoo.yaml_entry import nearest

_SHA256_DIGITS = 64


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a stored file was made of.

    Attributes:
        sources: sha256 of the published files by role.
        recipe: Of the conversion.
        files: sha256 of the stored files by name.
    """

    sources: Mapping[str, str]
    recipe: str
    files: Mapping[str, str]

    def encoded(self) -> bytes:
        """As it is written to disk."""
        return (json.dumps(asdict(self), indent=1, sort_keys=True) + "\n").encode()


def receipt_path(folder: Path, name: str) -> Path:
    """Where the receipt of a model lies."""
    return folder / f"{name}.receipt.json"


def model_path(name: str, *, original: bool = False) -> Path:
    """A model that is ready to run.

    Args:
        name: As models.yaml calls it.
        original: The graph as it was before it was rewritten for ONNX Runtime; TensorRT wants it.

    Raises:
        UnknownNameError: No model is called so.
        ModelError: It is missing, damaged, or made from another version of its source.
    """
    spec = named(load_models(), name)
    check_model(spec)
    return models_dir() / stored_names(spec)[-1 if original else 0]


def check_model(spec: ModelSpec) -> None:
    """Makes sure that all files of a model are there and as they should be.

    Raises:
        ModelError: One is not; the text says which and what to do.
    """
    folder = models_dir()
    remedy = f"Run `./perception models fetch {spec.name}`."
    receipt = _receipt(receipt_path(folder, spec.name), remedy)
    if receipt.recipe != recipe(spec) or dict(receipt.sources) != _expected_sources(spec, remedy):
        raise ModelError(f"{folder / spec.name}: made for another version of its entry in models.yaml. {remedy}")
    for name in stored_names(spec):
        _check_file(folder / name, receipt.files.get(name, ""), remedy)


def picture_path(name: str) -> Path:
    """A picture or clip that was downloaded.

    Raises:
        UnknownNameError: No picture is called so.
        ModelError: It is missing or damaged.
    """
    pictures = load_pictures()
    if name not in pictures:
        raise UnknownNameError(f"No picture is called {name}.{nearest(name, pictures)}")
    check_picture(pictures[name])
    return stored_picture(pictures[name])


def stored_picture(spec: PictureSpec) -> Path:
    """Where a picture lies once it is fetched."""
    return pictures_dir() / f"{spec.name}{spec.suffix}"


def check_picture(spec: PictureSpec) -> None:
    """Makes sure that a picture is there and as it should be.

    Raises:
        ModelError: It is not.
    """
    (expected,) = spec.download.parts.values()
    remedy = "Run `./perception setup`."
    _check_file(stored_picture(spec), expected or "", remedy)


def _check_file(path: Path, expected: str, remedy: str) -> None:
    if not path.is_file():
        raise ModelError(f"{path} is missing. {remedy}")
    try:
        found = sha256_of(path)
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read: {error.strerror}. Make it readable, or remove it. {remedy}"
        ) from error
    if found != expected:
        raise ModelError(
            f"{path}: sha256 is {found}, expected {expected}: the file is damaged or another version. {remedy}"
        )


def _unreadable(path: Path, error: OSError, remedy: str) -> ModelError:
    return ModelError(f"{path} cannot be read: {error.strerror}. Make it readable, or remove it. {remedy}")


def _receipt(path: Path, remedy: str) -> Receipt:
    try:
        receipt = Receipt(**json.loads(path.read_bytes()))
    except FileNotFoundError as error:
        raise ModelError(f"{path.name.split('.')[0]} is not there yet ({path.parent}). {remedy}") from error
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read: {error.strerror}. Make it readable, or remove it. {remedy}"
        ) from error
    except (ValueError, TypeError, RecursionError) as error:
        raise ModelError(f"{path} is damaged. {remedy}") from error
    if not (_are_hashes(receipt.sources) and _are_hashes(receipt.files)):
        raise ModelError(f"{path} is damaged. {remedy}")
    return receipt


def _are_hashes(listed: object) -> bool:
    return isinstance(listed, dict) and all(
        isinstance(value, str) and len(value) == _SHA256_DIGITS for value in listed.values()
    )


def _expected_sources(spec: ModelSpec, remedy: str) -> dict[str, str]:
    pinned = {part: sha256 for part, sha256 in spec.download.parts.items() if sha256 is not None}
    source = spec.download.sources[0]
    if pinned or not isinstance(source, FileSource):
        return pinned
    # The user's own file is the truth where no hash is given.
    if not source.path.is_file():
        raise ModelError(f"{source.path} is missing ({spec.download.place}). Restore it. {remedy}")
    return {ONLY_PART: sha256_of(source.path)}
