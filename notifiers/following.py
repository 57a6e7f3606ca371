"""What comes after "accepted": reports, outcomes of calls, acknowledgements.

Each is taken once, in one transaction with its ledger entry and with what it does to the message: a
bounce makes it failed, a call that reached nobody makes it wait again.

Source: RFC 3464, 2.3.3 (actions); Twilio, "Call resource" (status, answered by).
"""

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from notifiers.attempts import dispatch_of
from notifiers.base import Channel, Kind, News, Notifier, Outcome
from notifiers.receipts import Report, read
from notifiers.schedule import SCHEDULE, Schedule
from notifiers.standing import message
from notifiers.stored import about, load_message
from notifiers.tables import attempt, outbox, receipt
from tocsin import ledger
from tocsin.errors import DeliveryError, Refusal
from tocsin.model.instants import to_us
from tocsin.model.principals import Principal
from tocsin.store import Store


def attempt_of(db: Connection, reference: str) -> tuple[str, int] | None:
    """Return the message and attempt a reference belongs to."""
    a = attempt.c
    row = db.execute(select(a.key, a.number).where(a.reference == reference)).one_or_none()
    return None if row is None else (row.key, row.number)


def receive(
    db: Connection,
    key: str,
    number: int,
    news: News,
    *,
    principal: Principal,
    now: datetime,
    schedule: Schedule = SCHEDULE,
) -> bool:
    """Take what was learned of an attempt.

    Returns:
        False when it was known; nothing was changed.

    Raises:
        Refusal: There is no such attempt; nothing was changed.
    """
    a, box = attempt.c, outbox.c
    this = (a.key == key) & (a.number == number)
    tried = db.execute(select(attempt).where(this)).mappings().one_or_none()
    if tried is None:
        raise Refusal(f"there is no attempt {number} at message {key}")
    if news.final and tried["open"]:
        db.execute(update(attempt).where(this).values(open=False))
    digest = hashlib.sha256(news.raw or news.detail.encode()).hexdigest()
    r = receipt.c
    same = (r.key == key) & (r.attempt == number) & (r.kind == news.kind) & (r.sha256 == digest)
    if db.execute(select(r.kind).where(same)).one_or_none() is not None:
        return False
    db.execute(
        insert(receipt).values(
            key=key,
            attempt=number,
            kind=news.kind,
            sha256=digest,
            detail=news.detail,
            raw=news.raw,
            happened_at=None if news.at is None else to_us(news.at),
            received_at=to_us(now),
        )
    )
    said = message(db, key)
    fact = about(said) | {"attempt": number, "detail": news.detail, "sha256": digest}
    ledger.append(db, f"receipt.{news.kind}", fact, principal=principal, at=now)
    if tried["outcome"] == Outcome.UNKNOWN:
        # Somebody has it, or tells that it could not be handed on: so it was taken.
        db.execute(
            update(attempt).where(this).values(outcome=Outcome.ACCEPTED, settled_at=to_us(now))
        )
        fact = about(said) | {"attempt": number, "answer": news.detail, "provider_id": ""}
        ledger.append(db, "attempt.accepted", fact, principal=principal, at=now)
        db.execute(
            update(outbox)
            .where(box.key == key, box.state == "waiting")
            .values(state="accepted", lease="", leased_until=0, changed_at=to_us(now))
        )
    _consequence(db, key, number, news, principal=principal, now=now, schedule=schedule)
    return True


