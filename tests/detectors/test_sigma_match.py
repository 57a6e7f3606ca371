"""Batches: the same answers however the fields of records are split over groups."""

import dataclasses
import gzip
import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.sigma import match, plan
from detectors.sigma.expr import And, Atom
from detectors.sigma.load import load
from detectors.sigma.match import Matcher
from detectors.sigma.reading import Reading
from detectors.sigma.rule import Rule
from tocsin.model.findings import Hit
from tocsin.model.rows import EVENT, GROUPS, Layout, Rows, single

Record = dict[str, Any]
LOGSOURCE = {"product": "aws", "service": "cloudtrail"}
CLOUDTRAIL = Layout(
    roots={
        **dict.fromkeys(("eventSource", "eventName", "errorCode", "eventType"), "action"),
        "userIdentity": "who",
        **dict.fromkeys(("sourceIPAddress", "userAgent", "awsRegion"), "context"),
    },
    event={"service": "action", "action": "action", "outcome": "action", "actor": "who"},
)


class Decoder:
    """Puts records into groups as a collector would; numbers stay the same between batches."""

    def __init__(self, layout: Layout, logsource: dict[str, str] = LOGSOURCE) -> None:
        self.layout, self.logsource = layout, logsource
        self.values: dict[str, list[Record]] = {group: [] for group in GROUPS}
        self.decoded: list[int] = []

    def rows(self, records: Sequence[tuple[Record, Record]]) -> Rows:
        codes: dict[str, list[int]] = {group: [] for group in GROUPS}
        rest: list[Record] = []
        for record, event in records:
            parts: dict[str, Record] = {g: {EVENT: {}} for g in (*GROUPS, "row")}
            for key, value in record.items():
                parts[self._part(self.layout.roots.get(key))][key] = value
            for key, value in event.items():
                parts[self._part(self.layout.event.get(key))][EVENT][key] = value
            for group in GROUPS:
                same = [repr(known) == repr(parts[group]) for known in self.values[group]]
                if True not in same:
                    self.values[group].append(parts[group])
                codes[group].append(same.index(True) if True in same else len(same))
            rest.append(parts["row"])

        def row(number: int) -> Record:
            self.decoded.append(number)
            return rest[number]

        return Rows(
            size=len(records),
            source="cloudtrail",
            logsource=self.logsource,
            layout=self.layout,
            codes={group: np.array(numbers, np.int32) for group, numbers in codes.items()},
            values=self.values,
            row=row,
            whole=lambda number: records[number][0],
        )

    @staticmethod
    def _part(group: str | None) -> str:
        return group if group in GROUPS and group is not None else "row"


def rule(tmp_path: Path, selection: Any, condition: Any = "s", **keys: Any) -> Rule:
    text = yaml.safe_dump(
        {
            "title": "T",
            "logsource": LOGSOURCE,
            "detection": {"s": selection, "condition": condition},
            **keys,
        }
    )
    (tmp_path / "rule.yml").write_text(text)
    pack = load([tmp_path / "rule.yml"])
    assert not pack.errors, pack.errors
    return pack.rules[0]


def one(record: Record, event: Record | None = None) -> Rows:
    return single(record, event or {}, source="cloudtrail", logsource=LOGSOURCE)


def rows_found(hits: list[Hit]) -> list[int]:
    return [hit.row for hit in hits]


# The law: a naive evaluator, written apart from ours, that knows of no groups.

FIELDS = ("a", "b", "b.c", "d.c", "event.actor", "event.count", "actor", "d-e")
TEXTS = st.sampled_from(["", "a", "A", "ab", "b,a", "aab", "1", "true", "É"])
PLAIN = st.one_of(TEXTS, st.sampled_from([0, 1, 2.5, True, False, None]))
INNER = st.dictionaries(st.sampled_from(["c", "e"]), st.one_of(PLAIN, st.lists(PLAIN, max_size=3)))
VALUES = st.one_of(
    PLAIN,
    st.lists(PLAIN, max_size=3),
    INNER,
    st.lists(INNER, max_size=2),
    INNER.map(lambda value: json.dumps(value, ensure_ascii=False)),
)
RECORDS = st.dictionaries(st.sampled_from(["a", "b", "b.c", "d", "d-e", "actor"]), VALUES)
EVENTS = st.dictionaries(st.sampled_from(["actor", "count"]), PLAIN)

