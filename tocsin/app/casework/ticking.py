"""What the service does for its cases, beside collecting: open, capture, remind, deliver.

opened     in the transaction that stores incidents: their cases, clocks and alerts
capture    the raw records behind them, as soon as they are open
tick       clocks and reminders; what became of messages meets obligations
deliver    the outbox
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from collectors.raw import RawRecords
from collectors.s3 import S3Settings
from incidents import assessment, obligations
from incidents.evidence import capture
from incidents.obligations import NOTICE, Receipt
from notifiers import outbox
from notifiers.base import Purpose
from tocsin.app.casework import telling
from tocsin.app.casework.desk import Desk
from tocsin.model.findings import Incident
from tocsin.model.instants import from_us
from tocsin.model.principals import SERVICE
from tocsin.store.cases import incidents as stored


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
        obligations.follow(db, case.number, desk.duties(db), now=now)
        # An incident that grows is told again only when it becomes more urgent.
        told = {one.key for one in outbox.standings(db, incident=case.number)}
        for message in telling.opened(db, desk.config, case.number, of_number[case.number], now):
            if message.key not in told:
                outbox.put(db, message, principal=SERVICE, now=now)


def capture_records(desk: Desk, numbers: Iterable[int], now: datetime) -> int:
    """Copy the raw records behind incidents into evidence, byte for byte.

    Returns:
        How many were looked for; what is there already is not looked for again.
    """
    looked, wanted = 0, set(numbers)
    with desk.store.read() as db:
        found = [(one.number, one.incident) for one in stored(db) if one.number in wanted]
    for number, incident in found:
        if not incident.event_ids:
            continue
        with desk.store.read() as db:
            events = desk.archive.events(db, ids=incident.event_ids)
            asked = capture.missing(db, number, capture.wanted(events, range(len(events))))
        if not asked:
            continue
        looked += len(asked)
        buckets = [one for one in desk.config.source.values() if isinstance(one, S3Settings)]
        records = RawRecords(buckets)
        collected = capture.collect(asked, records, desk.config.evidence.path)
        with desk.store.begin() as db:
            capture.record(db, number, collected, principal=SERVICE, now=now)
    return looked


def tick(desk: Desk, now: datetime) -> int:
    """Bring clocks in line, queue reminders, and let receipts meet what is owed.

    Returns:
        How many messages were queued.
    """
    with desk.store.begin() as db:
        due = obligations.tick(db, desk.duties(db), now=now)
        queued = [
            outbox.put(db, message, principal=SERVICE, now=now)
            for message in telling.reminders(desk.config, due)
        ]
        _settle(db, now)
        failures = _failures(desk, db, now)
    return sum(queued) + failures


def deliver(desk: Desk, now: datetime) -> int:
    """Try every message whose time has come. Returns how many were accepted."""
    channels = desk.notifiers()
    if not channels:
        return 0
    return outbox.deliver(desk.store, channels, worker=SERVICE, now=now)


def _settle(db: Connection, now: datetime) -> None:
    """Let what was heard of notices count for what is owed: deliveries, yeses, late bounces."""
    owed = {(one.incident, one.customer): one for one in obligations.all_owed(db, NOTICE)}
    for news in outbox.heard(db):
        one = owed.get((news.incident, news.customer))
        if one is None or one.is_void:
            continue
        receipt = Receipt(
            kind=str(news.kind),
            at=min(news.at, now),
            key=f"{news.key}#{news.attempt}",
            channel=str(news.channel),
            proof=f"attempt {news.attempt} at {news.key}",
        )
        if any((known.kind, known.key) == (receipt.kind, receipt.key) for known in one.receipts):
            continue
        owed[news.incident, news.customer] = obligations.take_receipt(
            db, one.incident, NOTICE, one.customer, receipt, now=now
        )


def _failures(desk: Desk, db: Connection, now: datetime) -> int:
    """Tell the team, once, of notices that failed: their recipients do not count as notified."""
    queued = 0
    for standing in outbox.failed(db, since=from_us(0)):
        if standing.purpose not in (Purpose.NOTICE, Purpose.CALL):
            continue
        for message in telling.failed(desk.config, standing):
            queued += outbox.put(db, message, principal=SERVICE, now=now)
    return queued
