"""What kinds of records have in common on their way from text to a batch.

Records of several small objects are piled together: rules are asked and arrays are made for some
hundred rows at a time, whatever the objects' sizes.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from collectors.base import Reject
from collectors.pile import MOST_VALUES, Chunk, Group, Pile
from tocsin.model.columns import Columns, Int32s
from tocsin.model.findings import Hit
from tocsin.model.rows import GROUPS, Fields, Layout, Match, Rows

ENOUGH_BYTES = 1 << 21
"""How much text makes a chunk: as much as a processor's own memory holds, decoded. With fewer rows
numpy's calls weigh more; with more, each record is fetched from afar every time it is touched."""


class Decoded(NamedTuple):
    """What one object's text held.

    Attributes:
        records: The records, of whatever type the source works with.
        places: Which record or line of the object each is, from 0.
        rejects: What could not be read.
        total: How many records there were.
        text: What a source finds a record's own bytes in, by its place.
    """

    records: list[Any]
    places: Sequence[int]
    rejects: list[Reject]
    total: int
    text: Any = None


class Waiting(NamedTuple):
    """Records on their way into a chunk; all of one length.

    Attributes:
        records: The records.
        place: Which record or line of its object each is.
        number: Which object, in the order of the read.
        part: Which of ``texts`` it was decoded from.
        texts: As the source's ``_decode`` gave them.
    """

    records: list[Any]
    place: Int32s
    number: Int32s
    part: Int32s
    texts: list[Any]

    def without(self, bad: Mapping[int, str]) -> "Waiting":
        """Return what is left when some rows are taken out."""
        if not bad:
            return self
        kept = [row for row in range(len(self.records)) if row not in bad]
        return Waiting(
            [self.records[row] for row in kept],
            self.place[kept],
            self.number[kept],
            self.part[kept],
            self.texts,
        )


class Source(ABC):
    """Makes batches of one kind of record.

    Attributes:
        name: What ``event.source`` says.
        logsource: What rules' ``logsource`` is compared with.
        layout: Which field lies in which group.
        groups: The distinct values seen so far, by group.
        waiting: How many bytes of text wait to be flushed.
        unmapped: Words of outcomes that mean nothing to it; some of them.
        says_outcome: Whether any record said its outcome; None where it need not, or none was read.
    """

    word = "record"
    """What one of many is called in a reject's place."""

    def __init__(self, name: str, logsource: Mapping[str, str], layout: Layout) -> None:
        self.name, self.logsource, self.layout = name, dict(logsource), layout
        self.groups: dict[str, Group] = {}
        self._addresses: list[str] = []
        self._raws: list[str] = []
        self._held: list[tuple[Decoded, int]] = []
        self.waiting = 0
        self.unmapped: set[str] = set()
        self.says_outcome: bool | None = None
        self._start_over()

    def cut(self, text: bytes) -> Iterator[tuple[bytes, int]]:
        """Yield a text in parts to be taken in one by one, each with its first line's number.

        Decoded, a text takes many times its size.
        """
        yield text, 0

    def add(self, text: bytes, address: str, raw: str = "", first: int = 0) -> Decoded:
        """Take in a part of an object's text.

        Args:
            text: All of it, or a part as :meth:`cut` gives them, in their order.
            address: What rejects call the object.
            raw: Where its records can be read again; "" for the address.
            first: The number of the text's first line, from 0.

        Raises:
            Skipped: It holds no events.
        """
        if not first:
            self._addresses.append(address)
            self._raws.append(raw or address)
        decoded = self._decode(text, address, first)
        self._held.append((decoded, len(self._addresses) - 1))
        self.waiting += len(text)
        return decoded

    def flush(self, match: Match) -> tuple[list[Hit], list[Reject]]:
        """Make a chunk of what waits, and ask the rules.

        Returns:
            Hits, by row of the columns to come; what turned out to be no event after all.
        """
        held, self._held, self.waiting = self._held, [], 0
        records = [record for decoded, _ in held for record in decoded.records]
        if not records:
            return [], []
        sizes = [len(decoded.records) for decoded, _ in held]
        part = np.repeat(np.arange(len(held), dtype=np.int32), sizes)
        waiting = Waiting(
            records,
            np.concatenate([_array(decoded.places) for decoded, _ in held]),
            np.array([number for _, number in held], np.int32)[part],
            part,
            [decoded.text for decoded, _ in held],
        )
        chunk, rows, bad = self._chunk(waiting)
        rejects = [
            Reject(
                self._addresses[waiting.number[row]],
                f"{self.word} {int(waiting.place[row]) + 1}",
                reason,
                self._sample(waiting, row),
            )
            for row, reason in bad.items()
        ]
        before = self._pile.size
        self._pile.put(chunk)
        return [Hit(before + row, rule, why) for row, rule, why in match(rows)], rejects

    def columns(self) -> Columns:
        """Return everything flushed, and begin anew; what is remembered of values stays."""
        columns = self._pile.columns(self._raws)
        self._addresses, self._raws = [], []
        if any(len(group) > MOST_VALUES for group in self.groups.values()):
            self._start_over()
        return columns

    def _start_over(self) -> None:
        self.groups = self._fresh()
        self._pile = Pile(self.groups)

    def _rows(
        self,
        size: int,
        chunk: Chunk,
        row: Any,
        whole: Any,
        *,
        decoded: Mapping[str, Callable[[int], Any]] | None = None,
    ) -> Rows:
        return Rows(
            size=size,
            source=self.name,
            logsource=self.logsource,
            layout=self.layout,
            codes=chunk.codes,
            values={name: self.groups[name].fields for name in GROUPS},
            row=row,
            whole=whole,
            numbers=chunk.number,
            decoded=decoded or {},
        )

    @abstractmethod
    def _fresh(self) -> dict[str, Group]:
        """Return groups without values."""

    @abstractmethod
    def _decode(self, text: bytes, address: str, first: int) -> Decoded:
        """Return the records of a text; see :meth:`add`."""

    @abstractmethod
    def _chunk(self, waiting: Waiting) -> tuple[Chunk, Rows, dict[int, str]]:
        """Return records as arrays and as rules see them, and by row why some are none."""

    @abstractmethod
    def _sample(self, waiting: Waiting, row: int) -> str:
        """Return the beginning of a record, printable."""


def _array(places: Sequence[int]) -> Int32s:
    if isinstance(places, range):
        return np.arange(places.start, places.stop, dtype=np.int32)
    return np.array(places, np.int32)


def said(fields: Fields) -> Fields:
    """Return the normalised fields that say something: an absent field is not an empty one."""
    return {name: value for name, value in fields.items() if value not in ("", None)}
