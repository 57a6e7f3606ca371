"""Messages that are held until one of some others was accepted: a call until its mail has left.

A call says that a notice waits in the mail. It does not go out before that is so. Where every mail
of the notice failed or was taken back, it would say what is not true: it fails, the team is told.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, insert, select, update

from notifiers.stored import about, load_message
from notifiers.tables import after, outbox
from tocsin import ledger
from tocsin.model.instants import to_us
from tocsin.model.principals import Principal
from tocsin.store import Store

HELD = "held until an e-mail of its notice is accepted"
IN_VAIN = (
    "no e-mail of its notice was accepted and none is tried any more: it would say that one waits. "
    "Send an e-mail again, then this."
)


def hold(db: Connection, key: str, until: Collection[str]) -> None:
    """Hold a message that was put until one of these was accepted; they were put before."""
    db.execute(insert(after), [{"key": key, "after": one} for one in dict.fromkeys(until)])


def is_free() -> ColumnElement[bool]:
    """Return the condition under which a row of the outbox is held by nothing."""
    return ~_is_held() | _one_is("accepted")


def fail_in_vain(store: Store, *, worker: Principal, now: datetime) -> int:
    """Give up what is held by messages none of which will be accepted by itself.

    Returns:
        How many.
    """
    box = outbox.c
    in_vain = (
        (box.state == "waiting")
        & (box.leased_until <= to_us(now))
        & _is_held()
        & ~_one_is("accepted", "waiting")
    )
    with store.begin() as db:
        rows = db.execute(select(box.key, box.message).where(in_vain).order_by(box.key)).all()
        for row in rows:
            db.execute(
                update(outbox)
                .where(box.key == row.key)
                .values(state="failed", why=IN_VAIN, lease="", changed_at=to_us(now))
            )
            fact = about(load_message(db, row.message)) | {"why": IN_VAIN}
            ledger.append(db, "message.failed", fact, principal=worker, at=now)
    return len(rows)


def _is_held() -> ColumnElement[bool]:
    return exists(select(after.c.key).where(after.c.key == outbox.c.key).correlate(outbox))


def _one_is(*states: str) -> ColumnElement[bool]:
    other = outbox.alias("other")
    return exists(
        select(after.c.key)
        .join(other, other.c.key == after.c.after)
        .where(after.c.key == outbox.c.key, other.c.state.in_(states))
        .correlate(outbox)
    )
