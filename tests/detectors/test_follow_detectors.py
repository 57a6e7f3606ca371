"""What each detector of FOLLOW finds in a stream, and what it leaves."""

from datetime import timedelta
from typing import Any

import pytest

from tests.detectors.judging import ABROAD, BOB, MADE, READER, RIGHTS, judge, rules_of
from tests.detectors.streams import ALICE, DAY, ELSEWHERE, HOUR, daily, denied, event
from tocsin.model.events import ActorKind, Event
from tocsin.model.findings import Finding, Level


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


def test_a_programs_role_on_a_network_nobody_ever_used_is_an_alarm() -> None:
    def rules(agent: str, *more: Event) -> list[str]:
        role: dict[str, Any] = {"actor": READER, "actor_kind": ActorKind.ROLE, "credential": ""}
        known = daily(10, "s3", "ListObjects", user_agent=agent, **role)
        there = event(11 * DAY, "s3", "ListObjects", ip=ELSEWHERE, **{**role, "credential": "A1"})
        return rules_of(judge([*known, *more, there]))

    assert "credential-elsewhere" in rules("Boto3/1.34 Botocore/1.34")
    assert "credential-elsewhere" not in rules("aws-cli/2.15.0")
    taken = event(11 * DAY, "sts", "AssumeRole", issued="key:A1")
    assert "credential-elsewhere" not in rules("Boto3/1.34 Botocore/1.34", taken)


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


@pytest.mark.parametrize("action", ["users.export", "UsersController#export", "users:export"])
def test_an_action_may_be_called_anything(action: str) -> None:
    more = {"object": "list-1"}
    tries = [denied(0 * HOUR, "crm", action, **more), event(1 * HOUR, "crm", action, **more)]
    (found,) = judge(tries)
    assert found.rule == "denied-then-allowed"
    assert f"did crm:{action}#list-1, which" in found.why


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
    assert found[0].why == (
        f"{ALICE} did dynamodb:Scan, denied once before, "
        f"with a right that {ALICE} had given itself."
    )


def test_a_right_given_by_a_colleague_and_used_is_only_denied_then_allowed() -> None:
    found = judge(
        [
            denied(0 * HOUR, "dynamodb", "Scan"),
            event(1 * HOUR, "iam", "PutUserPolicy", resource="alice", actor=BOB, credential="B"),
            event(2 * HOUR, "dynamodb", "Scan"),
        ]
    )
    assert [(f.rule, f.level) for f in found] == [("denied-then-allowed", Level.LOW)]


def followed(events: list[Event]) -> list[Finding]:
    """Return what is found but for the word of the rule on the grant itself."""
    return [one for one in judge(events) if one.rule != RIGHTS.id]


def test_a_right_given_to_oneself_through_a_role_is_the_same() -> None:
    role: dict[str, Any] = {"actor": READER, "credential": "ASIA1"}
    uses = [event(3 * HOUR + n * timedelta(minutes=1), "s3", "GetObject") for n in range(5)]
    found = followed(
        [
            event(0 * HOUR, "sts", "AssumeRole", issued="key:ASIA1"),
            event(1 * HOUR, "iam", "PutUserPolicy", resource="alice", **role),
            event(2 * HOUR, "iam", "AttachUserPolicy", resource="alice", **role),
            *uses,
            event(4 * HOUR, "s3", "GetObject", ip=ELSEWHERE),
        ]
    )
    assert [(f.rule, f.level, len(f.event_ids)) for f in found] == [
        ("self-granted-then-used", Level.MEDIUM, 7)
    ]
    assert found[0].why.endswith("with a right that " + ALICE + " had given itself.")


def test_a_right_given_to_ones_own_group_counts_only_for_its_members() -> None:
    joined = event(0 * HOUR, "iam", "AddUserToGroup", resource="alice", object="devs", actor=BOB)
    left = event(1 * HOUR, "iam", "RemoveUserFromGroup", resource="alice", object="devs", actor=BOB)
    given = event(20 * DAY, "iam", "AttachGroupPolicy", resource="devs")
    used = event(20 * DAY + HOUR, "lambda", "UpdateFunctionCode")
    found = followed([joined, given, used])
    assert [(f.rule, f.level) for f in found] == [("self-granted-then-used", Level.MEDIUM)]
    assert found[0].why.endswith("with a right that " + ALICE + " had given the group devs.")
    assert followed([joined, left, given, used]) == []
    assert [f.level for f in followed([given, used])] == [Level.LOW]


