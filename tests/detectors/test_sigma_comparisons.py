"""Every way a Sigma rule can compare a field, each with a record that passes and one that fails."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from detectors.sigma.load import load
from detectors.sigma.match import Matcher
from tocsin.model.rows import single

LOGSOURCE = {"product": "aws", "service": "cloudtrail"}
HEAD = "title: t\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n"


def finds(tmp_path: Path, detection: str, record: Any, event: Any = None, **settings: Any) -> bool:
    """Whether a rule with this detection matches; faults and load errors fail the test."""
    file = tmp_path / "rule.yml"
    file.write_text(HEAD + "".join(f"  {line}\n" for line in detection.splitlines()))
    pack = load([file], **settings)
    assert not pack.errors, pack.errors
    matcher = Matcher(pack.rules)
    hits = matcher(single(record, event or {}, source="cloudtrail", logsource=LOGSOURCE))
    assert not matcher.faults
    return bool(hits)


def wide(text: str) -> str:
    return base64.b64encode(text.encode("utf-16le")).decode()


COMPARISONS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("a: word", {"a": "WORD"}, {"a": "words"}),
    ("a: [one, two]", {"a": "Two"}, {"a": "one,two"}),
    ("a: ''", {"a": ""}, {"a": " "}),
    ("a: ''", {"a": []}, {}),
    ("a: null", {"a": None}, {"a": ""}),
    ("a: null", {}, {"a": []}),
    ("a: []", {}, {"a": 0}),
    ("a: '*'", {"a": []}, {"a": None}),
    ("a: 'w*d'", {"a": "Wd"}, {"a": "wda"}),
    ("a: 'w?d'", {"a": "wod"}, {"a": "wd"}),
    ("a: 'w*o?d*'", {"a": "wwoo\nds"}, {"a": "woxxd"}),
    ("a: '*ab*ab'", {"a": "abab"}, {"a": "aab"}),
    ("a: 'ab*ba'", {"a": "abba"}, {"a": "aba"}),
    (r"a: 'w\*d'", {"a": "w*d"}, {"a": "wod"}),
    (r"a: 'w\?d'", {"a": "w?d"}, {"a": "wod"}),
    (r"a: 'w\\*'", {"a": "w\\od"}, {"a": "w*"}),
    (r"a: 'c:\users'", {"a": "C:\\Users"}, {"a": "c:users"}),
    ("a|contains: bc", {"a": "aBCd"}, {"a": "bdc"}),
    ("a|contains: 'b?d'", {"a": "abcde"}, {"a": "abde"}),
    ("a|contains|all: [a, b]", {"a": "xbxa"}, {"a": "xb"}),
    ("a|startswith: ab", {"a": "ABc"}, {"a": "cab"}),
    ("a|endswith: bc", {"a": "aBC"}, {"a": "bca"}),
    ("a|endswith: [bc, cd]", {"a": "acd"}, {"a": "cda"}),
    ("a|cased: Word", {"a": "Word"}, {"a": "word"}),
    ("a|contains|cased: oR", {"a": "woRd"}, {"a": "WORD"}),
    ("a|cased: 'W*'", {"a": "Word"}, {"a": "word"}),
    ("a|neq: word", {"a": "other"}, {"a": "Word"}),
    ("a|neq: word", {}, {"a": "word"}),
    ("a|contains|neq: or", {"a": "other"}, {"a": "word"}),
    ("a|re: 'w[aeiou]rd'", {"a": "words"}, {"a": "WORD"}),
    ("a|re: '^a|b$'", {"a": "cb"}, {"a": "ba"}),
    ("a|re|i: '^w.rd$'", {"a": "WORD"}, {"a": "WORDS"}),
    ("a|re|m: '^b$'", {"a": "a\nb"}, {"a": "ab"}),
    ("a|re|s: 'a.b'", {"a": "a\nb"}, {"a": "ab"}),
    ("a|re: 'a.b'", {"a": "axb"}, {"a": "a\nb"}),
    ("a|cidr: 10.0.0.0/8", {"a": "10.1.2.3"}, {"a": "11.1.2.3"}),
    ("a|cidr: [10.0.0.0/8, '2001:db8::/32']", {"a": "2001:DB8::1"}, {"a": "AWS Internal"}),
    ("a|cidr: '::/0'", {"a": "fe80::1"}, {"a": "10.0.0.1"}),
    ("a|exists: true", {"a": ""}, {"a": None}),
    ("a|exists: false", {}, {"a": False}),
    ("a|fieldref: b.c", {"a": "X", "b": {"c": "x"}}, {"a": "x", "b": {"c": "y"}}),
    ("a|fieldref: b", {"a": 1, "b": "1"}, {}),
    ("a|fieldref: b", {"a": 1, "b": "1"}, {"a": None, "b": None}),
    ("a|fieldref|startswith: b", {"a": "xyz", "b": "XY"}, {"a": "xyz", "b": "yz"}),
    ("a|fieldref|endswith: b", {"a": "xyz", "b": "YZ"}, {"a": "xyz", "b": "xy"}),
    ("a|fieldref|contains: b", {"a": "xyz", "b": "Y"}, {"a": "xyz", "b": "zy"}),
    ("a|base64: foo", {"a": base64.b64encode(b"foo").decode()}, {"a": "foo"}),
    ("a|base64offset|contains: secret", {"a": "eHNlY3JldHg="}, {"a": "c3VjcmV0"}),
    ("a|wide|base64: ping", {"a": wide("ping")}, {"a": wide("pong")}),
    ("a|utf16le|base64: ping", {"a": wide("ping")}, {"a": wide("pong")}),
    ("a|utf16be|base64: p", {"a": base64.b64encode(b"\0p").decode()}, {"a": wide("p")}),
    ("a|utf16|base64: p", {"a": base64.b64encode(b"\xff\xfep\0").decode()}, {"a": wide("p")}),
    ("a|windash|contains: ' -f'", {"a": "rm /f"}, {"a": "rm f"}),
    ("a|windash|contains|all: [' -f', ' -g']", {"a": "rm /f \u2013g"}, {"a": "rm /f"}),
    ("a: 5", {"a": 5.0}, {"a": 50}),
    ("a: 5", {"a": "5"}, {"a": True}),
    ("a: '5'", {"a": 5}, {"a": 55}),
    ("a: 1", {"a": 1}, {"a": True}),
    ("a: true", {"a": True}, {"a": 1}),
    ("a: 'False'", {"a": False}, {"a": None}),
    ("a: false", {"a": "FALSE"}, {"a": 0}),
    ("a|lt: 5", {"a": 4.9}, {"a": 5}),
    ("a|lte: 5", {"a": "5"}, {"a": 6}),
    ("a|gt: 5", {"a": [1, 6]}, {"a": "six"}),
    ("a|gte: 5", {"a": 5}, {}),
    ("a|gt: 0", {"a": 1}, {"a": True}),
    ("a|minute: 42", {"a": "2023-07-10T11:42:36Z"}, {"a": "2023-07-10T11:41:36Z"}),
    ("a|hour: 11", {"a": "2023-07-10T13:42:36+02:00"}, {"a": "2023-07-10T13:42:36"}),
    ("a|hour|gte: 20", {"a": "2023-07-10T20:00:00Z"}, {"a": "2023-07-10T19:59:59Z"}),
    ("a|day: 10", {"a": 1688989356}, {"a": 1689075756}),
    ("a|week: 28", {"a": 1688989356000}, {"a": "no date"}),
    ("a|month: 7", {"a": 1688989356000000}, {"a": True}),
    ("a|year: 2023", {"a": "2023-07-10"}, {"a": 10**30}),
]


@pytest.mark.parametrize(("line", "passes", "fails"), COMPARISONS)
def test_a_field_is_compared_as_the_rule_says(
    tmp_path: Path, line: str, passes: dict[str, Any], fails: dict[str, Any]
) -> None:
    detection = f"s:\n  {line}\ncondition: s"
    assert finds(tmp_path, detection, passes)
    assert not finds(tmp_path, detection, fails)
    negated = f"s:\n  {line}\ncondition: not s"
    assert not finds(tmp_path, negated, passes)
    assert finds(tmp_path, negated, fails)


KEYWORDS: list[tuple[str, Any, Any]] = [
    ("[evil, bad]", {"x": {"y": ["so EVIL it is"]}}, {"evil": "key"}),
    ("evil", {"x": "medieval evils"}, {"x": "good"}),
    ("'e*l'", {"x": "an eel"}, {"x": "a lee"}),
    ("4711", {"x": {"y": 4711}}, {"x": 471}),
    ("\n    '|all': [one, two]", {"x": "one", "y": ["two"]}, {"x": "one"}),
    ("\n    '|re': 'ev+il'", {"x": "evvil"}, {"x": "EVIL"}),
    ("\n    '|cased': Evil", {"x": "an Evil eye"}, {"x": "an evil eye"}),
    ("\n    '|base64offset': secret", {"x": "eHNlY3JldHg="}, {"x": "secret"}),
]


@pytest.mark.parametrize(("keywords", "passes", "fails"), KEYWORDS)
def test_keywords_are_looked_for_in_every_value_of_the_record(
    tmp_path: Path, keywords: str, passes: Any, fails: Any
) -> None:
    detection = f"k: {keywords}\ncondition: k"
    assert finds(tmp_path, detection, passes)
    assert not finds(tmp_path, detection, fails)


def test_keywords_are_not_looked_for_in_normalised_fields(tmp_path: Path) -> None:
    assert not finds(tmp_path, "k: evil\ncondition: k", {}, {"actor": "evil"})


CONDITIONS: list[tuple[str, str, bool]] = [
    ("a and b", "ab", True),
    ("a and b", "a", False),
    ("a or b", "b", True),
    ("a and not b", "ab", False),
    ("not (a or b)", "", True),
    ("not a or b", "a", False),
    ("1 of them", "c1", True),
    ("all of them", "ab", False),
    ("1 of c*", "c2", True),
    ("all of c*", "c1", False),
    ("all of c*", "c1c2", True),
    ("a and not 1 of c*", "ac2", False),
    ("any of c*", "c2", True),
]


@pytest.mark.parametrize(("condition", "present", "expected"), CONDITIONS)
def test_a_condition_joins_its_selections(
    tmp_path: Path, condition: str, present: str, expected: bool
) -> None:
    selections = "".join(f"{name}:\n  {name}: 1\n" for name in ("a", "b", "c1", "c2"))
    record = {name: 1 for name in ("a", "b", "c1", "c2") if name in present}
    assert finds(tmp_path, f"{selections}condition: {condition}", record) is expected


def test_a_list_of_maps_is_an_alternative_and_a_map_a_conjunction(tmp_path: Path) -> None:
    detection = "s:\n  - a: 1\n    b: 2\n  - c|contains: x\ncondition: s"
    assert finds(tmp_path, detection, {"a": 1, "b": 2})
    assert finds(tmp_path, detection, {"c": "xyz"})
    assert not finds(tmp_path, detection, {"a": 1, "c": "y"})


def test_several_conditions_are_alternatives(tmp_path: Path) -> None:
    detection = "s:\n  a: 1\nt:\n  b: 1\ncondition:\n  - s\n  - t"
    assert finds(tmp_path, detection, {"b": 1})
    assert not finds(tmp_path, detection, {"c": 1})


def test_a_placeholder_stands_for_each_of_its_values(tmp_path: Path) -> None:
    detection = "s:\n  a|expand: 'ops-%staff%'\n  b|expand|neq: '%none%'\ncondition: s"
    values = {"staff": ["alice", "b*"], "none": ["x"]}
    for a, expected in (("OPS-Alice", True), ("ops-bob", True), ("ops-carol", False)):
        assert finds(tmp_path, detection, {"a": a}, placeholders=values) is expected


def test_a_placeholder_may_have_more_values_than_a_query_could_hold(tmp_path: Path) -> None:
    values = {"staff": [f"person{n}" for n in range(5000)]}
    detection = "s:\n  a|expand: '%staff%'\ncondition: s"
    assert finds(tmp_path, detection, {"a": "person4999"}, placeholders=values)
    assert not finds(tmp_path, detection, {"a": "person5000"}, placeholders=values)


POLICY = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*"}]})

FIELDS: list[tuple[str, dict[str, Any], dict[str, Any], bool]] = [
    ("event.action: Get", {"event": {"action": "put"}}, {"action": "get"}, False),
    ("event.action: Put", {"event": {"action": "put"}}, {"action": "get"}, True),
    ("event.action: get", {}, {"action": "get"}, True),
    ("event.action: get", {"event": {"other": 1}}, {"action": "get"}, True),
    ("event.action: get", {"action": "get"}, {}, False),
    ("action: get", {}, {"action": "get"}, True),
    ("action: get", {"action": "put"}, {"action": "get"}, False),
    ("actor.name: x", {}, {"actor": {"name": "x"}}, True),
    ("user.name: x", {"user.name": "x"}, {}, True),
    ("user.name.first: x", {"user": {"name.first": "x"}}, {}, True),
    ("user.name.first: x", {"user.name": {"first": "x"}}, {}, True),
    ("a.b: x", {"a": [{"b": "y"}, {"b": "x"}]}, {}, True),
    ("a.b: x", {"a": [{"b": "y"}, {"c": "x"}]}, {}, False),
    ("a.b: x", {"a": [{"b": ["x", "y"]}]}, {}, True),
    ("a: x", {"a": ["y", "x"]}, {}, True),
    ("a: 'y,x'", {"a": ["y", "x"]}, {}, True),
    ("a: '1,true,,x'", {"a": [1, True, None, "x"]}, {}, True),
    ("a|startswith: 'y,'", {"a": ["y", "x"]}, {}, True),
    ('a: \'{"b":"é","a":[1,null]}\'', {"a": {"b": "é", "a": [1, None]}}, {}, True),
    ("a|contains: '\"b\":1'", {"a": [{"b": 1}, {"b": 2}]}, {}, True),
    ("a|contains: '\"b\": 1'", {"a": {"b": 1}}, {}, False),
    ("p.Statement.Action: '\\*'", {"p": POLICY}, {}, True),
    ("p.Statement.Effect: deny", {"p": POLICY}, {}, False),
    (
        "p.Statement.Effect: allow",
        {"p": "%7B%22Statement%22:%7B%22Effect%22:%22Allow%22%7D%7D"},
        {},
        True,
    ),
    ("p.Statement: x", {"p": "{broken"}, {}, False),
    ("p|contains: Effect", {"p": POLICY}, {}, True),
    ("a.b|exists: true", {"a": {"b": {}}}, {}, True),
    ("a.b: null", {"a": "text"}, {}, True),
]


@pytest.mark.parametrize(("line", "record", "event", "expected"), FIELDS)
def test_a_field_is_found_where_the_reading_says(
    tmp_path: Path, line: str, record: dict[str, Any], event: dict[str, Any], expected: bool
) -> None:
    assert finds(tmp_path, f"s:\n  {line}\ncondition: s", record, event) is expected


def test_a_hostile_text_cannot_stall_a_pattern(tmp_path: Path) -> None:
    text = "a" * 20_000
    wildcards = "s:\n  a: '*a*a*a*a*a*a?b'\ncondition: s"
    regex = "s:\n  a|re: '(a+)+(a+)+b'\ncondition: s"
    assert not finds(tmp_path, wildcards, {"a": text})
    assert not finds(tmp_path, regex, {"a": text})
