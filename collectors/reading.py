"""From the stored bytes of objects to one batch: what every collector of objects shares.

    unpack      gzip or not, decided by its first bytes
    recognise   CloudTrail, an application's log, or nothing we know
    decode      good records to the source's pile, bad ones to rejects
    flush       every few hundred records: arrays, and what the rules say

What goes wrong with one object becomes a reject and a state of that object.
"""

import gc
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from itertools import chain
from typing import NamedTuple

import numpy as np

from collectors.application import Application
from collectors.base import Batch, Needs, Reject, SourceObject
from collectors.batches import combined
from collectors.cloudtrail import CloudTrail
from collectors.cloudtrail_pieces import Skipped
from collectors.lenient import sample
from collectors.mapping import Mapping_
from collectors.recognise import Format, recognise
from collectors.source import ENOUGH_BYTES, Source
from collectors.unpack import CAP_BYTES, Unreadable, unpack
from tocsin.geo import Geo
from tocsin.model.columns import Columns, join
from tocsin.model.findings import Hit
from tocsin.model.rows import Match

TOO_MUCH = (
    "takes more memory than there is; give the process more, "
    "or set max_object_bytes lower and have the object split"
)
ALIEN = "no log that can be read"
UNKNOWN = (
    "not recognised as CloudTrail, ECS, OCSF or a configured application log; "
    "describe it under [[source.NAME.mappings]] in config.toml"
)


class Trouble(NamedTuple):
    """Why an object could not be fetched.

    Attributes:
        state: ``missing``, ``denied`` or ``broken``.
        reason: In words, with what to do.
    """

    state: str
    reason: str


SKIPPED = Trouble("skipped", "")
"""It holds no events by its name alone, and was not fetched."""


_NOT_EVENTS = re.compile(r"/CloudTrail-(?:Digest|Insight)/")
"""Parts of CloudTrail's tree that hold no events; they are taken without being fetched."""


def no_events(address: str) -> bool:
    """Return whether what lies at an address, or below a prefix, is no events."""
    return _NOT_EVENTS.search(address) is not None


def over_cap(found: SourceObject, max_bytes: int) -> Trouble | None:
    """Return why an object is not fetched: as it is stored it is larger than a text may be."""
    if found.size <= max_bytes:
        return None
    return Trouble("broken", f"{found.size:,} bytes as stored; max_object_bytes is {max_bytes:,}")


class Fetched(NamedTuple):
    """An object and its stored bytes, or why there are none.

    Attributes:
        object: As it was found.
        stored: The bytes as the source keeps them.
        raw: Address the raw records can be read from later; "" for the object's own.
    """

    object: SourceObject
    stored: bytes | Trouble
    raw: str = ""


def within_memory(fetch: Callable[[SourceObject], Fetched], found: SourceObject) -> Fetched:
    """Fetch an object; one that memory has no room for is broken, and ends nothing else."""
    try:
        return fetch(found)
    except MemoryError:
        return Fetched(found, Trouble("broken", TOO_MUCH))


