"""models.yaml and pictures.yaml as a user may write them, receipts and archives as a disk may leave them."""

from __future__ import annotations

import copy
import io
import itertools
import os
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from benchmarks.fuzzing.mutation import damaged
from benchmarks.fuzzing.reader import Reader, WrongAnswerError
from perception_core.zoo.errors import DamagedArchiveError, ManifestError, ModelError
from perception_core.zoo.manifest import read_models, read_pictures
from perception_core.zoo.members import extract
from perception_core.zoo.recipe import recipe
from perception_core.zoo.store import Receipt, check_model, receipt_path

_SHA = "a0" * 32
_MEMBER = "a.onnx"
_ARCHIVES: dict[str, Any] = {
    "box": {"kind": "pypi", "package": "box", "version": "1.0", "sha256": _SHA, "licence": {"spdx": "MIT"}},
    "page": {"kind": "url", "url": "https://example.org/a.zip", "sha256": _SHA, "licence": {"spdx": "MIT"}},
}
_IMAGE = {"layout": "NCHW", "colour": "RGB", "subtract": [1, 2.5, 3], "divide": 255, "crop": "a square"}
_MODEL: dict[str, Any] = {
    "task": "doubling",
    "description": "Doubles numbers.",
    "licence": {"spdx": "MIT", "note": "Of somebody."},
    "default": True,
    "sha256": _SHA,
    "sources": [{"archive": "box", "member": ["inner.zip", _MEMBER]}, {"archive": "page", "member": _MEMBER}],
    "conversion": "onnx",
    "prelu_rewrite": False,
    "decoder": "class_scores",
    "inputs": [{"name": "x", "shape": ["N", 3, 4, 4], "image": _IMAGE}],
    "outputs": [{"name": "y", "shape": ["N", 2], "meaning": "scores"}],
    "labels": ["yes", "no"],
}
_OWN = {**_MODEL, "sources": [{"file": "~/mine.onnx"}]}
_MODELS = {"archives": _ARCHIVES, "models": {"doubler": _MODEL, "own": _OWN}}
_PICTURE = {"description": "A face.", "licence": {"spdx": "CC0-1.0"}, "credit": "Somebody", "sha256": _SHA}
_PICTURES = {
    "archives": _ARCHIVES,
    "pictures": {"face": {**_PICTURE, "sources": [{"archive": "page"}]}},
    "test_pictures": {"other": {**_PICTURE, "sources": [{"archive": "box", "member": "b.jpg"}]}},
}
# What YAML makes of a word depends on the word, and on what is written before it.
_WORDS = (
    *("2001-99-99", "2001-01-01", "0b_", "0x_", "1e999", ".nan", "-.inf", "~", "yes", "<<: 1", "0o9", "190:20:30"),
    *("!!int ''", "!!float ''", "!!bool ''", "!!timestamp ''", "!!binary ''", "!!null x", "!!seq x", "!!map x"),
    *("!!int x", "!!float x", "!!timestamp x", "!!bool x", "!!binary x", "!!set {}", "!!python/name:os.system", "*a"),
    *("&a [*a]", "&a {b: *a}", "? [1]", "{[1]: 2}", '"\\0"', '"\\ud800"', '"../../x"', "~nobody/x", "9" * 5000),
    *("[" * 2000, "{a: " * 2000, "- " * 2000, "|", ">-", "%YAML 9", "---", "...", "\t", "'", "#", "!", "@", "`"),
)
_LAUGHS = "\n".join(
    ["l0: &l0 [1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    + [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 9)]
    + ["models: *l8", "archives: *l8", ""]
)


def readers(folder: Path) -> list[Reader]:
    """What reads lists of models and what belongs to them."""
    os.environ["PERCEPTION_CACHE"] = str(folder / "cache")
    numbers = itertools.count()

    def fresh(data: bytes) -> Path:
        """A file that no cache knows."""
        path = folder / f"list{next(numbers) % 16}.yaml"
        path.unlink(missing_ok=True)
        path.write_bytes(data)
        return path

    return [
        Reader("models.yaml", _lists(_MODELS), lambda data: read_models(fresh(data)), (ManifestError,)),
        Reader("pictures.yaml", _lists(_PICTURES), lambda data: read_pictures(fresh(data)), (ManifestError,)),
        _receipt_reader(folder),
        Reader("archive", damaged(_archives()), _extract, (DamagedArchiveError,)),
    ]


def _lists(valid: dict[str, Any]) -> st.SearchStrategy[bytes]:
    """Valid lists with other values in some places, with other words, and with damaged bytes."""
    text = yaml.safe_dump(valid, sort_keys=False, allow_unicode=True)
    return st.one_of(
        _with_other_values(valid).map(lambda changed: yaml.safe_dump(changed, sort_keys=False).encode()),
        _with_words(text),
        damaged([text.encode(), _LAUGHS.encode()]),
    )


@st.composite
def _with_other_values(draw: st.DrawFn, valid: dict[str, Any]) -> Any:
    changed = copy.deepcopy(valid)
    for _ in range(draw(st.integers(1, 3))):
        inner: Any = changed
        keys = list(inner)
        key = draw(st.sampled_from(keys))
        while keys and isinstance(inner[key], (dict, list)) and inner[key] and draw(st.integers(0, 3)):
            inner = inner[key]
            keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
            key = draw(st.sampled_from(keys))
        if draw(st.booleans()):
            inner[key] = draw(_values())
        elif isinstance(inner, dict):
            inner[draw(st.one_of(st.text(max_size=9), st.integers(), st.none()))] = inner.pop(key)
    return changed


def _values() -> st.SearchStrategy[Any]:
    word = st.text(max_size=12)
    leaf = st.one_of(
        *(
            st.none(),
            st.booleans(),
            st.integers(),
            st.floats(),
            word,
            st.binary(max_size=5),
            st.dates(),
            st.datetimes(),
        ),
        st.sampled_from((10**400, -1, 0, "/", "..", "~x/y", "a\0b", "https://", "tflite", "none", "data")),
    )
    return st.recursive(
        leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(word, inner, max_size=3), max_leaves=5
    )


@st.composite
def _with_words(draw: st.DrawFn, text: str) -> bytes:
    """The text with one or two of its words replaced."""
    words = text.split(" ")
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.integers(0, len(words) - 1))
        end = "\n" if words[place].endswith("\n") else ""
        words[place] = draw(st.sampled_from(_WORDS)) + end
    return " ".join(words).encode()


