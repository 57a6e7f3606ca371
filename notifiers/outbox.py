"""The outbox: messages wait here until the other side has accepted them.

What is stored before what cannot be undone:

    1. ``put`` runs in the transaction that decided to send: a decision and its message stand or
       fall together.
    2. A worker leases a message and writes the attempt, outcome *unknown*, with the exact bytes,
       **before** the call leaves (``notifiers.attempts``).
    3. The call.
    4. The outcome replaces *unknown*: accepted or refused. A crash between 2 and 4 leaves
       *unknown* standing, which is the truth.

An unknown attempt is reconciled first: the other side is asked whether it has the message. Where
it cannot be asked, the message goes again under the same identity. Twice, never not at all.

A message may be held until one of some others was accepted, though not for ever
(``notifiers.holding``): a call is, by the mails of its notice.

Accepted is not notified: ``notifiers.following`` takes what comes after it.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from notifiers.base import Message
from notifiers.delivery import deliver, hear, send
from notifiers.heard import Heard, heard
from notifiers.holding import HELD, hold, is_ahead, until
from notifiers.schedule import SCHEDULE, Schedule
from notifiers.standing import (
    LEFT,
    Attempt,
    Standing,
    attempts,
    failed,
    left_at,
    may_have_left_at,
    message,
    standing,
    standings,
    stored,
    stuck,
)
from notifiers.stored import about, store_message
from notifiers.tables import outbox
from tocsin import ledger
from tocsin.errors import Refusal
from tocsin.model.instants import to_us
from tocsin.model.principals import Principal

__all__ = [
    "LEFT",
    "Attempt",
    "Heard",
    "Schedule",
    "Standing",
    "attempts",
    "cancel",
    "deliver",
    "failed",
    "hear",
    "heard",
    "left_at",
    "may_have_left_at",
    "message",
    "put",
    "recall",
    "send",
    "send_again",
    "standing",
    "standings",
    "stored",
    "stuck",
]


def put(
    db: Connection,
    message: Message,
    *,
    after: Collection[str] = (),
    limit: datetime | None = None,
    principal: Principal,
    now: datetime,
    schedule: Schedule = SCHEDULE,
) -> bool:
    """Queue a message in the transaction that decided to send it.

    Args:
        db: A transaction.
        message: What is to be sent.
        after: Keys of messages that were put before: it is held until one of them was accepted; ()
            for one that is held by none.
        limit: By when it has to be known to its recipient: it is held for half of the time to that,
            an hour at most; None for an hour.
        principal: Who decided.
        now: When.
        schedule: When what failed is tried again.

    Returns:
        False when it was there already, with the same content; nothing was changed.

    Raises:
        Refusal: The key is there with other content; nothing was changed.
    """
    box = outbox.c
    before = db.scalar(select(box.sha256).where(box.key == message.key))
    body, digest = store_message(db, message)
    if before is not None:
        if before == digest:
            return False
        raise Refusal(
            f"message {message.key} is queued already, with other content",
            hint="A message that changed is another message: give it a key of its own.",
        )
    at = to_us(now)
    db.execute(
        insert(outbox).values(
            key=message.key,
            channel=message.channel,
            purpose=message.purpose,
            incident=message.incident,
            customer=message.customer,
            message=body,
            sha256=digest,
            state="waiting",
            why=HELD if after else "",
            attempts=0,
            queued_at=at,
            due_at=to_us(until(now, limit)) if after else at,
            give_up_at=to_us(now + schedule.give_up_after),
            leased_until=0,
            lease="",
            changed_at=at,
        )
    )
    fact = about(message) | {"sha256": digest}
    if after:
        hold(db, message.key, after)
        fact |= {"after": sorted(set(after))}
    ledger.append(db, "message.queued", fact, principal=principal, at=now)
    return True


def cancel(db: Connection, key: str, *, why: str, principal: Principal, now: datetime) -> None:
    """Take back a message that was not accepted yet.

    Raises:
        Refusal: It is unknown, on its way right now, or no longer to be taken back; nothing was
            changed.
    """
    said, state = _found(db, key)
    if state not in _HERE:
        raise Refusal(
            f"message {key} is {state}: it cannot be taken back",
            hint="It was taken back already, and will not be sent."
            if state == "cancelled"
            else "What was accepted has left; what went wrong in it is told in the next notice.",
        )
    if not _taken_back(db, said, why, principal, now):
        raise Refusal(
            f"message {key} is being sent at this moment",
            hint="Look at its standing in a few minutes, and cancel it then if it still waits.",
        )


def recall(db: Connection, key: str, *, why: str, principal: Principal, now: datetime) -> bool:
    """Take back a message if it is still here; otherwise as ``cancel``.

    Returns:
        False where it has left, was taken back before, or is being sent at this moment.
    """
    said, state = _found(db, key)
    return state in _HERE and _taken_back(db, said, why, principal, now)


_HERE = ("waiting", "failed")
"""States of what is not with the other side, or not for sure."""


def _taken_back(
    db: Connection, said: Message, why: str, principal: Principal, now: datetime
) -> bool:
    box = outbox.c
    taken_back = db.execute(
        update(outbox)
        .where(box.key == said.key, box.leased_until <= to_us(now))
        .values(state="cancelled", why=why, lease="", changed_at=to_us(now))
    ).rowcount
    if taken_back:
        fact = about(said) | {"why": why}
        ledger.append(db, "message.cancelled", fact, principal=principal, at=now)
    return bool(taken_back)


def send_again(
    db: Connection,
    key: str,
    *,
    why: str,
    limit: datetime | None = None,
    principal: Principal,
    now: datetime,
    schedule: Schedule = SCHEDULE,
) -> None:
    """Queue a failed message again, after a person changed what made it fail.

    One that is held by others, of which none was accepted, is held anew; ``limit`` as in ``put``.

    Raises:
        Refusal: It is unknown, or did not fail; nothing was changed.
    """
    said, state = _found(db, key)
    if state != "failed":
        raise Refusal(
            f"message {key} is {state}: only a failed one is sent again",
            hint="One that waits is tried by itself; for one that was accepted see what came back.",
        )
    at = to_us(now)
    held = (
        {"due_at": to_us(until(now, limit)), "why": HELD} if is_ahead(db, key) else {"due_at": at}
    )
    db.execute(
        update(outbox)
        .where(outbox.c.key == key)
        .values(
            **held,
            state="waiting",
            give_up_at=to_us(now + schedule.give_up_after),
            leased_until=0,
            lease="",
            changed_at=at,
        )
    )
    fact = about(said) | {"why": why}
    ledger.append(db, "message.requeued", fact, principal=principal, at=now)


def _found(db: Connection, key: str) -> tuple[Message, str]:
    said = message(db, key)
    return said, db.execute(select(outbox.c.state).where(outbox.c.key == key)).scalar_one()
