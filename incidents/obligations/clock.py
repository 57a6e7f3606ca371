"""The notice clock: when notice is due, how the clock stands, which reminders fall now.

Pure functions over instants. No input, no output, no reading of the system time: the caller
passes ``now``, so a test can stand at any minute of the 48 hours.

Source: contract, clause on breach notice; GDPR Art. 33(2).
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import BaseModel, Field

H = timedelta(hours=1)
DAY = 24 * H
WEEK = 7 * DAY
TICK = timedelta(microseconds=1)

Span = Annotated[timedelta, Field(ge=timedelta(0))]


class Reminders(BaseModel, extra="forbid", frozen=True):
    """``[reminders]`` in config.toml: the only table of reminders there is.

    Attributes:
        before_due: Time left by the strict reading; zero is the deadline itself.
        before_long_due: The same, for periods of more than a week.
        after_awareness: Time gone since awareness, for the team only.
    """

    before_due: tuple[Span, ...] = (24 * H, 12 * H, 4 * H, 1 * H, 0 * H)
    before_long_due: tuple[Span, ...] = (7 * DAY,)
    after_awareness: tuple[Span, ...] = (24 * H, 36 * H)


class Clock(NamedTuple):
    """One obligation, read twice, in UTC.

    Attributes:
        aware_at: When we, the processor, became aware: a person's judgement, recorded. None
            where the obligation does not wait for that.
        starts_at: When the contract's period starts: with awareness, or later for a customer
            found later.
        due_at: By the contract: counted from ``starts_at``.
        strict_due_at: By the strict reading: counted from the first detection or the receipt of
            a report, whoever may later say that we should have known then.
    """

    aware_at: datetime | None
    starts_at: datetime
    due_at: datetime
    strict_due_at: datetime

    @property
    def target_at(self) -> datetime:
        """What people work towards, and are reminded of: the strict reading.

        Where that was past when the period started, all of its reminders would drop out, and nobody
        would be reminded of the contract's own deadline: then that one.
        """
        return self.strict_due_at if self.strict_due_at > self.starts_at else self.due_at


class Standing(StrEnum):
    """How an obligation stands, by the contract.

    As time goes on and nothing else happens, ``running`` becomes ``overdue`` and nothing else
    ever changes: what was met in time stays met, what was met late stays late.
    """

    RUNNING = "running"
    MET = "met"
    LATE = "late"
    OVERDUE = "overdue"
    WAIVED = "waived"
    VOID = "void"


class Reminder(NamedTuple):
    """A moment at which somebody is reminded.

    Attributes:
        at: When it falls.
        names: What falls then: ``due-24h``, ``due``, ``aware+24h``; several on one instant are
            one reminder.
    """

    at: datetime
    names: tuple[str, ...]

    @property
    def is_for_team_only(self) -> bool:
        """Nothing but the time since awareness."""
        return all(name.startswith("aware") for name in self.names)


def utc(at: datetime) -> datetime:
    """Return an instant in UTC.

    Raises:
        ValueError: It has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"an instant needs a time zone, got {at.isoformat()}")
    return at.astimezone(UTC)


def read_clock(
    aware_at: datetime,
    first_known_at: datetime,
    window: timedelta,
    shown_at: datetime | None = None,
) -> Clock:
    """Return both readings of one obligation.

    Args:
        aware_at: Awareness, with a time zone. Detection is never used in its place.
        first_known_at: First detection or receipt of a report, with a time zone.
        window: Elapsed time the contract allows: weekends, nights and clock changes all count.
        shown_at: When a customer was found after awareness: when an impact run first showed it, or
            a statement says it was known; None: known with the awareness. Such a customer has a
            period of its own, and beside it, in place of the strict reading, the one from
            awareness.

    Returns:
        Instants in UTC. Zones are for showing: two datetimes in one zone are compared by the
        wall clock, which is an hour wrong when the clocks change.

    Raises:
        ValueError: An instant has no time zone, or ``window`` is not positive.
    """
    if window <= timedelta(0):
        raise ValueError(f"window must be positive, got {window}")
    aware, known = utc(aware_at), utc(first_known_at)
    shown = aware if shown_at is None else utc(shown_at)
    if shown > aware:
        return Clock(aware, shown, shown + window, aware + window)
    return Clock(aware, aware, aware + window, min(known, aware) + window)


def standing(
    due_at: datetime,
    now: datetime,
    *,
    met_at: datetime | None = None,
    is_waived: bool = False,
    is_void: bool = False,
) -> Standing:
    """Return how an obligation stands at ``now``. To be met at the very instant is in time."""
    if is_void:
        return Standing.VOID
    if is_waived:
        return Standing.WAIVED
    if met_at is not None and met_at <= now:
        return Standing.MET if met_at <= due_at else Standing.LATE
    return Standing.RUNNING if now <= due_at else Standing.OVERDUE


def reminders_due(table: Reminders, clock: Clock, since: datetime, now: datetime) -> list[Reminder]:
    """Return the reminders that fall in ``(since, now]``, in order of time.

    The half-open interval is what makes a restart safe: ``since`` is the instant up to which
    this obligation's reminders are queued, stored with it in the transaction that queues them,
    so each comes out exactly once, however long the service was down. Those before the start of
    the period drop out; :func:`before_start` is the ``since`` to begin with.
    """
    left = set(table.before_due)
    if clock.due_at - clock.starts_at > WEEK:
        left.update(table.before_long_due)
    names = defaultdict[datetime, list[str]](list)
    for span in left:
        names[clock.target_at - span].append(f"due-{_words(span)}" if span else "due")
    if clock.aware_at is not None:
        for span in set(table.after_awareness):
            names[clock.aware_at + span].append(f"aware+{_words(span)}")
    return [
        Reminder(at, tuple(sorted(names[at], reverse=True)))
        for at in sorted(names)
        if _is_in_period(at, clock) and since < at <= now
    ]


def _is_in_period(at: datetime, clock: Clock) -> bool:
    """Return whether an instant does not lie before the start.

    Of a decision's clock the start itself is not in it: the whole period, told the second it
    begins, reminds nobody of anything.
    """
    return at > clock.starts_at if clock.aware_at is None else at >= clock.starts_at


def before_start(clock: Clock) -> datetime:
    """Return the instant up to which nobody can have been reminded yet."""
    return clock.starts_at - TICK


def _words(span: timedelta) -> str:
    if span > 48 * H and span % DAY == timedelta(0):
        return f"{span // DAY}d"
    return f"{span / H:g}h"
