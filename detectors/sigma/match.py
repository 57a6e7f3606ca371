"""Rules on single events, asked of a batch of records.

The groups of a batch decide most rules for most rows by looking numbers up (``plan``). Only rows
of which a rule is still undecided are decoded and asked themselves. A rule that raises costs no
batch, and is not "no match" either: ``Matcher.faults`` has it, for a finding about the rule.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from detectors.sigma.expr import FAULTS, atoms
from detectors.sigma.places import ROW
from detectors.sigma.plan import Plan
from detectors.sigma.reading import Reading
from detectors.sigma.rule import Rule
from tocsin.model.findings import Hit
from tocsin.model.rows import EVENT, GROUPS, Fields, Rows

MOST_PLANS = 64
MOST_SENTENCES = 100_000


class Matcher:
    """Says what rules say of batches of records; see :class:`tocsin.model.rows.Match`.

    Attributes:
        faults: By id of the rule, what it raised the first time. Such a rule was not judged for
            the values it raised on.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rules)
        self._plans: list[tuple[dict[str, str], _Sentences]] = []
        self.faults: dict[str, str] = {}

    @property
    def needs_whole(self) -> bool:
        """Whether some rule searches whole raw records for keywords."""
        return any(atom.keyword for rule in self._rules for atom in atoms(rule.expression))

    def roots(self) -> frozenset[str]:
        """Return the names at the top of raw records that some rule may need."""
        return frozenset(
            root for rule in self._rules for name in rule.names() for root in name.roots
        )

    def __call__(self, rows: Rows) -> list[Hit]:
        """Return what the rules say of a batch, in the order of rows, then of rules."""
        sentences = self._planned(rows)
        plan = sentences.plan
        if not plan.rules:
            return []
        sentences.belong_to(rows)
        states = plan.states_of(rows.size, rows.codes, rows.values)
        hits: list[Hit] = []
        speaking = plan.speaking(states, rows)
        numbers = zip(*(rows.codes[group][speaking].tolist() for group in GROUPS), strict=True)
        for number, its_numbers in zip(speaking.tolist(), numbers, strict=True):
            state = plan.states[states[number]]
            row = _Row(rows, number, its_numbers)
            holds = list(state.holds)
            if state.left:
                reading = Reading(row.fields(), row.whole)
                for at, expr in state.left:
                    try:
                        if expr.holds(reading):
                            holds.append(at)
                    except FAULTS as error:
                        plan.blame(at, error)
                holds.sort()
            hits.extend(Hit(number, plan.rules[at].id, sentences.say(at, row)) for at in holds)
        return hits

    def _planned(self, rows: Rows) -> "_Sentences":
        for logsource, said in self._plans:
            layout = said.plan.layout
            if (layout is rows.layout or layout == rows.layout) and logsource == rows.logsource:
                return said
        if len(self._plans) >= MOST_PLANS:
            self._plans.clear()
        applicable = [rule for rule in self._rules if rule.applies(rows.logsource)]
        said = _Sentences(Plan(applicable, rows.layout, self.faults))
        self._plans.append((dict(rows.logsource), said))
        return said


class _Row:
    """One row of a batch, put together and decoded when asked, once."""

    def __init__(self, rows: Rows, number: int, numbers: tuple[int, ...]) -> None:
        self._rows, self._number, self.numbers = rows, number, numbers
        self._fields: Fields | None = None

    def values(self) -> list[Fields]:
        """Return the values of its groups."""
        values = self._rows.values
        return [values[group][number] for group, number in zip(GROUPS, self.numbers, strict=True)]

    def fields(self) -> Fields:
        if self._fields is None:
            self._fields = _merged([*self.values(), self._rows.row(self._number)])
        return self._fields

    def whole(self) -> Fields:
        return self._rows.whole(self._number)


class _Sentences:
    """What a plan's rules say of rows; what hangs on groups alone is said once per value."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._repeats = [
            all(plan.places.of(name) != ROW for name in rule.shown()) for rule in plan.rules
        ]
        self._known: dict[tuple[int, ...], str] = {}
        self._values: list[Sequence[Fields]] = []

    def belong_to(self, rows: Rows) -> None:
        """Forget everything if the values are not those it was learned from."""
        values = [rows.values[group] for group in GROUPS]
        same = [new is old for new, old in zip(values, self._values, strict=False)]
        if same != [True] * len(GROUPS) or len(self._known) > MOST_SENTENCES:
            self._values = values
            self._known.clear()

    def say(self, at: int, row: _Row) -> str:
        """Return the sentence of the rule at this place of the plan."""
        if not self._repeats[at]:
            return self._render(at, row.fields())
        key = (at, *row.numbers)
        said = self._known.get(key)
        if said is None:
            said = self._known[key] = self._render(at, _merged(row.values()))
        return said

    def _render(self, at: int, fields: Fields) -> str:
        rule = self.plan.rules[at]
        try:
            return rule.sentence(fields)
        except FAULTS as error:
            self.plan.blame(at, error)
            return rule.title  # the match stands, though it cannot explain itself


def _merged(parts: Iterable[Fields]) -> Fields:
    fields: dict[str, Any] = {}
    event: dict[str, Any] = {}
    for part in parts:
        fields.update(part)
        event.update(part.get(EVENT, {}))
    fields[EVENT] = event
    return fields
