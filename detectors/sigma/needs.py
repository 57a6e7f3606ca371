"""What undecided rules cannot do without, asked of many rows before any of them is put together.

A rule on large exports needs a large number, a rule on access lists needs a request that has one,
a rule on names of objects needs a name like that. Numbers compare in numpy; for the rest a row's
decoded parts are looked into, without merging them. Both only ever say "certainly not": what
remains is judged in full.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.sigma.expr import And, Atom, Bound, Expr, Not, Or, musts
from detectors.sigma.places import EVENT_FIELDS
from detectors.sigma.reading import Steps
from tocsin.model.events import NUMBERS
from tocsin.model.rows import Rows

TWO = 2
"""Parts of a name that is a key directly below the top of the record."""

Parts = Mapping[str, Callable[[int], Any]]
"""By name at the top of a record, what gives its value in a row."""

Screen = Callable[[Parts, int], bool]
"""Whether a condition may hold for a row."""


class Need(NamedTuple):
    """What one rule cannot do without.

    Attributes:
        numbers: Normalised number → how it must compare.
        screen: What its tests of decoded parts say; None if they cannot rule it out.
    """

    numbers: tuple[tuple[str, Bound], ...]
    screen: Screen | None


class Needs:
    """What the undecided rules of one state cannot do without."""

    def __init__(self, exprs: Sequence[Expr], *, by_number: bool) -> None:
        """Find it out.

        Args:
            exprs: What is left of their conditions.
            by_number: Whether ``event.count`` can only mean the normalised field.
        """
        self._needs = [_need(expr, by_number=by_number) for expr in exprs]
        self._helps = bool(exprs) and all(need.numbers or need.screen for need in self._needs)

    def may(self, which: npt.NDArray[np.intp], rows: Rows) -> npt.NDArray[np.bool_]:
        """Return (n,) bool: the rows among ``which`` for which some rule may hold."""
        if not self._helps:
            return np.ones(len(which), np.bool_)
        may = np.zeros(len(which), np.bool_)
        for need in self._needs:
            may |= _may(need, which, rows)
        return may


def _may(need: Need, which: npt.NDArray[np.intp], rows: Rows) -> npt.NDArray[np.bool_]:
    may = np.ones(len(which), np.bool_)
    for name, (compare, limit) in need.numbers:
        if (known := rows.numbers.get(name)) is not None:
            values = known[which]
            may &= (values >= 0) & compare(values, limit)
    if need.screen is not None:
        left, screen, parts = np.flatnonzero(may), need.screen, rows.decoded
        may[left] = [screen(parts, row) for row in which[left].tolist()]
    return may


def _need(expr: Expr, *, by_number: bool) -> Need:
    numbers = [
        (atom.names[0].normalised, atom.bound)
        for atom in musts(expr, _is_number if by_number else _never)
        if atom.bound is not None
    ]
    return Need(tuple(numbers), _screen(expr))


def _screen(expr: Expr) -> Screen | None:
    """Return what can be said of a condition by its tests of parts; None if nothing can."""
    match expr:
        case Atom():
            return _screen_of_test(expr) if _is_key(expr) else None
        case Not():
            return None
        case And():
            return _all([screen for arg in expr.args if (screen := _screen(arg))])
        case Or():
            screens = [_screen(arg) for arg in expr.args]
            known = [screen for screen in screens if screen]
            return _any(known) if len(known) == len(screens) else None


def _all(screens: Sequence[Screen]) -> Screen | None:
    if len(screens) <= 1:
        return screens[0] if screens else None
    return lambda parts, row: all(screen(parts, row) for screen in screens)


def _any(screens: Sequence[Screen]) -> Screen:
    if len(screens) == 1:
        return screens[0]
    return lambda parts, row: any(screen(parts, row) for screen in screens)


def _screen_of_test(atom: Atom) -> Screen:
    """Return the screen of a test that fails where its key is missing.

    Where the key holds one text and the path ends there, the test itself is asked.
    """
    steps: Steps = atom.names[0].raw
    root, of_text = steps[0][0][0], atom.of_text if len(steps) == TWO else None
    keys = [key for key, _ in steps[1]]
    first = keys[0]

    def screen(parts: Parts, row: int) -> bool:
        if (part := parts.get(root)) is None:
            return True
        value = part(row)
        if not isinstance(value, dict):
            return value is not None  # a list or a text may have the key inside
        found = value.get(first)
        if of_text is not None and type(found) is str:
            return bool(of_text(found))
        return found is not None or any(key in value for key in keys)

    return screen


def _is_number(atom: Atom) -> bool:
    name = atom.names[0] if atom.bound is not None else None
    return name is not None and name.asks_event and name.normalised in NUMBERS


def _is_key(atom: Atom) -> bool:
    """Return whether a test fails for a record in which a certain key below the top is missing."""
    if atom.keyword or atom.absent or len(atom.names) != 1:
        return False
    name = atom.names[0]
    return len(name.raw) >= TWO and not name.asks_event and name.normalised not in EVENT_FIELDS


def _never(_: Atom) -> bool:
    return False
