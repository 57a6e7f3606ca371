"""An impact run: events of an incident by data map by inventory.

    1. the evidence, gathered from the archive
    2. what the logs of the window cover
    3. every customer's standing and numbers

The window begins a margin before the incident's first event and ends as long after its last one,
but not after now, nor after the newest event there is. A person may have it look further.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Connection

from incidents.impact import unread
from incidents.impact.coverage import BASELINE_HOURS, coverage, in_words
from incidents.impact.evidence import Via, World
from incidents.impact.gathering import Gathered, Look, Window
from incidents.impact.judging import judge
from incidents.impact.reach import Reach
from incidents.impact.result import (
    Coverage,
    CustomerImpact,
    ImpactRun,
    Query,
    Scope,
    Standing,
)
from incidents.impact.runs import NOT_KEPT
from tocsin import datamap, registers
from tocsin.archive.archive import Archive
from tocsin.datamap import ALL, UNKNOWN, Matcher
from tocsin.errors import Refusal
from tocsin.model.columns import Columns
from tocsin.model.events import HOUR_US, MICROSECOND, Outcome
from tocsin.model.findings import Incident
from tocsin.model.instants import day_of, to_us
from tocsin.model.principals import Principal

MARGIN = timedelta(hours=24)
"""How far the window reaches beyond the incident's events."""

EVENTS, ARCHIVE = "the incident's events", "the archive of the window"
UNREAD = "what could not be read"
"""What may have changed since a run; see :func:`outdated`."""

USUAL = Scope()
"""How far a run looks where nobody says otherwise."""


