"""What undecided rules cannot do without, asked of many rows before any of them is put together.

A rule on large exports needs a large number, a rule on access lists needs a request that has one,
a rule on names of objects needs a name like that. Numbers compare in numpy; for the rest a row's
decoded parts are looked into, without merging them (``screens``). Both only ever say "certainly
not": what remains is judged in full.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.sigma.expr import Atom, Bound, Expr, musts
from detectors.sigma.screens import Look, Screen, screen_of
from tocsin.model.events import NUMBERS
from tocsin.model.rows import Rows


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

    def may(self, which: npt.NDArray[np.intp], rows: Rows) -> Sequence[int]:
        """Return the places in ``which`` of the rows for which some rule may hold."""
        at = range(len(which))
        if not self._helps:
            return at
        found, look = set[int](), Look(rows, which.tolist())
        for need in self._needs:
            left: Sequence[int] = at
            if need.numbers:
                left = _large_or_small_enough(need, which, rows)
            if found:
                left = [place for place in left if place not in found]
            found.update(left if need.screen is None else need.screen.among(look, left))
        return list(found)


def _large_or_small_enough(need: Need, which: npt.NDArray[np.intp], rows: Rows) -> list[int]:
    may = np.ones(len(which), np.bool_)
    for name, (compare, limit) in need.numbers:
        if (known := rows.numbers.get(name)) is not None:
            values = known[which]
            may &= (values >= 0) & compare(values, limit)
    places: list[int] = may.nonzero()[0].tolist()
    return places


def _need(expr: Expr, *, by_number: bool) -> Need:
    numbers = [
        (atom.names[0].normalised, atom.bound)
        for atom in musts(expr, _is_number if by_number else _never)
        if atom.bound is not None
    ]
    return Need(tuple(numbers), screen_of(expr))


def _is_number(atom: Atom) -> bool:
    name = atom.names[0] if atom.bound is not None else None
    return name is not None and name.asks_event and name.normalised in NUMBERS


def _never(_: Atom) -> bool:
    return False
