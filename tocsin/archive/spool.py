"""A spool: a segment for the next step of one scan, gone with its folder.

It holds what a segment holds, in the form in which it lies in memory: the arrays' bytes, each code
in as few bytes as its words need, and the words. Nothing is converted on either side, and a scan
that meets thousands of small objects makes many of these.

Text is UTF-8; what no UTF-8 can hold is stored as ``tocsin.model.texts`` says.

Source: MessagePack specification.
"""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from tocsin.model.columns import ID, Columns, Int32s, Interner, join
from tocsin.model.events import NUMBERS, WORDS
from tocsin.model.findings import Hit
from tocsin.model.texts import storable

SUFFIX = ".spool"

_CODES = (np.uint8, np.uint16, np.int32)
"""Types of codes, by the number of bytes they take: the first that has room is taken."""

_OF_WIDTH: dict[int, Any] = {np.dtype(kind).itemsize: kind for kind in _CODES}


class _Spooled(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    at: bytes
    id: bytes
    word: list[list[str]]
    code: list[bytes]
    number: list[bytes]
    id_text: dict[int, str]
    raw_place: bytes
    hits: list[tuple[int, str, str]]


_HEAD, _PARTS, _UTF8_MOST = 9, 64, 4
"""The most bytes that MessagePack puts before a value; more values than a spool has parts; the most
bytes of one character."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Spooled)


def encode(columns: Columns, hits: Sequence[Hit]) -> bytearray:
    """Return events and their hits as bytes; only words that rows have.

    Raises:
        MemoryError: There is no room for them.
    """
    names = [(columns.word[name], columns.code[name]) for name in WORDS]
    tidied = [_tidy(*pair) for pair in (*names, (columns.raw_object, columns.raw_code))]
    spooled = _Spooled(
        at=columns.at.tobytes(),
        id=columns.id.tobytes(),
        word=[words for words, _ in tidied],
        code=[_narrow(codes, len(words)) for words, codes in tidied],
        number=[columns.number[name].tobytes() for name in NUMBERS],
        id_text=dict(columns.id_text),
        raw_place=columns.raw_place.astype(np.int32).tobytes(),
        hits=[(hit.row, hit.rule, hit.why) for hit in hits],
    )
    try:
        return _encoded(spooled)
    except UnicodeEncodeError:
        spooled.word = [list(map(storable, words)) for words in spooled.word]
        spooled.id_text = {row: storable(text) for row, text in spooled.id_text.items()}
        spooled.hits = [(row, storable(rule), storable(why)) for row, rule, why in spooled.hits]
        return _encoded(spooled)


def _encoded(spooled: _Spooled) -> bytearray:
    # The library does not survive it if memory ends while it makes more room: it gets all at once.
    texts = chain(*spooled.word, spooled.id_text.values(), *(hit[1:] for hit in spooled.hits))
    parts = (spooled.at, spooled.id, spooled.raw_place, *spooled.code, *spooled.number)
    lengths = [*map(len, texts)]
    heads = _HEAD * (len(lengths) + len(spooled.id_text) + 2 * len(spooled.hits) + _PARTS)
    buffer = bytearray(sum(map(len, parts)) + _UTF8_MOST * sum(lengths) + heads)
    _encoder.encode_into(spooled, buffer)
    return buffer


def decode(stored: bytes) -> tuple[Columns, list[Hit]]:
    """Return what was encoded.

    Raises:
        msgspec.DecodeError: It is no spool.
        ValueError: Neither.
    """
    spooled = _decoder.decode(stored)
    size = len(spooled.at) // 8
    pairs = [
        (words, _wide(codes, size)) for words, codes in zip(spooled.word, spooled.code, strict=True)
    ]
    distinct = [_distinct(*pair) for pair in pairs]
    raw_object, raw_code = distinct.pop()
    columns = Columns(
        at=np.frombuffer(spooled.at, np.int64),
        id=np.frombuffer(spooled.id, ID),
        word={name: words for name, (words, _) in zip(WORDS, distinct, strict=True)},
        code={name: codes for name, (_, codes) in zip(WORDS, distinct, strict=True)},
        number={
            name: np.frombuffer(values, np.int64)
            for name, values in zip(NUMBERS, spooled.number, strict=True)
        },
        id_text=spooled.id_text,
        raw_object=raw_object,
        raw_code=raw_code,
        raw_place=np.frombuffer(spooled.raw_place, np.int32),
    )
    return columns, [Hit(*hit) for hit in spooled.hits]


def load(path: Path, since_us: int | None, until_us: int | None) -> tuple[Columns, list[Hit]]:
    """Return the events of a file with ``since_us <= at < until_us``; None sets no bound."""
    columns, hits = decode(path.read_bytes())
    wanted = np.ones(len(columns), np.bool_)
    if since_us is not None:
        wanted &= columns.at >= since_us
    if until_us is not None:
        wanted &= columns.at < until_us
    if wanted.all():
        return columns, hits
    return select(columns, hits, np.flatnonzero(wanted))


def select(
    columns: Columns, hits: Sequence[Hit], rows: npt.NDArray[np.intp]
) -> tuple[Columns, list[Hit]]:
    """Return some rows, ascending, and their hits."""
    place = np.full(len(columns), -1, np.int64)
    place[rows] = np.arange(len(rows))
    kept = [Hit(int(place[hit.row]), hit.rule, hit.why) for hit in hits if place[hit.row] >= 0]
    return columns.take(rows), kept


def joined(parts: Sequence[tuple[Columns, list[Hit]]]) -> tuple[Columns, list[Hit]]:
    """Return several parts as one."""
    hits, start = list[Hit](), 0
    for columns, said in parts:
        hits.extend(Hit(start + row, rule, why) for row, rule, why in said)
        start += len(columns)
    return join([columns for columns, _ in parts if len(columns)]), hits


def _tidy(words: Sequence[str], codes: Int32s) -> tuple[list[str], Int32s]:
    used = np.flatnonzero(np.bincount(codes, minlength=len(words)))
    if len(used) == len(words):
        return list(words), codes
    number = np.zeros(len(words), np.int32)
    number[used] = np.arange(len(used), dtype=np.int32)
    return [words[at] for at in used.tolist()], number[codes]


def _narrow(codes: Int32s, words: int) -> bytes:
    kind = next((kind for kind in _CODES if words <= np.iinfo(kind).max + 1), np.int32)
    return codes.astype(kind).tobytes()


def _wide(stored: bytes, size: int) -> Int32s:
    kind = _OF_WIDTH.get(len(stored) // max(size, 1), np.int32)
    return np.frombuffer(stored, kind).astype(np.int32)


def _distinct(words: list[str], codes: Int32s) -> tuple[list[str], Int32s]:
    """Return words once each: some may have become equal when they were stored."""
    if len(set(words)) == len(words):
        return words, codes
    numbers = Interner()
    table = np.array([numbers[word] for word in words], np.int32)
    return list(numbers), table[codes]
