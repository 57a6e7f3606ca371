"""The tests a rule is made of: one function per kind of comparison, giving an ``Atom``.

A field that is absent or null passes only ``absent`` and ``exists(…, False)``. Text is compared
without regard to case unless said otherwise.

Source: Sigma specification v2.1.0, "Sigma Modifiers"; where that leaves a choice (lists, objects)
see ``detectors.sigma.reading``.
"""

import functools
import ipaddress
import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from enum import Enum

import numpy as np

from detectors.sigma.expr import Atom, Expr, atoms
from detectors.sigma.reading import Name, Reading, plain_text


class Wild(Enum):
    """What is not literal in a pattern."""

    ONE = "?"
    MANY = "*"


Pattern = tuple[str | Wild, ...]
"""A text with wildcards, in its parts."""

Search = Callable[[str], object]
"""Says of a text whether it is as wanted, by a value that is true or false."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Compare = Callable[[float, float], bool]
COMPARES: dict[str, Compare] = {
    "": operator.eq,
    "LT": operator.lt,
    "LTE": operator.le,
    "GT": operator.gt,
    "GTE": operator.ge,
    "NEQ": operator.ne,
}
UFUNCS: dict[str, np.ufunc] = {
    "LT": np.less,
    "LTE": np.less_equal,
    "GT": np.greater,
    "GTE": np.greater_equal,
    "NEQ": np.not_equal,
}
TIME_PARTS: dict[str, Callable[[datetime], int]] = {
    "MINUTE": lambda at: at.minute,
    "HOUR": lambda at: at.hour,
    "DAY": lambda at: at.day,
    "WEEK": lambda at: at.isocalendar().week,
    "MONTH": lambda at: at.month,
    "YEAR": lambda at: at.year,
}
REFERS: dict[tuple[bool, bool], Callable[[str, str], bool]] = {
    (False, False): lambda text, part: text == part,
    (True, False): lambda text, part: text.startswith(part),
    (False, True): lambda text, part: text.endswith(part),
    (True, True): lambda text, part: part in text,
}
MILLISECONDS_FROM, MICROSECONDS_FROM = 1e11, 1e14
"""Epoch times above are in ms or µs: as seconds they would lie thousands of years ahead."""


def equals(name: Name, literals: Iterable[str]) -> Atom:
    """Is one of these texts."""
    wanted = frozenset(literal.lower() for literal in literals)
    return Atom(
        lambda reading: not wanted.isdisjoint(reading.lowered(name)),
        (name,),
        literals=wanted,
        of_text=lambda text: text.lower() in wanted,
    )


def like(name: Name, pattern: Pattern, *, cased: bool) -> Atom:
    """Is like a text with wildcards."""
    fits, texts = glob(pattern, cased=cased), Reading.texts if cased else Reading.lowered
    literal = max((part for part in pattern if isinstance(part, str)), key=len, default="")
    part = literal if cased else literal.lower()
    return Atom(
        lambda reading: any(map(fits, texts(reading, name))),
        (name,),
        of_text=fits if cased else lambda text: fits(text.lower()),
        of_lines=(lambda text: part in text) if cased else (lambda text: part in text.lower()),
    )


def searches(name: Name, search: Search, of_lines: Search | None = None) -> Atom:
    """Has a place where a regular expression matches; for ``of_lines`` see ``Atom``."""
    return Atom(
        lambda reading: any(search(text) for text in reading.texts(name)),
        (name,),
        of_text=search,
        of_lines=of_lines,
    )


def absent(name: Name) -> Atom:
    """Is absent or null."""
    return Atom(lambda reading: not reading.values(name), (name,), absent=True)


def exists(name: Name, there: bool) -> Atom:
    """Is there, or is not."""
    return Atom(lambda reading: bool(reading.values(name)) is there, (name,), absent=not there)


def is_number(name: Name, number: float) -> Atom:
    """Is this number, or its text."""
    text = plain_text(number)

    def test(reading: Reading) -> bool:
        return text in reading.texts(name) or any(
            value == number
            for value in reading.scalars(name)
            if isinstance(value, (int, float)) and not isinstance(value, bool)
        )

    return Atom(test, (name,))


def compares(name: Name, operation: str, number: float) -> Atom:
    """Is a number, or the text of one, on this side of ``number``."""
    compare = COMPARES[operation]

    def test(reading: Reading) -> bool:
        return any(
            (value := _number(scalar)) is not None and compare(value, number)
            for scalar in reading.scalars(name)
        )

    return Atom(test, (name,), bound=(UFUNCS[operation], number))


def time_part(name: Name, part: str, operation: str, number: float) -> Atom:
    """Is an instant whose minute, hour … (UTC) compares so with ``number``; "" is equality."""
    take, compare = TIME_PARTS[part], COMPARES[operation]

    def test(reading: Reading) -> bool:
        return any(
            (at := _instant(scalar)) is not None and compare(take(at), number)
            for scalar in reading.scalars(name)
        )

    return Atom(test, (name,))


def within(name: Name, network: Network) -> Atom:
    """Is an address of a network."""

    def test(reading: Reading) -> bool:
        return any(
            (address := _address(text)) is not None and address in network
            for text in reading.texts(name)
        )

    return Atom(test, (name,))


def refers(name: Name, other: Name, *, starts: bool, ends: bool) -> Atom:
    """Is the text of another field, or starts with, ends with, or (both) contains it."""
    compare = REFERS[starts, ends]

    def test(reading: Reading) -> bool:
        others = reading.lowered(other)
        return any(compare(text, part) for text in reading.lowered(name) for part in others)

    return Atom(test, (name, other))


def each(lists: Sequence[Name], wanted: Expr) -> Atom:
    """Some element of one of these lists is, all by itself, as wanted.

    What ``wanted`` asks of the element lies where the list lies; what it asks of the event does
    not, and is named beside it.
    """
    asked = (name for atom in atoms(wanted) for name in atom.names if name.asks_event)

    def test(reading: Reading) -> bool:
        return any(wanted.holds(one) for name in lists for one in reading.elements(name))

    return Atom(test, tuple(dict.fromkeys((*lists, *asked))))


def keyword(fits: Search) -> Atom:
    """Some value of the whole record, whatever its field, is as wanted."""
    return Atom(lambda reading: any(map(fits, reading.words())), (), keyword=True)


def glob(pattern: Pattern, *, cased: bool) -> Callable[[str], bool]:
    """Return the test whether a text, in lower case unless ``cased``, is like ``pattern``.

    The parts between ``*`` are looked for one after another, each as early as it can be: linear
    in the text, whatever an attacker may have put there.
    """
    segments: list[list[str | Wild]] = [[]]
    for part in pattern:
        if part is Wild.MANY:
            segments.append([])
        else:
            segments[-1].append(part if cased or isinstance(part, Wild) else part.lower())
    if Wild.ONE not in pattern:
        match ["".join(map(str, segment)) for segment in segments]:
            case [whole]:
                return whole.__eq__
            case ["", part, ""]:
                return lambda text: part in text
            case [start, ""]:
                return lambda text: text.startswith(start)
            case ["", end]:
                return lambda text: text.endswith(end)
            case _:
                pass
    first, *middle = [_segment(segment) for segment in segments]
    if not middle:
        return lambda text: first.fullmatch(text) is not None
    *middle, last = middle
    last_length = sum(1 if isinstance(part, Wild) else len(part) for part in segments[-1])

    def fits(text: str) -> bool:
        found = first.match(text)
        for segment in middle:
            if found is None:
                return False
            found = segment.search(text, found.end())
        if found is None:
            return False
        rest = len(text) - last_length
        return rest >= found.end() and last.fullmatch(text, rest) is not None

    return fits


def _segment(parts: list[str | Wild]) -> re.Pattern[str]:
    return re.compile(
        "".join("." if isinstance(part, Wild) else re.escape(part) for part in parts), re.DOTALL
    )


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _instant(value: object) -> datetime | None:
    try:
        if isinstance(value, str):
            at = datetime.fromisoformat(value)
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        factor = 1 if value < MILLISECONDS_FROM else 1e3 if value < MICROSECONDS_FROM else 1e6
        return datetime.fromtimestamp(value / factor, UTC)
    except (ValueError, OverflowError, OSError):
        return None


@functools.lru_cache(maxsize=65536)
def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
