"""The tests a rule file carries."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from detectors.sigma.check import run_tests
from detectors.sigma.load import OWN_RULES, load
from tocsin.model.rows import Rows, single

RULE = """\
title: Deleted
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: Delete, event.outcome: success}, condition: s}
why: "{event.actor} deleted it."
tests:
"""


def judge(record: Mapping[str, Any], event: Mapping[str, Any]) -> Rows:
    """As a collector would, with an outcome that says success when there is no error."""
    outcome = "failure" if "errorCode" in record else "success"
    fields = {"outcome": outcome, "actor": "alice", **event}
    logsource = {"product": "aws", "service": "cloudtrail"}
    return single(record, fields, source="cloudtrail", logsource=logsource)


def failures(tmp_path: Path, *tests: str, rule: str = RULE) -> list[str]:
    (tmp_path / "r.yml").write_text(rule + "".join(f"  - {test}\n" for test in tests))
    pack = load([tmp_path / "r.yml"])
    assert not pack.errors, pack.errors
    return [str(failure) for rule in pack.rules for failure in run_tests(rule, judge)]


def test_a_rule_that_does_what_its_tests_say_has_no_failures(tmp_path: Path) -> None:
    assert not failures(
        tmp_path,
        "{name: done, finds: true, record: {eventName: delete}, why: alice deleted it.}",
        "{name: tried, finds: false, record: {eventName: Delete, errorCode: AccessDenied}}",
        "{name: said, finds: true, record: {eventName: Delete}, event: {outcome: success}}",
        "{name: other, finds: false, event: {action: Delete}}",
    )


@pytest.mark.parametrize(
    ("test", "failure"),
    [
        ("finds: true, record: {eventName: Put}", "expected a match, got no match"),
        (
            "finds: false, record: {eventName: Delete}",
            "expected no match, got a match saying 'alice deleted it.'",
        ),
        (
            "finds: true, record: {eventName: Delete}, why: Bob did.",
            "expected a match saying 'Bob did.', got a match saying 'alice deleted it.'",
        ),
    ],
)
def test_a_failure_names_file_test_and_what_was_said(
    tmp_path: Path, test: str, failure: str
) -> None:
    assert failures(tmp_path, f"{{name: n, {test}}}") == [
        f"{tmp_path / 'r.yml'}, test 'n': {failure}"
    ]


def test_a_rule_for_another_log_source_passes_no_test(tmp_path: Path) -> None:
    rule = RULE.replace("cloudtrail", "other")
    (found,) = failures(tmp_path, "{name: n, finds: false, record: {eventName: Put}}", rule=rule)
    assert "which the rule's logsource does not name" in found


def test_every_rule_we_ship_loads() -> None:
    pack = load([OWN_RULES])
    assert not pack.errors, "\n".join(map(str, pack.errors))
