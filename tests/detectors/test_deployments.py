"""Known deployments: what they may do, who is one, and who only says so."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from detectors.deployments import (
    CLOUDFORMATION,
    DEPLOYMENT,
    EARLIER_DAYS,
    HABIT,
    MANY_DEEDS,
    REMEMBERED_DAYS,
    forget,
)
from detectors.follow import Follow
from tests.detectors.judging import BLIND, PASSWORD, RIGHTS, RULES, TORN, judge
from tests.detectors.streams import ALICE, DAY, ELSEWHERE, HOUR, OFFICE, columns, event
from tocsin.model.columns import EPOCH
from tocsin.model.events import MICROSECOND, ActorKind, Event, Outcome, Reason
from tocsin.model.findings import Level

TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.7.5"
DEPLOY = "arn:aws:iam::111122223333:role/deploy"
MAIN, TAG = "repo:corp/infra:ref:refs/heads/main", "repo:corp/infra:ref:refs/tags/v2"
RULE_IDS = {rule.id for rule in RULES}


def tool(after: timedelta, service: str, action: str, /, **more: Any) -> Event:
    """Return what alice does with Terraform from the office."""
    return event(after, service, action, **{"user_agent": TERRAFORM, **more})


def plans(*days: int, deeds: int = 1, **more: Any) -> list[Event]:
    """Return looking about by a tool on these days, with so many different calls."""
    return [
        tool(day * DAY + n * timedelta(minutes=1), "ec2", f"DescribeThing{n}", **more)
        for day in days
        for n in range(deeds)
    ]


def build(day: int, ip: str, *deeds: Event, project: str = MAIN) -> list[Event]:
    """Return a build machine's session of the role ``deploy``: token, a look, and these deeds."""
    key = f"ASIA{day}{ip}"
    session = {"actor": DEPLOY, "actor_kind": ActorKind.ROLE, "credential": key, "ip": ip}
    asks = {"actor": project, "actor_kind": ActorKind.PERSON, "credential": "", "ip": ip}
    start = day * DAY
    return [
        tool(start, "sts", "AssumeRoleWithWebIdentity", issued=f"key:{key}", **asks),
        tool(start + HOUR, "iam", "GetRole", **session),
        *(tool(start + 2 * HOUR, deed.service, deed.action, **session) for deed in deeds),
    ]


def said(events: Sequence[Event]) -> list[tuple[str, Level, str]]:
    """Return what rules said: rule, level, and why it does not count."""
    return [(f.rule, f.level, f.disposition) for f in judge(events) if f.rule in RULE_IDS]


TEAR = tool(10 * DAY, "rds", "DeleteDBInstance")
SWITCH_OFF = tool(10 * DAY, "ec2", "DeleteFlowLogs")


@pytest.mark.parametrize("deed", [TEAR, SWITCH_OFF, tool(10 * DAY, "iam", "AttachUserPolicy")])
def test_a_name_alone_lets_nobody_off(deed: Event) -> None:
    level = {"DeleteDBInstance": TORN, "DeleteFlowLogs": BLIND}.get(deed.action, RIGHTS).level
    assert [(one[1], one[2]) for one in said([deed])] == [(level, "")]
    # Nor does having been somebody for long, with another client.
    by_hand = [event(day * DAY, "ec2", "DescribeInstances") for day in range(10)]
    assert [(one[1], one[2]) for one in said([*by_hand, deed])] == [(level, "")]


def test_three_earlier_days_make_a_known_deployment() -> None:
    assert said([*plans(7, 8, 9), TEAR]) == [(TORN.id, Level.LOW, DEPLOYMENT)]
    assert said([*plans(8, 9), TEAR]) == [(TORN.id, Level.MEDIUM, "")]
    assert said([*plans(8, 9, 10), TEAR]) == [(TORN.id, Level.MEDIUM, "")]


