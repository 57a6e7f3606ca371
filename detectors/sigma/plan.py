"""What is still open of which rules, after each group of a batch has been looked at.

A **state** is what is known of a row: rules that hold, and what is left to decide of others. Every
row begins with all rules; the value of each group in turn leads to a next state, the same
for all rows with that value. Values are many and states are few: rules fall out at the
first group (the action), or what is left of them is the same again. So the way from a state
by a value to the next state is worked out once, and then looked up for a whole batch at a time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.sigma.expr import FAULTS, Atom, Expr, atoms, reduce, required
from detectors.sigma.needs import Needs
from detectors.sigma.places import ROW, Places
from detectors.sigma.reading import Name, Reading, find
from detectors.sigma.rule import Rule
from detectors.sigma.ways import Column, Ways
from tocsin.model.rows import GROUPS, Codes, Fields, Layout, Rows

MOST_STATES = 20_000
MOST_ALIKE = 100_000
"""How much is remembered before it is forgotten and begun again."""

START = 0


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a row.

    Attributes:
        holds: The rules that hold, by their place in the plan.
        left: The rules that are undecided, and what is left of their conditions.
    """

    holds: tuple[int, ...]
    left: tuple[tuple[int, Expr], ...]


class Plan:
    """The rules that apply to one log source, arranged for one layout.

    Attributes:
        rules: The rules.
        layout: Where fields lie.
        places: The same, asked by name.
        states: Every state met so far, by number.
    """

    def __init__(self, rules: Sequence[Rule], layout: Layout, faults: dict[str, str]) -> None:
        """Arrange the rules.

        Args:
            rules: Those that apply to the log source.
            layout: Where fields lie.
            faults: By id of the rule, what it raised; the first time is written here.
        """
        self.rules, self.layout, self.places = rules, layout, Places(layout)
        self._faults = faults
        self._place: dict[Atom, str] = {
            atom: ROW if atom.keyword else self.places.of_all(atom.names)
            for rule in rules
            for atom in atoms(rule.expression)
        }
        self._decided_by = {
            group: frozenset(atom for atom, place in self._place.items() if place == group)
            for group in GROUPS
        }
        self._index = _Index([rule.expression for rule in rules], self._place)
        self._forget()

    def _forget(self) -> None:
        self.states: list[State] = []
        self._numbers: dict[State, int] = {}
        self._speaks = Column(np.bool_)
        self._needs: dict[int, Needs | None] = {}
        self._ways = {group: Ways() for group in GROUPS}
        self._asked: dict[tuple[str, int], tuple[Name, ...]] = {}
        self._alike: dict[tuple[Any, ...], int] = {}
        self._number(State((), tuple((at, r.expression) for at, r in enumerate(self.rules))))

    def states_of(
        self, size: int, codes: Mapping[str, Codes], values: Mapping[str, Sequence[Fields]]
    ) -> Codes:
        """Return the number of each row's state when all groups have been looked at.

        Args:
            size: Number of rows.
            codes: Per group, the number of each row's value.
            values: Per group, the values by number.
        """
        if len(self.states) > MOST_STATES or len(self._alike) > MOST_ALIKE:
            self._forget()
        states = np.full(size, START, np.int32)
        for group in GROUPS:
            ways = self._ways[group]
            lines = ways.lines_of(states)
            (rows,) = (lines >= 0).nonzero()
            if len(rows) == size:
                states = self._follow(group, lines, codes[group], values[group])
            elif len(rows):
                states[rows] = self._follow(group, lines[rows], codes[group][rows], values[group])
        return states

    def speaking(self, states: Codes, rows: Rows) -> npt.NDArray[np.intp]:
        """Return the rows in whose states a rule holds, or may hold yet.

        Where all that is undecided cannot be true without a number that is large or small enough,
        or without a key in a part of the record that is decoded already, rows without are left
        out: that is asked for many rows at a time, before any of them is put together.
        """
        (speaking,) = self._speaks.of(states).nonzero()
        of_row = states[speaking]
        kept = np.ones(len(speaking), np.bool_)
        for number in np.bincount(of_row).nonzero()[0].tolist():
            if (needs := self._needs_of(number)) is not None:
                (at,) = (of_row == number).nonzero()
                kept[at] = False
                kept[at[needs.may(speaking[at], rows)]] = True
        return speaking[kept]

    def _needs_of(self, number: int) -> Needs | None:
        """Return what the undecided rules of a state need; None if one holds already."""
        if number not in self._needs:
            state, by_number = self.states[number], "event" not in self.layout.roots
            exprs = [expr for _, expr in state.left]
            self._needs[number] = None if state.holds else Needs(exprs, by_number=by_number)
        return self._needs[number]

    def _follow(self, group: str, lines: Codes, codes: Codes, values: Sequence[Fields]) -> Codes:
        ways = self._ways[group]
        ways.belong_to(values)
        ends = ways.ends(lines, codes)
        (new,) = (ends < 0).nonzero()
        if len(new):

            def end(state: int, code: int) -> int:
                return self._end(group, state, values[code])

            ends[new] = ways.learn(lines[new], codes[new], end)
        return ends

    def _end(self, group: str, number: int, value: Fields) -> int:
        """Return where a value leads.

        Values differ in much that the undecided rules of a state do not ask for; where what they
        do ask for is the same again, so is the answer. The first state has all rules undecided.
        """
        said = None if number == START else self._said(group, number, value)
        if said is None:
            return self._work_out(group, number, Reading(value))
        if (end := self._alike.get(said)) is None:
            end = self._alike[said] = self._work_out(group, number, Reading(value))
        return end

    def _said(self, group: str, number: int, value: Fields) -> tuple[Any, ...] | None:
        """Return what a value says to the rules of a state; None if that is not all text."""
        names = self._asked.get((group, number))
        if names is None:
            asked = (a for _, expr in self.states[number].left for a in atoms(expr))
            of_group = (a.names for a in asked if self._place[a] == group)
            names = tuple({name.text: name for several in of_group for name in several}.values())
            self._asked[group, number] = names
        said: list[Any] = [group, number]
        for name in names:
            found = find(value, name)
            for one in found:
                if type(one) is not str:
                    return None
            said.append(tuple(found))
        return tuple(said)

    def _work_out(self, group: str, number: int, reading: Reading) -> int:
        state = self.states[number]
        undecided: Iterable[tuple[int, Expr]] = state.left
        if number == START:
            undecided = self._index.candidates(reading)
        holds, left = list(state.holds), list[tuple[int, Expr]]()
        decidable = self._decided_by[group].__contains__
        for at, expr in undecided:
            try:
                outcome = reduce(expr, decidable, reading)
            except FAULTS as error:
                self.blame(at, error)
                continue
            if not isinstance(outcome, bool):
                left.append((at, outcome))
            elif outcome:
                holds.append(at)
        return self._number(State(tuple(sorted(holds)), tuple(left)))

    def blame(self, at: int, error: Exception) -> None:
        """Write down that a rule raised, so that its silence is not taken for no match."""
        rule = self.rules[at]
        # Its type only: the text of an error may quote the record.
        said = f"rule {rule.title!r} ({rule.where}) raised {type(error).__name__}"
        self._faults.setdefault(rule.id, said)

    def _number(self, state: State) -> int:
        number = self._numbers.get(state)
        if number is None:
            number = self._numbers[state] = len(self.states)
            self.states.append(state)
            needs = {self._place[atom] for _, expr in state.left for atom in atoms(expr)}
            for group, ways in self._ways.items():
                ways.append(number, asks=group in needs or (number, group) == (START, GROUPS[0]))
            self._speaks.append(bool(state.holds or state.left))
        return number


class _Index:
    """Rules by the texts without one of which they cannot hold, in the first group."""

    def __init__(self, exprs: Sequence[Expr], place: Mapping[Atom, str]) -> None:
        self._exprs = exprs
        needs = [required(expr, lambda atom: place[atom] == GROUPS[0]) for expr in exprs]
        texts: dict[Name, set[str]] = {}
        for need in needs:
            for name, literals in need.items():
                texts.setdefault(name, set()).update(literals)
        self._by: dict[Name, dict[str, list[int]]] = {}
        self._always: list[int] = []
        for at, need in enumerate(needs):
            if not need:
                self._always.append(at)
                continue
            # The field with most different texts is the one that rules out most.
            best = max(need, key=lambda name: (len(texts[name]), name.text))
            for literal in need[best]:
                self._by.setdefault(best, {}).setdefault(literal, []).append(at)

    def candidates(self, reading: Reading) -> list[tuple[int, Expr]]:
        """Return the rules that may hold for a value, in their order."""
        found = set(self._always)
        for name, by_text in self._by.items():
            for text in reading.lowered(name):
                found.update(by_text.get(text, ()))
        return [(at, self._exprs[at]) for at in sorted(found)]
