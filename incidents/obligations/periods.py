"""How periods are counted. Pure; instants in UTC, days as days.

    hours             elapsed seconds: weekends, holidays and clock changes count
    months, days      by the calendar, to the end of the last day where the party is

The contract is no act of the Union: what Reg. 1182/71 says of working days never moves it.

Source: Regulation (EEC, Euratom) No 1182/71, Art. 3(1), 3(2)(c) and 3(4).
"""

from calendar import monthrange
from collections.abc import Container
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from incidents.obligations.clock import DAY, H, utc

SATURDAY = 5


def hours_after(start: datetime, hours: int) -> datetime:
    """Return the instant so many elapsed hours later: 48 of them are 172,800 seconds."""
    return utc(start) + hours * H


def latest_arguable(start: datetime, hours: int, zone: tzinfo) -> datetime:
    """Return the latest end that can be argued for: the hour of the event is not counted.

    For small print only, never a target: the next full hour on the wall of ``zone``, and so many
    hours from there.

    Source: Reg. 1182/71 Art. 3(1).
    """
    local = utc(start).astimezone(zone)
    # Of the wall's hour: in zones with half an hour in their offset it is not UTC's.
    gone = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return utc(start) - gone + (hours + 1) * H


def months_after(day: date, months: int) -> date:
    """Return the same-numbered day so many months later, or the last of that month.

    Source: Reg. 1182/71 Art. 3(2)(c).
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def days_after(day: date, days: int) -> date:
    """Return the last of so many days; the day of the event itself is not counted."""
    return day + days * DAY


def end_of(day: date, zone: tzinfo) -> datetime:
    """Return the instant at which a day ends where the party is: when the next one begins."""
    return datetime.combine(day + DAY, time(), zone).astimezone(UTC)


def working_day(day: date, holidays: Container[date]) -> date:
    """Return the day, or the next that is no Saturday, Sunday or public holiday.

    Only for periods of the Union's law that are expressed otherwise than in hours.

    Args:
        day: The last of the period.
        holidays: Public holidays where the act is to be done.

    Source: Reg. 1182/71 Art. 3(4).
    """
    while day.weekday() >= SATURDAY or day in holidays:
        day += DAY
    return day
