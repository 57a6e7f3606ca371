"""When people work: two countries, their weeks, holidays, clock changes and rhythm of the day.

France works Monday to Friday, Israel Sunday to Thursday; both change their clocks in the last
week of March, two days apart. Hours are drawn in local time and returned as UTC epoch seconds,
always inside the UTC day asked for: days are made independently of each other, so what would
fall over the edge is wrapped to the day's other end.

Source: IANA time zone database; public holidays of 2026 in France and Israel.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.app.demo.dice import Dice

DAY_S = 86_400
HOUR_S = 3_600
FRIDAY, SATURDAY, SUNDAY = 4, 5, 6

_FRENCH = ("2026-01-01", "2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25")
_FRENCH_LATER = ("2026-07-14", "2026-11-11", "2026-12-25")
_ISRAELI = ("2026-04-02", "2026-04-08", "2026-04-22", "2026-05-22", "2026-09-13", "2026-09-21")
_BRITISH = ("2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-12-25")

# How likely each local hour is, from midnight on. The dip is lunch.
OFFICE = (0, 0, 0, 0, 0, 0, 0, 1, 6, 12, 13, 11, 5, 8, 12, 12, 11, 7, 3, 1, 0, 0, 0, 0)
LATE_SHIFT = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 6, 9, 11, 12, 12, 11, 10, 9, 6, 0, 0, 0)
SHOP = (0, 0, 0, 0, 0, 0, 0, 1, 5, 10, 12, 11, 7, 8, 10, 11, 11, 9, 5, 2, 1, 0, 0, 0)
MACHINE = (6, 5, 5, 5, 5, 6, 7, 9, 11, 13, 13, 13, 12, 13, 13, 13, 12, 11, 10, 9, 8, 7, 7, 6)


@dataclass(frozen=True, slots=True)
class Week:
    """A country's working week.

    Attributes:
        zone: IANA name of the time zone.
        rest: Weekdays without work, Monday is 0.
        holidays: Days without work, as ISO dates.
    """

    zone: str
    rest: frozenset[int]
    holidays: frozenset[str]

    def works(self, day: date) -> bool:
        """Return whether people work on ``day``."""
        return day.weekday() not in self.rest and day.isoformat() not in self.holidays


WEEKEND = frozenset({SATURDAY, SUNDAY})
FRANCE = Week("Europe/Paris", WEEKEND, frozenset(_FRENCH + _FRENCH_LATER))
BELGIUM = Week("Europe/Brussels", WEEKEND, frozenset(_FRENCH[:4]))
SWITZERLAND = Week("Europe/Zurich", WEEKEND, frozenset({*_FRENCH[:2], "2026-04-03"}))
LUXEMBOURG = Week("Europe/Luxembourg", WEEKEND, frozenset(_FRENCH[:4]))
BRITAIN = Week("Europe/London", WEEKEND, frozenset(_BRITISH))
IRELAND = Week("Europe/Dublin", WEEKEND, frozenset({*_BRITISH[:1], "2026-03-17", "2026-04-06"}))
ISRAEL = Week("Asia/Jerusalem", frozenset({FRIDAY, SATURDAY}), frozenset(_ISRAELI))


def midnight(day: date) -> int:
    """Return the epoch second at which the UTC day begins."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def local(day: date, hour: float, week: Week) -> int:
    """Return the epoch second of a local clock time; ``hour`` 18.5 is half past six."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(week.zone))
    if hour >= 0:
        clock = noon.replace(hour=int(hour) % 24, minute=int(hour * 60) % 60)
        clock += timedelta(days=int(hour) // 24)
        return int(clock.timestamp())
    return int(noon.timestamp() + (hour - 12) * HOUR_S)


def wrapped(at: float, day: date) -> int:
    """Return ``at`` moved by whole days into the UTC ``day``."""
    start = midnight(day)
    return start + int(at - start) % DAY_S


def moments(dice: Dice, day: date, count: int, week: Week, shape: tuple[int, ...]) -> list[int]:
    """Return ``count`` instants of a day that follow the rhythm ``shape``, in order.

    Args:
        dice: Where chance comes from.
        day: The UTC day all instants fall in.
        count: How many.
        week: Whose local hours ``shape`` speaks of; whether that country works is not asked.
        shape: Weight of each local hour, 24 of them.
    """
    offset = local(day, 12, week) - 12 * HOUR_S
    hours = dice.choices(range(24), shape, k=count)
    return sorted(wrapped(offset + h * HOUR_S + dice.random() * HOUR_S, day) for h in hours)


def every(dice: Dice, day: date, period_s: int, jitter_s: int, phase_s: int = 0) -> list[int]:
    """Return the instants of something that runs every ``period_s`` seconds all day."""
    start = midnight(day)
    return [
        start + min(DAY_S - 1, tick + dice.randrange(jitter_s + 1))
        for tick in range(phase_s, DAY_S, period_s)
    ]


def stamp(at: int) -> str:
    """Return ``at`` as CloudTrail writes instants: ``2026-03-13T09:30:00Z``."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def zoned(at: float, zone: ZoneInfo) -> str:
    """Return ``at`` in RFC 3339 with milliseconds and the zone's offset at that instant."""
    return datetime.fromtimestamp(at, zone).isoformat(timespec="milliseconds")