def _receipt_reader(folder: Path) -> Reader:
    path = folder / "models.yaml"
    path.write_text(yaml.safe_dump({"archives": _ARCHIVES, "models": {"doubler": _MODEL}}))
    spec = read_models(path)["doubler"]
    stored = receipt_path(folder / "cache" / "models", "doubler")
    stored.parent.mkdir(parents=True, exist_ok=True)
    (stored.parent / "doubler.onnx").write_bytes(b"another file")
    receipt = Receipt({"file": _SHA}, recipe(spec), {"doubler.onnx": _SHA})
    other = st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=9), st.lists)
    fields = st.fixed_dictionaries({"sources": other, "recipe": st.just(recipe(spec)) | other, "files": other})

    def read(data: bytes) -> None:
        stored.write_bytes(data)
        check_model(spec)
        raise WrongAnswerError("a model whose file is another one was found to be right")

    texts = fields.map(lambda values: yaml.safe_dump(values, default_flow_style=True).encode())
    deep = st.sampled_from((b"[" * 100_000, b'{"a":' * 50_000, b"9" * 5000))
    return Reader("receipt", st.one_of(damaged([receipt.encoded()]), texts, deep), read, (ModelError,))


def _archives() -> list[bytes]:
    """A zip in a zip, and tars."""
    content = b"network" * 20
    made = []
    for form in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2):
        made.append(_zip(_MEMBER, _zip(_MEMBER, content, form), form))
    for mode in ("w:", "w:gz", "w:bz2", "w:xz"):
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode=mode) as tar:
            member = tarfile.TarInfo(_MEMBER)
            member.size = len(made[0])
            tar.addfile(member, io.BytesIO(made[0]))
        made.append(file.getvalue())
    return made


def _zip(name: str, content: bytes, form: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", form) as archive:
        archive.writestr(zipfile.ZipInfo(name), content, form)
    return file.getvalue()


def _extract(data: bytes) -> None:
    extract(data, (_MEMBER, _MEMBER), "an archive")
