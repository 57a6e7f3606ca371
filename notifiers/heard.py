"""What proves that customers were notified, or takes it back: all news of letters and calls."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from notifiers.base import Channel, Kind, Purpose
from notifiers.tables import outbox, receipt
from tocsin.model.instants import from_us


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