def test_an_applications_group_of_the_same_name_makes_no_member() -> None:
    own = event(0 * HOUR, "iam", "PutUserPolicy", resource="alice")
    joined = event(1 * HOUR, "crm", "AddUserToGroup", resource="alice", object="devs")
    given = event(20 * DAY, "iam", "AttachGroupPolicy", resource="devs")
    used = event(20 * DAY + HOUR, "lambda", "UpdateFunctionCode")
    found = followed([own, joined, given, used])
    assert [f.level for f in found] == [Level.MEDIUM, Level.LOW]  # of the own right, of the group's


def test_a_use_of_what_another_chain_was_refused_says_nothing() -> None:
    minute = timedelta(minutes=1)
    other: dict[str, Any] = {"actor": BOB, "credential": "AKIABOB"}
    tried = [denied(0 * HOUR, "s3", "PutObject"), denied(0 * HOUR, "s3", "GetObject", **other)]
    assert judge([*tried, event(1 * HOUR, "s3", "GetObject")]) == []
    (found,) = judge([*tried, event(DAY, "s3", "PutObject")])
    assert found.rule == "denied-then-allowed"
    assert judge([*tried, event(DAY + minute, "s3", "PutObject")]) == []
    assert judge([*tried, event(0 * HOUR, "s3", "PutObject")]) == []


def test_who_takes_what_it_never_took_after_a_grant_to_a_group_is_in_it() -> None:
    given = event(20 * DAY, "iam", "AttachGroupPolicy", resource="devs")
    used = [event(20 * DAY + HOUR, "s3", "GetObject") for _ in range(5)]
    (found,) = followed([given, *used])
    assert (found.level, len(found.event_ids)) == (Level.MEDIUM, 6)
    habit = event(15 * DAY, "s3", "GetObject")
    assert [f.level for f in followed([habit, given, *used])] == [Level.LOW]


def test_a_deployments_own_rights_and_a_further_key_say_less() -> None:
    used = event(2 * HOUR, "s3", "GetObject")
    deployed = event(1 * HOUR, "iam", "PutUserPolicy", resource="alice", user_agent="Terraform/1")
    assert [f.level for f in judge([deployed, used])] == [Level.LOW]
    key = event(1 * HOUR, "iam", "CreateAccessKey", resource="alice", issued="key:AKIAALICE")
    again = event(3 * HOUR, "s3", "GetObject")
    (found,) = [f for f in judge([key, used, again]) if f.rule != MADE.id]
    assert (found.level, found.event_ids) == (Level.LOW, (key.id, used.id))
    assert (found.title, found.why) == (
        "Key or password made for somebody, who then acts",
        f"{ALICE} did s3:GetObject; {ALICE} had made itself an access key less than a day before.",
    )
    strong = event(0 * HOUR, "iam", "PutUserPolicy", resource="alice")
    (found,) = [f for f in followed([strong, key, used]) if f.rule == "self-granted-then-used"]
    assert (found.level, found.event_ids) == (Level.MEDIUM, (strong.id, key.id, used.id))
    assert found.why.endswith(f"with a right that {ALICE} had given itself.")


@pytest.mark.parametrize(
    ("actions", "made"),
    [
        (["CreateAccessKey"], "an access key"),
        (["CreateLoginProfile"], "a password"),
        (["CreateAccessKey", "UpdateLoginProfile"], "a key and a password"),
    ],
)
def test_a_key_made_for_a_user_is_called_one(actions: list[str], made: str) -> None:
    bob: dict[str, Any] = {"actor": BOB, "credential": "AKIABOB"}
    ways = [
        event(n * HOUR, "iam", action, issued="key:AKIABOB", resource="bob")
        for n, action in enumerate(actions)
    ]
    used = event(3 * HOUR, "s3", "GetObject", **bob)
    (found,) = [f for f in judge([*ways, used]) if f.rule == "self-granted-then-used"]
    assert (found.level, len(found.event_ids)) == (Level.LOW, len(ways) + 1)
    assert found.why == (
        f"{BOB} did s3:GetObject; {ALICE} had made it {made} less than a day before."
    )


