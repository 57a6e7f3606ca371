"""The clocks' tick: which reminders fall now, each exactly once.

The instant up to which an obligation's reminders are out is stored in the transaction in which
they come out, so however often the service stops and starts, none comes twice and none is lost;
those that fell while it was down come out late, at once, and say so.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, select, update

from incidents.assessment.entries import write
from incidents.obligations.clock import Reminder, Standing, reminders_due
from incidents.obligations.keep import QUEUED, follow, unfollowed
from incidents.obligations.law import DECISION
from incidents.obligations.obligation import Obligation
from incidents.obligations.owed import Duties
from incidents.obligations.registering import follow_registered
from incidents.obligations.tables import obligation
from tocsin.model.instants import from_us, to_us
from tocsin.model.principals import SERVICE, Principal

LATE = timedelta(minutes=5)
"""A reminder that comes out so long after its instant says that it is late."""


class Due(NamedTuple):
    """One reminder of one obligation. The roof makes messages of them, one per incident.

    Attributes:
        obligation: What is owed.
        at: When it fell.
        names: What fell then: ``due-24h``, ``due``, ``aware+24h``.
        late_by: How long ago that was.
        is_for_team_only: Nothing but the time since awareness.
        standing: How it stands.
    """

    obligation: Obligation
    at: datetime
    names: tuple[str, ...]
    late_by: timedelta
    is_for_team_only: bool
    standing: Standing

    @property
    def is_late(self) -> bool:
        """It should have come out earlier."""
        return self.late_by >= LATE

    @property
    def key(self) -> str:
        """Stable and unique: two messages with it are the same one."""
        o = self.obligation
        return f"{o.incident}/{o.clause}/{o.customer}/{o.revision}/{to_us(self.at)}"


class Came(NamedTuple):
    """A reminder that came out; a store of before knows its instant only.

    Attributes:
        at: When it fell, µs since 1970 UTC.
        name: What fell then.
    """

    at: int
    name: str


class Told(msgspec.Struct, frozen=True):
    """What an entry of reminders says.

    Attributes:
        reminders: Key, and what fell then.
    """

    reminders: tuple[tuple[str, tuple[str, ...]], ...]


def tick(
    db: Connection,
    duties: Duties,
    *,
    unalerted: Collection[int] = (),
    principal: Principal = SERVICE,
    now: datetime,
) -> list[Due]:
    """Return the reminders that fall due, and write down that they did.

    What the caller does with them belongs into the same transaction: they do not come again.

    Args:
        db: A transaction of ``Store.begin``.
        duties: Law, contracts, the table of reminders.
        unalerted: Incidents of a level the team did not ask to be alerted of: nobody is reminded to
            decide on them while they are. What is owed to customers is reminded of all the same.
        principal: Who ticks.
        now: When.

    Returns:
        By instant, then incident, clause and customer.
    """
    for number in unfollowed(db):
        follow(db, number, duties, principal=principal, now=now)
    follow_registered(db, duties, principal=principal, now=now)
    o = obligation.c
    found = list[Due]()
    waiting = select(obligation).where(o.is_open, o.reminded_until < to_us(now))
    for row in db.execute(waiting).all():  # all: they are changed below
        if row.clause == DECISION and row.incident in unalerted:
            continue
        one = msgspec.json.decode(row.payload, type=Obligation)
        came = msgspec.json.decode(row.reminded, type=list[Came | int])
        since = from_us(row.reminded_until)
        asked = reminders_due(duties.reminders, one.clock, since, now)
        fallen = [left for each in asked if (left := _left(each, came)).names]
        if not fallen:
            continue
        came += [Came(to_us(each.at), name) for each in fallen for name in each.names]
        db.execute(
            update(obligation)
            .where(o.incident == row.incident, o.clause == row.clause, o.customer == row.customer)
            .values(reminded_until=to_us(now), reminded=msgspec.json.encode(came).decode())
        )
        found += [
            Due(
                one,
                reminder.at,
                reminder.names,
                now - reminder.at,
                reminder.is_for_team_only,
                one.standing(now),
            )
            for reminder in fallen
        ]
    found.sort(key=lambda due: (due.at, due.key))
    _write_down(db, found, principal, now)
    return found


def _left(reminder: Reminder, came: Collection[Came | int]) -> Reminder:
    """Return what of a reminder has not come out yet.

    A correction may put the hour at which something is due on one at which another reminder came
    out. One is the same as before only by instant and name.
    """
    at = to_us(reminder.at)
    names = () if at in came else reminder.names
    return reminder._replace(names=tuple(name for name in names if Came(at, name) not in came))


def _write_down(db: Connection, found: Sequence[Due], principal: Principal, now: datetime) -> None:
    for number in dict.fromkeys(due.obligation.incident for due in found):
        of_incident = [due for due in found if due.obligation.incident == number]
        told = Told(tuple((due.key, due.names) for due in of_incident))
        write(db, number, QUEUED, told, principal=principal, now=now)