PATTERNS = st.sampled_from(["a", "*", "a*", "*b*", "?a", "a?b", "", "É", "b,a", "true", "1"])
ITEMS = st.one_of(
    st.tuples(st.just(""), PATTERNS | st.sampled_from([1, 2.5, True, None])),
    st.tuples(st.just(""), st.lists(PATTERNS, min_size=1, max_size=3)),
    st.tuples(st.sampled_from(["contains", "startswith", "endswith", "cased"]), PATTERNS),
    st.tuples(st.just("contains|all"), st.lists(PATTERNS, min_size=2, max_size=2)),
    st.tuples(st.just("re"), st.sampled_from(["^a", "b$", "[0-9]", "A"])),
    st.tuples(st.just("exists"), st.booleans()),
    st.tuples(st.sampled_from(["gt", "lte"]), st.sampled_from([0, 1])),
    st.tuples(st.just("fieldref"), st.sampled_from(FIELDS)),
)
SELECTIONS = st.dictionaries(st.sampled_from(FIELDS), ITEMS, min_size=1, max_size=3)
TREES = st.recursive(
    st.sampled_from(["s", "t"]),
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner), st.tuples(st.sampled_from(["and", "or"]), inner, inner)
    ),
    max_leaves=4,
)


def naive_values(record: Any, path: str) -> list[Any]:
    if path == "":
        return [] if record is None else [record]
    if isinstance(record, list):
        return [value for member in record for value in naive_values(member, path)]
    if isinstance(record, str) and record[:1] in ("{", "["):
        return naive_values(json.loads(record), path)
    found = []
    for key, value in record.items() if isinstance(record, dict) else ():
        if path == key:
            found += naive_values(value, "")
        elif path.startswith(f"{key}."):
            found += naive_values(value, path[len(key) + 1 :])
    return found


def naive_field(record: Record, event: Record, name: str) -> list[Any]:
    return naive_values(record, name) or naive_values(event, name.removeprefix("event."))


def naive_texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        members = [text for member in value if member is not None for text in naive_texts(member)]
        plain = not any(isinstance(member, (list, dict)) for member in value)
        words = (
            ["" if member is None else naive_texts(member)[0] for member in value] if plain else []
        )
        return [*members, ",".join(words)] if plain else members
    return [json.dumps(value, ensure_ascii=False, separators=(",", ":"))]


