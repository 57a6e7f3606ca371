"""Many events at once: numbers in arrays, words once each.

Every text field of an event is a list of distinct **words** and an array that says which word
each row has; see ``tocsin.model.events.WORDS``. Nothing in FOLLOW looks at a row's text: it
compares small integers and turns to the word when it has something to say.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.model.events import (
    MICROSECOND,
    NUMBERS,
    WORDS,
    ActorKind,
    Event,
    Outcome,
    RawRef,
    Reason,
)

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

ID = np.dtype([("hi", ">u8"), ("lo", ">u8")])
"""An event id in 16 bytes: a UUID's own, any other id's BLAKE2b."""

ABSENT = -1
"""A number the source did not give."""


class Interner(dict[str, int]):
    """Numbers words in the order of their first sight: the first word is 0."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


@dataclass(frozen=True, slots=True)
class Columns:
    """Events as columns; all arrays have one entry per row.

    Attributes:
        at: (n,) int64, µs since 1970 UTC.
        id: (n,) ``ID``.
        word: Per text field, its distinct words. A word may be there that no row has.
        code: Per text field, (n,) int32: the number of each row's word.
        number: Per number field, (n,) int64, ``ABSENT`` where not given.
        id_text: Row → the id as the source wrote it, only where it is not a canonical UUID.
        raw_object: The objects the rows were read from.
        raw_code: (n,) int32: which of them.
        raw_place: (n,) int32: which record or line of it.
    """

    at: Int64s
    id: npt.NDArray[Any]
    word: Mapping[str, Sequence[str]]
    code: Mapping[str, Int32s]
    number: Mapping[str, Int64s]
    id_text: Mapping[int, str]
    raw_object: Sequence[str]
    raw_code: Int32s
    raw_place: Int32s

    def __len__(self) -> int:
        return len(self.at)

    def text(self, field: str, row: int) -> str:
        """Return one row's word."""
        return self.word[field][self.code[field].item(row)]

    def event_id(self, row: int) -> str:
        """Return one row's id as the source wrote it."""
        return self.id_text.get(row) or _canonical(self.id[row].tobytes().hex())

    def event_ids(self, rows: Iterable[int]) -> tuple[str, ...]:
        """Return the ids of several rows, in their order."""
        return tuple(id_texts(*self.packed_ids(np.fromiter(rows, np.intp))))

    def packed_ids(self, rows: npt.NDArray[np.intp]) -> tuple[npt.NDArray[Any], dict[int, str]]:
        """Return the ids of several rows as ``pack_ids`` does; see ``id_texts``."""
        odd = dict[int, str]()
        if self.id_text:
            places = enumerate(rows.tolist())
            odd = {new: self.id_text[old] for new, old in places if old in self.id_text}
        return self.id[rows], odd

    def rows_with(self, field: str, words: Iterable[str]) -> Bools:
        """Return (n,) bool: the rows whose word is one of these."""
        known = self.word[field]
        table = np.fromiter(map(frozenset(words).__contains__, known), np.bool_, len(known))
        return table[self.code[field]] if len(table) else np.zeros(len(self), np.bool_)

    def take(self, rows: npt.NDArray[Any]) -> "Columns":
        """Return these rows in this order; words are shared, not copied."""
        ids, id_text = self.packed_ids(rows)
        return Columns(
            at=self.at[rows],
            id=ids,
            word=self.word,
            code={field: codes[rows] for field, codes in self.code.items()},
            number={field: values[rows] for field, values in self.number.items()},
            id_text=id_text,
            raw_object=self.raw_object,
            raw_code=self.raw_code[rows],
            raw_place=self.raw_place[rows],
        )

    def event(self, row: int) -> Event:
        """Return one row as an event."""
        words = {field: self.text(field, row) for field in WORDS}
        outcome, reason = Outcome(words.pop("outcome")), Reason(words.pop("reason"))
        kind = ActorKind(words.pop("actor_kind"))
        numbers = {field: int(self.number[field][row]) for field in NUMBERS}
        return Event(
            id=self.event_id(row),
            at=EPOCH + int(self.at[row]) * MICROSECOND,
            outcome=outcome,
            reason=reason,
            actor_kind=kind,
            raw=RawRef(self.raw_object[self.raw_code[row]], int(self.raw_place[row])),
            **words,  # type: ignore[arg-type] # the rest of WORDS: all text
            **{field: None if value == ABSENT else value for field, value in numbers.items()},  # type: ignore[arg-type] # NUMBERS
        )


