"""What of the logs of a window was taken and could not be read: its records may have been any.

When what was set aside happened is known only where its file's name says so; S3 and CloudTrail put
day and minute there. A day alone may be that of a whole month's file. Without one, whatever was set
aside since the window began may lie in it. What a later read of the same object could read is not
lost.

Source: AWS CloudTrail User Guide, "Finding your CloudTrail log files".
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from incidents.impact.coverage import ANY
from incidents.impact.gathering import Window
from tocsin.archive.archive import Archive
from tocsin.model.instants import day_of
from tocsin.store.objects import Unread, unread

_DAY = re.compile(
    r"(?<!\d)(20\d\d)([-_/.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(T\d\d-?\d\d)?(?!\d)"
)
MINUTE_NAMED, DAY_NAMED = timedelta(days=1), timedelta(days=32)
"""How far from the instant in its name a file may reach."""


def of_window(db: Connection, window: Window) -> list[Unread]:
    """Return what may lie in a window and could not be read, by source and address."""
    first, last = day_of(window.since), day_of(window.until - 1)
    return [
        one
        for one in unread(db, since_us=window.since)
        if (span := _span(one.address)) is None or (span[0] <= last and span[1] >= first)
    ]


def by_source(
    db: Connection, archive: Archive, found: list[Unread], upto: int
) -> Mapping[str, int]:
    """Return how many records and files could not be read, by source as events name it.

    A source that is read gives events of one name, or of several; what it could not read may have
    been of each.

    Raises:
        ArchiveError: A segment is missing or damaged.
    """
    counts = dict[str, int]()
    for source in dict.fromkeys(one.source for one in found):
        number = sum(one.records for one in found if one.source == source)
        for name in archive.names(db, source, upto=upto) or {ANY}:
            counts[name] = counts.get(name, 0) + number
    return counts


def _span(address: str) -> tuple[date, date] | None:
    """Return from when until when what lies at an address can be; None where nothing says so."""
    spans = list(_spans(address))
    if not spans:
        return None
    return min(since for since, _ in spans), max(until for _, until in spans)


def _spans(address: str) -> Iterator[tuple[date, date]]:
    found = list(_DAY.finditer(address))
    exact = [one for one in found if one[5]]
    margin = MINUTE_NAMED if exact else DAY_NAMED
    for one in exact or found:
        try:
            day = datetime(int(one[1]), int(one[3]), int(one[4]), tzinfo=UTC).date()
        except ValueError:  # 30 February
            continue
        yield day - margin, day + margin