def naive_like(text: str, pattern: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(naive_like(text[at:], pattern[1:]) for at in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and naive_like(text[1:], pattern[1:])


def naive_numbers(values: list[Any]) -> Iterator[float]:
    for value in values:
        if isinstance(value, list):
            yield from naive_numbers(value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield value
        elif isinstance(value, str) and re.fullmatch("[0-9.]+", value):
            yield float(value)


def naive_item(record: Record, event: Record, name: str, modifier: str, wanted: Any) -> bool:
    values = naive_field(record, event, name)
    texts = [text for value in values for text in naive_texts(value)]
    if modifier == "contains|all":
        return all(naive_item(record, event, name, "contains", one) for one in wanted)
    if isinstance(wanted, list):
        return any(naive_item(record, event, name, modifier, one) for one in wanted)
    if modifier == "exists":
        return bool(values) is wanted
    if modifier == "fieldref":
        others = [t for v in naive_field(record, event, wanted) for t in naive_texts(v)]
        return bool({text.lower() for text in texts} & {text.lower() for text in others})
    if modifier == "re":
        return any(re.search(wanted, text) for text in texts)
    if modifier in ("gt", "lte"):
        return any((n > wanted) == (modifier == "gt") for n in naive_numbers(values))
    if wanted is None:
        return not values
    if isinstance(wanted, bool):
        return str(wanted).lower() in [text.lower() for text in texts]
    if isinstance(wanted, (int, float)):
        raw = [v for value in values for v in (value if isinstance(value, list) else [value])]
        numbers = [v for v in raw if isinstance(v, (int, float)) and not isinstance(v, bool)]
        return wanted in numbers or str(wanted) in texts
    before = "*" if modifier in ("contains", "endswith") else ""
    after = "*" if modifier in ("contains", "startswith") else ""
    pattern = before + wanted + after
    if modifier != "cased":
        texts, pattern = [text.lower() for text in texts], pattern.lower()
    return any(naive_like(text, pattern) for text in texts)


def naive(tree: Any, selections: Record, record: Record, event: Record) -> bool:
    if isinstance(tree, str):
        return all(naive_item(record, event, k, *item) for k, item in selections[tree].items())
    if tree[0] == "not":
        return not naive(tree[1], selections, record, event)
    join = all if tree[0] == "and" else any
    return join(naive(arg, selections, record, event) for arg in tree[1:])


def written(tree: Any) -> str:
    if isinstance(tree, str):
        return tree
    if tree[0] == "not":
        return f"not ({written(tree[1])})"
    return f"({written(tree[1])}) {tree[0]} ({written(tree[2])})"


LAYOUTS = st.builds(
    Layout,
    roots=st.dictionaries(
        st.sampled_from(["a", "b", "b.c", "d", "d-e", "actor"]), st.sampled_from(GROUPS)
    ),
    event=st.dictionaries(st.sampled_from(["actor", "count"]), st.sampled_from(GROUPS)),
)


@settings(
    max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    rules=st.lists(st.tuples(TREES, SELECTIONS, SELECTIONS), min_size=1, max_size=3),
    records=st.lists(st.tuples(RECORDS, EVENTS), min_size=1, max_size=6),
    layout=LAYOUTS,
)
def test_however_fields_are_grouped_the_answers_are_those_of_a_naive_evaluator(
    tmp_path: Path, rules: list[Any], records: list[tuple[Record, Record]], layout: Layout
) -> None:
    documents = [
        {
            "title": f"rule {number}",
            "logsource": LOGSOURCE,
            "detection": {
                name: {f"{k}|{m}" if m else k: value for k, (m, value) in selection.items()}
                for name, selection in (("s", s), ("t", t))
            }
            | {"condition": written(tree)},
        }
        for number, (tree, s, t) in enumerate(rules)
    ]
    (tmp_path / "r.yml").write_text(yaml.safe_dump_all(documents, allow_unicode=True))
    pack = load([tmp_path / "r.yml"])
    assert not pack.errors, pack.errors
    titles = {rule.id: rule.title for rule in pack.rules}
    expected = [
        (row, f"rule {number}")
        for row, (record, event) in enumerate(records)
        for number, (tree, s, t) in enumerate(rules)
        if naive(tree, {"s": s, "t": t}, record, event)
    ]
    alone = Matcher(pack.rules)
    assert [
        (row, titles[hit.rule])
        for row, (record, event) in enumerate(records)
        for hit in alone(one(record, event))
    ] == expected
    # A layout that lists some spelling of a name vouches for where the name lies.
    matcher, decoder = Matcher(pack.rules), Decoder(consistent(layout))
    for known in (records[:1], records, records):  # nothing known, something, everything
        hits = matcher(decoder.rows(known))
        assert [(hit.row, titles[hit.rule]) for hit in hits] == [
            found for found in expected if found[0] < len(known)
        ]
    assert not matcher.faults


def consistent(layout: Layout) -> Layout:
    """``b`` and ``b.c`` may both hold ``b.c``: list both or none."""
    roots = dict(layout.roots)
    if ("b" in roots) != ("b.c" in roots):
        roots = {key: group for key, group in roots.items() if key not in ("b", "b.c")}
    return Layout(roots, layout.event)


# What the law's small records do not reach.


def test_a_value_means_something_else_after_another_action(tmp_path: Path) -> None:
    found = rule(tmp_path, {"eventName": "A", "userIdentity.type": "Root"})
    decoder, matcher = Decoder(CLOUDTRAIL), Matcher([found])
    root, user = {"type": "Root"}, {"type": "IAMUser"}
    records: list[tuple[Record, Record]] = [
        ({"eventName": name, "userIdentity": who}, {})
        for name in ("A", "B")
        for who in (root, user)
    ]
    assert rows_found(matcher(decoder.rows(records))) == [0]
    assert rows_found(matcher(decoder.rows(records[::-1]))) == [3]


def test_what_is_known_of_one_pair_of_values_is_not_taken_for_another(tmp_path: Path) -> None:
    selections = [
        {"eventName": "A", "userIdentity.type": "Root"},
        {"eventName": "B", "userIdentity.type": "IAMUser"},
    ]
    decoder, matcher = Decoder(CLOUDTRAIL), Matcher([rule(tmp_path, selections)])

    def rows(*pairs: tuple[str, str]) -> Rows:
        return decoder.rows([({"eventName": a, "userIdentity": {"type": t}}, {}) for a, t in pairs])

    assert rows_found(matcher(rows(("A", "IAMUser"), ("B", "IAMUser")))) == [1]
    assert rows_found(matcher(rows(("A", "Role"), ("B", "Role"), ("A", "Root")))) == [2]


def test_alternatives_on_different_fields_are_both_looked_for(tmp_path: Path) -> None:
    found = rule(tmp_path, [{"eventName": "A"}, {"errorCode": "B"}])
    records: list[tuple[Record, Record]] = [
        ({"eventName": "A"}, {}),
        ({"eventName": "C", "errorCode": "B"}, {}),
        ({"eventName": "B", "errorCode": "A"}, {}),
    ]
    assert rows_found(Matcher([found])(Decoder(CLOUDTRAIL).rows(records))) == [0, 1]


def test_two_groups_compared_with_each_other_are_asked_together(tmp_path: Path) -> None:
    found = rule(tmp_path, {"userIdentity.userName|fieldref": "userAgent"})
    decoder, matcher = Decoder(CLOUDTRAIL), Matcher([found])
    records: list[tuple[Record, Record]] = [
        ({"userIdentity": {"userName": name}, "userAgent": agent}, {})
        for name in ("a", "b")
        for agent in ("a", "b")
    ]
    assert rows_found(matcher(decoder.rows(records))) == [0, 3]


def test_a_row_is_decoded_only_if_its_groups_leave_a_rule_open(tmp_path: Path) -> None:
    found = rule(
        tmp_path,
        {"eventName": "X", "userIdentity.type": "Root", "requestParameters.a": 1},
        why="{event.actor} did it.",
    )
    decoder, matcher = Decoder(CLOUDTRAIL), Matcher([found])
    records: list[tuple[Record, Record]] = [
        ({"eventName": name, "userIdentity": {"type": kind}, "requestParameters": {"a": 1}}, {})
        for name in ("X", "Y")
        for kind in ("Root", "IAMUser")
    ]
    assert rows_found(matcher(decoder.rows(records))) == [0]
    assert decoder.decoded == [0]


def test_a_rule_is_asked_only_of_the_log_source_it_names(tmp_path: Path) -> None:
    found = rule(tmp_path, {"a": 1})
    matcher = Matcher([found])
    app = {"category": "application", "product": "crm", "service": "crm"}
    assert not matcher(Decoder(CLOUDTRAIL, app).rows([({"a": 1}, {})]))
    assert matcher(Decoder(CLOUDTRAIL, {**app, **LOGSOURCE}).rows([({"a": 1}, {})]))


def test_a_record_with_an_event_of_its_own_is_read_first_if_the_layout_says_so(
    tmp_path: Path,
) -> None:
    found = rule(tmp_path, {"event.action": "login"})
    ecs = Layout({"event": "row"}, {"action": "action"})
    records: list[tuple[Record, Record]] = [
        ({"event": {"action": "login"}}, {"action": "other"}),
        ({"event": {"action": "other"}}, {"action": "login"}),
        ({}, {"action": "login"}),
    ]
    assert rows_found(Matcher([found])(Decoder(ecs).rows(records))) == [0, 2]


def test_two_decoders_may_take_turns(tmp_path: Path) -> None:
    matcher = Matcher([rule(tmp_path, {"eventName": "X"}, why="It was {eventName}.")])
    one_way, other_way = Decoder(CLOUDTRAIL), Decoder(CLOUDTRAIL)
    x: tuple[Record, Record] = ({"eventName": "X"}, {})
    y: tuple[Record, Record] = ({"eventName": "Y"}, {})
    for _ in range(2):
        assert rows_found(matcher(one_way.rows([x, y]))) == [0]
        assert rows_found(matcher(other_way.rows([y, x]))) == [1]


def test_what_is_remembered_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "MOST_STATES", 3)
    monkeypatch.setattr(plan, "MOST_WAYS", 3)
    monkeypatch.setattr(match, "MOST_SENTENCES", 3)
    monkeypatch.setattr(match, "MOST_PLANS", 1)
    found = rule(tmp_path, {"eventName|re": "[13579]$", "userIdentity.type|contains": "o"})
    matcher = Matcher([found])
    for logsource in (LOGSOURCE, {**LOGSOURCE, "category": "c"}, LOGSOURCE):
        decoder = Decoder(CLOUDTRAIL, logsource)
        for start in range(0, 40, 10):
            records: list[tuple[Record, Record]] = [
                ({"eventName": f"E{n}", "userIdentity": {"type": "Root"}}, {"action": f"E{n}"})
                for n in range(start, start + 10)
            ]
            hits = matcher(decoder.rows(records))
            assert rows_found(hits) == [1, 3, 5, 7, 9]
            assert f"E{start + 1}." in hits[0].why


@pytest.mark.parametrize("field", ["eventName", "userIdentity", "requestParameters"])
def test_a_rule_that_raises_is_named_and_costs_nothing_else(tmp_path: Path, field: str) -> None:
    good = rule(tmp_path, {"eventName": "X"})

    def raises(reading: Reading) -> bool:
        raise OverflowError(f"on {len(reading.values(name))} values")

    ((name,),) = (atom.names for atom in [_only_atom(rule(tmp_path, {field: "X"}))])
    broken = dataclasses.replace(
        good, id="broken", where="b.yml", expression=And((Atom(raises, (name,)),) * 2)
    )
    matcher = Matcher([broken, good])
    hits = matcher(Decoder(CLOUDTRAIL).rows([({"eventName": "X", field: "X"}, {})] * 3))
    assert [(hit.row, hit.rule) for hit in hits] == [(n, good.id) for n in range(3)]
    assert matcher.faults == {"broken": "rule 'T' (b.yml) raised OverflowError"}


def _only_atom(rule: Rule) -> Atom:
    assert isinstance(rule.expression, Atom)
    return rule.expression


def test_a_matcher_says_what_a_decoder_must_decode(tmp_path: Path) -> None:
    plain = rule(tmp_path, {"a.b": 1, "c|fieldref": "d"}, why="{e.f} did {event.action}")
    assert Matcher([plain]).roots() == {"a", "a.b", "c", "d", "e", "e.f", "event", "event.action"}
    assert not Matcher([plain]).needs_whole
    assert Matcher([rule(tmp_path, ["word"])]).needs_whole


def test_keywords_are_found_in_groups_and_rows(tmp_path: Path) -> None:
    matcher = Matcher([rule(tmp_path, ["evil"], why="{userAgent}")])
    records: list[tuple[Record, Record]] = [
        ({"userAgent": "EVIL"}, {}),
        ({"requestParameters": {"a": ["evil"]}}, {}),
        ({"userAgent": "good"}, {"actor": "evil"}),
    ]
    hits = matcher(Decoder(CLOUDTRAIL).rows(records))
    assert [(hit.row, hit.why) for hit in hits] == [(0, "EVIL"), (1, "(unknown)")]


def test_no_rows_and_no_rules_are_nothing(tmp_path: Path) -> None:
    assert Matcher([rule(tmp_path, {"a": 1})])(Decoder(CLOUDTRAIL).rows([])) == []
    assert Matcher([])(one({"a": 1})) == []


SENTENCES: list[tuple[str | None, Record, Record, str]] = [
    (
        "{event.actor} shared {requestParameters.a}.",
        {"requestParameters": {"a": "x"}},
        {"actor": "me"},
        "me shared x.",
    ),
    ("{a} and {b}.", {"b": ""}, {}, "(unknown) and (unknown)."),
    ("{a}", {"a": [1, 2, 3, 4, 5]}, {}, "1, 2, 3, 4, 5"),
    ("{a}", {"a": [1, 1, 2, 3, 4, 5, 6, 7]}, {}, "1, 2, 3, 4, 5 and 2 more"),
    ("{a.b}", {"a": [{"b": "x"}, {"b": "y"}]}, {}, "x, y"),
    ("{a}", {"a": "x" * 500}, {}, "x" * 119 + "…"),
    ("{a}!", {"a": "one\r\n\x1b[31mtwo\u202e"}, {}, "one [31mtwo!"),
    ("{a}", {"a": {"b": [True, None]}}, {}, '{"b":[true,null]}'),
    ("{a}", {"a": "{b}", "b": "never"}, {}, "{b}"),
    ("{ a } {}", {"a": "x"}, {}, "{ a } {}"),
    (None, {}, {"actor": "me", "service": "s3", "action": "Get"}, "T: me did s3:Get."),
]


@pytest.mark.parametrize(("why", "record", "event", "expected"), SENTENCES)
def test_a_sentence_is_safe_to_read_whatever_the_record_says(
    tmp_path: Path, why: str | None, record: Record, event: Record, expected: str
) -> None:
    keys = {} if why is None else {"why": why}
    found = rule(tmp_path, {"z": None}, **keys)
    assert [hit.why for hit in Matcher([found])(one(record, event))] == [expected]
    assert found.sentence({**record, EVENT: event}) == expected


# Public rules and records, and what an engine that is not ours found in them.

SHARED = Path(
    os.environ.get("TOCSIN_SHARED_DATA", Path(__file__).parents[2].parent / "shared" / "data")
)
EXPECTED = SHARED / "sigma-aws" / "expected.json"


def records_of(path: Path) -> Iterator[Record]:
    files = [path] if path.is_file() else path.rglob("*")
    for file in sorted(files, key=os.fsencode):
        if file.name.endswith(".json.gz"):
            yield from json.loads(gzip.decompress(file.read_bytes()))["Records"]
        elif file.suffix == ".jsonl":
            yield from map(json.loads, file.read_text(encoding="utf-8").splitlines())


@pytest.mark.skipif(not EXPECTED.exists(), reason=f"no shared data at {SHARED}")
@pytest.mark.parametrize("name", ["invictus", "stratus", "traildiscover", "otrf"])
@pytest.mark.parametrize("grouped", [True, False], ids=["in groups", "one by one"])
def test_public_rules_match_what_another_engine_matched(name: str, grouped: bool) -> None:
    pack = load([EXPECTED.parent / "rules"])
    assert (len(pack.rules), pack.errors) == (57, [])
    assert all(rule.author for rule in pack.rules)
    expected = json.loads(EXPECTED.read_text())
    source = expected["sources"][name]
    records = list(records_of(SHARED / source["path"]))
    ids = [records[0]["eventID"], records[-1]["eventID"]]
    assert ids == [source["first_event_id"], source["last_event_id"]]
    found: dict[str, list[int]] = {id_: [] for id_ in expected["rules"]}
    matcher = Matcher(pack.rules)
    decoder, ask = Decoder(CLOUDTRAIL), 1 if not grouped else 97
    for start in range(0, len(records), ask):
        batch = records[start : start + ask]
        rows = decoder.rows([(record, {}) for record in batch]) if grouped else one(batch[0])
        for hit in matcher(rows):
            found[hit.rule].append(start + hit.row)
    assert found == {id_: rule[name] for id_, rule in expected["rules"].items()}
    assert not matcher.faults
