"""Gzip of many members: all of them come out, and none costs the rest of the object."""

import gzip
import random

import pytest
from isal import igzip_lib

from collectors.unpack import PIECE_BYTES, Unreadable, in_pieces, unpack

TEXTS = [f'{{"line": {number}}}\n'.encode() * (number % 50) for number in range(3_000)]
NOISE = random.Random(7).randbytes(300_000)


def packed(text: bytes) -> bytes:
    return gzip.compress(text, mtime=0)


def test_many_members_come_out_in_their_order() -> None:
    assert unpack(b"".join(map(packed, TEXTS))) == b"".join(TEXTS)


def test_many_empty_members_are_an_empty_text() -> None:
    assert unpack(packed(b"") * 20_000 + b"\0" * 512) == b""


@pytest.mark.parametrize("first", [b"", b"a" * 10, NOISE])
def test_a_large_member_after_another_comes_out_whole(first: bytes) -> None:
    text = b" " * 3_000_000 + NOISE
    assert unpack(packed(first) + packed(text) + packed(b"end")) == first + text + b"end"


@pytest.mark.parametrize("text", [b"", b"short", NOISE])
def test_little_is_fed_beyond_the_end_of_a_member(text: bytes) -> None:
    own, further = packed(text), packed(NOISE) * 20
    member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
    found, fed = in_pieces(member, memoryview(own + further), 1 << 30)
    assert found == text
    assert fed - len(member.unused_data) == len(own)
    assert len(own) <= fed <= 2 * len(own) + PIECE_BYTES


def test_a_bomb_behind_another_member_stops_at_the_cap() -> None:
    stored = packed(b"good\n") + packed(b" " * 50_000_000)
    with pytest.raises(Unreadable, match="more than 1,000 bytes") as refused:
        unpack(stored, 1_000)
    assert refused.value.place == f"byte {len(packed(b'good' + bytes([10])))}"
    member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
    found, _ = in_pieces(member, memoryview(packed(b" " * 50_000_000)), 1_000)
    assert len(found) == 1_000


def test_a_member_cut_short_after_others_gives_what_came_before() -> None:
    stored = b"".join(map(packed, TEXTS[:100])) + packed(NOISE)[:-100_000]
    with pytest.raises(Unreadable, match="truncated gzip") as refused:
        unpack(stored)
    assert refused.value.place == f"byte {len(stored)}"
    assert refused.value.text.startswith(b"".join(TEXTS[:100]) + NOISE[:1_000])


def test_damage_in_a_later_member_is_placed_at_its_beginning() -> None:
    good, bad = packed(TEXTS[1]), bytearray(packed(NOISE))
    bad[-8] ^= 0xFF  # its checksum
    with pytest.raises(Unreadable, match="damaged gzip") as refused:
        unpack(good + bytes(bad) + good)
    assert refused.value.place == f"byte {len(good)}"
