"""A case's entries: each written with its ledger entry, in the transaction of what it records.

Their numbers run over all incidents, 1, 2, 3 … without gaps, in the order of commits: the store
has one writer at a time. "As known at an instant" is every entry up to the last one written by
then, so a clock that once stood wrong cannot put a later entry before an earlier one.
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, func, insert, select

from incidents.assessment.bodies import KIND_OF, KINDS, Body
from incidents.assessment.tables import case_entry
from tocsin import ledger
from tocsin.model.instants import from_us, to_us
from tocsin.model.principals import Principal


class Entry(NamedTuple):
    """One entry.

    Attributes:
        number: Over all incidents, from 1.
        incident: Number of the incident.
        at: When it was written.
        kind: What happened, as ``noun.verb``.
        principal: Who did it.
        body: What it says, JSON.
        ledger: Number of the ledger's entry of the same fact.
    """

    number: int
    incident: int
    at: datetime
    kind: str
    principal: str
    body: str
    ledger: int

    def read(self) -> Body | None:
        """Return what it says, or None if it is another room's."""
        of_kind = KINDS.get(self.kind)
        return None if of_kind is None else msgspec.json.decode(self.body, type=of_kind)


def write(
    db: Connection,
    incident: int,
    kind: str,
    body: msgspec.Struct,
    *,
    customer: str = "",
    principal: Principal,
    now: datetime,
) -> Entry:
    """Write an entry and the ledger's, inside the caller's transaction.

    Args:
        db: A transaction of ``Store.begin``.
        incident: Number of the incident.
        kind: What happened, as ``noun.verb``.
        body: What is to be said of it.
        customer: The only customer it is about, if it is about one.
        principal: Who.
        now: When.
    """
    number = (db.scalar(select(func.max(case_entry.c.number))) or 0) + 1
    said: dict[str, Any] = msgspec.to_builtins(body)
    about = {"customer": customer} if customer else {}
    fact = {"incident": incident, "entry": number, **about, **said}
    noted = ledger.append(db, kind, fact, principal=principal, at=now)
    entry = Entry(
        number,
        incident,
        now.astimezone(UTC),
        kind,
        str(principal),
        msgspec.json.encode(body).decode(),
        noted.number,
    )
    db.execute(insert(case_entry).values({**entry._asdict(), "at": to_us(now)}))
    return entry


def say(db: Connection, incident: int, body: Body, *, principal: Principal, now: datetime) -> Entry:
    """Write an entry of the assessment's own; see :func:`write`."""
    return write(db, incident, KIND_OF[type(body)], body, principal=principal, now=now)


def entries(db: Connection, incident: int, as_of: datetime | None = None) -> list[Entry]:
    """Return an incident's entries in the order they were written.

    Args:
        db: A transaction.
        incident: Number of the incident.
        as_of: Only those written by then; None: all.
    """
    c = case_entry.c
    query = select(case_entry).where(c.incident == incident).order_by(c.number)
    if as_of is not None:
        last = select(func.max(c.number)).where(c.at <= to_us(as_of)).scalar_subquery()
        query = query.where(c.number <= last)
    return [Entry(**{**row, "at": from_us(row["at"])}) for row in db.execute(query).mappings()]