def pack_ids(texts: Sequence[str]) -> tuple[npt.NDArray[Any], dict[int, str]]:
    """Return ids in 16 bytes each, and the texts of those that are no canonical UUID.

    Args:
        texts: Ids as the sources wrote them, not empty.
    """
    joined = "".join(texts)
    size = len(texts)
    if len(joined) == 36 * size and joined.isascii():
        letters = np.frombuffer(joined.encode(), np.uint8).reshape(size, 36)
        dashes = (letters[:, (8, 13, 18, 23)] == ord("-")).all(axis=1)
        digits = np.delete(letters, (8, 13, 18, 23), axis=1)
        lower = ((digits >= ord("0")) & (digits <= ord("9"))) | (
            (digits >= ord("a")) & (digits <= ord("f"))
        )
        if bool(dashes.all()) and bool(lower.all()):
            return np.frombuffer(bytes.fromhex(digits.tobytes().decode()), ID), {}
    packed, odd = bytearray(), dict[int, str]()
    for row, text in enumerate(texts):
        try:
            number = uuid.UUID(text)
        except ValueError:
            number = None
        if number is not None and str(number) == text:
            packed += number.bytes
        else:
            odd[row] = text
            packed += blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return np.frombuffer(bytes(packed), ID), odd


def id_texts(packed: npt.NDArray[Any], odd: Mapping[int, str]) -> list[str]:
    """Return the ids that ``pack_ids`` packed, as the sources wrote them."""
    digits = packed.tobytes().hex()
    starts = range(0, len(digits), 32)
    return [odd.get(n) or _canonical(digits[at : at + 32]) for n, at in enumerate(starts)]


def _canonical(h: str) -> str:
    """Return a UUID, given in hex, as it is written."""
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def join(parts: Sequence[Columns]) -> Columns:
    """Return all rows of ``parts``, one after the other, over one list of words per field."""
    if len(parts) == 1:
        return parts[0]
    word, code = dict[str, list[str]](), dict[str, Int32s]()
    for field in WORDS:
        word[field], code[field] = _united([(part.word[field], part.code[field]) for part in parts])
    raw_object, raw_code = _united([(part.raw_object, part.raw_code) for part in parts])
    id_text, start = dict[int, str](), 0
    for part in parts:
        id_text.update({start + row: text for row, text in part.id_text.items()})
        start += len(part)
    return Columns(
        at=_concat([part.at for part in parts], np.int64),
        id=_concat([part.id for part in parts], ID),
        word=word,
        code=code,
        number={
            field: _concat([part.number[field] for part in parts], np.int64) for field in NUMBERS
        },
        id_text=id_text,
        raw_object=raw_object,
        raw_code=raw_code,
        raw_place=_concat([part.raw_place for part in parts], np.int32),
    )


def _united(parts: Sequence[tuple[Sequence[str], Int32s]]) -> tuple[list[str], Int32s]:
    """Return the words of several parts, once each, and the codes of all their rows."""
    words = list(dict.fromkeys(chain.from_iterable(words for words, _ in parts)))
    number = dict(zip(words, range(len(words)), strict=True))
    tables = [np.fromiter(map(number.__getitem__, its), np.int32, len(its)) for its, _ in parts]
    rows = [table[codes] for table, (_, codes) in zip(tables, parts, strict=True)]
    return words, _concat(rows, np.int32)


def _concat(arrays: list[npt.NDArray[Any]], dtype: Any) -> npt.NDArray[Any]:
    # With its type: numpy would turn the bytes of an id round to the machine's order.
    return np.concatenate(arrays, dtype=dtype) if arrays else np.zeros(0, dtype)


def in_order(at: Int64s, ids: npt.NDArray[Any]) -> tuple[npt.NDArray[np.intp], int]:
    """Return the rows in the order events are judged, each id once per event hour.

    Events are ordered by time and, within one instant, by id: an order every arrival order of
    the same events agrees on. Of several rows with one id the first by that order stays.

    Returns:
        Row numbers, and how many rows were duplicates.
    """
    hi, lo = ids["hi"].astype(np.uint64), ids["lo"].astype(np.uint64)
    order = _by_time(at, hi, lo)
    hour = at // 3_600_000_000
    mixed = hi ^ (lo * np.uint64(0x9E3779B97F4A7C15)) ^ hour.astype(np.uint64)
    in_row = np.sort(mixed)
    twice = in_row[1:][in_row[1:] == in_row[:-1]]
    if not len(twice):
        return order, 0
    rank = np.empty(len(at), np.intp)
    rank[order] = np.arange(len(at))
    kept = np.ones(len(at), np.bool_)
    first: dict[tuple[int, int, int], int] = {}
    for row in np.flatnonzero(np.isin(mixed, twice)).tolist():
        key = (int(hi[row]), int(lo[row]), int(hour[row]))
        other = first.setdefault(key, row)
        if other != row:
            loser, winner = (row, other) if rank[other] < rank[row] else (other, row)
            kept[loser], first[key] = False, winner
    ordered = order[kept[order]]
    return ordered, len(at) - len(ordered)


def _by_time(at: Int64s, hi: npt.NDArray[Any], lo: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """Return the rows by time, then id: ids are only looked at where instants are the same."""
    order = np.argsort(at, kind="stable")
    sorted_at = at[order]
    same = np.zeros(len(at) + 1, np.bool_)
    same[1:-1] = sorted_at[1:] == sorted_at[:-1]
    tied = np.flatnonzero(same[:-1] | same[1:])
    rows = order[tied]
    order[tied] = rows[np.lexsort((lo[rows], hi[rows], at[rows]))]
    return order
