"""Messages that are held until one of some others was accepted: a call until its mail has left.

A call says that a notice waits in the mail. It does not go out before that is so, but neither does
it wait for ever: where the mails are only refused for now, it leaves at an instant that was set
when it was put, says then that the mail is not there yet, and asks for no code, because nobody is
notified by it. Where every mail of the notice failed or was taken back, nothing is on its way: it
fails, and the team is told. One that may have gone out before that is looked up first.

``due_at`` of what is held is the instant at which it leaves at the latest.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    exists,
    insert,
    or_,
    select,
    update,
)

from notifiers.base import Outcome
from notifiers.stored import about_row
from notifiers.tables import after, attempt, outbox
from tocsin import ledger
from tocsin.model.instants import to_us
from tocsin.model.principals import Principal
from tocsin.store import Store

LONGEST = timedelta(hours=1)
"""So long a message is held, where nothing asks for less."""

SHORTEST = timedelta(minutes=5)
"""So long it is held at least: a mail that is tried a few times may have left by then."""

HELD = "held until an e-mail of its notice is accepted"
IN_VAIN = (
    "every e-mail of its notice failed or was taken back: it would say that one waits. "
    "Send an e-mail again, then this."
)
TRIED = f"it was tried before and is not tried again, as {IN_VAIN}"
DOUBTED = (
    "it was tried before, an attempt broke off, and the other side tells nothing of it: it may "
    f"have gone out. It is not tried again, as {IN_VAIN}"
)


def hold(db: Connection, key: str, until: Collection[str]) -> None:
    """Hold a message that was put until one of these was accepted; they were put before."""
    db.execute(insert(after), [{"key": key, "after": one} for one in dict.fromkeys(until)])


def until(now: datetime, limit: datetime | None = None) -> datetime:
    """Return when what is put now leaves at the latest: half of the time to a limit is for it."""
    if limit is None:
        return now + LONGEST
    return now + max(SHORTEST, min(LONGEST, (limit - now) / 2))


def may_leave(
    due_by: datetime, under_way: Collection[str], idle: Collection[str] = ()
) -> ColumnElement[bool]:
    """Return the condition under which the time of a row of the outbox has come.

    Args:
        due_by: By when. What is held lets those it waits for be tried first.
        under_way: Keys that this worker has in hand: they still may be accepted.
        idle: Keys of what is not tried now though it is due: it is not waited for.
    """
    at = to_us(due_by)
    is_due = outbox.c.due_at <= at
    return or_(
        is_due & ~_is_held(),
        (is_due | (outbox.c.why == HELD)) & _one_is("accepted"),
        is_due & _one_is("waiting") & ~_one_is_tried(at, under_way, idle),
        is_due & _is_in_vain() & _is_doubtful(),
    )


def is_ahead(db: Connection, key: str) -> bool:
    """Return whether a message is held by others of which none was accepted yet."""
    held = _is_held() & ~_one_is("accepted")
    return db.execute(select(outbox.c.key).where(outbox.c.key == key, held)).first() is not None


def is_in_vain(db: Connection, key: str) -> bool:
    """Return whether a message is held by others, none of which will be accepted by itself."""
    row = select(outbox.c.key).where(outbox.c.key == key, _is_in_vain())
    return db.execute(row).first() is not None


def fail_in_vain(store: Store, *, worker: Principal, now: datetime) -> int:
    """Give up what is held by messages none of which will be accepted by itself.

    What has an attempt of unknown outcome is left to a worker, which asks the other side first.

    Returns:
        How many.
    """
    box = outbox.c
    in_vain = (
        (box.state == "waiting")
        & (box.leased_until <= to_us(now))
        & _is_in_vain()
        & ~_is_doubtful()
    )
    with store.begin() as db:
        rows = db.execute(select(outbox).where(in_vain).order_by(box.key)).mappings().all()
        for row in rows:
            why = TRIED if row["attempts"] else IN_VAIN
            db.execute(
                update(outbox)
                .where(box.key == row["key"])
                .values(state="failed", why=why, lease="", changed_at=to_us(now))
            )
            fact = about_row(row) | {"why": why}
            ledger.append(db, "message.failed", fact, principal=worker, at=now)
    return len(rows)


def _is_held() -> ColumnElement[bool]:
    return exists(select(after.c.key).where(after.c.key == outbox.c.key).correlate(outbox))


def _is_in_vain() -> ColumnElement[bool]:
    return _is_held() & ~_one_is("accepted", "waiting")


def _is_doubtful() -> ColumnElement[bool]:
    a = attempt.c
    unknown = select(a.key).where(a.key == outbox.c.key, a.outcome == Outcome.UNKNOWN)
    return exists(unknown.correlate(outbox))


def _one_is(*states: str) -> ColumnElement[bool]:
    other = outbox.alias("other")
    return _one(other, other.c.state.in_(states))


def _one_is_tried(
    at: int, under_way: Collection[str], idle: Collection[str]
) -> ColumnElement[bool]:
    """Return the condition that one of those it waits for is tried now, or about to be.

    One that is leased and not in hand struck a fault of ours, or its worker died: that one is not
    waited for.
    """
    other = outbox.alias("other")
    is_next = (other.c.due_at <= at) & (other.c.leased_until <= at)
    is_next &= other.c.key.not_in(sorted(idle))
    return _one(
        other, (other.c.state == "waiting") & (is_next | other.c.key.in_(sorted(under_way)))
    )


def _one(other: FromClause, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(
        select(after.c.key)
        .join(other, other.c.key == after.c.after)
        .where(after.c.key == outbox.c.key, condition)
        .correlate(outbox)
    )
