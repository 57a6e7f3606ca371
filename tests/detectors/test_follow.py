"""FOLLOW: what each detector finds, what it leaves, and that cutting the stream changes nothing."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.follow import Follow, decode, encode
from detectors.sigma.expr import NEVER
from detectors.sigma.rule import Rule
from incidents.grouping import Grouping
from incidents.grouping import decode as decode_groups
from incidents.grouping import encode as encode_groups
from tests.detectors.streams import (
    ALICE,
    DAY,
    ELSEWHERE,
    HOUR,
    OFFICE,
    columns,
    daily,
    denied,
    event,
    hits_on,
)
from tocsin.model.events import ActorKind, Event, Outcome, Reason
from tocsin.model.findings import Finding, Incident, Level

BOB = "arn:aws:iam::111122223333:user/bob"
READER = "arn:aws:iam::111122223333:role/reader"
ABROAD = "192.0.2.44"


def rule(name: str, level: Level = Level.LOW, **more: Any) -> Rule:
    fields: dict[str, Any] = {
        "id": name,
        "title": name.title(),
        "author": "Somebody",
        "origin": "their rules",
        "level": level,
        "tactics": ("persistence",),
        "techniques": (),
        "logsource": {},
        "why": "",
        "habit": False,
        "contract": "",
        "joins": False,
        "stolen": False,
        "tests": (),
        "where": "test.yml",
        "expression": NEVER,
    }
    return Rule(**{**fields, **more})


MADE = rule("key made", Level.MEDIUM)
READ = rule("secret read", habit=True)
EXPOSED = rule("exposed", Level.HIGH, joins=True)
NOBODY = rule("read by nobody", joins=True)
TAKEN = rule("taken", Level.MEDIUM, stolen=True)
RULES = (MADE, READ, EXPOSED, NOBODY, TAKEN)
ACTIONS = {
    MADE.id: ["CreateAccessKey"],
    READ.id: ["GetSecretValue"],
    EXPOSED.id: ["PutBucketPolicy"],
    NOBODY.id: ["GetObjectAcl"],
    TAKEN.id: ["ListBuckets"],
}


def judge(events: Sequence[Event], cuts: Sequence[timedelta] = ()) -> list[Finding]:
    """Return what is said in the end of a stream that is cut at these instants."""
    return run(events, cuts)[0]


def run(
    events: Sequence[Event], cuts: Sequence[timedelta] = ()
) -> tuple[list[Finding], list[Incident]]:
    follow, grouping = Follow(RULES), Grouping()
    state, groups = encode(follow.start()), encode_groups(grouping.start())
    found, open_now = dict[str, Finding](), dict[str, Incident]()
    ordered = sorted(events, key=lambda e: e.at)
    bounds = [*sorted({ordered[0].at + cut for cut in cuts}), ordered[-1].at + HOUR]
    for start, end in zip([ordered[0].at, *bounds], bounds, strict=False):
        part = columns([e for e in ordered if start <= e.at < end])
        hits = [hit for name, actions in ACTIONS.items() for hit in hits_on(part, name, actions)]
        said, new_state = follow.step(decode(state), part, hits)
        incidents, new_groups = grouping.step(decode_groups(groups), said)
        state, groups = encode(new_state), encode_groups(new_groups)
        found.update((finding.id, finding) for finding in said)
        for incident in incidents:
            open_now[incident.id] = incident
            for gone in incident.merged:
                open_now.pop(gone, None)
    return sorted(found.values(), key=lambda f: (f.since, f.id)), sorted(
        open_now.values(), key=lambda i: i.id
    )


def rules_of(found: Sequence[Finding]) -> list[str]:
    return [finding.rule for finding in found]


def test_a_new_network_is_no_news_for_somebody_who_is_new() -> None:
    known = daily(2, "s3", "ListObjects")
    assert judge([*known, event(3 * DAY, "s3", "ListObjects", ip=ELSEWHERE)]) == []


def test_a_person_known_for_long_comes_from_a_new_network() -> None:
    lea: dict[str, Any] = {"actor": "lea", "actor_kind": "person", "credential": "ASIA1"}
    known = daily(10, "s3", "ListObjects", **lea)
    found = judge([*known, event(11 * DAY, "s3", "ListObjects", ip=ELSEWHERE, **lea)])
    assert [(f.rule, f.level) for f in found] == [("first-seen-network", Level.LOW)]
    assert found[0].why == (
        "lea came from 203.0.113.0/24 for the first time; for 11 days from 198.51.100.0/24."
    )


def test_a_programs_key_on_a_network_nobody_ever_used_is_an_alarm() -> None:
    known = daily(10, "s3", "ListObjects")
    found = judge([*known, event(11 * DAY, "s3", "ListObjects", ip=ELSEWHERE)])
    assert ("credential-elsewhere", Level.MEDIUM) in [(f.rule, f.level) for f in found]


def test_the_house_knows_a_network_that_a_colleague_uses() -> None:
    bob = daily(10, "s3", "ListObjects", actor=BOB, credential="AKIABOB", ip=ELSEWHERE)
    known = daily(10, "s3", "ListObjects")
    found = judge([*known, *bob, event(11 * DAY, "s3", "ListObjects", ip=ELSEWHERE)])
    assert rules_of(found) == ["first-seen-network"]


def test_who_always_moves_is_no_news() -> None:
    moving = [
        event(day * DAY, "s3", "ListObjects", ip=f"203.0.{day}.9", actor_kind=ActorKind.PERSON)
        for day in range(12)
    ]
    assert judge(moving) == []


def test_all_that_a_stolen_key_does_belongs_to_the_incident() -> None:
    known = daily(10, "s3", "ListObjects")
    acts = [
        event(11 * DAY + n * timedelta(minutes=7), "s3", "GetObject", ip=ELSEWHERE)
        for n in range(40)
    ]
    _, incidents = run([*known, *acts])
    assert len(incidents) == 1
    assert set(incidents[0].event_ids) >= {act.id for act in acts}
    assert not set(incidents[0].event_ids) & {e.id for e in known}


def test_a_chain_of_identities_is_one_incident() -> None:
    late, bob = 11 * DAY, {"actor": BOB, "credential": "AKIANEW", "ip": ELSEWHERE}
    chain = [
        event(late, "iam", "CreateAccessKey", ip=ELSEWHERE, issued="key:AKIANEW", resource="bob"),
        event(late + HOUR, "sts", "AssumeRole", issued="key:ASIAROLE", **bob),
        event(late + 2 * HOUR, "s3", "GetObject", actor=READER, credential="ASIAROLE", ip=ABROAD),
    ]
    _, incidents = run([*daily(10, "s3", "ListObjects"), *chain])
    assert [set(incident.event_ids) for incident in incidents] == [{act.id for act in chain}]
    assert set(incidents[0].actors) == {ALICE, BOB, READER}


def test_denied_then_allowed_counts_the_denials() -> None:
    found = judge(
        [
            denied(0 * HOUR, "secretsmanager", "ListSecrets"),
            denied(1 * HOUR, "secretsmanager", "ListSecrets"),
            event(2 * HOUR, "secretsmanager", "ListSecrets"),
        ]
    )
    assert [(f.rule, len(f.event_ids)) for f in found] == [("denied-then-allowed", 3)]
    assert found[0].why.endswith("which had been denied 2 times before.")


def test_allowed_a_day_later_is_another_story() -> None:
    late = event(25 * HOUR + HOUR, "secretsmanager", "ListSecrets")
    assert judge([denied(0 * HOUR, "secretsmanager", "ListSecrets"), late]) == []


def test_a_right_given_to_oneself_and_used() -> None:
    found = judge(
        [
            denied(0 * HOUR, "dynamodb", "Scan"),
            event(1 * HOUR, "iam", "PutUserPolicy", resource="alice"),
            event(2 * HOUR, "dynamodb", "Scan"),
        ]
    )
    assert [(f.rule, f.level, len(f.event_ids)) for f in found] == [
        ("self-granted-then-used", Level.MEDIUM, 3)
    ]


def test_a_right_given_by_a_colleague_and_used_is_only_denied_then_allowed() -> None:
    found = judge(
        [
            denied(0 * HOUR, "dynamodb", "Scan"),
            event(1 * HOUR, "iam", "PutUserPolicy", resource="alice", actor=BOB, credential="B"),
            event(2 * HOUR, "dynamodb", "Scan"),
        ]
    )
    assert [(f.rule, f.level) for f in found] == [("denied-then-allowed", Level.LOW)]


def test_a_new_key_used_elsewhere_ties_maker_and_user() -> None:
    bob = {"actor": BOB, "credential": "AKIANEW", "ip": ELSEWHERE}
    found, incidents = run(
        [
            event(0 * HOUR, "iam", "CreateAccessKey", issued="key:AKIANEW", resource="bob"),
            event(1 * HOUR, "s3", "ListObjects", **bob),
            event(2 * HOUR, "s3", "GetObject", **bob),
        ]
    )
    assert "new-credential-elsewhere" in rules_of(found)
    assert len(incidents) == 1
    assert set(incidents[0].actors) == {ALICE, BOB}
    assert len(incidents[0].event_ids) == 3


def test_a_new_key_used_where_it_was_made_is_in_order() -> None:
    made = event(0 * HOUR, "iam", "CreateAccessKey", issued="key:AKIANEW", resource="bob")
    found = judge([made, event(1 * HOUR, "s3", "ListObjects", actor=BOB, credential="AKIANEW")])
    assert rules_of(found) == [MADE.id]


def test_a_program_that_is_refused_many_different_things_is_searching() -> None:
    def tries(kinds: int, **more: Any) -> list[Event]:
        minute = timedelta(minutes=1)
        return [denied(n * minute, "iam", f"List{n}", **more) for n in range(kinds)]

    assert [(f.rule, len(f.event_ids)) for f in judge(tries(9))] == [("search-for-rights-low", 9)]
    levels = [(f.level, len(f.event_ids)) for f in judge(tries(21))]
    assert levels == [(Level.LOW, 21), (Level.MEDIUM, 21)]
    assert judge(tries(7)) == []
    assert judge(tries(30, user_agent="Mozilla/5.0 Chrome/146")) == []
    hours_apart = [denied(n * 2 * HOUR, "iam", f"List{n}") for n in range(12)]
    assert judge(hours_apart) == []


def test_far_more_than_ever_before_holds_the_whole_day() -> None:
    known = daily(10, "crm", "contacts.read", times=8)
    acts = [event(12 * DAY + n * timedelta(minutes=2), "crm", "contacts.read") for n in range(140)]
    found = [f for f in judge([*known, *acts]) if f.rule == "volume-medium"]
    assert [(f.level, len(f.event_ids)) for f in found] == [(Level.MEDIUM, 140)]
    assert "took 140 reads of crm in a day; the most on a day before was 8" in found[0].why


def test_an_export_counts_by_its_records() -> None:
    known = daily(10, "crm", "contacts.export", count=300)
    found = judge([*known, event(12 * DAY, "crm", "contacts.export", count=9_000)])
    assert rules_of(found) == ["volume-medium"]
    near_miss = event(12 * DAY, "crm", "contacts.export", count=1_400)
    assert judge([*known, near_miss]) == []


def test_a_sign_in_after_many_failures_from_one_network() -> None:
    failed = {"outcome": Outcome.FAILURE, "reason": Reason.AUTH, "ip": ELSEWHERE}
    tries = [
        event(n * timedelta(seconds=20), "crm", "login", actor=f"user{n}", **failed)
        for n in range(6)
    ]
    works = event(HOUR, "crm", "login", actor="user3", ip=ELSEWHERE)
    found = judge([*tries, works])
    assert [(f.rule, len(f.event_ids)) for f in found if f.level >= Level.MEDIUM] == [
        ("guessed-password", 7)
    ]
    assert judge([*tries, event(HOUR, "crm", "login", actor="user3", ip=OFFICE)]) == []
    assert judge([*tries[:3], works]) == []


def test_habit_puts_aside_and_is_kept_once_a_day() -> None:
    found = judge(daily(6, "secretsmanager", "GetSecretValue", times=3))
    assert [f.disposition for f in found] == [""] * 9 + ["habit"] * 3


def test_an_exposed_bucket_and_its_readers_are_one_incident() -> None:
    nobody = {"actor": "anonymous", "actor_kind": ActorKind.ANONYMOUS, "credential": ""}
    opened = event(0 * HOUR, "s3", "PutBucketPolicy", resource="exports")
    read = event(5 * HOUR, "s3", "GetObjectAcl", resource="exports", ip=ABROAD, **nobody)
    other = event(5 * HOUR, "s3", "GetObjectAcl", resource="website", ip=ABROAD, **nobody)
    _, incidents = run([opened, read, other])
    assert [set(i.event_ids) for i in incidents] == [{opened.id, read.id}]


def test_what_a_rule_calls_stolen_is_followed_from_there() -> None:
    before = event(0 * HOUR, "s3", "GetObject", actor=READER, credential="ASIA1")
    first = event(1 * HOUR, "s3", "ListBuckets", actor=READER, credential="ASIA1")
    after = event(2 * HOUR, "s3", "GetObject", actor=READER, credential="ASIA1")
    other = event(2 * HOUR, "s3", "GetObject", actor=READER, credential="ASIA2")
    _, incidents = run([before, first, after, other])
    assert [set(i.event_ids) for i in incidents] == [{first.id, after.id}]


def test_late_findings_are_marked() -> None:
    follow = Follow(RULES)
    part = columns([event(0 * HOUR, "iam", "CreateAccessKey")])
    found, _ = follow.step(
        follow.start(), part, hits_on(part, MADE.id, ["CreateAccessKey"]), late=True
    )
    assert [f.late for f in found] == [True]


def test_nothing_is_said_of_nothing() -> None:
    follow = Follow(RULES)
    assert follow.step(follow.start(), columns([]), [])[0] == []


SORTS = (
    ("s3", "ListObjects"),
    ("s3", "GetObject"),
    ("s3", "PutBucketPolicy"),
    ("s3", "ListBuckets"),
    ("iam", "CreateAccessKey"),
    ("iam", "PutUserPolicy"),
    ("secretsmanager", "GetSecretValue"),
    ("crm", "contacts.export"),
    ("crm", "login"),
)
OUTCOMES = (
    (Outcome.SUCCESS, Reason.NONE),
    (Outcome.SUCCESS, Reason.NONE),
    (Outcome.FAILURE, Reason.DENIED),
    (Outcome.FAILURE, Reason.AUTH),
)


@st.composite
def streams(draw: st.DrawFn) -> list[Event]:
    events = daily(9, "s3", "ListObjects")
    for minutes in draw(st.lists(st.integers(0, 16 * 24 * 60), min_size=1, max_size=40)):
        service, action = draw(st.sampled_from(SORTS))
        actor, key = draw(
            st.sampled_from([(ALICE, "AKIAALICE"), (BOB, "AKIANEW"), (READER, "ASIA1")])
        )
        outcome, reason = draw(st.sampled_from(OUTCOMES))
        made = {"CreateAccessKey": "key:AKIANEW"}.get(action, "")
        events.append(
            event(
                minutes * timedelta(minutes=1),
                service,
                action,
                actor=actor,
                credential=key,
                outcome=outcome,
                reason=reason,
                issued=made if outcome == Outcome.SUCCESS else "",
                ip=draw(st.sampled_from([OFFICE, ELSEWHERE, ABROAD])),
                resource=draw(st.sampled_from(["alice", "bob", "exports"])),
                count=draw(st.sampled_from([None, 30, 20_000])),
            )
        )
    return events


@settings(max_examples=60, deadline=None)
@given(streams(), st.lists(st.integers(0, 16 * 24 * 60), max_size=12), st.randoms())
def test_cutting_and_shuffling_the_stream_changes_nothing(
    events: list[Event], cuts: list[int], random: Any
) -> None:
    whole = run(events)
    shuffled = list(events)
    random.shuffle(shuffled)
    assert run(shuffled, [minutes * timedelta(minutes=1) for minutes in cuts]) == whole


@pytest.mark.parametrize("module", ["detectors", "incidents"])
def test_a_state_of_another_meaning_is_learned_anew(module: str) -> None:
    follow, grouping = Follow(RULES), Grouping()
    if module == "detectors":
        state = follow.start()
        state.version = 0
        assert decode(encode(state)) == follow.start()
    else:
        groups = grouping.start()
        groups.version = 0
        assert decode_groups(encode_groups(groups)) == grouping.start()