def test_what_was_long_ago_or_failed_does_not_count() -> None:
    late = tool((9 + REMEMBERED_DAYS) * DAY, "rds", "DeleteDBInstance")
    assert said([*plans(7, 8, 9), late]) == [(TORN.id, Level.MEDIUM, "")]
    refused = plans(7, 8, 9, outcome=Outcome.FAILURE, reason=Reason.DENIED)
    assert said([*refused, TEAR]) == [(TORN.id, Level.MEDIUM, "")]


def test_it_is_known_only_where_it_worked_and_with_the_tool() -> None:
    from_elsewhere = tool(10 * DAY, "rds", "DeleteDBInstance", ip=ELSEWHERE)
    by_hand = event(10 * DAY, "rds", "DeleteDBInstance")
    for deed in (from_elsewhere, by_hand):
        assert said([*plans(7, 8, 9), deed]) == [(TORN.id, Level.MEDIUM, "")]


def test_at_the_beginning_of_a_log_one_day_of_many_deeds_will_do() -> None:
    next_day = tool(DAY, "rds", "DeleteDBInstance")
    assert said([*plans(0, deeds=MANY_DEEDS), next_day]) == [(TORN.id, Level.LOW, DEPLOYMENT)]
    assert said([*plans(0, deeds=MANY_DEEDS - 1), next_day]) == [(TORN.id, Level.MEDIUM, "")]


def test_later_or_beside_other_work_one_day_is_not_enough() -> None:
    log = [event(0 * DAY, "s3", "GetObject", actor="somebody else", credential="")]
    assert said([*log, *plans(9, deeds=MANY_DEEDS), TEAR]) == [(TORN.id, Level.MEDIUM, "")]
    also_by_hand = event(HOUR, "s3", "GetObject")
    first_day = [*plans(0, deeds=MANY_DEEDS), also_by_hand]
    assert said([*first_day, tool(DAY, "rds", "DeleteDBInstance")]) == [(TORN.id, Level.MEDIUM, "")]


def test_guards_stay_at_medium_until_exactly_this_is_habit() -> None:
    days = range(10, 10 + EARLIER_DAYS)
    deeds = [tool(day * DAY, "ec2", "DeleteFlowLogs") for day in days]
    again = tool((10 + EARLIER_DAYS) * DAY, "ec2", "DeleteFlowLogs")
    kept = [(BLIND.id, Level.MEDIUM, "")] * EARLIER_DAYS
    assert said([*plans(7, 8, 9), *deeds, again]) == [*kept, (BLIND.id, Level.LOW, HABIT)]


def test_rights_that_may_be_its_own_stay_at_medium() -> None:
    known = plans(7, 8, 9)
    for action, resource, expected in (
        ("AttachUserPolicy", "somebody", (RIGHTS.id, Level.LOW, DEPLOYMENT)),
        ("AttachUserPolicy", ALICE.rpartition("/")[2], (RIGHTS.id, Level.MEDIUM, "")),
        ("AttachGroupPolicy", "everybody", (RIGHTS.id, Level.MEDIUM, "")),
    ):
        deed = tool(10 * DAY, "iam", action, resource=resource)
        assert said([*known, deed]) == [expected]


def test_a_password_for_somebody_who_was_there_stays_at_medium() -> None:
    given = tool(10 * DAY + HOUR, "iam", "CreateLoginProfile", resource="carol")
    carol = "arn:aws:iam::111122223333:user/carol"
    made = tool(10 * DAY, "iam", "CreateUser", issued=carol, resource="carol")
    assert said([*plans(7, 8, 9), given]) == [(PASSWORD.id, Level.MEDIUM, "")]
    assert said([*plans(7, 8, 9), made, given]) == [(PASSWORD.id, Level.LOW, DEPLOYMENT)]


def test_a_build_machine_is_known_by_the_project_of_its_token() -> None:
    before = [one for day in (7, 8, 9) for one in build(day, f"20.31.{day}.4")]
    for project in (MAIN, TAG):
        run = build(10, "20.44.1.1", TEAR, project=project)
        assert said([*before, *run]) == [(TORN.id, Level.LOW, DEPLOYMENT)]
    another = build(10, "20.44.1.1", TEAR, project="repo:thief/infra:ref:refs/heads/main")
    assert said([*before, *another]) == [(TORN.id, Level.MEDIUM, "")]


