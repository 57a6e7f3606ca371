"""The two doors to an incident: detection, and a person's report. They share one row of numbers.

Receipt, not typing, starts what receipt starts: a report typed in three days later moves no clock.

Source: EDPB Guidelines 9/2022 (a report by a third party); GDPR Art. 33(2).
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, func, select

from incidents.assessment.bodies import (
    Channel,
    Grown,
    Merged,
    Opened,
    Original,
    Report,
    Reported,
    Reporter,
)
from incidents.assessment.case import Case, fold
from incidents.assessment.deciding import case_of, reopen
from incidents.assessment.entries import entries, say
from incidents.assessment.states import Assessment
from incidents.assessment.tables import original
from tocsin.errors import Refusal
from tocsin.model.findings import Incident, Level, finding_id
from tocsin.model.instants import from_us, to_us
from tocsin.model.principals import SERVICE, Principal
from tocsin.store.cases import save_incidents
from tocsin.store.tables import finding, incident, incident_finding
from tocsin.store.upsert import upsert

MAX_BYTES = 50_000_000
"""Of one attached original: they stand in the database, in the transaction that takes them."""


class Attached(NamedTuple):
    """A file sent with a report: its name, media type and bytes."""

    name: str
    media_type: str
    body: bytes


class Told(NamedTuple):
    """What a person types in about a report; see :class:`incidents.assessment.bodies.Report`."""

    title: str
    what: str
    received_at: datetime
    reporter: Reporter
    name: str
    channel: Channel
    establishes: bool = False
    level: Level = Level.HIGH
    originals: tuple[Attached, ...] = ()


def open_report(db: Connection, told: Told, *, principal: Principal, now: datetime) -> Case:
    """Open an incident because somebody told us.

    Two reports of the same words and instant are two incidents: a mistaken one is closed, never
    left out.

    Raises:
        Refusal: It was received in the future, its instant has no zone, it says nothing, or an
            original is too large; nothing was changed.
    """
    report = _taken(db, told, now)
    following = (db.scalar(select(func.max(incident.c.number))) or 0) + 1
    found = Incident(
        id=finding_id("report", (str(following),)),
        title=told.title.strip(),
        level=told.level,
        opened_at=to_us(report.received_at),
        last_at=to_us(report.received_at),
        score=0.0,
        actors=(),
        entities=(),
        finding_ids=(),
        event_ids=(),
    )
    number = save_incidents(db, [found], now)[found.id]
    body = Opened(found.title, str(told.level), report=report)
    say(db, number, body, principal=principal, now=now)
    return case_of(db, number)


def add_report(
    db: Connection, number: int, told: Told, *, principal: Principal, now: datetime
) -> Case:
    """Add a report to an incident that is there: the strict reading starts with the first.

    One that was judged no breach or closed begins again.

    Raises:
        Refusal: As :func:`open_report`, there is no such incident, it is part of another, or the
            report is on record; nothing was changed.
    """
    case = case_of(db, number)
    if case.merged_into is not None:
        raise Refusal(
            f"incident {number} is part of incident {case.merged_into} now",
            hint=f"tocsin incident report {case.merged_into} …",
        )
    report = _taken(db, told, now)
    if report in case.reports:
        raise Refusal(
            f"incident {number}: this report is on record already",
            hint=f"`tocsin incident show {number}` has it.",
        )
    say(db, number, Reported(report), principal=principal, now=now)
    if case.assessment in (Assessment.NO_BREACH, Assessment.CLOSED):
        reopen(db, number, why="a further report came", principal=principal, now=now)
    return case_of(db, number)


def take_up(
    db: Connection, numbers: Iterable[int], *, principal: Principal = SERVICE, now: datetime
) -> list[Case]:
    """Open a case for each incident of detection that has none, and tell those that grew.

    Called in the transaction that stores the incidents; again, it changes nothing. An incident
    judged no breach or closed that has further findings since begins again. One that detection has
    made part of another is judged there.

    Returns:
        The cases of these numbers that were opened or changed.
    """
    changed = []
    for number in sorted(set(numbers)):
        found = _detected(db, number)
        _tell_merged(db, number, found.merged, principal, now)
        before = fold(entries(db, number))
        if before is None:
            body = Opened(found.title, str(found.level), found.first_at, found.findings)
            say(db, number, body, principal=principal, now=now)
            changed.append(case_of(db, number))
            continue
        if not found.findings:
            continue  # a person's report; detection has nothing to say of it
        grown = Grown(str(found.level), found.first_at, found.findings)
        if grown == Grown(before.level, before.detected_at, before.findings):
            continue
        say(db, number, grown, principal=principal, now=now)
        further = found.findings - before.judged_findings
        if before.assessment in (Assessment.NO_BREACH, Assessment.CLOSED) and further > 0:
            why = f"{further} further finding(s) since it was judged"
            reopen(db, number, why=why, principal=principal, now=now)
        changed.append(case_of(db, number))
    return changed


def original_bytes(db: Connection, sha256: str) -> bytes:
    """Return an attached original, byte for byte.

    Raises:
        Refusal: There is none of this hash, or what is stored under it is not it.
    """
    body = db.scalar(select(original.c.body).where(original.c.sha256 == sha256))
    if body is None:
        raise Refusal(f"no original {sha256}", hint="`tocsin incident show` names those there are.")
    if hashlib.sha256(body).hexdigest() != sha256:
        raise Refusal(
            f"original {sha256}: the stored bytes are not those that were sent",
            hint="Restore the database from a backup; the evidence of this case is damaged.",
        )
    return bytes(body)


class _Detected(NamedTuple):
    title: str
    level: Level
    first_at: datetime | None
    findings: int
    merged: tuple[str, ...]


def _detected(db: Connection, number: int) -> _Detected:
    row = db.execute(
        select(
            incident.c.title,
            incident.c.level,
            func.min(finding.c.first_seen_at).label("first"),
            func.count(finding.c.id).label("findings"),
            incident.c.first_seen_at,
            incident.c.payload,
        )
        .join_from(incident, incident_finding, isouter=True)
        .join(finding, finding.c.id == incident_finding.c.finding, isouter=True)
        .where(incident.c.number == number)
        .group_by(incident.c.title, incident.c.level, incident.c.first_seen_at, incident.c.payload)
    ).one_or_none()
    if row is None:
        raise Refusal(f"no incident {number}", hint="`tocsin incident list` shows those there are.")
    first = row.first_seen_at if row.first is None else row.first
    merged = msgspec.json.decode(row.payload, type=Incident).merged
    return _Detected(row.title, Level(row.level), from_us(first), row.findings, merged)


def _tell_merged(
    db: Connection, into: int, ids: tuple[str, ...], principal: Principal, now: datetime
) -> None:
    """Tell the incidents that became part of another; those that were told are told no more."""
    numbers = db.scalars(select(incident.c.number).where(incident.c.id.in_(ids))) if ids else ()
    for number in sorted(numbers):
        before = fold(entries(db, number))
        if before is not None and before.merged_into is None:
            say(db, number, Merged(into), principal=principal, now=now)


def _taken(db: Connection, told: Told, now: datetime) -> Report:
    received_at = _received(told, now)
    for one in told.originals:
        if len(one.body) > MAX_BYTES:
            raise Refusal(
                f"original {one.name}: {len(one.body):,} bytes, more than {MAX_BYTES:,}",
                hint="Attach the message itself, and keep what is larger beside the case.",
            )
    return Report(
        what=told.what.strip(),
        received_at=received_at,
        reporter=told.reporter,
        name=told.name.strip(),
        channel=told.channel,
        establishes=told.establishes,
        originals=tuple(_keep(db, one, now) for one in told.originals),
    )


def _received(told: Told, now: datetime) -> datetime:
    if told.received_at.tzinfo is None:
        raise Refusal(
            f"received at {told.received_at.isoformat()}: which time zone?",
            hint="Write it like 2026-10-24T08:12+02:00.",
        )
    received_at = told.received_at.astimezone(UTC)
    if received_at > now:
        raise Refusal(
            f"received at {received_at.isoformat()}, which is still to come",
            hint="Give the instant at which the report reached us; its zone may be wrong.",
        )
    for name, text in (("what", told.what), ("title", told.title), ("name", told.name)):
        if not text.strip():
            raise Refusal(f"{name}: the report says nothing", hint=f"Give `--{name}`.")
    return received_at


def _keep(db: Connection, one: Attached, now: datetime) -> Original:
    sha256 = hashlib.sha256(one.body).hexdigest()
    row = {"sha256": sha256, "body": one.body, "taken_at": to_us(now)}
    upsert(db, original, [row], lambda new: {"sha256": new["sha256"]})  # the same bytes: once
    return Original(sha256, one.name, one.media_type, len(one.body))
