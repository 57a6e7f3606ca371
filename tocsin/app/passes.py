"""One pass of the service: collect and match, then follow, then capture.

    collect   segment files                               nobody sees them yet
              one transaction: manifest, object ledger, rejects, faults, urgent findings
              confirm                                     only now is the source told
    follow    one transaction per window of event time: findings, incidents with their cases,
              clocks and alerts, what FOLLOW and grouping remember, ids, position
    capture   the raw records behind what opened
    capture   what an incident grew by, or a pass that was killed left out
    measure   impact runs that events have overtaken, again

Stopped anywhere, nothing is lost and nothing is said twice: what has no row does not exist, what
has one is not read again, and ``position`` says what was judged. An event is judged if its segment
is no newer than the position's and its time lies before the position's. So a pass takes

    on time   segments there were, from the position's instant on; new segments from there on
    late      new segments, before the position's instant: judged first, and marked

Ids tell events that were judged before. Late events can therefore be taken in several
transactions before the position moves: whoever comes again finds them judged.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from itertools import chain, islice
from typing import NamedTuple
from uuid import uuid4

import msgspec
from sqlalchemy import Connection

from collectors.base import Batch, Collector
from tocsin.app.casework import ticking
from tocsin.app.casework.overtaken import remeasure
from tocsin.app.engine.following import ordered
from tocsin.app.engine.reading import Handful, handfuls
from tocsin.app.engine.windows import Window, windows
from tocsin.app.engine.workers import read_all
from tocsin.app.house import House
from tocsin.archive.archive import SegmentRow
from tocsin.errors import CollectError
from tocsin.model.events import MICROSECOND
from tocsin.model.findings import Finding, Incident
from tocsin.model.instants import to_us
from tocsin.store.cases import findings, incidents, save_findings, save_incidents
from tocsin.store.objects import Known, take
from tocsin.store.progress import (
    Position,
    load_position,
    load_state,
    save_faults,
    save_position,
    save_state,
)

NAME = "follow"
BEFORE_ALL = -(1 << 62)
"""Before any event, µs."""

MEMORIES = ("follow", "grouping")


class Stopped(Exception):  # noqa: N818 - no error: the service was asked to stop
    """The service was asked to stop; everything before is committed."""


class Opened(NamedTuple):
    """An incident that is new, or more urgent than it was.

    Attributes:
        number: Its number.
        incident: As it stands.
    """

    number: int
    incident: Incident


def one_pass(
    house: House,
    *,
    now: datetime,
    stopped: Callable[[], bool] = lambda: False,
    alert: Callable[[Finding], None] = lambda _: None,
    opened: Callable[[Opened], None] = lambda _: None,
    read: Callable[[str, Batch], None] = lambda *_: None,
) -> dict[str, CollectError]:
    """Collect, match, follow and capture, once. Clocks and delivery are ``ticking.tend``'s.

    Args:
        house: What to do it with.
        now: The time.
        stopped: Whether to stop; asked between transactions.
        alert: Told of each urgent finding that is new, after its commit.
        read: Told of each batch of a source that was taken, after its commit.
        opened: Told of each incident that is new or more urgent, after its commit.

    Returns:
        Sources that could not be read, and why; the others were. ``evidence``: raw records could
        not be copied. ``impact of incident N``: whose data it
        touched could not be computed again.

    Raises:
        Stopped: It was asked to stop.
        ArchiveError: The disk refuses, or a stored file is missing or damaged.
    """
    troubles = dict[str, CollectError]()
    for name in house.collectors:
        try:
            _collect(house, name, now, stopped, alert=alert, read=read)
        except CollectError as error:
            troubles[name] = error

    def capture(numbers: Collection[int] | None = None) -> None:
        try:
            ticking.capture_records(house.desk, now, numbers)
        except CollectError as error:
            troubles["evidence"] = error  # nothing else waits for that disk; the next pass tries

    def told(urgent: list[Opened]) -> None:
        for one in urgent:
            opened(one)
        capture([one.number for one in urgent])

    _follow(house, now, stopped, told)
    capture()
    for number, refusal in remeasure(house.desk, house.measured, now).items():
        troubles[f"impact of incident {number}"] = CollectError(str(refusal), hint=refusal.hint)
    return troubles


def _collect(
    house: House,
    name: str,
    now: datetime,
    stopped: Callable[[], bool],
    *,
    alert: Callable[[Finding], None],
    read: Callable[[str, Batch], None],
) -> None:
    collector = house.collectors[name]
    work, processes = _work(house, name, collector)
    for taken in read_all(house.plan, work, processes, house.pack.rules):
        with house.store.begin() as db:
            house.archive.add(db, name, taken.files, now)
            take(db, name, taken.batch.objects, taken.batch.rejects, now)
            save_faults(db, taken.batch.faults, now)
            fresh = _save_alerts(db, taken.alerts, now)
        collector.confirm(taken.batch)
        read(name, taken.batch)
        for finding in fresh:
            alert(finding)
        if stopped():
            raise Stopped


def _work(house: House, name: str, collector: Collector) -> tuple[Iterator[Handful], int]:
    """Return what is new of a source in handfuls, and how many processes it is worth."""
    found = chain.from_iterable(collector.find(Known(house.store, name)))
    work = handfuls(name, found, uuid4().hex, house.handful_bytes)
    first = list(islice(work, 2))
    return chain(first, work), house.processes if len(first) > 1 else 1


def _save_alerts(db: Connection, alerts: Iterable[Finding], now: datetime) -> list[Finding]:
    """Store what must not wait; what FOLLOW has said already is known better."""
    latest = {one.id: one for one in alerts}
    known = {one.id for one in findings(db, latest)}
    judged = (load_position(db, NAME) or Position(0, BEFORE_ALL)).judged_until
    fresh = [
        msgspec.structs.replace(one, late=one.at < judged)
        for one in latest.values()
        if one.id not in known
    ]
    save_findings(db, fresh, now)
    return fresh


def _follow(
    house: House, now: datetime, stopped: Callable[[], bool], told: Callable[[list[Opened]], None]
) -> None:
    with house.store.read() as db:
        position = load_position(db, NAME) or Position(0, BEFORE_ALL)
        newest = house.archive.newest(db)
        until = max(position.judged_until, _watermark(house, db, now))
        # What is remembered may be ahead of the state: a step whose commit failed.
        house.judge.restore({m: stored for m in MEMORIES if (stored := load_state(db, m))})
        before = house.archive.segments(db, upto=position.segment, since_us=position.judged_until)
        new = house.archive.segments(db, after=position.segment)
    for window in windows(new, None, position.judged_until, house.window_rows):
        _step(house, window, position, now, told, late=True)
        if stopped():
            raise Stopped
    position = Position(newest, position.judged_until)
    for window in windows([*before, *new], position.judged_until, until, house.window_rows):
        position = Position(newest, window.until)
        _step(house, window, position, now, told)
        if stopped():
            raise Stopped
    with house.store.begin() as db:
        save_position(db, NAME, Position(newest, until), now)


def _watermark(house: House, db: Connection, now: datetime) -> int:
    """Return the instant up to which everything that is in time has come."""
    settings, present = house.config.follow, to_us(now)
    newest = house.archive.newest_event(db)
    quiet = present - settings.quiet_after // MICROSECOND
    # A clock that runs ahead must not make everything else late.
    reached = [max(min(newest.get(name, quiet), present), quiet) for name in house.collectors] or [
        quiet
    ]
    return min(reached) - settings.lateness // MICROSECOND


def _step(
    house: House,
    window: Window[SegmentRow],
    position: Position,
    now: datetime,
    told: Callable[[list[Opened]], None],
    *,
    late: bool = False,
) -> None:
    """Judge a window; all that comes of it, and that it was judged, is one transaction."""
    columns, hits = house.archive.read(
        window.segments, since_us=window.since, until_us=window.until
    )
    with house.store.read() as db:
        looked = house.ids.look(db, columns)
    events, kept, _ = ordered(columns, hits, looked.fresh)
    found, changed = house.judge.step(events, kept, late=late)
    with house.store.begin() as db:
        urgent = _save_cases(house, db, found, changed, now)
        for name, stored in house.judge.encode().items():
            save_state(db, name, stored, now)
        house.ids.add(db, looked)
        save_position(db, NAME, position, now)
    house.ids.remove(looked)
    if urgent:
        told(urgent)


def _save_cases(
    house: House,
    db: Connection,
    found: Iterable[Finding],
    changed: list[Incident],
    now: datetime,
) -> list[Opened]:
    """Store findings and incidents; return those incidents that are new or more urgent."""
    known = {one.incident.id: one.incident.level for one in incidents(db)} if changed else {}
    save_findings(db, found, now)
    numbers = save_incidents(db, changed, now)
    ticking.opened(house.desk, db, numbers, changed, now)
    return [
        Opened(numbers[one.id], one)
        for one in changed
        if one.id not in known or one.level > known[one.id]
    ]
