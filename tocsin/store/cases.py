"""Findings and incidents: each once, by its id.

Both are stored whole as JSON; what is searched for stands in columns beside it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, delete, func, select

from tocsin.model.findings import Finding, Incident, Level
from tocsin.model.instants import from_us, to_us
from tocsin.store.tables import finding, incident, incident_finding
from tocsin.store.upsert import pages, upsert


class StoredIncident(NamedTuple):
    """An incident as the state holds it.

    Attributes:
        number: 1, 2, 3 … without gaps, in the order in which incidents were first stored.
        incident: As it stands.
        first_seen_at: When it was first stored.
        changed_at: When it was last stored.
    """

    number: int
    incident: Incident
    first_seen_at: datetime
    changed_at: datetime


def save_findings(db: Connection, found: Iterable[Finding], now: datetime) -> int:
    """Store findings; one that is there already is that one.

    The later word on a finding stands (``at`` is the event time of its last event, a
    ``disposition`` may come), but what was said in time stays said in time, and the instant it
    was first stored stays too.

    Returns:
        How many were new.
    """
    at = to_us(now)
    latest = {one.id: one for one in found}
    before = {one.id: one for one in findings(db, latest)}
    rows = []
    for one in latest.values():
        old = before.get(one.id, one)
        merged = msgspec.structs.replace(one, late=one.late and old.late)
        rows.append(
            {
                "id": one.id,
                "rule": one.rule,
                "level": int(one.level),
                "at": one.at,
                "actor": one.actor,
                "late": merged.late,
                "first_seen_at": at,
                "payload": msgspec.json.encode(merged).decode(),
            }
        )
    upsert(
        db,
        finding,
        rows,
        lambda new: {
            name: new[name] for name in ("rule", "level", "at", "actor", "late", "payload")
        },
    )
    return len(latest) - len(before)


def findings(
    db: Connection, ids: Iterable[str] | None = None, *, seen_by: datetime | None = None
) -> list[Finding]:
    """Return the findings with these ids, or all there are, in event time.

    Args:
        db: A transaction.
        ids: Which; None for all.
        seen_by: Only those stored by then, each as it stands now; None for all.
    """
    f = finding.c
    query = select(f.payload)
    if seen_by is not None:
        query = query.where(f.first_seen_at <= to_us(seen_by))
    chunks = [None] if ids is None else [f.id.in_(page) for page in pages(ids)]
    found = [
        msgspec.json.decode(payload, type=Finding)
        for chunk in chunks
        for payload in db.scalars(query if chunk is None else query.where(chunk))
    ]
    return sorted(found, key=lambda one: (one.at, one.id))


def save_incidents(db: Connection, cases: Iterable[Incident], now: datetime) -> dict[str, int]:
    """Store incidents as they stand; a new one gets the next number.

    Args:
        db: A transaction of ``Store.begin``: with one writer at a time no number is left out.
        cases: Their findings are stored already.
        now: When.

    Returns:
        The number of each, by id.

    Raises:
        sqlalchemy.exc.IntegrityError: A finding is not stored; roll back.
    """
    at = to_us(now)
    latest = {one.id: one for one in cases}
    numbers = _numbers(db, latest)
    following = (db.scalar(select(func.max(incident.c.number))) or 0) + 1
    for one in latest:
        if one not in numbers:
            numbers[one], following = following, following + 1
    rows = [
        {
            "id": one.id,
            "number": numbers[one.id],
            "level": int(one.level),
            "title": one.title,
            "opened_at": one.opened_at,
            "last_at": one.last_at,
            "score": one.score,
            "first_seen_at": at,
            "changed_at": at,
            "payload": msgspec.json.encode(one).decode(),
        }
        for one in latest.values()
    ]
    kept = {"id", "number", "first_seen_at"}
    upsert(
        db,
        incident,
        rows,
        lambda new: {name: new[name] for name in incident.c.keys() if name not in kept},  # noqa: SIM118 - a collection of columns, by name
    )
    for page in pages(latest):
        db.execute(delete(incident_finding).where(incident_finding.c.incident.in_(page)))
    links = [
        {"incident": one.id, "finding": finding_id}
        for one in latest.values()
        for finding_id in dict.fromkeys(one.finding_ids)
    ]
    if links:
        db.execute(incident_finding.insert(), links)
    return numbers


def incidents(db: Connection, *, level: Level = Level.INFORMATIONAL) -> list[StoredIncident]:
    """Return the incidents at or above a level, by number.

    Those that turned out to be part of another are left out; their numbers stay taken.
    """
    i = incident.c
    query = (
        select(i.number, i.payload, i.first_seen_at, i.changed_at)
        .where(i.level >= int(level))
        .order_by(i.number)
    )
    found = [
        StoredIncident(
            row.number,
            msgspec.json.decode(row.payload, type=Incident),
            from_us(row.first_seen_at),
            from_us(row.changed_at),
        )
        for row in db.execute(query)
    ]
    gone = {part for one in found for part in one.incident.merged}
    return [one for one in found if one.incident.id not in gone]


def _numbers(db: Connection, ids: Iterable[str]) -> dict[str, int]:
    i = incident.c
    return {
        row.id: row.number
        for page in pages(ids)
        for row in db.execute(select(i.id, i.number).where(i.id.in_(page)))
    }