def test_a_build_machines_session_used_elsewhere_is_not_known() -> None:
    before = [one for day in (7, 8, 9) for one in build(day, f"20.31.{day}.4")]
    *run, deed = build(10, "20.44.1.1", TEAR)
    stolen = tool(
        10 * DAY + 2 * HOUR,
        "rds",
        "DeleteDBInstance",
        actor=DEPLOY,
        actor_kind=ActorKind.ROLE,
        credential=deed.credential,
        ip=ELSEWHERE,
    )
    assert said([*before, *run, stolen]) == [(TORN.id, Level.MEDIUM, "")]


def test_a_role_that_cloudformation_took_itself_is_known_at_once() -> None:
    itself = {
        "actor": DEPLOY,
        "actor_kind": ActorKind.ROLE,
        "credential": "ASIA9",
        "session": "AWSCloudFormation",
        "user_agent": CLOUDFORMATION,
    }
    deed = event(DAY, "rds", "DeleteDBInstance", ip=CLOUDFORMATION, **itself)
    assert said([deed]) == [(TORN.id, Level.LOW, DEPLOYMENT)]
    # The name of a session and the agent are the caller's choice, the address is AWS's word.
    spoken = event(DAY, "rds", "DeleteDBInstance", ip=OFFICE, **itself)
    assert said([spoken]) == [(TORN.id, Level.MEDIUM, "")]
    taken = event(0 * DAY, "sts", "AssumeRole", issued="key:ASIA9")
    assert said([taken, deed]) == [(TORN.id, Level.MEDIUM, "")]


def test_what_cloudformation_does_for_somebody_is_done_from_where_it_was_told() -> None:
    before = [
        event(day * DAY + n * HOUR, "cloudformation" if n == 0 else "ec2", action, ip=ip)
        for day in (7, 8, 9)
        for n, (action, ip) in enumerate([("CreateStack", OFFICE), ("CreateVpc", CLOUDFORMATION)])
    ]
    deed = event(10 * DAY + HOUR, "rds", "DeleteDBInstance", ip=CLOUDFORMATION)
    told = event(10 * DAY, "cloudformation", "UpdateStack")
    assert said([*before, told, deed]) == [(TORN.id, Level.LOW, DEPLOYMENT)]
    told = event(10 * DAY, "cloudformation", "UpdateStack", ip=ELSEWHERE)
    assert said([*before, told, deed]) == [(TORN.id, Level.MEDIUM, "")]


def test_of_what_does_not_count_one_a_day_is_kept() -> None:
    torn = [tool(10 * DAY + n * HOUR, "rds", "DeleteDBInstance") for n in range(5)]
    torn.append(tool(11 * DAY, "rds", "DeleteDBInstance"))
    assert said([*plans(7, 8, 9), *torn]) == [(TORN.id, Level.LOW, DEPLOYMENT)] * 2


def test_what_counts_no_more_is_forgotten() -> None:
    follow = Follow(RULES)
    events = [*plans(0, 1, 2, deeds=MANY_DEEDS), tool(3 * DAY, "cloudformation", "CreateStack")]
    events.append(event(4 * DAY, "s3", "GetObject"))
    events.append(tool(5 * DAY, "ec2", "DeleteFlowLogs"))
    part = columns(events)
    _, state = follow.step(follow.start(), part, [])
    kept = state.tools
    assert kept.work
    assert kept.told
    assert kept.others
    last = (max(e.at for e in events) - EPOCH) // MICROSECOND
    day = DAY // MICROSECOND
    forget(kept, last + REMEMBERED_DAYS * day)
    assert kept.work
    forget(kept, last + (REMEMBERED_DAYS + 8) * day)
    assert (kept.work, kept.told, kept.others, kept.done) == ({}, {}, {}, {})
