"""A later notice does not overtake an earlier one to the same recipient.

While an earlier notice about the same incident waits, is under way, or may have gone out, the later
ones to that recipient on that channel stay. Where it was accepted, failed or was taken back, the
next may leave. An earlier one is waited for until its time to be given up and no longer, so that
one that nobody can settle holds nothing for ever. One recipient never holds up another.

Calls are no notices: they say only that one waits, and hang on its mails by themselves.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, RowMapping, and_, func, select

from notifiers.base import Purpose
from notifiers.stored import recipient
from notifiers.tables import outbox
from tocsin.model.instants import to_us


class Behind(NamedTuple):
    """What an earlier notice to the same recipient, not settled yet, holds back.

    Attributes:
        keys: All of it.
        idle: That of which the earlier one is not tried now: its own turn does not come soon.
    """

    keys: frozenset[str]
    idle: frozenset[str]


def behind(db: Connection, at: datetime, under_way: Collection[str] = ()) -> Behind:
    """Return the notices that stay, by their keys.

    Args:
        db: A transaction.
        at: Now. What should have been given up by then holds nothing back.
        under_way: Keys that this worker has in hand.
    """
    now, keys, idle = to_us(at), set[str](), set[str]()
    first = dict[tuple[int, str, str, str], RowMapping]()
    for row in _at_several_instants(db):
        # Domains have no case; before the @, no server of today tells two people apart by it.
        to = recipient(row["message"]).casefold()
        whose = (row["incident"], row["customer"], row["channel"], to)
        earlier = first.get(whose, row)
        if earlier["queued_at"] < row["queued_at"]:
            keys.add(row["key"])
            is_next = max(earlier["due_at"], earlier["leased_until"]) <= now
            if not is_next and earlier["key"] not in under_way:
                idle.add(row["key"])
        elif row["give_up_at"] > now:
            first[whose] = row
    return Behind(frozenset(keys), frozenset(idle))


def _at_several_instants(db: Connection) -> Sequence[RowMapping]:
    """Return what waits of customers for whom notices of several instants do, oldest first.

    These are few: all others are left to the database, and no text of theirs is read.
    """
    box = outbox.c
    waits = (box.state == "waiting") & (box.purpose == Purpose.NOTICE)
    of = (box.incident, box.customer, box.channel)
    several = (
        select(*of)
        .where(waits)
        .group_by(*of)
        .having(func.min(box.queued_at) < func.max(box.queued_at))
        .subquery()
    )
    same = [mine == theirs for mine, theirs in zip(of, several.c, strict=True)]
    query = select(outbox).join(several, and_(*same)).where(waits).order_by(box.queued_at, box.key)
    return db.execute(query).mappings().all()
