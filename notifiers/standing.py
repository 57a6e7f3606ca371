"""How a message stands, read from what is stored: the message, its attempts, what came after.

Rank of proof: acknowledged by a person, delivered to the recipient's own server, accepted by our
relay, attempted. Only the first two count as notified (DESIGN rule 9).

An attempt that was reported failed is not delivered, whatever was reported of it before: a late
bounce takes a delivery back. Another copy that did arrive has arrived.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import Connection, RowMapping, select

from notifiers.attempts import dispatch_of
from notifiers.base import Channel, Kind, Message, Outcome, Purpose
from notifiers.stored import load_message
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
        due_at: When it is tried next, while it waits.
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


class Heard(NamedTuple):
    """What was learned of an attempt at a message to a customer.

    Attributes:
        key: The message.
        attempt: Its number.
        channel: What carried it.
        incident: Its incident's number.
        customer: Its customer's id.
        kind: What was learned.
        at: When it was received; for a code that a customer said, when it was said.
        told: A person of ours took it, and says when it was.
    """

    key: str
    attempt: int
    channel: Channel
    incident: int
    customer: str
    kind: Kind
    at: datetime
    told: bool


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
    db: Connection, *, incident: int | None = None, customer: str | None = None
) -> list[Standing]:
    """Return how all messages stand, or those of an incident or a customer, oldest first."""
    query = select(outbox).order_by(outbox.c.queued_at, outbox.c.key)
    if incident is not None:
        query = query.where(outbox.c.incident == incident)
    if customer is not None:
        query = query.where(outbox.c.customer == customer)
    return [_standing(db, row) for row in db.execute(query).mappings().all()]


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


def heard(db: Connection) -> list[Heard]:
    """Return what proves or takes back that a customer was notified, in order of receipt."""
    r, box = receipt.c, outbox.c
    proves = (Kind.BOUNCED, Kind.DELIVERED, Kind.ACKNOWLEDGED)
    query = (
        select(r.key, r.attempt, box.channel, box.incident, box.customer, r.kind)
        .add_columns(r.received_at, r.happened_at)
        .join(outbox, box.key == r.key)
        .where(box.purpose.in_((Purpose.NOTICE, Purpose.CALL)), box.incident.is_not(None))
        .where(r.kind.in_(proves))
        .order_by(r.received_at, r.key, r.attempt, r.kind)
    )
    found = list[Heard]()
    for row in db.execute(query):
        # Other servers' clocks count for nothing: only a person of ours dates an acknowledgement
        # of a mail.
        channel, kind = Channel(row.channel), Kind(row.kind)
        told = (channel, kind) == (Channel.EMAIL, Kind.ACKNOWLEDGED) and bool(row.happened_at)
        at = from_us(row.happened_at if told else row.received_at)
        found.append(
            Heard(row.key, row.attempt, channel, row.incident, row.customer, kind, at, told)
        )
    return found


def message(db: Connection, key: str) -> Message:
    """Return a message as it was put.

    Raises:
        Refusal: There is no such message.
    """
    stored = db.scalar(select(outbox.c.message).where(outbox.c.key == key))
    if stored is None:
        raise Refusal(f"there is no message {key}", hint=_KEYS)
    return load_message(db, stored)


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
    return Standing(
        row["key"],
        Channel(row["channel"]),
        Purpose(row["purpose"]),
        row["incident"],
        row["customer"],
        word,
        from_us(at),
        row["why"],
        row["attempts"],
        from_us(row["due_at"]) if row["state"] == "waiting" else None,
    )


def _word(
    row: RowMapping, tries: Sequence[RowMapping], news: Sequence[RowMapping]
) -> tuple[Word, int]:
    for one in news:
        if one["kind"] == Kind.ACKNOWLEDGED:
            return "acknowledged", one["received_at"]
    bounced = {one["attempt"] for one in news if one["kind"] == Kind.BOUNCED}
    for one in news:
        if one["kind"] == Kind.DELIVERED and one["attempt"] not in bounced:
            return "delivered", one["received_at"]
    if row["state"] in ("failed", "cancelled"):
        return row["state"], row["changed_at"]
    if row["state"] == "accepted":
        for one in news:
            if one["kind"] == Kind.ANSWERED:
                return "answered", one["received_at"]
        return "accepted", row["changed_at"]
    for one in reversed(tries):
        if one["outcome"] == Outcome.UNKNOWN:
            return "unknown", one["begun_at"]
    return "waiting", row["changed_at"]


def _attempts(db: Connection, key: str) -> Sequence[RowMapping]:
    query = select(attempt).where(attempt.c.key == key).order_by(attempt.c.number)
    return db.execute(query).mappings().all()


def _news(db: Connection, key: str) -> Sequence[RowMapping]:
    r = receipt.c
    query = select(receipt).where(r.key == key).order_by(r.received_at, r.attempt, r.kind, r.sha256)
    return db.execute(query).mappings().all()
