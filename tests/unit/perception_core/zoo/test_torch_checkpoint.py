import collections
import contextlib
import io
import os
import pickle
import zipfile

import numpy as np
import pytest

from perception_core.zoo.archives import download
from perception_core.zoo.errors import ConversionError
from perception_core.zoo.manifest import load_models
from perception_core.zoo.members import extract
from perception_core.zoo.spec import ArchiveSource
from perception_core.zoo.torch_checkpoint import read_weights
from perception_core.zoo.torch_weights import read_state_dict

WEIGHTS = {"conv1.weight": np.arange(6, dtype="<f4").reshape(2, 3), "fc.bias": np.array([0.5, -1.5], "<f4")}
COUNTED = WEIGHTS | {"bn1.num_batches_tracked": np.array(7, "<i8")}


def same(found, wanted=WEIGHTS):
    assert set(found) == set(wanted)
    for name, values in wanted.items():
        np.testing.assert_array_equal(found[name], values)
        assert found[name].dtype == np.float32


@pytest.mark.parametrize("zipped", [True, False], ids=["since 1.6", "before 1.6"])
def test_a_state_dict_is_read_in_both_formats(torch_save, zipped):
    same(read_weights(torch_save(COUNTED, zipped=zipped)), COUNTED)


@pytest.mark.parametrize("container", ["state_dict", "model_state_dict", "model"])
def test_a_checkpoint_is_searched_for_its_state_dict(torch_save, container):
    same(read_weights(torch_save({container: WEIGHTS, "epoch": 3, "best": 0.61})))


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.module.", "model.backbone."])
def test_what_wrappers_put_before_the_names_is_taken_off(torch_save, prefix):
    same(read_weights(torch_save({"state_dict": {prefix + name: value for name, value in WEIGHTS.items()}})))


@pytest.mark.parametrize("dtype", ["<f2", "<f8"])
def test_other_precisions_become_single(torch_save, dtype):
    same(read_weights(torch_save({name: value.astype(dtype) for name, value in WEIGHTS.items()})))


def test_a_real_file_gives_the_same_as_the_other_reader(tmp_path):
    source = load_models()["mtcnn_pnet"].download.sources[0]
    assert isinstance(source, ArchiveSource)
    data = download(source.archive, tmp_path, lambda _: None).read_bytes()
    published = extract(data, source.members["file"], "pnet")
    same(read_weights(published), read_state_dict(published))


class Harmful:
    """What a pickle can do when it is let."""

    def __reduce__(self):
        return os.mkdir, ("harm",)


