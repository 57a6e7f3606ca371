"""What is in a rule file, and what is said of one that cannot be used."""

from pathlib import Path
from textwrap import dedent

import pytest

from detectors.sigma.load import OWN_RULES, load
from detectors.sigma.match import Matcher
from tocsin.model.findings import Level
from tocsin.model.rows import Rows, single

GOOD = """\
title: Good
id: 7b1f0a52-0b9e-4a53-93b1-6a6b0f1f6a01
author: Someone
logsource: {product: aws, service: cloudtrail}
detection:
  s:
    eventName: X
  condition: s
level: high
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yml").write_text(dedent(text))
    return folder


def one(record: dict[str, str]) -> Rows:
    logsource = {"product": "aws", "service": "cloudtrail"}
    return single(record, {}, source="cloudtrail", logsource=logsource)


def item(line: str) -> str:
    return GOOD.replace("    eventName: X\n", f"    eventName: X\n    {line}\n")


def test_a_rule_says_what_it_is(tmp_path: Path) -> None:
    text = GOOD + (
        "tags: [attack.privilege_escalation, attack.t1078.004, attack.initial-access, "
        "attack.s0001, attack.g0032, cve.2024-1]\n"
        "why: '{event.actor} did it.'\nhabit: true\ncontract: regions\n"
    )
    pack = load([write(tmp_path, a=text)], contract=["regions"])
    (rule,) = pack.rules
    assert rule.id == "7b1f0a52-0b9e-4a53-93b1-6a6b0f1f6a01"
    assert (rule.title, rule.author, rule.level) == ("Good", "Someone", Level.HIGH)
    assert rule.tactics == ("privilege-escalation", "initial-access")
    assert rule.techniques == ("T1078.004",)
    assert rule.logsource == {"product": "aws", "service": "cloudtrail"}
    assert (rule.why, rule.habit, rule.contract) == ("{event.actor} did it.", True, "regions")
    assert rule.where == str(tmp_path / "a.yml")
    assert rule.origin == tmp_path.name


def test_a_rule_without_more_has_quiet_defaults(tmp_path: Path) -> None:
    bare = "title: Bare\nlogsource: {category: application}\ndetection: {s: {a: 1}, condition: s}\n"
    (rule,) = load([write(tmp_path, a=bare)]).rules
    assert (rule.level, rule.author, rule.habit, rule.contract) == (Level.MEDIUM, "", False, "")
    assert (rule.tests, rule.tactics) == ((), ())
    (again,) = load([tmp_path / "a.yml"]).rules
    assert again.id == rule.id


def test_a_rule_set_is_named_after_its_directory_or_as_told(tmp_path: Path) -> None:
    write(tmp_path, a=GOOD)
    assert [rule.origin for rule in load([tmp_path / "a.yml"]).rules] == [tmp_path.name]
    assert [rule.origin for rule in load([tmp_path], origin="SigmaHQ").rules] == ["SigmaHQ"]


def test_our_own_pack_is_ours() -> None:
    assert {rule.origin for rule in load([OWN_RULES]).rules} <= {"Tocsin"}


def test_a_rule_about_a_part_of_a_contract_nobody_configured_is_silent(tmp_path: Path) -> None:
    write(tmp_path, a=GOOD + "contract: regions\n")
    pack = load([tmp_path], contract=["countries"])
    assert not pack.rules
    assert [rule.contract for rule in pack.silent] == ["regions"]
    assert not pack.errors


def test_a_silent_rule_may_lack_the_values_of_its_contract(tmp_path: Path) -> None:
    text = item("awsRegion|expand|neq: '%regions%'") + "contract: regions\n"
    pack = load([write(tmp_path, a=text)])
    assert ([*pack.errors], len(pack.silent)) == ([], 1)
    assert Matcher(pack.silent)(one({"eventName": "X", "awsRegion": "us-east-1"})) == []
    assert load([tmp_path], contract=["regions"]).errors
    values = {"regions": ["eu-west-3"]}
    (rule,) = load([tmp_path], contract=["regions"], placeholders=values).rules
    assert Matcher([rule])(one({"eventName": "X", "awsRegion": "us-east-1"}))
    assert not Matcher([rule])(one({"eventName": "X", "awsRegion": "eu-west-3"}))


def test_tests_keep_dates_as_the_text_a_record_has(tmp_path: Path) -> None:
    tests = "tests:\n  - {name: n, finds: true, record: {eventTime: 2023-07-10T11:42:36Z}}\n"
    (rule,) = load([write(tmp_path, a=GOOD + tests)]).rules
    assert rule.tests[0].record == {"eventTime": "2023-07-10T11:42:36Z"}


def test_a_key_is_the_word_it_is_written_as(tmp_path: Path) -> None:
    detection = "  off:\n    5: X\n    no: 'y'\n  condition: off or off\n"
    head = GOOD.partition("  s:\n")[0]
    pack = load([write(tmp_path, a=head + detection + "level: high\n")])
    assert not pack.errors, pack.errors
    assert {name.text for rule in pack.rules for name in rule.names()} >= {"5", "no"}


FAULTY: list[tuple[str, str, str]] = [
    (item("a|nosuch: 1"), ":8: ", "Unknown modifier 'nosuch'"),
    (item("a|re: '('"), ":8: ", "Regular expression"),
    (item("a|re: '(?=x)y'"), ":8: ", "Regular expression"),
    (item("a|cidr: 10.0.0.0/99"), ":8: ", "CIDR"),
    (item("a|gt: many"), ":8: ", "incompatible"),
    (item("a|contains: 5"), ":8: ", "incompatible"),
    (item("a|expand: '%staff%'"), ":8: ", "placeholder %staff% has no value"),
    (item("eventName: Y"), ":8: ", "'eventName' is there twice"),
    (item("a: [b"), ":9: ", "no proper YAML"),
    (item("a: 'b"), ":", "no proper YAML"),
    (
        GOOD.replace("  s:\n    eventName: X\n", "  s:\n    - a: 1\n    - b|foo: 2\n"),
        ":8: ",
        "'foo'",
    ),
    (GOOD.replace("condition: s", "condition: s and"), ":8: ", "Expected"),
    (GOOD.replace("condition: s", "condition: off"), ":8: ", "condition is no text"),
    (GOOD.replace("condition: s", "condition: t"), ":8: ", "'t' not defined"),
    (GOOD.replace("condition: s", "condition: 1 of t*"), ":8: ", "doesn't match any detection"),
    (GOOD.replace("condition: s", "condition: s | count() by a > 5"), ":8: ", "aggregations"),
    (GOOD.replace("  condition: s\n", ""), ":5: ", "at least one condition"),
    (GOOD.replace("level: high", "level: terrible"), ":9: ", "'terrible' is not a valid"),
    (GOOD.replace("title: Good\n", ""), ":1: ", "must have a title"),
    (GOOD.replace("7b1f0a52-0b9e-4a53-93b1-6a6b0f1f6a01", "mine"), ":2: ", "must be an UUID"),
    (GOOD.replace("logsource: {product: aws, service: cloudtrail}\n", ""), ":1: ", "log source"),
    (GOOD.replace("{product: aws, service: cloudtrail}", "aws"), ":4: ", "valid YAML map"),
    ("title: C\ncorrelation:\n  type: event_count\n", ":2: ", "correlations are not supported yet"),
    ("title: F\nfilter:\n  rules: [a]\n", ":2: ", "filters are not supported yet"),
    ("action: global\ntitle: A\n", ":1: ", "action"),
    (GOOD + "why: 5\n", ":10: ", "why must be a sentence"),
    (GOOD + "habit: often\n", ":10: ", "habit must be true or false"),
    (GOOD + "contract: [a]\n", ":10: ", "contract must be a word"),
    (GOOD + "tests: {}\n", ":10: ", "tests must be a list"),
    (GOOD + "tests:\n  - {name: n, finds: true}\n", ":11: ", "a record, or an event"),
    (GOOD + "tests:\n  - {name: n, finds: 1, event: {}}\n", ":11: ", "finds is true or false"),
    (GOOD + "tests:\n  - {name: n, finds: true, record: []}\n", ":11: ", "are maps"),
    (GOOD + "tests:\n  - {name: n, finds: true, evnt: {}}\n", ":11: ", "a test has"),
    (
        GOOD + "tests:\n  - {name: n, finds: true, event: {}, why: 1}\n",
        ":11: ",
        "sentence expected",
    ),
    ("- a\n- b\n", ":1: ", "map"),
    ("", ": ", "no rule in it"),
    ("# nothing\n---\n", ": ", "no rule in it"),
]


@pytest.mark.parametrize(("text", "line", "fault"), FAULTY)
def test_a_fault_is_named_with_file_and_line_and_nothing_else_is_lost(
    tmp_path: Path, text: str, line: str, fault: str
) -> None:
    other = GOOD.replace("7b1f0a52", "8c1f0a52")
    write(tmp_path, a=GOOD.replace("7b1f0a52", "9d1f0a52"), b=text, c=other)
    pack = load([tmp_path])
    (error,) = pack.errors
    assert str(error).startswith(f"{tmp_path / 'b.yml'}{line}")
    assert fault in str(error)
    assert [Path(rule.where).name for rule in pack.rules] == ["a.yml", "c.yml"]


def test_a_second_rule_with_the_same_id_is_refused(tmp_path: Path) -> None:
    pack = load([write(tmp_path, a=GOOD, b=GOOD)])
    assert [Path(rule.where).name for rule in pack.rules] == ["a.yml"]
    (error,) = pack.errors
    assert error.where == f"{tmp_path / 'b.yml'}:2"
    assert str(tmp_path / "a.yml") in str(error)


def test_a_broken_document_does_not_hide_the_others_of_its_file(tmp_path: Path) -> None:
    second = GOOD.replace("7b1f0a52", "8c1f0a52")
    text = f"# a file\n---\n{GOOD}---\ntitle: [broken\n---\n{second}--- \n"
    pack = load([write(tmp_path, a=text)])
    assert len(pack.rules) == 2
    (error,) = pack.errors
    assert error.where.startswith(f"{tmp_path / 'a.yml'}:1")


def test_every_fault_of_a_rule_is_said_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("level: high", "level: terrible").replace("title: Good\n", "") + "why: 1\n"
    assert len(load([write(tmp_path, a=text)]).errors) == 3


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "latin.yml").write_bytes(b"title: caf\xe9\n")
    pack = load([tmp_path, tmp_path / "absent.yml"])
    assert [error.where for error in pack.errors] == [
        str(tmp_path / "latin.yml"),
        str(tmp_path / "absent.yml"),
    ]


def test_a_file_that_unfolds_without_end_is_refused(tmp_path: Path) -> None:
    bomb = "".join(f"x{n}: &x{n} [*x{n - 1}, *x{n - 1}]\n" for n in range(1, 40))
    text = f"title: B\nx0: &x0 [1]\n{bomb}" + GOOD.split("\n", 1)[1].replace("X", "*x39")
    pack = load([write(tmp_path, a=text)])
    assert not pack.rules
    assert pack.errors


def test_strange_types_are_refused_and_not_raised(tmp_path: Path) -> None:
    for number, text in enumerate(
        (
            GOOD.replace("id: 7b1f0a52-0b9e-4a53-93b1-6a6b0f1f6a01", "id: 5"),
            GOOD.replace("condition: s", "condition: 5"),
            GOOD.replace("eventName: X", "eventName: {a: b}"),
            GOOD.replace("eventName: X", "eventName: [[a]]"),
            "title: T\nlogsource: {product: aws}\ndetection: [1]\n",
            "5: T\n",
        )
    ):
        write(tmp_path, **{f"r{number}": text})
    pack = load([tmp_path])
    assert [len(pack.rules), len({error.where.split(":")[0] for error in pack.errors})] == [0, 6]
