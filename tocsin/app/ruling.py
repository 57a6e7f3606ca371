"""``tocsin rule``: which rules there are, and whether they do what their tests say."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from collectors.cloudtrail_fields import rows_of
from detectors.sigma.check import TestFailure, run_tests
from detectors.sigma.load import RulePack
from detectors.sigma.rule import Rule
from tocsin.app.engine.choosing import Choice
from tocsin.app.rendering import STYLES, many, safe
from tocsin.errors import RuleError
from tocsin.model.rows import Fields, Rows, single

TESTED_WITH = {
    "contract_regions": ("eu-west-3",),
    "contract_countries": ("FR", "IL"),
    "own_accounts": ("444455556666",),
}
"""What the tests of our own rules take for configured, whatever the operator's values are."""

CONTRACT = ("regions", "countries")


class Tested(NamedTuple):
    """What testing brought.

    Attributes:
        rules: How many rules.
        tests: How many tests they carry.
        untested: Rules without one.
        failures: Tests that came out otherwise.
        errors: Rules that cannot be used.
    """

    rules: int
    tests: int
    untested: int
    failures: Sequence[TestFailure]
    errors: Sequence[RuleError]


def test(choice: Choice) -> Tested:
    """Run the tests of all rules, those that are silent for want of a contract too."""
    placeholders = {**choice.placeholders, **TESTED_WITH}
    update = {"placeholders": placeholders, "contract": CONTRACT}
    pack = choice.model_copy(update=update).load()
    rules = pack.rules
    return Tested(
        rules=len(rules),
        tests=sum(len(rule.tests) for rule in rules),
        untested=sum(not rule.tests for rule in rules),
        failures=[one for rule in rules for one in run_tests(rule, partial(_rows, rule))],
        errors=pack.errors,
    )


def show_rules(out: Console, pack: RulePack) -> None:
    """Print the rules, most urgent first."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("level", "title", "from"):
        table.add_column(column, overflow="fold")
    rules = [*((rule, "") for rule in pack.rules), *((rule, "silent") for rule in pack.silent)]
    for rule, state in sorted(rules, key=lambda item: (-item[0].level, item[0].title)):
        title = Text(safe(rule.title))
        if state:
            title.append(f" (silent: no contract.{rule.contract})", "dim")
        table.add_row(Text(str(rule.level), STYLES[rule.level]), title, Text(_origin(rule)))
    out.print(table)
    out.print(Text(f"{many(len(pack.rules), 'rule')}, {len(pack.silent)} silent"))
    _show_errors(out, pack.errors)


def show_tests(out: Console, tested: Tested) -> None:
    """Print what came out otherwise."""
    for failure in tested.failures:
        out.print(Text(safe(str(failure)), "red"))
    _show_errors(out, tested.errors)
    out.print(
        Text(
            f"{many(tested.tests, 'test')} of {many(tested.rules, 'rule')}, "
            f"{len(tested.failures)} failed; {many(tested.untested, 'rule')} without tests"
        )
    )


def _rows(rule: Rule, record: Fields, event: Fields) -> Rows:
    """Return a test's record as a batch; without one, its fields as an application's event."""
    if record:
        return rows_of(record, event)
    logsource = {"category": "application", "product": "application", **rule.logsource}
    source = logsource["product"]
    return single({}, {"source": source, **event}, source=source, logsource=logsource)


def _origin(rule: Rule) -> str:
    author = f" ({safe(rule.author)})" if rule.author and rule.author != rule.origin else ""
    return safe(rule.origin) + author


def _show_errors(out: Console, errors: Sequence[RuleError]) -> None:
    for error in errors:
        out.print(Text(f"cannot be used: {safe(str(error))}", "red"))
        if error.hint:
            out.print(Text(f"  {safe(error.hint)}", "dim"))
