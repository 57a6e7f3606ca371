"""Where the numbers of a range come from: read back from its basis, also of runs kept long ago.

A basis is a list of ways of counting, as :mod:`incidents.impact.counting` words them. What an
object-level log shows one by one is *counted*; what a single record states in a number is *stated*
by it, and nobody has counted after it.

Pure.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Literal, NamedTuple

from incidents.impact.counting import SEVERAL, STATED
from incidents.impact.result import Range

By = Literal[
    "nothing",  # nothing is proved
    "counted",  # one by one in the logs
    "stated",  # at least one record of the log says how many, and nothing counts them one by one
    "distinct",  # people the records name, each once
    "volume",  # bytes moved, by the size of a record
    "mixed",  # partly counted, partly by bytes
    "several",  # at least one person, as one may be in several records
    "expected",  # a guess where one may be in several records, or counts overlap
    "records",  # as many people as records
    "inventory",  # all that the inventory has
    "sum",  # of several stores or ways of counting
]


class Ground(NamedTuple):
    """Where the numbers of a range come from.

    Attributes:
        least: The minimum.
        best: The likely number; None without one.
        most: The maximum; None without one.
        inventory: Day of the inventory in them; None where there is none, or several days.
    """

    least: By
    best: By | None
    most: By | None
    inventory: date | None


_HELD = re.compile(r"inventory of (\d{4}-\d\d-\d\d): (\d+)")
_NAMED = re.compile(r"\d+ people named in the records")


def ground(found: Range) -> Ground:
    """Return where the numbers of a range come from, as its basis says."""
    parts = found.basis.split("; ")
    held = [match.groups() for part in parts if (match := _HELD.fullmatch(part))]
    ways = [part for part in parts if part != SEVERAL and not _HELD.fullmatch(part)]
    inventories = [int(number) for _, number in held]
    joined = len(held) > 1 or len(ways) > 1
    least = _least_by(found, ways, several=SEVERAL in parts)
    most = best = None
    if found.max is not None:
        if held and found.max == sum(inventories):
            most = "inventory"
        elif joined:
            most = "sum"
        elif SEVERAL in parts:
            most = "records"
        else:
            most = _counted_by(ways)
    if found.best is not None:
        if found.best == found.max:
            best = most
        elif found.best in inventories:
            best = "inventory"
        elif found.best == found.min:
            best = least
        elif SEVERAL in parts or _counted_by(ways) in {"counted", "stated"}:
            best = "expected"
        else:
            best = _counted_by(ways)
    days = {day for day, _ in held}
    used = "inventory" in (best, most) or (most == "sum" and held)
    day = date.fromisoformat(str(days.pop())) if used and len(days) == 1 else None
    return Ground(least, best, most, day)  # type: ignore[arg-type] # each is one of these


def _least_by(found: Range, ways: Sequence[str], *, several: bool) -> By:
    if not found.min:
        return "nothing"
    if any(_NAMED.fullmatch(way) for way in ways):
        return "distinct"
    return "several" if several and found.min == 1 else _counted_by(ways)


def _counted_by(ways: Sequence[str]) -> By:
    moved = [way.startswith("bytes moved") for way in ways]
    if any(moved):
        return "volume" if all(moved) else "mixed"
    return "stated" if STATED in ways else "counted"
