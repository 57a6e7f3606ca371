"""Spans of event time that fit into memory, one after the other."""

from collections.abc import Iterable, Iterator
from typing import Generic, NamedTuple, Protocol, TypeVar

from tocsin.model.events import DAY_US, HOUR_US

MOST_ROWS = 250_000
"""A day with more rows is judged in several windows."""


FEW_ROWS = 50_000
"""Days that follow each other are judged together up to so many rows: a step has its price."""


class Extent(Protocol):
    """What is asked of a segment, be it in a manifest or in a spool."""

    @property
    def path(self) -> str:
        """Where it lies."""

    @property
    def rows(self) -> int:
        """How many events."""

    @property
    def first_at(self) -> int:
        """Its first event, µs since 1970 UTC."""

    @property
    def last_at(self) -> int:
        """Its last event."""


Segment = TypeVar("Segment", bound=Extent)


class Window(NamedTuple, Generic[Segment]):
    """``since`` ≤ event time < ``until``, and the segments that may hold such events."""

    since: int
    until: int
    segments: tuple[Segment, ...]


def windows(
    segments: Iterable[Segment],
    since: int | None,
    until: int | None,
    most_rows: int = MOST_ROWS,
) -> Iterator[Window[Segment]]:
    """Yield the windows in which these segments have events, in order of time.

    Cuts fall on full hours. A copy of an event has the same event time, so it falls into the
    same window.

    Args:
        segments: Each within one UTC day.
        since: Nothing before this, µs since 1970 UTC; None for no bound.
        until: Nothing at or after this.
        most_rows: A day with more rows is cut, at full hours.
    """
    days = dict[int, list[Segment]]()
    for segment in segments:
        days.setdefault(segment.first_at // DAY_US, []).append(segment)
    for first_day, last_day, held in _together(days, min(FEW_ROWS, most_rows)):
        rows = sum(segment.rows for segment in held)
        start, stop = first_day * DAY_US, (last_day + 1) * DAY_US
        hours = max(1, 24 // max(1, -(-rows // most_rows)))
        step = stop - start if first_day < last_day else hours * HOUR_US
        for begin in range(start, stop, step):
            first = begin if since is None else max(begin, since)
            end = min(begin + step, stop)
            end = end if until is None else min(end, until)
            within = tuple(s for s in held if s.first_at < end and s.last_at >= first)
            if first < end and within:
                yield Window(first, end, within)


def _together(
    days: dict[int, list[Segment]], few_rows: int
) -> Iterator[tuple[int, int, list[Segment]]]:
    """Yield first day, last day and segments of days that are judged together."""
    first, last, held, rows = 0, 0, list[Segment](), 0
    for day in sorted(days):
        its = sum(segment.rows for segment in days[day])
        if held and rows + its > few_rows:
            yield first, last, held
            held, rows = [], 0
        first = first if held else day
        last, held, rows = day, [*held, *days[day]], rows + its
    if held:
        yield first, last, held