class Reader:
    """Turns fetched objects into batches; remembers values from one batch to the next.

    It pickles as what it was made of: another process begins with nothing remembered.
    """

    def __init__(
        self,
        needs: Needs,
        geo: Geo,
        mappings: Sequence[Mapping_] = (),
        max_bytes: int = CAP_BYTES,
    ) -> None:
        """Prepare to read.

        Args:
            needs: What rules ask for.
            geo: Where addresses are.
            mappings: Application logs the operator has described.
            max_bytes: Cap on an object's text.
        """
        self._needs, self._geo = needs, geo
        self._mappings, self._max_bytes = tuple(mappings), max_bytes
        self._sources: dict[str, Source] = {}
        self._place = ""
        _keep_memory()

    def __reduce__(self) -> tuple[type["Reader"], tuple[object, ...]]:
        return Reader, (self._needs, self._geo, self._mappings, self._max_bytes)

    def batch(self, fetched: Iterable[Fetched], match: Match) -> Batch:
        """Return what these objects hold; one that takes more memory than there is, is broken."""
        taken, coming = list[Fetched](), iter(fetched)
        try:
            return self._batch(_noted(coming, taken), match)
        except MemoryError:
            pass  # what was half made is let go of first, at the end of this block
        self._sources = {}
        return combined([self._alone(one, match) for one in chain(taken, coming)])

    def _alone(self, one: Fetched, match: Match) -> Batch:
        try:
            return self._batch([one], match)
        except MemoryError:
            pass
        self._sources = {}
        work = _Work(match)
        work.fail(one.object, "broken", TOO_MUCH, place=self._place)
        return work.batch()

    def _batch(self, fetched: Iterable[Fetched], match: Match) -> Batch:
        work = _Work(match)
        with no_collection():
            for one in fetched:
                self._take(one, work)
            work.close()
        unmapped = frozenset[str]().union(*(one.unmapped for one in self._sources.values()))
        says = {
            one.name: one.says_outcome
            for one in self._sources.values()
            if one.says_outcome is not None
        }
        return replace(work.batch(), unmapped=unmapped, says_outcome=says)

    def _take(self, one: Fetched, work: "_Work") -> None:
        if one.stored is SKIPPED:
            work.done(one.object, "skipped")
            return
        if isinstance(one.stored, Trouble):
            work.fail(one.object, one.stored.state, one.stored.reason)
            return
        state, self._place = "read", ""
        try:
            text = unpack(one.stored, self._max_bytes)
        except Unreadable as error:
            state = "broken"
            work.fail(one.object, state, str(error), place=error.place)
            text = error.text
            if not text:
                return
        form = recognise(text, self._mappings)
        if form.source is None:
            if state == "read":
                work.fail(one.object, "broken", _unknown(form), text=text)
            return
        source, skipped = work.source(self._source(form)), False
        for part, first in source.cut(text):
            self._place = f"{source.word} {first + 1}"
            try:
                decoded = source.add(part, one.object.address, one.raw, first)
            except Skipped:
                skipped = skipped or first == 0
            else:
                work.took(decoded.total, decoded.rejects)
                skipped = False
        if skipped and state == "read":
            state = "skipped"
        if state != "broken":
            work.done(one.object, state)

    def _source(self, form: Format) -> Source:
        name = form.source or ""
        source = self._sources.get(name)
        if source is None:
            source = self._sources[name] = (
                CloudTrail(self._needs, self._geo)
                if form.mapping is None
                else Application(form.mapping, self._geo)
            )
        return source


def _noted(fetched: Iterator[Fetched], taken: list[Fetched]) -> Iterator[Fetched]:
    for one in fetched:
        taken.append(one)
        yield one


def _unknown(form: Format) -> str:
    if form.empty:
        return "empty"
    return f"{ALIEN}: {form.why}" if form.alien else f"{UNKNOWN} ({form.why})"


class _Work:
    """One batch while it is being made."""

    def __init__(self, match: Match) -> None:
        self._match = match
        self._source: Source | None = None
        self._parts: list[Columns] = []
        self._size = 0
        self._hits: list[Hit] = []
        self._rejects: list[Reject] = []
        self._objects: list[tuple[SourceObject, str]] = []
        self._records = 0

    def source(self, source: Source) -> Source:
        """Go over to this source, closing the one before: events keep the order of objects."""
        if source is not self._source:
            self.close()
            self._source = source
        return source

    def took(self, records: int, rejects: Iterable[Reject]) -> None:
        self._records += records
        self._rejects.extend(rejects)
        if self._source is not None and self._source.waiting >= ENOUGH_BYTES:
            self._flush(self._source)

    def done(self, found: SourceObject, state: str) -> None:
        self._objects.append((found, state))

    def fail(
        self, found: SourceObject, state: str, reason: str, *, place: str = "", text: bytes = b""
    ) -> None:
        self._objects.append((found, state))
        self._rejects.append(Reject(found.address, place, reason, sample(text)))

    def close(self) -> None:
        """Flush the source at hand and take its columns."""
        if self._source is None:
            return
        self._flush(self._source)
        columns = self._source.columns()
        self._parts.append(columns)
        self._size += len(columns)
        self._source = None

    def batch(self) -> Batch:
        return Batch(
            columns=join(self._parts),
            hits=tuple(self._hits),
            rejects=tuple(self._rejects),
            objects=tuple(self._objects),
            records=self._records,
            faults=dict(getattr(self._match, "faults", {})),
        )

    def _flush(self, source: Source) -> None:
        hits, rejects = source.flush(self._match)
        self._hits.extend(Hit(self._size + row, rule, why) for row, rule, why in hits)
        self._rejects.extend(rejects)


@contextmanager
def no_collection() -> Iterator[None]:
    """Keep the collector of reference cycles away: batches make none, and it would look at all."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@cache
def _keep_memory() -> None:
    """Have the C library keep memory that is freed.

    Texts come and go by the thousand. Left alone, glibc hands them back to the system each time
    and gets them again filled with zeros, which takes longer than decoding. It keeps as much as the
    largest block that was ever freed, so it is shown one; none of it is touched.
    """
    with suppress(MemoryError):  # it is only for speed
        np.empty(_LARGEST_KEPT_BYTES, np.uint8)


_LARGEST_KEPT_BYTES = 31 << 20
