"""Files with damage: valid ones that hypothesis cuts, flips, splices and fills with extreme numbers.

Every edit is a value that hypothesis draws, so that what it finds shrinks to few edits near the beginning of the file.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

from hypothesis import strategies as st

_MAX_EDITS = 6
_MAX_BYTES = 1_000_000  # an input that takes long or much memory is a finding only if it is small itself
_HEAD = 256  # where headers are, which decide most
_FORMATS = ("<B", "<H", ">H", "<I", ">I", "<Q", ">Q")
_TOKENS = (b"\0", b"\xff", b"\n", b"%s", b"\xed\xa0\x80", b"'\"", b"{[", b"-1", b"1e999", b"\xff\xd8\xff\xd9", b"IEND")

Edit = Callable[[bytearray], None]


def damaged(seeds: Sequence[bytes], repaired: Callable[[bytes], bytes] | None = None) -> st.SearchStrategy[bytes]:
    """Bytes made from valid files.

    Args:
        seeds: Valid files; parts of each are put into others.
        repaired: Makes checksums right again, so that damage gets past them; half of the inputs are treated so.
    """
    edits = st.lists(_edit(seeds), max_size=_MAX_EDITS)
    made = st.builds(_edited, st.sampled_from(seeds), edits)
    return made if repaired is None else st.one_of(made, made.map(repaired))


def _edited(seed: bytes, edits: Sequence[Edit]) -> bytes:
    data = bytearray(seed)
    for edit in edits:
        edit(data)
    return bytes(data[:_MAX_BYTES])


def _edit(seeds: Sequence[bytes]) -> st.SearchStrategy[Edit]:
    place = st.one_of(st.integers(0, _HEAD), st.integers(0, max(map(len, seeds))), st.integers(-_HEAD, -1))
    length = st.one_of(st.integers(1, 16), st.integers(1, 4096))
    return st.one_of(
        st.builds(_flip, place, st.integers(0, 7)),
        st.builds(_number, place, st.sampled_from(_FORMATS), st.integers(0, 5)),
        st.builds(_cut, place, length),
        st.builds(_end, place),
        st.builds(_insert, place, st.one_of(st.binary(min_size=1, max_size=16), st.sampled_from(_TOKENS))),
        st.builds(_repeat, place, length, st.sampled_from((1, 10, 1000))),
        st.builds(_splice, place, length, st.sampled_from(seeds), place),
    )


def _flip(place: int, bit: int) -> Edit:
    def edit(data: bytearray) -> None:
        if data:
            data[place % len(data)] ^= 1 << bit

    return edit


def _number(place: int, form: str, which: int) -> Edit:
    """Overwrites with a number that sizes and offsets break on."""
    bits = 8 * struct.calcsize(form)
    number = (0, 1, 2**bits - 1, 2 ** (bits - 1) - 1, 2 ** (bits - 1), 2**bits - 16)[which]

    def edit(data: bytearray) -> None:
        start = place % (len(data) + 1)
        data[start : start + bits // 8] = struct.pack(form, number)

    return edit


def _cut(place: int, length: int) -> Edit:
    def edit(data: bytearray) -> None:
        start = place % (len(data) + 1)
        del data[start : start + length]

    return edit


def _end(place: int) -> Edit:
    def edit(data: bytearray) -> None:
        del data[place % (len(data) + 1) :]

    return edit


def _insert(place: int, what: bytes) -> Edit:
    def edit(data: bytearray) -> None:
        start = place % (len(data) + 1)
        data[start:start] = what

    return edit


def _repeat(place: int, length: int, times: int) -> Edit:
    def edit(data: bytearray) -> None:
        start = place % (len(data) + 1)
        part = data[start : start + length]
        data[start:start] = part * min(times, _MAX_BYTES // (len(part) + 1))

    return edit


def _splice(place: int, length: int, other: bytes, from_place: int) -> Edit:
    def edit(data: bytearray) -> None:
        start, begin = place % (len(data) + 1), from_place % (len(other) + 1)
        data[start : start + length] = other[begin : begin + length]

    return edit
