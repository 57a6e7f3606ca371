"""Batches where random small records do not reach: what is remembered, decoded, faulty, bounded."""

import dataclasses
from pathlib import Path

import pytest

from detectors.sigma import match, plan, ways
from detectors.sigma.expr import And, Atom
from detectors.sigma.match import Matcher
from detectors.sigma.reading import Reading
from detectors.sigma.rule import Rule
from tests.detectors.records import CLOUDTRAIL, LOGSOURCE, Decoder, Record, one, rows_found, rule
from tocsin.model.rows import Layout, Rows


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
    monkeypatch.setattr(plan, "MOST_ALIKE", 3)
    monkeypatch.setattr(ways, "MOST_PLACES", 30)
    monkeypatch.setattr(match, "MOST_SENTENCES", 3)
    monkeypatch.setattr(match, "MOST_PLANS", 1)
    found = rule(tmp_path, {"eventName|re": "[13579]$", "userIdentity.type|contains": "o"})
    matcher = Matcher([found])
    for logsource in (LOGSOURCE, {**LOGSOURCE, "category": "c"}, LOGSOURCE):
        decoder = Decoder(CLOUDTRAIL, logsource)
        for start in range(0, 200, 10):
            records: list[tuple[Record, Record]] = [
                ({"eventName": f"E{n}", "userIdentity": {"type": "Root"}}, {"action": f"E{n}"})
                for n in range(start, start + 10)
            ]
            hits = matcher(decoder.rows(records))
            assert rows_found(hits) == [1, 3, 5, 7, 9]
            assert f"E{start + 1}." in hits[0].why
            ((_, said),) = matcher._plans
            # Looked at between batches: a limit, and what one batch brings.
            assert len(said._known) <= 3 + 10
            assert len(said.plan.states) <= 3 + 2 * 10
            assert len(said.plan._alike) <= 3 + 10
            assert all(table._ends.size <= 30 for table in said.plan._ways.values())


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