def take_mail(
    db: Connection, raw: bytes, *, domain: str, principal: Principal, now: datetime
) -> bool:
    """Take a delivery report that came in by mail.

    A delivery is believed only by the attempt's reference; other news also by the Message-ID, and
    then it is about the newest attempt.

    Args:
        db: A transaction.
        raw: The mail, byte for byte: it is kept.
        domain: Of our Message-IDs.
        principal: Who took it.
        now: When it came in.

    Returns:
        False when it is no report about a message of ours, or known already; nothing was changed.
    """
    report = read(raw, domain=domain)
    if not isinstance(report, Report):
        return False
    kind, detail = report.kind, report.detail
    about_it = attempt_of(db, report.reference) if report.reference else None
    if about_it is None:
        newest = select(attempt.c.number).where(attempt.c.key == report.key)
        number = db.scalar(newest.order_by(attempt.c.number.desc()).limit(1))
        if number is None:
            return False
        about_it = report.key, number
        if kind == Kind.DELIVERED:
            kind, detail = Kind.RELAYED, f"{detail}; without its reference, so not believed"
    news = News(kind, detail, raw, report.at)
    return receive(db, *about_it, news, principal=principal, now=now)


def follow(
    store: Store,
    notifiers: Mapping[Channel, Notifier],
    *,
    worker: Principal,
    now: datetime,
    schedule: Schedule = SCHEDULE,
) -> list[Exception]:
    """Ask what became of accepted attempts that may have more to tell.

    Returns:
        Faults of ours; every other attempt was asked for all the same.
    """
    a, box = attempt.c, outbox.c
    with store.read() as db:
        waiting = (
            db.execute(
                select(attempt, box.message, box.channel, box.queued_at)
                .join(outbox, a.key == box.key)
                .where(a.open, a.outcome == Outcome.ACCEPTED)
                .order_by(a.begun_at)
            )
            .mappings()
            .all()
        )

    def ask(row: RowMapping) -> None:
        notifier = notifiers.get(Channel(row["channel"]))
        with store.read() as db:
            dispatch = dispatch_of(db, load_message(db, row["message"]), row, row["queued_at"])
        try:
            found = notifier.news(dispatch, row["provider_id"]) if notifier is not None else []
        except DeliveryError:
            found = []  # asked again in the next pass; what is asked for too long is ended below
        if not any(one.final for one in found) and now - dispatch.begun_at > schedule.read_back:
            found = [*found, News(Kind.UNREACHED, "its outcome could not be read")]
        with store.begin() as db:
            for one in found:
                number = dispatch.number
                receive(db, row["key"], number, one, principal=worker, now=now, schedule=schedule)

    if not waiting:
        return []
    with ThreadPoolExecutor(schedule.lanes) as lanes:
        asked = [lanes.submit(ask, row) for row in waiting]
    return [fault for one in asked if isinstance(fault := one.exception(), Exception)]


def _consequence(
    db: Connection,
    key: str,
    number: int,
    news: News,
    *,
    principal: Principal,
    now: datetime,
    schedule: Schedule,
) -> None:
    box, at = outbox.c, to_us(now)
    row = db.execute(select(outbox).where(box.key == key)).mappings().one()
    values: dict[str, object] = {"why": news.detail, "lease": "", "leased_until": 0}
    if news.kind == Kind.BOUNCED and not _has_arrived(db, key):
        values |= {"state": "failed", "changed_at": at}
    elif news.kind == Kind.UNREACHED and row["state"] == "accepted" and row["attempts"] == number:
        due = to_us(now + schedule.unreached.after(number))
        if number < schedule.calls and due < row["give_up_at"]:
            values |= {"state": "waiting", "due_at": due, "changed_at": at}
        else:
            values |= {"state": "failed", "changed_at": at}
    else:
        return
    db.execute(update(outbox).where(box.key == key).values(**values))
    if values["state"] == "failed" and row["state"] != "failed":
        fact = about(message(db, key)) | {"why": news.detail}
        ledger.append(db, "message.failed", fact, principal=principal, at=now)


def _has_arrived(db: Connection, key: str) -> bool:
    r = receipt.c
    rows = db.execute(select(r.attempt, r.kind).where(r.key == key)).all()
    bounced = {row.attempt for row in rows if row.kind == Kind.BOUNCED}
    return any(
        row.kind == Kind.ACKNOWLEDGED or (row.kind == Kind.DELIVERED and row.attempt not in bounced)
        for row in rows
    )
