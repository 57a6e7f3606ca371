"""A rule's condition as a tree of and, or, not and tests, and how it is decided bit by bit.

A part of a record may be enough to decide a test: :func:`reduce` replaces by true or false what
can be decided, and gives back what is left. What a condition cannot do without
(:func:`required`) is what rules are indexed by.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from detectors.sigma.reading import Name, Reading

Test = Callable[[Reading], bool]
Bound = tuple[np.ufunc, float]

FAULTS = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What judging may raise; it is a fault of the rule and no reason to lose a batch."""


@dataclass(frozen=True, slots=True, eq=False)
class Atom:
    """One test. Two atoms are equal only if they are the same one.

    Attributes:
        test: Whether a record passes.
        names: The fields it looks at.
        keyword: Whether it searches the whole raw record instead.
        literals: In lower case, the texts one of which the only field must be, case aside; empty
            when the test is another.
        bound: How the only field, a number, compares: a numpy function and the other number.
        absent: Whether a record without the field may pass.
        of_text: The same test, where the only field is one text.
        of_lines: Asked of many such texts joined by line breaks, false only if none of them passes.
    """

    test: Test = field(repr=False)
    names: tuple[Name, ...] = ()
    keyword: bool = False
    literals: frozenset[str] = frozenset()
    bound: Bound | None = None
    absent: bool = False
    of_text: Callable[[str], object] | None = field(default=None, repr=False)
    of_lines: Callable[[str], object] | None = field(default=None, repr=False)

    def holds(self, reading: Reading) -> bool:
        """Return whether a record passes."""
        return self.test(reading)


@dataclass(frozen=True, slots=True)
class And:
    """All of it."""

    args: tuple["Expr", ...]

    def holds(self, reading: Reading) -> bool:
        """Return whether a record passes."""
        return all(arg.holds(reading) for arg in self.args)


@dataclass(frozen=True, slots=True)
class Or:
    """Any of it."""

    args: tuple["Expr", ...]

    def holds(self, reading: Reading) -> bool:
        """Return whether a record passes."""
        return any(arg.holds(reading) for arg in self.args)


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    arg: "Expr"

    def holds(self, reading: Reading) -> bool:
        """Return whether a record passes."""
        return not self.arg.holds(reading)


Expr = Atom | And | Or | Not

NEVER = Or(())
"""What no record passes."""


def joined(kind: type[And] | type[Or], args: Iterable[Expr]) -> Expr:
    """Return ``args`` joined by and, or by or, without needless nesting."""
    flat: list[Expr] = []
    for arg in args:
        flat.extend(arg.args if isinstance(arg, kind) else (arg,))
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def atoms(expr: Expr) -> Iterator[Atom]:
    """Return every test in ``expr``."""
    if isinstance(expr, Atom):
        yield expr
    elif isinstance(expr, Not):
        yield from atoms(expr.arg)
    else:
        for arg in expr.args:
            yield from atoms(arg)


def reduce(expr: Expr, decidable: Callable[[Atom], bool], reading: Reading) -> Expr | bool:
    """Return what ``expr`` is if only the ``decidable`` tests are asked of ``reading``.

    Returns:
        True or False if that is enough, else the expression that is left.
    """
    if isinstance(expr, Atom):
        return expr.test(reading) if decidable(expr) else expr
    if isinstance(expr, Not):
        inner = reduce(expr.arg, decidable, reading)
        return not inner if isinstance(inner, bool) else Not(inner)
    decisive = isinstance(expr, Or)  # one true decides an or, one false decides an and
    left: list[Expr] = []
    for arg in expr.args:
        inner = reduce(arg, decidable, reading)
        if not isinstance(inner, bool):
            left.append(inner)
        elif inner is decisive:
            return decisive
    return joined(type(expr), left) if left else not decisive


def required(expr: Expr, usable: Callable[[Atom], bool]) -> Mapping[Name, frozenset[str]]:
    """Return the fields that must be one of some literals for ``expr`` to be true."""
    if isinstance(expr, Atom):
        return {expr.names[0]: expr.literals} if expr.literals and usable(expr) else {}
    if isinstance(expr, Not) or not expr.args:
        return {}
    parts = [required(arg, usable) for arg in expr.args]
    if isinstance(expr, Or):
        common = set(parts[0]).intersection(*parts[1:])
        return {name: frozenset().union(*(part[name] for part in parts)) for name in common}
    needs: dict[Name, frozenset[str]] = {}
    for part in parts:
        for name, literals in part.items():
            if name not in needs or len(literals) < len(needs[name]):
                needs[name] = literals
    return needs


def musts(expr: Expr, usable: Callable[[Atom], bool]) -> list[Atom]:
    """Return usable tests without which ``expr`` is not true."""
    if isinstance(expr, Atom):
        return [expr] if usable(expr) else []
    if isinstance(expr, And):
        return [atom for arg in expr.args for atom in musts(arg, usable)]
    return []
