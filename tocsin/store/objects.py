"""The object ledger: what was taken from each source, and what of it could not be read."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from tocsin.model.instants import to_us
from tocsin.model.sources import Reject, SourceObject
from tocsin.model.texts import storable
from tocsin.store.store import Store
from tocsin.store.tables import reject, source_object
from tocsin.store.upsert import pages, upsert

OFFERED_AGAIN = ("missing", "denied")
"""States of objects that were not read and may be next time: they count as unseen."""

UNREADABLE = ("broken", *OFFERED_AGAIN)
"""States of objects of which nothing was read."""


class Known:
    """What the ledger knows of one source; what collectors are given to find new objects."""

    def __init__(self, store: Store, source: str) -> None:
        self._store = store
        self._source = source

    def unseen(self, found: Sequence[SourceObject]) -> list[SourceObject]:
        """Return those of ``found`` that were not taken yet in this version, in their order."""
        o, taken = source_object.c, set[tuple[str, str]]()
        with self._store.read() as db:
            for addresses in pages(_stored(one.address) for one in found):
                query = select(o.address, o.version).where(
                    o.source == self._source,
                    o.address.in_(addresses),
                    o.state.not_in(OFFERED_AGAIN),
                )
                taken.update((row.address, row.version) for row in db.execute(query))
        return [one for one in found if (_stored(one.address), one.version) not in taken]


def take(
    db: Connection,
    source: str,
    objects: Iterable[tuple[SourceObject, str]],
    rejects: Iterable[Reject],
    now: datetime,
) -> None:
    """Write down which objects of a source were taken, and what of them could not be read.

    Args:
        db: The transaction that also writes the manifest rows of what was read.
        source: The source's configured name.
        objects: Each with its state; see ``collectors.base.Batch``.
        rejects: The same reject of a later try is counted, not repeated.
        now: When they were taken.
    """
    at = to_us(now)
    rows = [
        {
            "source": source,
            "address": _stored(one.address),
            "version": one.version,
            "state": state,
            "size": one.size,
            "taken_at": at,
        }
        for one, state in objects
    ]
    upsert(
        db,
        source_object,
        rows,
        lambda new: {"state": new.state, "size": new.size, "taken_at": new.taken_at},
    )
    refused = [
        {
            "source": source,
            **{name: _stored(text) for name, text in one._asdict().items()},
            "first_at": at,
            "last_at": at,
            "count": 1,
        }
        for one in rejects
    ]
    upsert(db, reject, refused, lambda new: {"last_at": new.last_at, "count": reject.c.count + 1})


def states(db: Connection, source: str) -> dict[str, int]:
    """Return how many objects of a source are in each state."""
    o = source_object.c
    query = select(o.state, func.count()).where(o.source == source).group_by(o.state)
    return {row[0]: row[1] for row in db.execute(query)}


def rejects(db: Connection, source: str) -> list[Reject]:
    """Return what could not be read of a source, oldest first."""
    r = reject.c
    query = (
        select(r.address, r.place, r.reason, r.sample)
        .where(r.source == source)
        .order_by(r.first_at, r.address, r.place, r.reason)
    )
    return [Reject(*row) for row in db.execute(query)]


class Unread(NamedTuple):
    """What of one object could not be read.

    Attributes:
        source: The source's configured name.
        address: The object's.
        records: How many, each once; a whole file is one.
    """

    source: str
    address: str
    records: int


def unread(db: Connection, *, since_us: int) -> list[Unread]:
    """Return what could not be read, tried since an instant and not read later, by address.

    Args:
        db: Any transaction.
        since_us: µs since 1970 UTC.
    """
    r, o = reject.c, source_object.c
    read_later = (
        select(o.address)
        .where(
            o.source == r.source,
            o.address == r.address,
            o.state.not_in(UNREADABLE),
            o.taken_at > r.last_at,
        )
        .exists()
    )
    query = (
        select(r.source, r.address, func.count())
        .where(r.last_at >= since_us, ~read_later)
        .group_by(r.source, r.address)
        .order_by(r.source, r.address)
    )
    return [Unread(*row) for row in db.execute(query)]


class SetAside(NamedTuple):
    """What of all sources could not be read.

    Attributes:
        records: How many, each once; a whole file is one.
        objects: Files that are broken, missing or denied.
        place: Where the newest of the records stands, "" without one.
        reason: Why that one could not be read.
    """

    records: int
    objects: int
    place: str = ""
    reason: str = ""


def set_aside(db: Connection) -> SetAside:
    """Return how much could not be read, and the newest of it as an example."""
    r, o = reject.c, source_object.c
    records = db.scalar(select(func.count()).select_from(reject)) or 0
    lost = select(func.count()).where(o.state.in_(UNREADABLE))
    newest = db.execute(
        select(r.address, r.place, r.reason)
        .order_by(r.first_at.desc(), r.address, r.place)
        .limit(1)
    ).first()
    example = (f"{newest.address} {newest.place}".strip(), newest.reason) if newest else ("", "")
    return SetAside(records, db.scalar(lost) or 0, *example)


def _stored(text: str) -> str:
    """Return text as both databases hold it: PostgreSQL takes no NUL."""
    return storable(text).replace("\0", "\\u0000")
