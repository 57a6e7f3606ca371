"""One message's way through a worker: leased, begun, settled; each step is one transaction.

    lease     nobody else takes the message for a while; nothing has left, nothing is written of it
    begin     the attempt stands, outcome *unknown*, with the exact bytes that will leave
              (between begin and settle: the call)
    settle    the outcome replaces *unknown*, and the message moves on

A worker that dies after ``lease`` leaves nothing but the lease, which runs out. One that dies after
``begin`` leaves *unknown*, which is the truth. A worker that comes back after its lease ran out
cannot begin, and its outcome counts for its own attempt only.
"""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select, update

from notifiers.base import Channel, Dispatch, Message, Outcome, Receipt
from notifiers.holding import is_ahead, is_in_vain, may_leave
from notifiers.order import behind
from notifiers.stored import about, about_row, load_content, load_message, store_content
from notifiers.tables import attempt, outbox
from notifiers.unaltered import altered
from tocsin import ledger
from tocsin.model.instants import from_us, to_us
from tocsin.model.principals import SERVICE, Principal
from tocsin.store import Store

LEASE = timedelta(minutes=10)
"""Longer than any call may take, with every time limit of every channel used up."""


class Lease(NamedTuple):
    """A message that is ours for a while.

    Attributes:
        message: What is to be sent.
        token: Proves that the lease is still this one.
        queued_at: When it was put.
        attempts: How many there were.
        doubtful: Those of them whose outcome is unknown, oldest first.
        taken: Provider ids that belong to attempts of the channel; empty when none is doubtful.
        ahead: None of the messages it was held for was accepted yet.
        in_vain: None of them will be by itself: only what became of the doubtful ones is asked.
    """

    message: Message
    token: str
    queued_at: datetime
    attempts: int
    doubtful: tuple[Dispatch, ...]
    taken: frozenset[str]
    ahead: bool = False
    in_vain: bool = False


class Room(NamedTuple):
    """What a worker has a place for.

    Attributes:
        untried: Channels on which a message may leave that was never tried.
        tried: Channels on which also one may that was.
    """

    untried: frozenset[Channel]
    tried: frozenset[Channel]


EVERYWHERE = Room(frozenset(Channel), frozenset(Channel))


def lease(
    store: Store,
    *,
    due_by: datetime,
    now: datetime,
    room: Room = EVERYWHERE,
    under_way: Collection[str] = (),
    put_at: datetime | None = None,
    worker: Principal = SERVICE,
) -> Lease | None:
    """Take one message whose time has come, for ``LEASE``.

    One that is not as it was queued fails, and the next is taken.

    What is held until another was accepted is passed by, until its own time has come, and so is a
    notice while an earlier one to its recipient is not settled (``notifiers.order``). The one with
    the fewest attempts comes first, so that what fails again and again delays nothing that was not
    tried yet.

    Args:
        store: The state.
        due_by: What is due by then, and leased to nobody at that instant.
        now: When the lease begins.
        room: On which channels.
        under_way: Keys that this worker has in hand.
        put_at: Only what was put, or put again, at this instant and not tried since; None for any.
        worker: In whose name what was altered fails.

    Returns:
        None when nothing is due.
    """
    box = outbox.c
    fits = box.channel.in_(sorted(room.tried)) | (
        box.channel.in_(sorted(room.untried)) & (box.attempts == 0)
    )
    if put_at is not None:
        fits &= box.changed_at == to_us(put_at)
    fits &= (box.state == "waiting") & (box.leased_until <= to_us(due_by))
    with store.begin() as db:
        while (row := _first(db, fits, due_by, under_way)) is not None:
            if not (why := altered(db, row)):
                break
            _give_up(db, row, why, worker=worker, now=now)
        if row is None:
            return None
        token = secrets.token_hex(8)
        db.execute(
            update(outbox)
            .where(box.key == row["key"])
            .values(leased_until=to_us(now + LEASE), lease=token)
        )
        message = load_message(db, row["message"])
        doubtful = _doubtful(db, message, row)
        taken = _taken(db, row["channel"]) if doubtful else frozenset[str]()
        queued_at = from_us(row["queued_at"])
        ahead, in_vain = is_ahead(db, row["key"]), is_in_vain(db, row["key"])
        return Lease(message, token, queued_at, row["attempts"], doubtful, taken, ahead, in_vain)


def _first(
    db: Connection, fits: ColumnElement[bool], due_by: datetime, under_way: Collection[str]
) -> RowMapping | None:
    """Return the row of the outbox whose turn it is, of those that fit."""
    box, stay = outbox.c, behind(db, due_by, under_way)
    return (
        db.execute(
            select(outbox)
            .where(
                fits,
                box.key.not_in(sorted(stay.keys)),
                may_leave(due_by, under_way, stay.idle),
            )
            .order_by(box.attempts, box.due_at, box.key)
            .limit(1)
        )
        .mappings()
        .one_or_none()
    )