def test_a_new_colleague_who_sets_a_password_uses_no_right() -> None:
    bob: dict[str, Any] = {"actor": BOB, "credential": "ASIABOB"}
    made = [
        event(0 * HOUR, "iam", "CreateUser", issued=BOB, resource="bob"),
        event(1 * HOUR, "iam", "AddUserToGroup", resource="bob", object="devs"),
        event(2 * HOUR, "iam", "ChangePassword", **bob),
        event(2 * HOUR, "iam", "EnableMFADevice", resource="bob", **bob),
    ]
    assert judge(made) == []
    (found,) = judge([*made, event(3 * HOUR, "s3", "GetObject", **bob)])
    assert (found.level, found.title) == (
        Level.LOW,
        "Right given to what one made or took, then used",
    )
    assert found.why == (
        f"{BOB} did s3:GetObject with a right that {ALICE}, who made this identity, had given it."
    )


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


def test_every_role_is_a_door_of_its_own() -> None:
    def tries(roles: int) -> list[Event]:
        times = range(40)
        return [
            denied(n * timedelta(seconds=1), "sts", "AssumeRole", resource=f"role-{n % roles}")
            for n in times
        ]

    assert Level.MEDIUM in [f.level for f in judge(tries(20)) if f.rule.startswith("search")]
    assert [f for f in judge(tries(7)) if f.rule.startswith("search")] == []


def test_who_is_refused_the_same_every_night_has_that_habit() -> None:
    def nights(number: int, first: int = 0, kinds: int = 25) -> list[Event]:
        minute = timedelta(minutes=1)
        return [
            denied((first + night) * DAY + n * minute, "iam", f"List{n}")
            for night in range(number)
            for n in range(kinds)
        ]

    def searches(events: list[Event], *cuts: timedelta) -> list[Finding]:
        return [f for f in judge(events, cuts) if f.rule == "search-for-rights-medium"]

    assert len(searches(nights(8))) == 3
    assert len(searches([*nights(8), *nights(1, 9, 49)])) == 3
    more = [*nights(8), *nights(1, 9, 50)]
    assert len(searches(more)) == 4
    assert searches(more, 1 * HOUR, 2 * DAY, 4 * DAY + HOUR) == searches(more)


def test_a_new_colleague_signs_in_from_home() -> None:
    def levels(*more: Event, maker_known: bool = True) -> list[Level]:
        known = daily(10, "s3", "ListObjects") if maker_known else []
        found = judge([*known, *more])
        return [f.level for f in found if f.rule == "new-credential-elsewhere"]

    made = event(11 * DAY, "iam", "CreateUser", issued=BOB, resource="bob")
    let_in = event(11 * DAY, "iam", "CreateLoginProfile", issued=BOB, resource="bob")
    bob: dict[str, Any] = {"actor": BOB, "credential": "ASIABOB", "ip": ELSEWHERE}
    first = event(11 * DAY + HOUR, "signin", "ConsoleLogin", **{**bob, "credential": ""})
    then = event(11 * DAY + 2 * HOUR, "s3", "ListObjects", **bob)
    assert levels(made, let_in, first, then) == [Level.LOW, Level.LOW]
    assert levels(let_in, first, then) == [Level.MEDIUM, Level.MEDIUM]
    assert levels(made, let_in, first, then, maker_known=False) == [Level.MEDIUM, Level.MEDIUM]
    elsewhere = event(11 * DAY + 3 * HOUR, "s3", "ListObjects", **{**bob, "ip": ABROAD})
    assert levels(made, first, elsewhere) == [Level.LOW, Level.MEDIUM]
    key = event(11 * DAY + HOUR, "s3", "ListObjects", **{**bob, "credential": "AKIABOB"})
    assert levels(made, key) == [Level.MEDIUM]
    late = event(12 * DAY + HOUR, "s3", "ListObjects", **bob)
    assert levels(made, late) == [Level.MEDIUM]


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


def test_recordings_downloaded_one_by_one_count_each() -> None:
    known = daily(10, "crm", "recording.play", times=8)
    acts = [
        event(
            12 * DAY + n * timedelta(seconds=9), "crm", "recording.download", customer=f"c{n % 9}"
        )
        for n in range(420)
    ]
    found = [f for f in judge([*known, *acts]) if f.rule.startswith("volume")]
    assert [(f.level, len(f.event_ids)) for f in found] == [(Level.MEDIUM, 420), (Level.HIGH, 420)]
    assert judge([*known, *acts[:90]]) == []


def test_habit_puts_aside_and_is_kept_once_a_day() -> None:
    found = judge(daily(6, "secretsmanager", "GetSecretValue", times=3))
    assert [f.disposition for f in found] == [""] * 9 + ["habit"] * 3
