"""What undecided rules cannot do without, asked of many rows before any of them is put together.

A rule on large exports needs a large number, a rule on access lists needs a request that has one.
Numbers compare in numpy; keys are looked up in what the decoder has decoded anyway. Both only ever
say "certainly not": what remains is judged in full.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.sigma.expr import Atom, Bound, Expr, musts
from detectors.sigma.places import EVENT_FIELDS
from detectors.sigma.reading import Name
from tocsin.model.events import NUMBERS
from tocsin.model.rows import Rows

TWO = 2
"""Parts of a name that is a key directly below the top of the record."""


class Need(NamedTuple):
    """What one rule cannot do without.

    Attributes:
        numbers: Normalised number → how it must compare.
        keys: Pairs of a top-level name and a key below it.
    """

    numbers: tuple[tuple[str, Bound], ...]
    keys: tuple[tuple[str, str], ...]


class Needs:
    """What the undecided rules of one state cannot do without."""

    def __init__(self, exprs: Sequence[Expr], *, by_number: bool) -> None:
        """Find it out.

        Args:
            exprs: What is left of their conditions.
            by_number: Whether ``event.count`` can only mean the normalised field.
        """
        self._needs = [_need(expr, by_number=by_number) for expr in exprs]
        self._helps = bool(exprs) and all(need.numbers or need.keys for need in self._needs)

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
    for root, key in need.keys:
        if (decoded := rows.decoded.get(root)) is not None:
            may &= np.fromiter(
                (_has(decoded[row], key) for row in which.tolist()), np.bool_, len(which)
            )
    return may


def _has(value: object, key: str) -> bool:
    return key in value if isinstance(value, Mapping) else value is not None


def _need(expr: Expr, *, by_number: bool) -> Need:
    numbers = [
        (atom.names[0].normalised, atom.bound)
        for atom in musts(expr, _is_number if by_number else _never)
        if atom.bound is not None
    ]
    keys = [(name.raw[0][0][0], name.raw[1][0][0]) for name in map(_name, musts(expr, _is_key))]
    return Need(tuple(numbers), tuple(keys))


def _name(atom: Atom) -> Name:
    return atom.names[0]


def _is_number(atom: Atom) -> bool:
    name = atom.names[0] if atom.bound is not None else None
    return name is not None and name.asks_event and name.normalised in NUMBERS


def _is_key(atom: Atom) -> bool:
    """Return whether a test fails for a record in which a certain key below the top is missing."""
    if atom.keyword or atom.absent or not atom.names:
        return False
    name = atom.names[0]
    return len(name.raw) == TWO and not name.asks_event and name.normalised not in EVENT_FIELDS


def _never(_: Atom) -> bool:
    return False