def compute(
    db: Connection,
    archive: Archive,
    incident: Incident,
    number: int,
    *,
    principal: Principal,
    now: datetime,
    scope: Scope = USUAL,
) -> ImpactRun:
    """Return what an incident touched, as a run without a number that nobody has kept yet.

    It reads for as long as the archive is large, and writes nothing: a transaction that only
    reads is enough, and holds no clock up.

    Args:
        db: The caller's transaction; data map and registers are read as it sees them.
        archive: Where the events are.
        incident: As grouping has it.
        number: Its number.
        principal: Who asks.
        now: When.
        scope: How much further than usual to look.

    Raises:
        Refusal: No event of it is in the archive, there is no data map, or nothing happened under
            a name of the scope.
        ArchiveError: A segment is missing or damaged.
    """
    held = datamap.load(db)
    if not held.number:
        raise Refusal(
            "there is no data map, so nobody can say whose data events touch",
            hint="Write one and take it: it says which action touches which store.",
        )
    upto = archive.newest(db)
    events = _events(db, archive, incident, upto)
    if not len(events):
        raise Refusal(
            f"no event of incident {number} is in the archive",
            hint="Where no event tells whose data it was, a person names the customers.",
        )
    window = _window(db, archive, events, now, scope)
    look = Look(db, archive, window, upto)
    gathered = Gathered(Matcher(held.datamap), look, set(incident.event_ids))
    gathered.take(events, scope.actors)
    hours = archive.hours(
        db,
        since_us=window.since // HOUR_US * HOUR_US - BASELINE_HOURS * HOUR_US,
        until_us=-(-window.until // HOUR_US) * HOUR_US,
        upto=upto,
    )
    sources = {events.word["source"][int(c)] for c in np.unique(events.code["source"])}
    lost = unread.by_source(db, archive, unread.of_window(db, window), upto)
    stores = held.datamap.store
    covered = coverage(window.since, window.until, hours, stores, sources, unread=lost)
    customers = _customers(db, held.datamap, gathered, covered, window)
    touched = [one for one in customers if one.first_at is not None]
    touched = [one for one in touched if one.events or one.lineage] or touched  # the attack's own
    return ImpactRun(
        number=NOT_KEPT,
        incident=number,
        at=to_us(now),
        principal=str(principal),
        customers=customers,
        coverage=covered,
        query=_query(look, incident, gathered.reach, held.number),
        first_at=min((one.first_at for one in touched if one.first_at is not None), default=None),
        last_at=max((one.last_at for one in touched if one.last_at is not None), default=None),
        began_at=incident.opened_at,
        ended_at=incident.last_at,
        unattributed=sum(
            one.touch.events
            for one in gathered.evidence
            if one.touch.customer == UNKNOWN
            and one.via != Via.UNMAPPED
            and one.touch.outcome != Outcome.FAILURE
        ),
        unmapped=gathered.unmapped,
        scope=scope,
    )


def outdated(last: ImpactRun, now: Mapping[str, str | int]) -> tuple[str, ...]:
    """Return what has changed since a run was made, in words; () where another says the same.

    Args:
        last: The run.
        now: How it stands now; see :func:`present`.
    """
    query = last.query
    then = {
        EVENTS: query.incident_events_sha256,
        ARCHIVE: query.segments_sha256,
        UNREAD: query.unread,
        "the data map": query.datamap,
        "the registers": query.registers,
    }
    return tuple(what for what in now if now[what] != then[what])


def present(
    db: Connection, archive: Archive, incident: Incident, last: ImpactRun
) -> dict[str, str | int]:
    """Return, by name, how that stands now which a run was made from."""
    query = last.query
    return {
        EVENTS: _digest(sorted(set(incident.event_ids))),
        ARCHIVE: _segments(db, archive, query.since, query.watched_until)[1],
        UNREAD: _unread(db, query.since, query.watched_until),
        "the data map": datamap.version_at(db),
        "the registers": registers.version_at(db),
    }


def watching(db: Connection, archive: Archive, incident: Incident) -> Query:
    """Return the query of a run that no event could be asked for, as its logs were lost.

    It looked at nothing, and is overtaken as soon as logs of the incident's time arrive.
    """
    margin = MARGIN // MICROSECOND
    since, watched = incident.opened_at - margin, incident.last_at + margin
    count, digest = _segments(db, archive, since, watched)
    ids = sorted(set(incident.event_ids))
    return Query(
        since=since,
        until=since,
        upto_segment=0,
        watched_until=watched,
        segments=count,
        segments_sha256=digest,
        incident_events=len(ids),
        incident_events_sha256=_digest(ids),
        credentials=(),
        shared=(),
        loose=(),
        datamap=datamap.version_at(db),
        registers=registers.version_at(db),
        unread=_unread(db, since, watched),
    )


def _events(db: Connection, archive: Archive, incident: Incident, upto: int) -> Columns:
    """Return the incident's own events; they lie within its time, or else anywhere."""
    ids, margin = set(incident.event_ids), MARGIN // MICROSECOND
    since, until = incident.opened_at - margin, incident.last_at + margin
    found = archive.events(db, ids=ids, since_us=since, until_us=until, upto=upto)
    return found if len(found) >= len(ids) else archive.events(db, ids=ids, upto=upto)


def _customers(
    db: Connection,
    held: datamap.DataMap,
    gathered: Gathered,
    covered: Coverage,
    window: Window,
) -> tuple[CustomerImpact, ...]:
    known, inventory = registers.customers(db), registers.inventory(db)
    world = World(
        stores=held.stores(),
        of_operator=held.of_operator(),
        of_persons=held.of_persons(),
        complete=frozenset(one.store for one in covered.stores if one.complete),
        said=in_words(covered),
        inventory=inventory,
        contracts={name: one.contract for name, one in known.items()},
        since=day_of(window.since),
        until=day_of(window.until - 1),
        evidence=gathered.evidence,
        unmapped=gathered.unmapped,
        doubted=gathered.doubted,
    )
    names = {*known, *(one.customer for one in inventory)}
    names.update(one.touch.customer for one in gathered.evidence)
    judged = [judge(one, world, known=one in known) for one in sorted(names - {ALL, UNKNOWN})]
    order = list(Standing)
    return tuple(sorted(judged, key=lambda one: order.index(one.standing)))


def _window(
    db: Connection, archive: Archive, events: Columns, now: datetime, scope: Scope
) -> Window:
    margin = MARGIN // MICROSECOND
    first, last = int(events.at.min()), int(events.at.max())
    newest = max(archive.newest_event(db).values())
    since, until = first - margin, max(last, min(last + margin, newest, to_us(now))) + 1
    return Window(
        since if scope.since is None else min(since, scope.since),
        until if scope.until is None else max(until, scope.until),
    )


def _query(look: Look, incident: Incident, reach: Reach, version: int) -> Query:
    watched = max(look.window.until, incident.last_at + MARGIN // MICROSECOND)
    count, digest = _segments(look.db, look.archive, look.window.since, watched)
    ids = sorted(set(incident.event_ids))
    return Query(
        since=look.window.since,
        until=look.window.until,
        upto_segment=look.upto,
        watched_until=watched,
        segments=count,
        segments_sha256=digest,
        incident_events=len(ids),
        incident_events_sha256=_digest(ids),
        credentials=tuple(sorted(reach.own)),
        shared=tuple((name, tuple(sorted(ips))) for name, ips in sorted(reach.shared.items())),
        loose=tuple(sorted(reach.loose)),
        datamap=version,
        registers=registers.version_at(look.db),
        unread=_unread(look.db, look.window.since, watched),
    )


def _segments(db: Connection, archive: Archive, since: int, until: int) -> tuple[int, str]:
    rows = archive.segments(db, since_us=since, until_us=until)
    return len(rows), _digest(f"{row.number} {row.sha256}" for row in rows)


def _unread(db: Connection, since: int, until: int) -> int:
    return sum(one.records for one in unread.of_window(db, Window(since, until)))


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
