"""Roles that are opened to another account and taken by it, or taken by one that is new here."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from detectors.follow import Follow, Settings
from detectors.guests import ROLES
from tests.detectors.judging import judge, run
from tests.detectors.streams import ALICE, DAY, ELSEWHERE, HOUR, OFFICE, columns, daily, event
from tocsin.model.events import ActorKind, Event
from tocsin.model.findings import Finding, Level

OTHER = "667788990011"
STRANGER: dict[str, Any] = {
    "actor": f"account:{OTHER}",
    "actor_kind": ActorKind.ACCOUNT,
    "credential": "",
    "ip": ELSEWHERE,
}
ROLE = "arn:aws:iam::111122223333:role/deploy"
OPENED, TAKEN = "role-opened-then-taken", "role-taken-by-stranger"
KNOWN = daily(10, "s3", "ListObjects")
IN_USE = [
    *KNOWN,
    *daily(10, "ec2", "DescribeInstances", actor=ROLE, actor_kind=ActorKind.ROLE, credential="R"),
]
MINUTE = timedelta(minutes=1)


def opens(after: timedelta, to: str = OTHER, **more: Any) -> Event:
    made = {"action": "UpdateAssumeRolePolicy", "resource": "deploy", **more}
    return event(after, "iam", made.pop("action"), object=to, issued=ROLE, **made)


def takes(after: timedelta, key: str = "ASIAOUT", **more: Any) -> Event:
    its = {"resource": ROLE, "issued": f"key:{key}", **STRANGER, **more}
    return event(after, "sts", "AssumeRole", **its)


def said(events: Sequence[Event], *cuts: timedelta) -> list[Finding]:
    return [f for f in judge(events, cuts) if f.rule in (OPENED, TAKEN)]


def levels(*events: Event) -> list[tuple[str, Level]]:
    return [(f.rule, f.level) for f in said(events)]


def test_a_role_of_the_house_is_opened_to_an_account_and_robbed_by_it() -> None:
    opening, taking = opens(11 * DAY), takes(11 * DAY + 2 * HOUR)
    more: dict[str, Any] = {"actor": ROLE, "actor_kind": "role", "credential": "ASIAOUT"}
    loot = [
        event(11 * DAY + 2 * HOUR + n * MINUTE, "s3", "GetObject", ip=ELSEWHERE, **more)
        for n in range(1, 30)
    ]
    events = [*IN_USE, opening, taking, *loot]
    (found,) = said(events)
    assert (found.rule, found.level) == (OPENED, Level.HIGH)
    assert found.event_ids == (opening.id, taking.id)
    assert found.why == (
        f"The account {OTHER} took the role {ROLE}, from {ELSEWHERE}; {ALICE} had opened it to "
        "that account 2 hours before."
    )
    for cuts in ((), (11 * DAY + HOUR,), (11 * DAY + 2 * HOUR + 5 * MINUTE,)):
        (incident,) = run(events, cuts)[1]
        assert incident.level == Level.HIGH
        assert {opening.id, taking.id, *(one.id for one in loot)} <= set(incident.event_ids)
        assert said(events, *cuts) == [found]


def test_what_is_opened_to_everybody_is_taken_by_anybody() -> None:
    (found,) = said([*IN_USE, opens(11 * DAY, "*"), takes(15 * DAY)])
    assert (found.rule, found.level) == (OPENED, Level.HIGH)
    assert found.why.endswith(f"{ALICE} had opened it to everybody 4 days before.")


def test_how_urgent_it_is_depends_on_the_role_and_on_who_opened_it() -> None:
    used = takes(11 * DAY + HOUR)
    made = {"action": "CreateRole"}
    tool = {"user_agent": "Terraform/1.9"}
    assert levels(*KNOWN, opens(11 * DAY), used) == [(OPENED, Level.MEDIUM)]
    assert levels(*KNOWN, opens(11 * DAY, **made), used) == [(OPENED, Level.MEDIUM)]
    assert levels(*KNOWN, opens(11 * DAY, f"{OTHER}:word", **made), used) == [(OPENED, Level.LOW)]
    assert levels(*KNOWN, opens(11 * DAY, **made, **tool), used) == [(OPENED, Level.LOW)]
    assert levels(*IN_USE, opens(11 * DAY, **tool), used) == [(OPENED, Level.MEDIUM)]
    assert levels(*IN_USE, opens(11 * DAY, f"{OTHER}:word"), used) == [(OPENED, Level.MEDIUM)]
    assert levels(*IN_USE, opens(11 * DAY), used) == [(OPENED, Level.HIGH)]
    again = [opens(10 * DAY, "909090111222", **made), opens(11 * DAY, f"{OTHER}:word")]
    assert levels(*KNOWN, *again, used) == [(OPENED, Level.LOW)]
    assert levels(opens(1 * DAY), takes(1 * DAY + HOUR)) == [(OPENED, Level.MEDIUM)]


def test_an_opening_to_another_account_or_of_another_role_is_none() -> None:
    for opening in (opens(11 * DAY, "909090111222"), opens(11 * DAY, resource="other")):
        assert levels(*KNOWN, opening, takes(11 * DAY + HOUR)) == [(TAKEN, Level.LOW)]
    elsewhere = opens(11 * DAY, account="999988887777")
    assert levels(*KNOWN, elsewhere, takes(11 * DAY + HOUR)) == [(TAKEN, Level.LOW)]
    assert levels(*KNOWN, opens(11 * DAY), takes(42 * DAY)) == [(TAKEN, Level.LOW)]
    assert levels(*KNOWN, takes(11 * DAY), opens(11 * DAY + HOUR)) == [(TAKEN, Level.LOW)]


def test_an_account_never_seen_takes_a_role_that_was_not_opened_to_it_here() -> None:
    (found,) = said([*IN_USE, takes(11 * DAY)])
    assert (found.rule, found.level) == (TAKEN, Level.MEDIUM)
    assert found.why == (
        f"The account {OTHER} took the role {ROLE}, from {ELSEWHERE}; in the 11 days before it had "
        "taken none here, and no other account had taken this one."
    )
    assert levels(*KNOWN, takes(11 * DAY)) == [(TAKEN, Level.LOW)]
    assert levels(*KNOWN, takes(3 * DAY)) == []


def test_a_supplier_that_comes_daily_is_a_guest() -> None:
    visits = [takes(day * DAY + n * HOUR, f"A{day}{n}") for day in range(12) for n in range(3)]
    assert said([*KNOWN, *visits]) == []
    assert said([*KNOWN, *visits, opens(12 * DAY), takes(13 * DAY)]) == []
    further = {"resource": "arn:aws:iam::111122223333:role/further"}
    assert levels(*KNOWN, *visits, takes(12 * DAY, **further)) == []
    opening = opens(12 * DAY, resource="further")
    assert levels(*KNOWN, *visits, opening, takes(13 * DAY, **further)) == [(OPENED, Level.LOW)]


def visits(roles: int, *days: int) -> list[Event]:
    """Return the visits of a supplier that takes many roles, and acts under each."""
    found = list[Event]()
    for day in days:
        for n in range(roles):
            arn, at = f"{ROLE}-{n}", day * DAY + n * timedelta(seconds=5)
            its = {"actor": arn, "actor_kind": ActorKind.ROLE, "credential": f"A{day}-{n}"}
            found.append(takes(at, f"A{day}-{n}", resource=arn))
            found.append(event(at, "ec2", "DescribeInstances", ip=ELSEWHERE, **its))
    return found


def test_a_supplier_with_hundreds_of_roles_is_a_guest() -> None:
    assert said([*KNOWN, *visits(250, *range(14))]) == []


def test_a_role_that_is_remembered_no_more_is_not_taken_for_the_first_time() -> None:
    many = visits(ROLES + 50, 8, 10)
    found = said([*KNOWN, *many])
    assert {f.level for f in found} == {Level.LOW}
    # Of the first day, until one falls out; of the second none.
    assert len(found) == ROLES + 1
    assert not {one.id for one in many if one.at >= many[0].at + DAY} & {
        id_ for f in found for id_ in f.event_ids
    }
    assert not any("no other account" in f.why for f in found)
    opening = opens(10 * DAY + 8 * HOUR, resource="further")
    further = [
        takes(10 * DAY + 9 * HOUR, "F1", resource="arn:aws:iam::111122223333:role/further"),
        takes(11 * DAY + 9 * HOUR, "F2", resource="arn:aws:iam::111122223333:role/further"),
    ]
    assert [f.rule for f in said([*KNOWN, *many, opening, *further])][ROLES + 1 :] == [OPENED]


def test_a_known_guest_is_not_said_to_take_a_role_of_the_house_for_the_first_time() -> None:
    before = [takes(day * DAY, f"A{day}", resource=f"{ROLE}-x") for day in range(8, 11)]
    for known, rules in ((before[:2], [TAKEN]), (before, [])):
        taking = takes(11 * DAY)
        found = said([*IN_USE, *known, taking])
        assert [f.rule for f in found if taking.id in f.event_ids] == rules


@pytest.mark.parametrize("seen_on", [0, 10])
def test_an_account_whose_own_log_is_read_is_of_the_house(seen_on: int) -> None:
    inside = event(seen_on * DAY, "s3", "ListObjects", account=OTHER, actor="arn:x", ip=OFFICE)
    opening, taking = opens(11 * DAY), takes(11 * DAY + HOUR)
    assert said([*IN_USE, inside, opening, taking]) == []
    outside = event(10 * DAY, "s3", "ListObjects", **STRANGER)
    assert levels(*IN_USE, outside, opening, taking) == [(OPENED, Level.HIGH)]
    later = event(12 * DAY, "s3", "ListObjects", account=OTHER, actor="arn:x")
    assert levels(*IN_USE, opening, taking, later) == [(OPENED, Level.HIGH)]


def test_an_account_that_is_configured_is_of_the_house() -> None:
    events = columns([*IN_USE, opens(11 * DAY), takes(11 * DAY + HOUR)])
    for own, found in (((OTHER,), []), ((), [OPENED])):
        follow = Follow((), settings=Settings(own_accounts=own))
        rules = [f.rule for f in follow.step(follow.start(), events, [])[0]]
        assert [rule for rule in rules if rule in (OPENED, TAKEN)] == found


OF_STRANGERS, OURS = "o-attacker00", "o-a1b2c3d4e5"


@pytest.mark.parametrize(
    ("own", "organisation", "found"),
    [
        ((), OF_STRANGERS, [(OPENED, Level.MEDIUM)]),
        ((OURS,), OF_STRANGERS, [(OPENED, Level.HIGH)]),
        ((OURS,), OURS, [(TAKEN, Level.MEDIUM)]),
        ((OURS, OF_STRANGERS), OF_STRANGERS, [(TAKEN, Level.MEDIUM)]),
    ],
)
def test_a_role_opened_to_an_organisation_is_opened_unless_it_is_our_own(
    own: tuple[str, ...], organisation: str, found: list[tuple[str, Level]]
) -> None:
    follow = Follow((), settings=Settings(own_organizations=own))
    opening = opens(11 * DAY, f"*@{organisation}")
    for others in ([], [takes(11 * DAY - HOUR, resource=f"{ROLE}-x", account="", actor="x")]):
        events = [*IN_USE, *others, opening, takes(11 * DAY + 2 * HOUR)]
        mine = follow.step(follow.start(), columns(events), [])[0]
        said_so = [f for f in mine if f.rule in (OPENED, TAKEN)]
        assert [(f.rule, f.level) for f in said_so] == found
    if found[0][0] == OPENED:
        assert said_so[0].why.endswith(
            f"{ALICE} had opened it to everybody of the organisation {organisation} 2 hours before."
        )
    # What is opened to nobody, or to everybody, is judged as without any of it.
    for to, expected in (("*", [(OPENED, Level.HIGH)]), ("909090111222", [(TAKEN, Level.MEDIUM)])):
        mine = follow.step(
            follow.start(), columns([*IN_USE, opens(11 * DAY, to), takes(11 * DAY + HOUR)]), []
        )[0]
        assert [(f.rule, f.level) for f in mine if f.rule in (OPENED, TAKEN)] == expected


def test_a_role_made_for_an_organisation_that_may_be_ours_says_little() -> None:
    made = opens(11 * DAY, f"*@{OURS}", action="CreateRole")
    assert levels(*KNOWN, made, takes(11 * DAY + HOUR)) == [(OPENED, Level.LOW)]
    inside = event(10 * DAY, "s3", "ListObjects", account=OTHER, actor="arn:x", ip=OFFICE)
    assert levels(*IN_USE, inside, opens(11 * DAY, f"*@{OURS}"), takes(11 * DAY + HOUR)) == []


def test_what_one_account_took_of_an_opening_to_everybody_excuses_no_other() -> None:
    many = visits(ROLES + 50, 8, 10)
    other = "515151515151"
    opening = opens(10 * DAY + 8 * HOUR, "*", resource="further")
    further = "arn:aws:iam::111122223333:role/further"
    taken = [
        takes(10 * DAY + 9 * HOUR, "F1", resource=further, actor=f"account:{other}"),
        takes(10 * DAY + 10 * HOUR, "F2", resource=further),
        takes(11 * DAY + 10 * HOUR, "F3", resource=further),
    ]
    found = said([*KNOWN, *many, opening, *taken])
    assert [f.event_ids[-1] for f in found if f.rule == OPENED] == [one.id for one in taken[:2]]


def test_of_one_opening_to_several_accounts_each_that_takes_the_role_is_found() -> None:
    supplier = "515151515151"
    opening = opens(11 * DAY, f"{OTHER},{supplier}:word")
    robbing = takes(11 * DAY + HOUR, "R1")
    visit = takes(11 * DAY + 2 * HOUR, "R2", actor=f"account:{supplier}")
    for cuts in ((), (11 * DAY + HOUR + MINUTE,)):
        found = said([*IN_USE, opening, robbing, visit], *cuts)
        assert [(f.level, f.event_ids) for f in found] == [
            (Level.HIGH, (opening.id, robbing.id)),
            (Level.MEDIUM, (opening.id, visit.id)),
        ]
    (incident,) = [i for i in run([*IN_USE, opening, robbing, visit])[1] if i.level >= Level.HIGH]
    assert {opening.id, robbing.id, visit.id} <= set(incident.event_ids)


def test_a_guest_that_was_forgotten_is_not_said_to_be_new() -> None:
    visit, again = takes(8 * DAY), takes(150 * DAY)
    events = [*KNOWN, visit, *daily(151, "s3", "ListObjects")[10:], again]
    (_, found) = said(events)
    assert found.event_ids == (again.id,)
    assert said(events, 120 * DAY) == said(events)
    assert "in the 90 days before it had taken none here" in found.why
    assert "first time" not in found.why


def test_what_is_remembered_of_openings_and_guests_is_bounded() -> None:
    names = [f"{number:012}" for number in range(5_000)]
    lots = [opens(n * MINUTE, name) for n, name in enumerate(names)]
    roles = [takes(n * MINUTE / 4, resource=f"{ROLE}-{n}") for n in range(ROLES + 1_000)]
    follow = Follow(())
    state = follow.step(follow.start(), columns([*lots, *roles]), [])[1]
    assert sum(map(len, state.outside.openings.values())) <= 200
    assert [len(guest.roles) for guest in state.outside.guests.values()] == [ROLES]
    follow.step(state, columns(daily(1, "s3", "ListObjects", ip=OFFICE)), [])
    follow.step(state, columns([event(200 * DAY, "s3", "ListObjects")]), [])
    assert (state.outside.openings, state.outside.guests) == ({}, {})