@pytest.mark.parametrize("zipped", [True, False])
def test_nothing_that_a_file_names_is_run(torch_save, zipped, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    same(read_weights(torch_save({"model": WEIGHTS, "extra": Harmful()})))
    with pytest.raises(ConversionError):
        read_weights(torch_save({"model": Harmful()}, zipped=zipped))
    with pytest.raises(ConversionError):
        read_weights(pickle.dumps(Harmful(), protocol=2))
    assert not (tmp_path / "harm").exists()


class Network:
    """Stands for a class of the user's."""

    def __init__(self):
        self.layers = collections.OrderedDict(WEIGHTS)


@pytest.mark.parametrize(
    "content", [{}, {"epoch": 3}, {"state_dict": {}}, {"model": [1, 2]}, {"model": Network()}, Network(), 12, None]
)
def test_what_is_no_state_dict_is_refused_with_the_remedy(torch_save, content):
    with pytest.raises(ConversionError, match=r"torch\.save\(model\.state_dict\(\), PATH\)"):
        read_weights(torch_save(content))


def test_a_compressed_archive_is_refused_before_it_is_unpacked(torch_save):
    bomb = torch_save({"w": np.zeros(10_000_000, "<f4")}, compressed=True)
    assert len(bomb) < 100_000
    with pytest.raises(ConversionError, match="compressed"):
        read_weights(bomb)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_that_is_cut_short_or_damaged_is_read_or_refused(torch_save, zipped):
    whole = torch_save(COUNTED, zipped=zipped)
    for kept in range(0, len(whole), 7):
        with pytest.raises(ConversionError):
            read_weights(whole[:kept])
    for place in range(0, len(whole), 3):
        damaged = bytearray(whole)
        damaged[place] ^= 0x81
        with contextlib.suppress(ConversionError):
            read_weights(bytes(damaged))


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x03\x04", b"\x89PNG\r\n", b"no weights at all"])
def test_a_file_of_another_kind_is_refused(data):
    with pytest.raises(ConversionError):
        read_weights(data)


@pytest.mark.timeout(10)
def test_a_checkpoint_that_holds_itself_is_refused():
    endless = {}
    endless["model"] = endless
    preamble = [pickle.dumps(content, protocol=2) for content in (0x1950A86A20F9469CFC6C, 1001, {})]
    with pytest.raises(ConversionError, match="holds no state dict"):
        read_weights(b"".join([*preamble, pickle.dumps(endless, protocol=2), pickle.dumps([], protocol=2)]))


def test_what_is_wrong_is_not_quoted_at_any_length():
    preamble = pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2)
    with pytest.raises(ConversionError, match="damaged or cut short") as caught:
        read_weights(preamble + b"F" + b"x" * 40_000 + b"\n.")
    assert len(str(caught.value)) < 500


def pickled_archive(pickled, storages=()):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("network/data.pkl", pickled)
        for key, data in enumerate(storages):
            archive.writestr(f"network/data/{key}", data)
    return file.getvalue()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("made", ["deep", "doubled", "tripled set"])
@pytest.mark.parametrize("place", ["key", "storage", "pair"])
def test_tuples_that_would_take_for_ever_or_end_the_process_are_refused(made, place):
    laughing = {
        "deep": b"N" + b"\x85" * 1_000_000,
        "doubled": b"N" + b"2\x86" * 60,
        "tripled set": b"N" + b"q\x01h\x01h\x01\x870(h\x01\x91" + b"q\x01h\x01h\x01\x87" * 40,
    }[made]
    pickled = {
        "key": b"\x80\x04}(" + laughing + b"K\x01u.",
        "storage": b"\x80\x04(U\x07storagectorch\nFloatStorage\n" + laughing + b"U\x03cpuK\x01tQ.",
        "pair": b"\x80\x04ccollections\nOrderedDict\n]" + laughing + b"K\x01\x86a\x85R.",
    }[place]
    with pytest.raises(ConversionError, match="nests more than 1000 tuples"):
        read_weights(pickled_archive(pickled))


def shared(count, size):
    """A dictionary of tensors that all have the same numbers."""
    made = b"(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x01tQq\x01"
    tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(" + made + b"K\x00K%c\x85K\x01\x85\x89}tR" % size
    named = b"".join(b"X\x03\x00\x00\x00%03d" % number + tensor for number in range(count))
    return pickled_archive(b"\x80\x02}(" + named + b"u.", [np.arange(size, dtype="<f4").tobytes()])


def test_layers_may_share_their_numbers_but_not_hundreds():
    same(read_weights(shared(2, 100)), {name: np.arange(100, dtype="<f4") for name in ("000", "001")})
    with pytest.raises(ConversionError, match="more than 4 times the 100 numbers"):
        read_weights(shared(200, 100))


def test_numbers_of_half_a_float_are_read_as_the_float_that_they_begin():
    bits = (np.arange(100, dtype="<f4").view("<u4") >> 16).astype("<u2").tobytes()
    pickled = zipfile.ZipFile(io.BytesIO(shared(1, 100))).read("network/data.pkl")
    found = read_weights(pickled_archive(pickled.replace(b"FloatStorage", b"BFloat16Storage"), [bits]))
    same(found, {"000": np.arange(100, dtype="<f4")})