def begin(
    store: Store, leased: Lease, dispatch: Dispatch, *, worker: Principal, now: datetime
) -> bool:
    """Commit an attempt, outcome unknown, before its call leaves.

    Returns:
        False when the lease is no longer ours, or when a message that says that it goes ahead of
        others was overtaken by one of them: no attempt was written, and nothing may leave. What was
        overtaken is given back, to be tried again at once.
    """
    box = outbox.c
    with store.begin() as db:
        if leased.ahead and not is_ahead(db, leased.message.key):
            ours = (box.key == leased.message.key) & (box.lease == leased.token)
            db.execute(update(outbox).where(ours).values(leased_until=0, lease=""))
            return False
        begun = db.execute(
            update(outbox)
            .where(
                box.key == leased.message.key,
                box.lease == leased.token,
                box.state == "waiting",
                box.leased_until > to_us(now),
            )
            .values(attempts=dispatch.number, leased_until=to_us(now + LEASE))
        ).rowcount
        if not begun:
            return False
        digest = store_content(db, dispatch.content) if dispatch.content else None
        db.execute(
            insert(attempt).values(
                key=leased.message.key,
                number=dispatch.number,
                reference=dispatch.reference,
                worker=str(worker),
                begun_at=to_us(now),
                content=digest,
                outcome=Outcome.UNKNOWN,
                provider_id="",
                answer="",
                open=False,
            )
        )
        fact = about(leased.message) | {"attempt": dispatch.number, "sha256": digest}
        ledger.append(db, "attempt.begun", fact, principal=worker, at=now)
    return True


def settle(
    store: Store,
    leased: Lease,
    number: int,
    outcome: Outcome,
    said: Receipt | str,
    *,
    worker: Principal,
    now: datetime,
    again: datetime | None = None,
) -> None:
    """Replace *unknown* by what is known now, and move the message on.

    Args:
        store: The state.
        leased: The message; if the lease is another's by now, only an acceptance moves it.
        number: The attempt.
        outcome: How it ended.
        said: The receipt, or why there is none.
        worker: Who called.
        now: When the call ended.
        again: When to try again; None is never, unless it was accepted.
    """
    said = said if isinstance(said, Receipt) else Receipt("", said)
    key, a, box = leased.message.key, attempt.c, outbox.c
    with store.begin() as db:
        open_yet = db.execute(
            update(attempt)
            .where(a.key == key, a.number == number, a.outcome == Outcome.UNKNOWN)
            .values(
                outcome=outcome,
                settled_at=to_us(now),
                provider_id=said.provider_id,
                answer=said.answer,
                open=said.open,
            )
        ).rowcount
        if not open_yet:
            return  # another worker asked the other side and knows better
        fact = about(leased.message) | {
            "attempt": number,
            "answer": said.answer,
            "provider_id": said.provider_id,
        }
        ledger.append(db, f"attempt.{outcome}", fact, principal=worker, at=now)
        if outcome == Outcome.ACCEPTED:
            db.execute(
                update(outbox)
                .where(box.key == key, box.state.in_(("waiting", "failed")))
                .values(state="accepted", why="", leased_until=0, lease="", changed_at=to_us(now))
            )
        else:
            move_on(db, leased, said.answer, worker=worker, now=now, again=again)


def postpone(
    store: Store,
    leased: Lease,
    why: str,
    *,
    worker: Principal,
    now: datetime,
    again: datetime | None,
) -> None:
    """Give a message back without an attempt; without ``again`` it is given up."""
    with store.begin() as db:
        move_on(db, leased, why, worker=worker, now=now, again=again)


def move_on(
    db: Connection,
    leased: Lease,
    why: str,
    *,
    worker: Principal,
    now: datetime,
    again: datetime | None,
) -> None:
    """End a lease of ours: the message waits again, or is given up."""
    box = outbox.c
    ours = (box.key == leased.message.key) & (box.lease == leased.token) & (box.state == "waiting")
    give_up_at = db.scalar(select(box.give_up_at).where(ours))
    if give_up_at is None:
        return
    values = {"why": why, "leased_until": 0, "lease": "", "changed_at": to_us(now)}
    if again is not None and to_us(again) < give_up_at:
        db.execute(update(outbox).where(ours).values(**values, due_at=to_us(again)))
        return
    db.execute(update(outbox).where(ours).values(**values, state="failed"))
    fact = about(leased.message) | {"why": why}
    ledger.append(db, "message.failed", fact, principal=worker, at=now)


def _give_up(
    db: Connection, row: RowMapping, why: str, *, worker: Principal, now: datetime
) -> None:
    """Let a message fail that was altered: nothing of it is read."""
    db.execute(
        update(outbox)
        .where(outbox.c.key == row["key"])
        .values(state="failed", why=why, leased_until=0, lease="", changed_at=to_us(now))
    )
    fact = about_row(row) | {"why": why}
    ledger.append(db, "message.failed", fact, principal=worker, at=now)


def dispatch_of(db: Connection, message: Message, row: RowMapping, queued_at: int) -> Dispatch:
    """Return a stored attempt as its notifier knows it."""
    return Dispatch(
        message,
        row["number"],
        row["reference"],
        from_us(queued_at),
        from_us(row["begun_at"]),
        load_content(db, row["content"]),
    )


def _doubtful(db: Connection, message: Message, row: RowMapping) -> tuple[Dispatch, ...]:
    a = attempt.c
    rows: Sequence[RowMapping] = (
        db.execute(
            select(attempt)
            .where(a.key == message.key, a.outcome == Outcome.UNKNOWN)
            .order_by(a.number)
        )
        .mappings()
        .all()
    )
    return tuple(dispatch_of(db, message, one, row["queued_at"]) for one in rows)


def _taken(db: Connection, channel: str) -> frozenset[str]:
    a, box = attempt.c, outbox.c
    return frozenset(
        db.scalars(
            select(a.provider_id)
            .join(outbox, a.key == box.key)
            .where(box.channel == channel, a.provider_id != "")
        )
    )
