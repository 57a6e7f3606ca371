"""One temporary credential in two places: an alarm for a machine, a question for a person."""

from datetime import timedelta
from typing import Any

import pytest

from detectors.follow import Follow
from detectors.twice import TWO_NETWORKS
from tests.detectors.judging import READER, judge, run
from tests.detectors.streams import ALICE, DAY, HOUR, columns, daily, event
from tocsin.geo import Geo, Place
from tocsin.model.events import ActorKind, Event
from tocsin.model.findings import Finding, Level

HOME, AWAY, NEAR, SIX = "192.0.2.7", "203.0.113.9", "192.0.77.1", "2001:db8::1"
BOTO, JAVA, CLI = "Boto3/1.34 Botocore/1.34", "aws-sdk-java/2.25.21", "aws-cli/2.15.30"
ROLE: dict[str, Any] = {"actor": READER, "actor_kind": ActorKind.ROLE, "credential": "ASIA1"}
MACHINE = {**ROLE, "actor_kind": ActorKind.WORKLOAD}
PERSON = {**ROLE, "actor": "lea", "actor_kind": ActorKind.PERSON}


def used(after: timedelta, ip: str, agent: str, **who: Any) -> Event:
    return event(after, "s3", "ListObjects", ip=ip, user_agent=agent, **who)


def twice(*events: Event) -> list[Finding]:
    return [f for f in judge(events) if f.rule == TWO_NETWORKS]


@pytest.mark.parametrize(
    ("who", "first", "then", "level"),
    [
        (MACHINE, JAVA, CLI, Level.HIGH),
        (MACHINE, BOTO, "", Level.HIGH),
        (MACHINE, CLI, BOTO, Level.MEDIUM),
        (MACHINE, JAVA, JAVA, None),
        (ROLE, BOTO, CLI, Level.MEDIUM),
        (ROLE, BOTO, JAVA, Level.MEDIUM),
        (ROLE, CLI, BOTO, Level.MEDIUM),
        (ROLE, CLI, CLI, None),
        (PERSON, CLI, "curl/8.5.0", Level.MEDIUM),
        (PERSON, CLI, CLI, None),
    ],
)
def test_another_network_with_another_client(
    who: dict[str, Any], first: str, then: str, level: Level | None
) -> None:
    found = twice(used(0 * HOUR, HOME, first, **who), used(HOUR, AWAY, then, **who))
    assert [f.level for f in found] == ([] if level is None else [level])


def test_the_sentence_names_both_places() -> None:
    (found,) = twice(used(0 * HOUR, HOME, JAVA, **MACHINE), used(HOUR, AWAY, CLI, **MACHINE))
    assert found.why == (
        f"{READER} used one temporary credential from 192.0.2.0/24 and from 203.0.113.0/24, "
        "there with cli."
    )


@pytest.mark.parametrize(
    ("ip", "more"),
    [
        (NEAR, {}),
        (SIX, {}),
        ("10.0.0.7", {}),
        ("s3.amazonaws.com", {}),
        (AWAY, {"agent": "aws-cli/2.15 exec-env/CloudShell"}),
        (AWAY, {"credential": "ASIA2"}),
        (AWAY, {"after": 37 * HOUR}),
    ],
)
def test_what_is_no_second_place(ip: str, more: dict[str, Any]) -> None:
    second = {"after": HOUR, "agent": CLI, **MACHINE, **more}
    assert twice(used(0 * HOUR, HOME, JAVA, **MACHINE), used(ip=ip, **second)) == []


def test_long_term_keys_may_be_used_anywhere() -> None:
    key = {**MACHINE, "credential": "AKIA1"}
    assert twice(used(0 * HOUR, HOME, JAVA, **key), used(HOUR, AWAY, CLI, **key)) == []


def test_a_network_or_client_of_earlier_days_is_no_news() -> None:
    there = daily(2, "s3", "ListObjects", ip=AWAY, user_agent=JAVA, **{**MACHINE, "credential": ""})
    cli = daily(2, "s3", "ListObjects", ip=HOME, user_agent=CLI, **{**MACHINE, "credential": ""})
    acts = used(3 * DAY, HOME, JAVA, **MACHINE), used(3 * DAY + HOUR, AWAY, CLI, **MACHINE)
    assert twice(*there, *acts) == []
    assert twice(*cli, *acts) == []


