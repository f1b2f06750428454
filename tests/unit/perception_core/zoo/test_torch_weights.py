import contextlib
import io
import os
import pickle
import struct

import numpy as np
import pytest

from perception_core.zoo.archives import download
from perception_core.zoo.errors import ConversionError
from perception_core.zoo.manifest import load_models
from perception_core.zoo.members import extract
from perception_core.zoo.spec import ArchiveSource
from perception_core.zoo.torch_weights import read_state_dict


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    """MTCNN's first network as it was published."""
    source = load_models()["mtcnn_pnet"].download.sources[0]
    assert isinstance(source, ArchiveSource)
    data = download(source.archive, tmp_path_factory.mktemp("archives"), lambda _: None).read_bytes()
    return extract(data, source.members["file"], "pnet")


def test_all_tensors_are_read_with_their_shapes(published):
    state = read_state_dict(published)
    assert state["conv1.weight"].shape == (10, 3, 3, 3)
    assert state["conv4_2.bias"].shape == (4,)
    assert len(state) == 13
    assert all(np.isfinite(values).all() for values in state.values())


@pytest.mark.parametrize("kept", [0, 1, 10, 1000, 1900, 1950, 20000])
def test_a_file_that_is_cut_short_is_refused(published, kept):
    with pytest.raises(ConversionError):
        read_state_dict(published[:kept])


class Harmful:
    """What a pickle can do when it is let."""

    def __reduce__(self):
        return os.system, ("true",)


def test_a_file_that_wants_to_run_something_is_refused(published):
    with pytest.raises(ConversionError, match=r"system.*not read"):
        read_state_dict(pickle.dumps(Harmful(), protocol=2))


def test_a_long_name_in_a_file_is_not_quoted_in_full():
    with pytest.raises(ConversionError) as caught:
        read_state_dict(b"c" + b"g" * 10_000 + b"\nx\n.")
    assert len(str(caught.value)) < 300


def test_a_file_of_another_kind_is_refused():
    with pytest.raises(ConversionError, match="not a PyTorch state dict"):
        read_state_dict(pickle.dumps(12, protocol=2))


def state_dict_file(shape, strides, numbers):
    """A state dict with one tensor "w", written opcode by opcode as PyTorch wrote them."""
    file = io.BytesIO()
    for content in (0x1950A86A20F9469CFC6C, 1001, {}):
        pickle.dump(content, file, protocol=2)

    def tuple_of(values):
        return b"(" + b"".join(b"J" + struct.pack("<i", value) for value in values) + b"t"

    file.write(b"\x80\x02}X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n(")
    file.write(b"(U\x07storagectorch\nFloatStorage\nU\x017U\x03cpuK" + bytes([len(numbers)]) + b"NtQ")
    file.write(b"K\x00" + tuple_of(shape) + tuple_of(strides) + b"tRs.")
    pickle.dump(["7"], file, protocol=2)
    file.write(struct.pack("<q", len(numbers)) + np.array(numbers, "<f4").tobytes())
    return file.getvalue()


def test_a_transposed_tensor_is_read_by_its_strides():
    state = read_state_dict(state_dict_file((2, 3), (1, 2), range(6)))
    np.testing.assert_array_equal(state["w"], [[0, 2, 4], [1, 3, 5]])


def test_a_tensor_that_reaches_beyond_its_numbers_is_refused():
    with pytest.raises(ConversionError, match="reaches beyond"):
        read_state_dict(state_dict_file((2, 3), (3, 1), range(5)))


@pytest.mark.parametrize(
    ("shape", "strides"),
    [((2, 3), (-1, 1)), ((-2, 3), (3, 1)), ((2**20, 2**20), (0, 0))],
    ids=["back", "minus", "huge"],
)
def test_a_tensor_that_would_read_or_fill_other_memory_is_refused(shape, strides):
    with pytest.raises(ConversionError, match="a tensor of shape"):
        read_state_dict(state_dict_file(shape, strides, range(6)))


def test_a_number_that_would_take_all_memory_is_refused():
    """A pickle that wants to remember something as number two thousand million."""
    magic = pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2)
    with pytest.raises(ConversionError, match="number 2000000000"):
        read_state_dict(magic[:-1] + b"r" + struct.pack("<I", 2_000_000_000) + b".")


def test_a_file_with_a_damaged_byte_is_read_or_refused():
    whole = state_dict_file((2, 3), (3, 1), range(6))
    for place in range(len(whole)):
        for change in (0x01, 0x20, 0x80, 0xFF):
            damaged = bytearray(whole)
            damaged[place] ^= change
            with contextlib.suppress(ConversionError):
                read_state_dict(bytes(damaged))
