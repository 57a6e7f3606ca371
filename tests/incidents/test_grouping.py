"""Grouping: what belongs together, when it is an incident, and how urgent."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from incidents.grouping import Grouping, GroupingSettings, State, decode, encode
from incidents.grouping import group as group_module
from incidents.grouping.score import Share, is_incident, level, score
from tocsin.model.events import HOUR_US
from tocsin.model.findings import Finding, Incident, Level, finding_id

SETTINGS = GroupingSettings()


def finding(
    rule: str, at_h: float, entities: Sequence[str] = ("actor:alice",), **more: Any
) -> Finding:
    """Return a finding so many hours after the start; medium unless said."""
    at = int(at_h * HOUR_US)
    fields: dict[str, Any] = {
        "id": finding_id(rule, (f"{rule}-{at_h}",)),
        "rule": rule,
        "title": rule.title(),
        "author": "Tocsin",
        "origin": "Tocsin",
        "level": Level.MEDIUM,
        "at": at,
        "since": at,
        "actor": "alice",
        "entities": tuple(entities),
        "event_ids": (f"{rule}-{at_h}",),
        "why": "",
        "tactics": (rule,),
    }
    return Finding(**{**fields, **more})


def steps(*groups: Sequence[Finding]) -> tuple[list[Incident], State]:
    """Return the incidents standing after these steps."""
    grouping = Grouping()
    state, standing = grouping.start(), dict[str, Incident]()
    for findings in groups:
        changed, state = grouping.step(decode(encode(state)), findings)
        for incident in changed:
            standing[incident.id] = incident
            for gone in incident.merged:
                standing.pop(gone, None)
    return sorted(standing.values(), key=lambda i: i.opened_at), state


def test_one_finding_at_medium_is_an_incident() -> None:
    incidents, _ = steps([finding("a", 0)])
    assert [(i.level, i.title, i.actors) for i in incidents] == [(Level.MEDIUM, "A", ("alice",))]


def test_weak_signs_of_one_sort_are_none() -> None:
    assert steps([finding("a", n / 10, level=Level.LOW) for n in range(50)])[0] == []


def test_weak_signs_of_many_sorts_are_one() -> None:
    weak = [finding(rule, n / 10, level=Level.LOW) for n, rule in enumerate("abcdef")]
    incidents, _ = steps(weak)
    assert [i.level for i in incidents] == [Level.MEDIUM]
    assert len(incidents[0].finding_ids) == 6
    assert steps(weak[:5])[0] == []


def test_weak_signs_far_apart_do_not_add_up() -> None:
    weak = [finding(rule, n * 20, level=Level.LOW) for n, rule in enumerate("abcdefgh")]
    assert steps(weak)[0] == []


def test_what_shares_no_entity_stays_apart() -> None:
    incidents, _ = steps([finding("a", 0), finding("b", 1, ["actor:bob"])])
    assert len(incidents) == 2


def test_a_shared_credential_ties_two_actors() -> None:
    incidents, _ = steps(
        [finding("a", 0, ["actor:alice", "key:1"]), finding("b", 1, ["actor:bob", "key:1"])]
    )
    assert [len(i.finding_ids) for i in incidents] == [2]


def test_after_the_window_a_new_incident_begins() -> None:
    near, far = finding("b", 71), finding("c", 71 + 73)
    incidents, _ = steps([finding("a", 0)], [near], [far])
    assert [len(i.finding_ids) for i in incidents] == [2, 1]


def test_two_incidents_become_one_and_the_older_goes_on() -> None:
    bridge = finding("c", 2, ["actor:alice", "actor:bob"], level=Level.LOW)
    incidents, state = steps([finding("a", 0), finding("b", 1, ["actor:bob"])], [bridge])
    older, _ = steps([finding("a", 0)])
    assert [i.id for i in incidents] == [older[0].id]
    assert len(incidents[0].merged) == 1
    assert len(state.groups) == 1


def test_a_finding_that_grows_replaces_itself() -> None:
    small = finding("a", 0)
    grown = finding("a", 0, event_ids=("a-0", "x"), at=HOUR_US)
    incidents, _ = steps([small], [grown])
    assert [(i.finding_ids, i.event_ids) for i in incidents] == [((small.id,), ("a-0", "x"))]


def test_what_was_put_aside_counts_nothing() -> None:
    incidents, state = steps([finding("a", 0, disposition="habit")])
    assert (incidents, state.groups) == ([], {})


def test_what_nothing_can_join_any_more_is_forgotten() -> None:
    _, state = steps([finding("a", 0)], [finding("b", 200, ["actor:bob"])])
    assert list(state.of_entity) == ["actor:bob"]
    assert len(state.of_finding) == 1


@pytest.mark.parametrize(
    ("levels", "tactics", "expected"),
    [
        ([Level.LOW], 1, Level.LOW),
        ([Level.LOW] * 6, 1, Level.MEDIUM),
        ([Level.MEDIUM], 1, Level.MEDIUM),
        ([Level.MEDIUM] * 3, 3, Level.MEDIUM),
        ([Level.MEDIUM] * 4, 1, Level.MEDIUM),
        ([Level.MEDIUM] * 4, 2, Level.HIGH),
        ([Level.HIGH], 1, Level.HIGH),
        ([Level.HIGH] * 4, 2, Level.HIGH),
        ([Level.HIGH] * 5, 2, Level.CRITICAL),
        ([Level.MEDIUM] * 20, 5, Level.HIGH),
    ],
)
def test_levels_add_up(levels: list[Level], tactics: int, expected: Level) -> None:
    shares = {str(n): Share(one, "", (f"t{n % tactics}",)) for n, one in enumerate(levels)}
    assert level(shares, SETTINGS) == expected
    assert is_incident(shares, SETTINGS) is (expected >= Level.MEDIUM)


def test_looking_around_and_one_thing_more_is_not_high() -> None:
    looked = {str(n): Share(Level.MEDIUM, "", ("discovery",)) for n in range(4)}
    read = Share(Level.MEDIUM, "", ("credential-access", "discovery"))
    assert level(looked | {"read": read}, SETTINGS) == Level.MEDIUM
    changed = Share(Level.MEDIUM, "", ("persistence",))
    assert level(looked | {"read": read, "changed": changed}, SETTINGS) == Level.HIGH


WEAK = st.tuples(
    st.sampled_from("abcd"),
    st.integers(0, 24 * 40),
    st.sampled_from(["actor:alice", "actor:bob", "ip:1"]),
    st.sampled_from([Level.INFORMATIONAL, Level.LOW]),
)


@given(st.lists(st.lists(WEAK, max_size=12), max_size=6))
@example([[("b", 0, "actor:alice", Level.LOW), ("b", 0, "actor:alice", Level.INFORMATIONAL)]])
def test_what_is_no_incident_counts_exactly_what_is_left_in_it(
    said: list[list[tuple[str, int, str, Level]]],
) -> None:
    grouping = Grouping()
    state = grouping.start()
    for several in said:
        found = [finding(rule, at, [tie], level=level) for rule, at, tie, level in several]
        _, state = grouping.step(decode(encode(state)), found)
        for group in state.groups.values():
            counted = Counter(member.rule for member in group.members.values())
            worst = dict.fromkeys(counted, Level.INFORMATIONAL)
            for member in group.members.values():
                worst[member.rule] = max(worst[member.rule], member.level)
            if group.id:
                assert group.shares == {}
                continue
            assert {rule: share.count for rule, share in group.shares.items()} == counted
            assert {rule: share.level for rule, share in group.shares.items()} == worst
            assert state.of_finding.keys() >= group.members.keys()


def test_many_refusals_of_one_sort_are_looked_at_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that is refused all day is no incident; looking at all of it for each must end."""
    looked = Counter[str]()
    plain = group_module._count

    def counted(*arguments: Any, **more: Any) -> None:
        looked["members"] += 1
        plain(*arguments, **more)

    monkeypatch.setattr(group_module, "_count", counted)
    refused = [finding("a", n / 200, level=Level.INFORMATIONAL) for n in range(5_000)]
    assert steps(refused)[0] == []
    assert looked["members"] < 20 * len(refused)


def test_saying_it_again_counts_a_little_more_and_not_for_ever() -> None:
    said = [score({"a": Share(Level.MEDIUM, "", (), count)}) for count in (1, 2, 16, 10**6)]
    assert said == [20.0, 25.0, 40.0, 40.0]


def test_a_window_shorter_than_a_day_is_refused() -> None:
    with pytest.raises(ValidationError, match="greater than or equal to"):
        GroupingSettings(window="PT1H")  # type: ignore[arg-type] # as TOML gives it
