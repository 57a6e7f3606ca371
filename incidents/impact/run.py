"""An impact run: events of an incident by data map by inventory.

    1. the incident's own events, and what they touch
    2. the lineage over the window: everything its credentials did, and those they made
    3. where a store stood open: what was read of it from outside
    4. every customer's standing and numbers

The window begins a margin before the incident's first event and ends as long after its last one,
but not after now, nor after the newest event there is.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection

from incidents.impact.coverage import BASELINE_HOURS, coverage, in_words
from incidents.impact.evidence import Evidence, Via, World
from incidents.impact.judging import judge
from incidents.impact.reach import FROM_OUTSIDE, Reach
from incidents.impact.result import (
    Coverage,
    CustomerImpact,
    ImpactRun,
    Query,
    Standing,
)
from incidents.impact.runs import NOT_KEPT
from tocsin import datamap, registers
from tocsin.archive.archive import Archive
from tocsin.datamap import ALL, UNKNOWN, Matcher, Touch
from tocsin.errors import Refusal
from tocsin.model.columns import Columns
from tocsin.model.events import HOUR_US, MICROSECOND, Outcome
from tocsin.model.findings import Incident
from tocsin.model.instants import day_of, to_us
from tocsin.model.principals import Principal

MARGIN = timedelta(hours=24)
"""How far the window reaches beyond the incident's events."""

EVENTS, ARCHIVE = "the incident's events", "the archive of the window"
"""What may have changed since a run; see :func:`outdated`."""

DEEPEST = 16
"""How often credentials are followed to those they made."""


class Window(NamedTuple):
    """From when until when (excluded), µs since 1970 UTC."""

    since: int
    until: int


class _Look(NamedTuple):
    """What of the archive is looked at, as it was when the run began."""

    db: Connection
    archive: Archive
    window: Window
    upto: int

    def events(self, where: Mapping[str, Iterable[str]], *, since: int | None = None) -> Columns:
        """Return events of the window."""
        return self.archive.events(
            self.db,
            where=where,
            since_us=since or self.window.since,
            until_us=self.window.until,
            upto=self.upto,
        )


