"""Times as sources write them, to µs since 1970 UTC: a whole batch at once where all look alike.

Source: RFC 3339 (date and time on the internet).
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

import numpy as np

from tocsin.model.columns import EPOCH, Int64s
from tocsin.model.events import MICROSECOND

LATEST = int((datetime(9999, 1, 1, tzinfo=UTC) - EPOCH) / MICROSECOND)

UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1, "ns": 0}
"""Unit of an epoch → µs in it; of nanoseconds there are a thousand in one."""

_GUESSED = (
    int((datetime(1990, 1, 1, tzinfo=UTC) - EPOCH) / MICROSECOND),
    int((datetime(2100, 1, 1, tzinfo=UTC) - EPOCH) / MICROSECOND),
)
"""From when until when a number's unit is told by its size. 20260309 and 20260309120000 are dates
to whoever wrote them; as seconds and milliseconds they lie in 1970 and 2612."""

_SHAPE = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?P<fraction>\.\d{1,9})?(?P<zone>[Zz]|[+-]\d\d:\d\d)"
)
_SECOND_END = 19
_DAYS_BEFORE_MARCH_OF_YEAR_0 = 719_468


class BadTimeError(ValueError):
    """Something is no time; the text says why."""


def instant(value: Any, zone: tzinfo | None = None, unit: str | None = None) -> int:
    """Return one time in µs since 1970 UTC.

    Args:
        value: A text by RFC 3339, or a number since 1970 (also as text).
        zone: Zone of texts that name none.
        unit: ``s``, ``ms``, ``us`` or ``ns`` of a number; None tells it by its size, for times of
            the years 1990 to 2099.

    Raises:
        BadTimeError: It is no time, has no zone where none is given, or lies outside the years
            1970 to 9998.
    """
    if isinstance(value, str):
        text = value.strip()
        at = _epoch(float(text), unit) if _is_number(text) else _written(text, zone)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        at = _epoch(value, unit)
    else:
        raise BadTimeError("is neither a text nor a number")
    if not 0 <= at < LATEST:
        raise BadTimeError(f"{_short(value)} lies outside the years 1970 to 9998")
    return at


def instants(values: Sequence[Any], read: Callable[[Any], int]) -> tuple[Int64s, dict[int, str]]:
    """Return many times, and of those that are none what is wrong; they stand as 0.

    Args:
        values: As the source wrote them.
        read: Reads one, where they do not all look like the same sort of RFC 3339.
    """
    found = _alike(values)
    if found is not None:
        return found, {}
    found, bad = np.zeros(len(values), np.int64), dict[int, str]()
    for row, value in enumerate(values):
        try:
            found[row] = read(value)
        except BadTimeError as error:
            bad[row] = str(error)
    return found, bad


def written(value: Any, zone: tzinfo | None = None) -> int:
    """Return a time that must be a text by RFC 3339; see :func:`instant`."""
    if not isinstance(value, str) or _is_number(value.strip()):
        raise BadTimeError(f"{_short(value)} is no time as RFC 3339 writes it")
    return instant(value, zone)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def _short(value: Any) -> str:
    return repr(value if isinstance(value, str) else str(value)[:40])[:42]


def _epoch(value: float, unit: str | None) -> int:
    if not 0 <= value < 1e22:  # noqa: PLR2004 - beyond the year 9998 in any unit, and infinity
        raise BadTimeError(f"{_short(value)} lies outside the years 1970 to 9998")
    if unit is not None:
        return _in_us(value, unit)
    by_size = (("s", 1e11), ("ms", 1e14), ("us", 1e17))
    at = _in_us(value, next((name for name, below in by_size if value < below), "ns"))
    if not _GUESSED[0] <= at < _GUESSED[1]:
        raise BadTimeError(
            f"{_short(value)} is no number since 1970 of the years 1990 to 2099; "
            "give the unit if it is one of others, or write times by RFC 3339"
        )
    return at


def _in_us(value: float, unit: str) -> int:
    per = UNITS[unit]
    if isinstance(value, int):
        return value * per if per else value // 1000
    return round(value * per) if per else round(value / 1000)


def _written(text: str, zone: tzinfo | None) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadTimeError(f"{_short(text)} is no time as RFC 3339 writes it") from None
    if at.tzinfo is None:
        if zone is None:
            raise BadTimeError(f"{_short(text)} names no zone; give the source's zone")
        at = at.replace(tzinfo=zone)
    return (at - EPOCH) // MICROSECOND


def _alike(values: Sequence[Any]) -> Int64s | None:
    """Return the times if all are texts of one shape and each is a time; else None."""
    if not values or set(map(type, values)) != {str} or len(set(map(len, values))) != 1:
        return None
    shape = _SHAPE.fullmatch(values[0])
    joined = "".join(values)
    if shape is None or not joined.isascii():
        return None
    width = len(values[0])
    table = np.frombuffer(joined.encode(), np.uint8).reshape(len(values), width)
    first = np.frombuffer(values[0].encode(), np.uint8)
    zone_at = shape.start("zone")
    marks = [4, 7, 10, 13, 16, *([_SECOND_END] if zone_at > _SECOND_END else [])]
    signs = [zone_at, zone_at + 3] if width > zone_at + 1 else [zone_at]
    fixed = [*marks, *signs]
    figures = np.array([column for column in range(width) if column not in fixed])
    digits = table[:, figures] - np.uint8(48)
    same = table[:, [*marks, signs[-1]]] == first[[*marks, signs[-1]]]
    if (digits > 9).any() or not same.all():  # noqa: PLR2004 - what is no digit wraps around
        return None
    part = {column: digits[:, at].astype(np.int64) for at, column in enumerate(figures.tolist())}
    return _put_together(part, table, zone_at, width)


def _put_together(part: dict[int, Int64s], table: Any, zone_at: int, width: int) -> Int64s | None:
    def two(column: int) -> Int64s:
        return part[column] * 10 + part[column + 1]

    year, month, day = two(0) * 100 + two(2), two(5), two(8)
    hour, minute, second = two(11), two(14), two(17)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    longest = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    right = (year >= 1970) & (month >= 1) & (month <= 12)  # noqa: PLR2004 - the calendar's
    if not right.all():
        return None
    days_in = longest[month] + ((month == 2) & leap)  # noqa: PLR2004
    right = (day >= 1) & (day <= days_in) & (hour < 24) & (minute < 60) & (second < 60)  # noqa: PLR2004
    seconds = _days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second
    micros = np.zeros_like(seconds)
    for place, column in enumerate(range(_SECOND_END + 1, min(zone_at, _SECOND_END + 7))):
        micros += part[column] * 10 ** (5 - place)
    if width > zone_at + 1:
        hours, minutes = two(zone_at + 1), two(zone_at + 4)
        sign = np.where(table[:, zone_at] == ord("-"), 1, -1)
        plus_minus = (table[:, zone_at] == ord("-")) | (table[:, zone_at] == ord("+"))
        right &= plus_minus & (hours < 24) & (minutes < 60)  # noqa: PLR2004
        seconds = seconds + sign * (hours * 3_600 + minutes * 60)
    at = seconds * 1_000_000 + micros
    right &= (at >= 0) & (at < LATEST)
    return at if right.all() else None


def _days(year: Int64s, month: Int64s, day: Int64s) -> Int64s:
    """Return days since 1970: years begin in March here, so that a leap day is the last."""
    year = year - (month <= 2)  # noqa: PLR2004
    era_days = year * 365 + year // 4 - year // 100 + year // 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    found: Int64s = era_days + of_year - _DAYS_BEFORE_MARCH_OF_YEAR_0
    return found
