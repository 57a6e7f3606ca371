"""The key ``each``: what is asked of the elements of a list is asked of one at a time."""

import json
from pathlib import Path
from textwrap import dedent
from typing import Any
from urllib.parse import quote

import pytest

from detectors.sigma.load import load
from detectors.sigma.match import Matcher
from tocsin.model.rows import single

LOGSOURCE = {"product": "aws", "service": "cloudtrail"}
PUBLIC = r"""
    title: Open to everybody
    logsource: {product: aws, service: cloudtrail}
    detection:
      written: {eventName: Put}
      condition: written and open
    each:
      open:
        of: [policy.Statement, other.Statement]
        allowed: {Effect: Allow}
        everybody:
          - Principal: '\*'
          - Principal.AWS: '\*'
        narrowed: {Condition|exists: true}
        condition: allowed and everybody and not narrowed
"""
OUTSIDE = r"""
    title: Open to another account
    logsource: {product: aws, service: cloudtrail}
    detection:
      written: {eventName: Put}
      condition: written and outside
    each:
      outside:
        of: policy.Statement
        allowed: {Effect: Allow}
        each:
          foreign:
            of: Principal.AWS
            account: {value|re: '[0-9]{12}'}
            own:
              - value|fieldref|contains: event.account
              - value|expand|contains: '%own_accounts%'
            condition: account and not own
        condition: allowed and foreign
"""
OPEN = {"Effect": "Allow", "Principal": {"AWS": "*"}}
NARROW = {**OPEN, "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}
CLOSED = {"Effect": "Deny", "Principal": "*"}


def finds(folder: Path, rule: str, record: Any, event: Any = None) -> bool:
    (folder / "rule.yml").write_text(dedent(rule))
    pack = load([folder / "rule.yml"], placeholders={"own_accounts": ["444455556666"]})
    assert not pack.errors, pack.errors
    matcher = Matcher(pack.rules)
    rows = single({"eventName": "Put", **record}, event or {}, source="x", logsource=LOGSOURCE)
    hits = matcher(rows)
    assert not matcher.faults
    return bool(hits)


def trusts(*accounts: str, effect: str = "Allow") -> dict[str, Any]:
    statement = {"Effect": effect, "Principal": {"AWS": list(accounts)}}
    return {"policy": {"Statement": [statement]}}


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        ([OPEN], True),
        (OPEN, True),
        ([NARROW], False),
        ([NARROW, OPEN], True),
        ([OPEN, NARROW, CLOSED], True),
        ([NARROW, CLOSED], False),
        ([{"Effect": "Deny", "Principal": "*"}, {"Effect": "Allow", "Principal": "x"}], False),
        ([{"Effect": "Allow", "Principal": {"Service": "s3", "AWS": ["arn:x", "*"]}}], True),
        ([], False),
        (None, False),
        (["Allow"], False),
    ],
)
def test_statements_lend_each_other_nothing(tmp_path: Path, statements: Any, found: bool) -> None:
    policy = {"Statement": statements}
    assert finds(tmp_path, PUBLIC, {"policy": policy}) is found
    assert finds(tmp_path, PUBLIC, {"policy": json.dumps(policy)}) is found
    assert finds(tmp_path, PUBLIC, {"policy": quote(json.dumps(policy))}) is found
    assert finds(tmp_path, PUBLIC, {"policy": {}, "other": policy}) is found
    assert not finds(tmp_path, PUBLIC, {"policy": policy, "eventName": "Get"})


def test_accounts_in_one_statement_are_compared_one_by_one(tmp_path: Path) -> None:
    own, ours, foreign = "arn:aws:iam::111122223333:root", "444455556666", "999988887777"
    event = {"account": "111122223333"}
    assert finds(tmp_path, OUTSIDE, trusts(own, foreign), event)
    assert finds(tmp_path, OUTSIDE, trusts(foreign), event)
    assert not finds(tmp_path, OUTSIDE, trusts(own, ours), event)
    assert not finds(tmp_path, OUTSIDE, trusts(own, foreign, effect="Deny"), event)
    assert not finds(tmp_path, OUTSIDE, trusts("*"), event)


def test_an_element_does_not_see_the_record_around_it(tmp_path: Path) -> None:
    around = {"policy": {"Statement": [{"Principal": "*"}]}, "Effect": "Allow"}
    assert not finds(tmp_path, PUBLIC, around)


@pytest.mark.parametrize(
    ("body", "line", "said"),
    [
        ("each: [open]", 6, "each must be a map"),
        ("each:\n  open: {s: {a: 1}, condition: s}", 7, "whose elements"),
        ("each:\n  open: {of: 1, s: {a: 1}, condition: s}", 7, "whose elements"),
        ("each:\n  open: {of: p, s: {a: 1}}", 7, "condition"),
        ("each:\n  open: {of: p, s: {a|nope: 1}, condition: s}", 7, "nope"),
        ("each:\n  open: {of: p, s: {a: 1}, condition: s and t}", 7, "open cannot be used"),
        ("each:\n  open: {of: p, s: [word], condition: s}", 7, "keywords"),
        ("each:\n  s: {of: p, t: {a: 1}, condition: t}", 3, "both called s"),
        ("each:\n  open:\n    of: p\n    each: {i: 1}\n    condition: i", 9, "whose elements"),
    ],
)
def test_what_is_no_test_of_elements_is_refused(
    tmp_path: Path, body: str, line: int, said: str
) -> None:
    head = "title: t\nlogsource: {product: aws}\ndetection:\n  s: {a: 1}\n  condition: s\n"
    (tmp_path / "rule.yml").write_text(head + body + "\n")
    pack = load([tmp_path / "rule.yml"])
    assert not pack.rules
    (error,) = pack.errors
    assert said in str(error)
    assert f"rule.yml:{line}:" in str(error)


def test_what_an_element_is_asked_of_the_event_may_lie_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "rule.yml").write_text(dedent(OUTSIDE))
    (rule,) = load([tmp_path / "rule.yml"]).rules
    assert {name.text for name in rule.names()} == {
        "eventName",
        "policy.Statement",
        "event.account",
        "event.actor",
        "event.service",
        "event.action",
    }
