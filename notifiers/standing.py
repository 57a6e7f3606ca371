"""How a message stands, read from what is stored: the message, its attempts, what came after.

Rank of proof: acknowledged by a person, delivered to the recipient's own server, accepted by our
relay, attempted. Only the first two count as notified.

An attempt that was reported failed is not delivered, whatever was reported of it before: a late
bounce takes a delivery back. Another copy that did arrive has arrived.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, RowMapping, select

from notifiers.attempts import dispatch_of
from notifiers.base import Channel, Kind, Message, Outcome, Purpose
from notifiers.stored import load_message, recipient
from notifiers.tables import attempt, outbox, receipt
from tocsin.errors import Refusal
from tocsin.model.instants import from_us, to_us

Word = Literal[
    "waiting",
    "unknown",
    "accepted",
    "answered",
    "delivered",
    "acknowledged",
    "failed",
    "cancelled",
]
"""What a standing can be, in one word."""

LEFT: tuple[Word, ...] = ("accepted", "answered", "delivered", "acknowledged")
"""The other side took it."""

Row = RowMapping | dict[str, Any]
"""What is stored, or was at an instant."""


_KEYS = "`tocsin notice status INCIDENT` shows the messages and their keys."


class Standing(NamedTuple):
    """How a message stands.

    Attributes:
        key: The message.
        channel: What carries it.
        purpose: What it is for.
        incident: Its incident's number, or None.
        customer: Its customer's id, or "".
        word: *unknown*: an attempt may have gone out, and it is tried again.
        at: Since when.
        why: The last thing that went wrong, and what to do about it, or "".
        attempts: How many there were.
        due_at: When it is tried next, while it waits; of what is held, when it is at the latest;
            of what is under way, when it would be if nothing were heard of it.
        to: Recipient, for the operator's own eyes: an address or a number is personal data.
        queued_at: When it was put: what was sent together has one instant.
    """

    key: str
    channel: Channel
    purpose: Purpose
    incident: int | None
    customer: str
    word: Word
    at: datetime
    why: str
    attempts: int
    due_at: datetime | None
    to: str
    queued_at: datetime

    @property
    def notified(self) -> bool:
        """Whether the recipient counts as notified."""
        return self.word in ("delivered", "acknowledged")


class Attempt(NamedTuple):
    """One attempt, as evidence.

    Attributes:
        number: From 1.
        worker: In whose name.
        begun_at: When it was committed, before its call left.
        settled_at: When its outcome was; None while it is under way, or when its worker died.
        outcome: See :class:`notifiers.base.Outcome`.
        provider_id: The other side's name for it, or "".
        answer: What it said.
        sha256: Of ``content``, as it stands in the ledger.
        content: The exact bytes that were handed over.
        news: What was learned afterwards: kind, detail, raw bytes, when received.
    """

    number: int
    worker: str
    begun_at: datetime
    settled_at: datetime | None
    outcome: Outcome
    provider_id: str
    answer: str
    sha256: str
    content: bytes
    news: tuple[tuple[Kind, str, bytes, datetime], ...]


def standing(db: Connection, key: str) -> Standing:
    """Return how a message stands.

    Raises:
        Refusal: There is no such message.
    """
    row = db.execute(select(outbox).where(outbox.c.key == key)).mappings().one_or_none()
    if row is None:
        raise Refusal(f"there is no message {key}", hint=_KEYS)
    return _standing(db, row)


def standings(
    db: Connection,
    *,
    incident: int | None = None,
    customer: str | None = None,
    as_of: datetime | None = None,
) -> list[Standing]:
    """Return how all messages stand, or those of an incident or a customer, oldest first.

    Args:
        db: A transaction.
        incident: Only of this one.
        customer: Only to this one.
        as_of: As they stood at this instant; what was queued, tried or heard later is not in it.
    """
    query = select(outbox).order_by(outbox.c.queued_at, outbox.c.key)
    if incident is not None:
        query = query.where(outbox.c.incident == incident)
    if customer is not None:
        query = query.where(outbox.c.customer == customer)
    rows = db.execute(query).mappings().all()
    if as_of is None:
        return [_standing(db, row) for row in rows]
    return [_stood(db, row, to_us(as_of)) for row in rows if row["queued_at"] <= to_us(as_of)]


def left_at(db: Connection, key: str) -> datetime | None:
    """Return when a message first went out that did not come back; None: none surely did.

    The answer of the side that took it, not the report that comes later: received then at the
    earliest. Only where no attempt is known to have got through, when its receipt was heard of.
    """
    now, news = standing(db, key), _news(db, key)
    if now.word not in LEFT:
        return None
    bounced = {one["attempt"] for one in news if one["kind"] == Kind.BOUNCED}
    arrived = {one["attempt"] for one in news if one["kind"] == Kind.DELIVERED}
    taken = [
        one["begun_at"] if one["settled_at"] is None else one["settled_at"]
        for one in _attempts(db, key)
        if one["number"] not in bounced
        and (one["outcome"] == Outcome.ACCEPTED or one["number"] in arrived)
    ]
    return from_us(min(taken)) if taken else now.at


def may_have_left_at(db: Connection, key: str) -> datetime | None:
    """Return when a message first went out, or may have, and did not come back; None: it did not.

    Whatever became of it since: one that was taken back after an attempt of which nothing was heard
    may have arrived.
    """
    surely = left_at(db, key)
    if surely is not None:
        return surely
    bounced = {one["attempt"] for one in _news(db, key) if one["kind"] == Kind.BOUNCED}
    tried = [
        one["begun_at"]
        for one in _attempts(db, key)
        if one["outcome"] == Outcome.UNKNOWN and one["number"] not in bounced
    ]
    return from_us(min(tried)) if tried else None


def failed(db: Connection, *, since: datetime) -> list[Standing]:
    """Return what failed or was given up in ``[since, …)``: each is worth an alert."""
    query = (
        select(outbox)
        .where(outbox.c.state == "failed", outbox.c.changed_at >= to_us(since))
        .order_by(outbox.c.changed_at, outbox.c.key)
    )
    return [_standing(db, row) for row in db.execute(query).mappings().all()]


def stuck(db: Connection, *, queued_before: datetime) -> list[Standing]:
    """Return what was put before an instant and still waits: its channel is in trouble."""
    query = (
        select(outbox)
        .where(outbox.c.state == "waiting", outbox.c.queued_at < to_us(queued_before))
        .order_by(outbox.c.queued_at, outbox.c.key)
    )
    return [_standing(db, row) for row in db.execute(query).mappings().all()]


def message(db: Connection, key: str) -> Message:
    """Return a message as it was put.

    Raises:
        Refusal: There is no such message.
    """
    return load_message(db, stored(db, key).decode())


def stored(db: Connection, key: str) -> bytes:
    """Return a message as it lies in the outbox: JSON, its attachments named by their SHA-256.

    Raises:
        Refusal: There is no such message.
    """
    said = db.scalar(select(outbox.c.message).where(outbox.c.key == key))
    if said is None:
        raise Refusal(f"there is no message {key}", hint=_KEYS)
    return str(said).encode()


def attempts(db: Connection, key: str) -> list[Attempt]:
    """Return every attempt at a message, with the bytes handed over and what came of it."""
    said = message(db, key)
    return [
        Attempt(
            row["number"],
            row["worker"],
            from_us(row["begun_at"]),
            None if row["settled_at"] is None else from_us(row["settled_at"]),
            Outcome(row["outcome"]),
            row["provider_id"],
            row["answer"],
            row["content"] or "",
            dispatch_of(db, said, row, 0).content,
            tuple(
                (Kind(one["kind"]), one["detail"], bytes(one["raw"]), from_us(one["received_at"]))
                for one in _news(db, key)
                if one["attempt"] == row["number"]
            ),
        )
        for row in _attempts(db, key)
    ]


def _standing(db: Connection, row: RowMapping) -> Standing:
    word, at = _word(row, _attempts(db, row["key"]), _news(db, row["key"]))
    return _made(row, word, at, attempts=row["attempts"])


def _made(row: Row, word: Word, at: int, *, attempts: int) -> Standing:
    return Standing(
        row["key"],
        Channel(row["channel"]),
        Purpose(row["purpose"]),
        row["incident"],
        row["customer"],
        word,
        from_us(at),
        row["why"],
        attempts,
        _next_try(row) if row["state"] == "waiting" else None,
        recipient(row["message"]),
        from_us(row["queued_at"]),
    )


def _next_try(row: Row) -> datetime:
    """Return when it is tried next; of what is under way, when its worker is given up."""
    return from_us(max(row["due_at"], row["leased_until"]))


def _stood(db: Connection, row: RowMapping, until: int) -> Standing:
    """Return how a message stood: from what was stored with an instant, up to that one."""
    tries = [one for one in _attempts(db, row["key"]) if one["begun_at"] <= until]
    news = [one for one in _news(db, row["key"]) if one["received_at"] <= until]
    settled = [one for one in tries if one["settled_at"] is not None and one["settled_at"] <= until]
    then: dict[str, Any] = {**row}
    if row["changed_at"] > until:
        accepted = [one for one in settled if one["outcome"] == Outcome.ACCEPTED]
        last = max((one["settled_at"] for one in settled), default=row["queued_at"])
        then |= {"state": "accepted" if accepted else "waiting", "why": "", "changed_at": last}
    known: list[Row] = [
        one if one in settled else {**one, "outcome": Outcome.UNKNOWN}  # as it stood then
        for one in tries
    ]
    word, at = _word(then, known, news)
    return _made(then, word, at, attempts=len(tries))


def _word(row: Row, tries: Sequence[Row], news: Sequence[RowMapping]) -> tuple[Word, int]:
    for one in news:
        if one["kind"] == Kind.ACKNOWLEDGED:
            return "acknowledged", one["received_at"]
    bounced = {one["attempt"] for one in news if one["kind"] == Kind.BOUNCED}
    for one in news:
        if one["kind"] == Kind.DELIVERED and one["attempt"] not in bounced:
            return "delivered", one["received_at"]
    if row["state"] in ("failed", "cancelled"):
        return ("failed" if row["state"] == "failed" else "cancelled"), row["changed_at"]
    if row["state"] == "accepted":
        for one in news:
            if one["kind"] == Kind.ANSWERED:
                return "answered", one["received_at"]
        return "accepted", row["changed_at"]
    for tried in reversed(tries):
        if tried["outcome"] == Outcome.UNKNOWN:
            return "unknown", tried["begun_at"]
    return "waiting", row["changed_at"]


def _attempts(db: Connection, key: str) -> Sequence[RowMapping]:
    query = select(attempt).where(attempt.c.key == key).order_by(attempt.c.number)
    return db.execute(query).mappings().all()


def _news(db: Connection, key: str) -> Sequence[RowMapping]:
    r = receipt.c
    query = select(receipt).where(r.key == key).order_by(r.received_at, r.attempt, r.kind, r.sha256)
    return db.execute(query).mappings().all()
