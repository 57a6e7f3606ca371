"""What the service does for its cases, beside collecting: open, capture, remind, deliver.

opened     in the transaction that stores incidents: their cases, clocks and alerts
capture    the raw records behind them, as soon as they are open; what was missed, later
tick       clocks and reminders; what became of messages meets obligations
deliver    the outbox; ``send`` and ``hear`` are its halves
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from collectors.raw import RawRecords
from collectors.s3 import S3Settings
from incidents import assessment, obligations
from incidents.evidence import capture
from incidents.notices.coded import withdrawals
from incidents.obligations import NOTICE, Obligation, Receipt
from notifiers import outbox
from notifiers.base import Channel, Purpose
from notifiers.standing import Standing
from tocsin.app.casework import recalling, telling
from tocsin.app.casework.desk import Desk
from tocsin.model.findings import Incident, Level
from tocsin.model.instants import from_us
from tocsin.model.principals import SERVICE
from tocsin.model.texts import storable
from tocsin.store.cases import incidents as stored
from tocsin.store.tables import incident

STUCK = timedelta(minutes=15)
"""A notice that still waits so long after it was sent is told: its channel is in trouble."""

NEAR = timedelta(hours=4)
"""So long before a notice is due that still waits, that is told once more."""

Owed = dict[tuple[int, str], Obligation]
"""Notices by incident and customer."""

MOST_RECORDS = 20_000
"""Records that one pass copies into evidence: the clocks must not wait for more."""


def opened(
    desk: Desk,
    db: Connection,
    numbers: Mapping[str, int],
    changed: Iterable[Incident],
    now: datetime,
) -> None:
    """Open or tell the cases of incidents that are being stored, inside that transaction."""
    of_number = {numbers[one.id]: one for one in changed}
    for case in assessment.take_up(db, of_number, now=now):
        recalling.follow(desk, db, case.number, now=now)
        # An incident that grows is told again only when it becomes more urgent.
        told = {one.key for one in outbox.standings(db, incident=case.number)}
        for message in telling.opened(db, desk.config, case.number, of_number[case.number], now):
            if message.key not in told:
                outbox.put(db, message, principal=SERVICE, now=now)


def capture_records(
    desk: Desk, now: datetime, numbers: Collection[int] | None = None, most: int = MOST_RECORDS
) -> int:
    """Copy the raw records behind incidents into evidence, byte for byte.

    What opened, what has grown since, what a pass that was killed left out. What can be had no
    more is recorded so, and not looked for again.

    Args:
        desk: The desk.
        now: When.
        numbers: Of the incidents; None for all.
        most: So many records and no more; the next pass goes on.

    Returns:
        How many were looked for.

    Raises:
        CollectError: The evidence folder cannot be written to.
    """
    buckets = [one for one in desk.config.source.values() if isinstance(one, S3Settings)]
    looked = 0
    with desk.store.read() as db:
        settled = capture.settled(db)
        behind = {one.number: one.incident.event_ids for one in stored(db)}
    for number in behind if numbers is None else numbers:
        done = settled.get(number, set())
        ids = [one for one in dict.fromkeys(behind.get(number, ())) if storable(one) not in done]
        ids = ids[: most - looked]
        if not ids:
            continue
        looked += len(ids)
        with desk.store.read() as db:
            events = desk.archive.events(db, ids=ids)
        # Ids that a source repeats are one event to everything that follows; the first stands.
        rows = {events.event_id(row): row for row in reversed(range(len(events)))}
        asked = capture.wanted(events, sorted(rows.values()))
        collected = capture.collect(asked, RawRecords(buckets), desk.config.evidence.path)
        collected += capture.unknown(set(ids) - {one.event_id for one in asked})
        with desk.store.begin() as db:
            capture.record(db, number, collected, principal=SERVICE, now=now)
    return looked


def tend(desk: Desk, now: datetime) -> None:
    """Tick the clocks and try what waits: what no trouble with sources or archive may hold up."""
    tick(desk, now)
    deliver(desk, now)


def tick(desk: Desk, now: datetime) -> int:
    """Bring clocks in line, queue reminders, and let receipts meet what is owed.

    Returns:
        How many messages were queued.
    """
    with desk.store.begin() as db:
        least = Level.parse(desk.config.team.level)
        below = frozenset(db.scalars(select(incident.c.number).where(incident.c.level < least)))
        due = obligations.tick(db, desk.duties(db), unalerted=below, now=now)
        queued = [
            outbox.put(db, message, principal=SERVICE, now=now)
            for message in telling.reminders(desk.config, due)
        ]
        owed = settle(db, now)
        failures = _failures(desk, db, now) + _stuck(desk, db, owed, now)
    return sum(queued) + failures


def deliver(desk: Desk, now: datetime) -> int:
    """Try every message whose time has come, and ask what became of others.

    Returns:
        How many were accepted.
    """
    channels = desk.notifiers()
    if not channels:
        return 0
    faults = recalling.recall_all(desk, now)
    return outbox.deliver(desk.store, channels, worker=SERVICE, now=now, faults=faults)


def send(
    desk: Desk,
    now: datetime,
    *,
    put_at: datetime | None = None,
    stopped: Callable[[], bool] | None = None,
) -> int:
    """Try messages whose time has come.

    Args:
        desk: The desk.
        now: When.
        put_at: Only those put at this instant: what others wait for is the service's to try.
        stopped: As in ``outbox.send``.

    Returns:
        How many were accepted.
    """
    channels = desk.notifiers()
    if not channels:
        return 0
    return outbox.send(
        desk.store,
        channels,
        worker=SERVICE,
        now=now,
        put_at=put_at,
        stopped=stopped,
        faults=[] if put_at else recalling.recall_all(desk, now),
    )


def hear(desk: Desk, now: datetime) -> None:
    """Ask what became of messages that were accepted."""
    if channels := desk.notifiers():
        outbox.hear(desk.store, channels, worker=SERVICE, now=now)


def settle(db: Connection, now: datetime) -> Owed:
    """Let what was heard of notices count for what is owed: deliveries, yeses, late bounces.

    Returns:
        All notices that are or were owed, as they stand after it, by incident and customer.
    """
    owed = {(one.incident, one.customer): one for one in obligations.of_clause(db, NOTICE)}
    taken_back = {(one.incident, one.customer, one.code) for one in withdrawals(db)}
    for news in outbox.heard(db):
        one = owed.get((news.incident, news.customer))
        if one is None or one.is_void:
            continue
        receipt = Receipt(
            kind=str(news.kind),
            at=min(news.at, now),
            # Who said a code earlier than an answer came in is not the same news.
            key=f"{news.key}#{news.attempt}" + (f"@{news.at.isoformat()}" if news.told else ""),
            channel=str(news.channel),
            proof=f"attempt {news.attempt} at {news.key}",
        )
        if any((known.kind, known.key) == (receipt.kind, receipt.key) for known in one.receipts):
            continue
        if any(
            (news.incident, news.customer) == (number, customer)
            and code in outbox.message(db, news.key).body_text
            for number, customer, code in taken_back
        ):
            continue  # that there was no breach is no notice of one
        owed[news.incident, news.customer] = obligations.take_receipt(
            db, one.incident, NOTICE, one.customer, receipt, now=now
        )
    return owed


def _failures(desk: Desk, db: Connection, now: datetime) -> int:
    """Tell the team, once, of notices that failed: their recipients do not count as notified."""
    queued = 0
    for standing in outbox.failed(db, since=from_us(0)):
        if standing.purpose not in (Purpose.NOTICE, Purpose.CALL):
            continue
        for message in telling.failed(desk.config, standing):
            queued += outbox.put(db, message, principal=SERVICE, now=now)
    return queued


def _stuck(desk: Desk, db: Connection, owed: Owed, now: datetime) -> int:
    """Tell the team, once for all that were sent together, of notices that do not get out.

    Each is tried again by itself, for days: what keeps it is a person's to mend before the limit,
    and is told once more when that is near, by the strict reading as reminders are.
    """
    together = defaultdict[tuple[int | None, Channel, datetime], list[Standing]](list)
    for one in outbox.stuck(db, queued_before=now - STUCK):
        if one.purpose == Purpose.NOTICE:
            together[one.incident, one.channel, one.queued_at].append(one)
    queued = 0
    for (number, _, _), waiting in together.items():
        told = {one.key for one in outbox.standings(db, incident=number)}
        open_yet = [owed.get((number or 0, one.customer)) for one in waiting]
        is_near = any(one and one.is_open and one.clock.target_at - NEAR <= now for one in open_yet)
        for message in telling.stuck(desk.config, waiting, is_near=is_near):
            # How many wait changes; that they do is said once.
            if message.key not in told:
                queued += outbox.put(db, message, principal=SERVICE, now=now)
    return queued