def test_a_role_that_a_person_took_moves_with_the_person() -> None:
    taken = event(0 * HOUR, "sts", "AssumeRole", issued="key:ASIA1")
    acts = used(HOUR, HOME, BOTO, **ROLE), used(2 * HOUR, AWAY, CLI, **ROLE)
    assert [f.level for f in twice(taken, *acts)] == [Level.MEDIUM]
    assert ALICE in taken.actor


def test_all_that_is_done_there_belongs_to_it() -> None:
    before = used(0 * HOUR, HOME, JAVA, **MACHINE)
    there = [used(HOUR + n * timedelta(minutes=1), AWAY, CLI, **MACHINE) for n in range(9)]
    still = used(2 * HOUR, HOME, JAVA, **MACHINE)
    _, (incident,) = run([before, *there, still])
    assert incident.level == Level.HIGH
    assert set(incident.event_ids) == {e.id for e in there}


class Atlas(Geo):
    """Knows these networks."""

    def __init__(self, home: tuple[str, str], away: tuple[str, str]) -> None:
        super().__init__()
        known = {HOME: home, AWAY: away}
        self.place = lambda ip: Place("public", *known[ip])  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("who", "first", "then", "level"),
    [
        (MACHINE, ("AS16509", "FR"), ("AS14618", "US"), None),
        (MACHINE, ("AS16509", "FR"), ("AS64500", "FR"), Level.MEDIUM),
        ({**ROLE, "user_agent": CLI}, ("AS16509", "FR"), ("AS64500", "FR"), Level.HIGH),
        (MACHINE, ("192.0.2.0/24", "FR"), ("203.0.113.0/24", "US"), Level.MEDIUM),
        (MACHINE, ("192.0.2.0/24", "FR"), ("203.0.113.0/24", "FR"), None),
        (PERSON, ("AS64500", "FR"), ("AS64501", "FR"), None),
        (PERSON, ("AS64500", "FR"), ("AS64501", "US"), Level.LOW),
    ],
)
def test_where_geo_knows_the_networks_it_decides(
    who: dict[str, Any], first: tuple[str, str], then: tuple[str, str], level: Level | None
) -> None:
    follow = Follow((), Atlas(first, then))
    acts = [{"user_agent": JAVA, **ROLE, "ip": HOME}, {"user_agent": JAVA, **who, "ip": AWAY}]
    acts[0] |= {"actor": who["actor"], "actor_kind": who["actor_kind"]}
    part = columns([event(n * HOUR, "s3", "ListObjects", **act) for n, act in enumerate(acts)])
    found, _ = follow.step(follow.start(), part, [])
    levels = [f.level for f in found if f.rule == TWO_NETWORKS]
    assert levels == ([] if level is None else [level])


INNER = "10.0.0.7"


def test_from_inside_the_house_and_by_hand_from_outside() -> None:
    inside = used(0 * HOUR, INNER, JAVA, **MACHINE)
    (found,) = twice(inside, used(HOUR, AWAY, CLI, **MACHINE), used(2 * HOUR, AWAY, CLI, **MACHINE))
    assert found.level == Level.MEDIUM
    assert found.why == (
        f"{READER} used one temporary credential from inside the house and from 203.0.113.0/24, "
        "there with cli."
    )


@pytest.mark.parametrize(
    "events",
    [
        [used(HOUR, AWAY, JAVA, **MACHINE)],  # a program goes out as well
        [used(HOUR, AWAY, BOTO, **MACHINE)],
        [used(HOUR, INNER, CLI, **MACHINE), used(2 * HOUR, AWAY, CLI, **MACHINE)],
        [used(HOUR, AWAY, JAVA, **MACHINE), used(2 * HOUR, AWAY, CLI, **MACHINE)],
    ],
)
def test_who_works_on_the_machine_itself_or_by_its_programs_is_not_asked(
    events: list[Event],
) -> None:
    assert twice(used(0 * HOUR, INNER, JAVA, **MACHINE), *events) == []
