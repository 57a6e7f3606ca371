"""The tests a rule carries: records it must find, and near misses it must not.

How a record becomes an event is a collector's knowledge, so the caller gives it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from detectors.sigma.match import Matcher
from detectors.sigma.rule import Rule, RuleTest
from tocsin.model.rows import Fields, Rows

Judge = Callable[[Fields, Fields], Rows]
"""Makes a batch of a raw record and of normalised fields, either of which may be empty."""


@dataclass(frozen=True, slots=True)
class TestFailure:
    """A test of a rule that came out otherwise.

    Attributes:
        where: The rule's file.
        test: The test's name.
        expected: What the rule should have said.
        got: What it said.
    """

    __test__: ClassVar[bool] = False  # the name is pytest's way to know its own classes

    where: str
    test: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.where}, test {self.test!r}: expected {self.expected}, got {self.got}"


def run_tests(rule: Rule, judge: Judge) -> list[TestFailure]:
    """Return the tests of ``rule`` that fail, in their order."""
    return [failure for test in rule.tests if (failure := _failure(rule, test, judge)) is not None]


def _failure(rule: Rule, test: RuleTest, judge: Judge) -> TestFailure | None:
    rows = judge(test.record or {}, test.event or {})
    matcher = Matcher([rule])
    said = [hit.why for hit in matcher(rows)]
    expected = "a match" if test.finds else "no match"
    if test.finds and test.why is not None:
        expected = f"a match saying {test.why!r}"
    if rule.id in matcher.faults:
        got = matcher.faults[rule.id]
    elif not rule.applies(rows.logsource):
        got = f"a record of {dict(rows.logsource)}, which the rule's logsource does not name"
    elif not said:
        got = "no match"
    else:
        got = f"a match saying {said[0]!r}"
    right = bool(said) is test.finds and (not said or test.why in (None, said[0]))
    faulty = rule.id in matcher.faults or not rule.applies(rows.logsource)
    return None if right and not faulty else TestFailure(rule.where, test.name, expected, got)