def compute(
    db: Connection,
    archive: Archive,
    incident: Incident,
    number: int,
    *,
    principal: Principal,
    now: datetime,
    window: Window | None = None,
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
        window: Another window than the usual one.

    Raises:
        Refusal: No event of it is in the archive, or there is no data map.
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
    window = window or _window(db, archive, events, now)
    look = _Look(db, archive, window, upto)
    reach, evidence = Reach(), list[Evidence]()
    reach.begin(events)
    matcher = Matcher(held.datamap)
    own = set(incident.event_ids)
    doubtful = reach.loosely(events)
    _add(evidence, matcher.touches(_rows(events, ~doubtful)), Via.INCIDENT)
    _add(evidence, matcher.touches(_rows(events, doubtful)), Via.LOOSE)
    _add_lineage(evidence, matcher, look, reach, own)
    _add_from_outside(evidence, matcher, look, own, reach)
    hours = archive.hours(
        db,
        since_us=window.since // HOUR_US * HOUR_US - BASELINE_HOURS * HOUR_US,
        until_us=-(-window.until // HOUR_US) * HOUR_US,
        upto=upto,
    )
    sources = {events.word["source"][int(c)] for c in np.unique(events.code["source"])}
    covered = coverage(window.since, window.until, hours, held.datamap.store, sources)
    customers = _customers(db, held.datamap, evidence, covered, window)
    touched = [one for one in customers if one.first_at is not None]
    touched = [one for one in touched if one.events or one.lineage] or touched  # the attack's own
    return ImpactRun(
        number=NOT_KEPT,
        incident=number,
        at=to_us(now),
        principal=str(principal),
        customers=customers,
        coverage=covered,
        query=_query(look, incident, reach, held.number),
        first_at=min((one.first_at for one in touched if one.first_at is not None), default=None),
        last_at=max((one.last_at for one in touched if one.last_at is not None), default=None),
        unattributed=sum(
            one.touch.events
            for one in evidence
            if one.touch.customer == UNKNOWN and one.touch.outcome != Outcome.FAILURE
        ),
    )


def outdated(
    db: Connection, archive: Archive, incident: Incident, last: ImpactRun
) -> tuple[str, ...]:
    """Return what has changed since a run was made, in words; () where another says the same."""
    query, now = last.query, present(db, archive, incident, last)
    then = {
        EVENTS: query.incident_events_sha256,
        ARCHIVE: query.segments_sha256,
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
        "the data map": datamap.version_at(db),
        "the registers": registers.version_at(db),
    }


def _events(db: Connection, archive: Archive, incident: Incident, upto: int) -> Columns:
    """Return the incident's own events; they lie within its time, or else anywhere."""
    ids, margin = set(incident.event_ids), MARGIN // MICROSECOND
    since, until = incident.opened_at - margin, incident.last_at + margin
    found = archive.events(db, ids=ids, since_us=since, until_us=until, upto=upto)
    return found if len(found) >= len(ids) else archive.events(db, ids=ids, upto=upto)


def _add(evidence: list[Evidence], touches: Iterable[Touch], via: Via) -> None:
    evidence.extend(Evidence(touch, via) for touch in touches)


def _add_lineage(
    evidence: list[Evidence], matcher: Matcher, look: _Look, reach: Reach, own: set[str]
) -> None:
    """Add what credentials of the attack did; those they made are followed too."""
    for _ in range(DEEPEST):
        found = look.events({"credential": reach.credentials()})
        if not reach.learn(found, reach.certain(found)):
            break
    rest = ~_known(found, own)
    _add(evidence, matcher.touches(_rows(found, reach.certain(found) & rest)), Via.LINEAGE)
    _add(evidence, matcher.touches(_rows(found, reach.perhaps(found) & rest)), Via.SHARED)
    if reach.nameless:
        addresses = set().union(*reach.nameless.values())
        nameless = look.events({"credential": ("",), "actor": reach.nameless, "ip": addresses})
        rest = reach.certain(nameless) & ~_known(nameless, own)
        _add(evidence, matcher.touches(_rows(nameless, rest)), Via.LINEAGE)


def _add_from_outside(
    evidence: list[Evidence], matcher: Matcher, look: _Look, own: set[str], reach: Reach
) -> None:
    """Add what was done from outside to stores that stood open."""
    opened = dict[str, int]()
    for one in evidence:
        touch = one.touch
        if touch.action.effect == "exposed" and touch.outcome != Outcome.FAILURE:
            store = touch.action.store
            opened[store] = min(touch.first_at, opened.get(store, touch.first_at))
    if not opened:
        return
    found = look.events({"actor_kind": FROM_OUTSIDE}, since=min(opened.values()))
    found = _rows(found, ~(_known(found, own) | reach.certain(found)))
    for touch in matcher.touches(found):
        since = opened.get(touch.action.store)
        if since is not None and touch.last_at >= since:
            evidence.append(Evidence(touch, Via.OUTSIDE))


def _customers(
    db: Connection,
    held: datamap.DataMap,
    evidence: list[Evidence],
    covered: Coverage,
    window: Window,
) -> tuple[CustomerImpact, ...]:
    known, inventory = registers.customers(db), registers.inventory(db)
    world = World(
        stores=held.stores(),
        of_operator=held.of_operator(),
        complete=frozenset(one.store for one in covered.stores if one.complete),
        said=in_words(covered),
        inventory=inventory,
        contracts={name: one.contract for name, one in known.items()},
        since=day_of(window.since),
        until=day_of(window.until - 1),
        evidence=evidence,
    )
    names = {*known, *(one.customer for one in inventory)}
    names.update(one.touch.customer for one in evidence)
    judged = [judge(one, world, known=one in known) for one in sorted(names - {ALL, UNKNOWN})]
    order = list(Standing)
    return tuple(sorted(judged, key=lambda one: order.index(one.standing)))


def _window(db: Connection, archive: Archive, events: Columns, now: datetime) -> Window:
    margin = MARGIN // MICROSECOND
    first, last = int(events.at.min()), int(events.at.max())
    newest = max(archive.newest_event(db).values())
    return Window(first - margin, max(last, min(last + margin, newest, to_us(now))) + 1)


def _query(look: _Look, incident: Incident, reach: Reach, version: int) -> Query:
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
    )


def _segments(db: Connection, archive: Archive, since: int, until: int) -> tuple[int, str]:
    rows = archive.segments(db, since_us=since, until_us=until)
    return len(rows), _digest(f"{row.number} {row.sha256}" for row in rows)


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def _known(events: Columns, ids: set[str]) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    found = events.event_ids(range(len(events)))
    return np.fromiter((one in ids for one in found), np.bool_, len(events))


def _rows(events: Columns, chosen: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> Columns:
    return events.take(np.flatnonzero(chosen))
