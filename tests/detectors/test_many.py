"""Many different things of one kind in a row: found for whoever does not do so every day."""

from datetime import timedelta
from typing import Any

import pytest

from tests.detectors.judging import READER, judge
from tests.detectors.streams import DAY, HOUR, event
from tocsin.model.events import ActorKind, Event
from tocsin.model.findings import Finding, Level

MINUTE = timedelta(minutes=1)
ROLE: dict[str, Any] = {"actor": READER, "actor_kind": ActorKind.ROLE, "credential": "ASIA1"}
BOTO: dict[str, Any] = {"user_agent": "Boto3/1.34 Botocore/1.34"}


def sweep(number: int, after: timedelta = 0 * HOUR, **more: Any) -> list[Event]:
    """Return the reading of so many different secrets, a minute apart, each of them twice."""
    return [
        event(after + n * MINUTE, "secretsmanager", "GetSecretValue", object=f"db-{n // 2}", **more)
        for n in range(2 * number)
    ]


def many(events: list[Event], *cuts: timedelta) -> list[Finding]:
    return [f for f in judge(events, cuts) if f.rule.startswith("many")]


def test_each_secret_counts_once() -> None:
    (found,) = many(sweep(20))
    assert (found.rule, found.level, len(found.event_ids)) == (
        "many-secrets-medium",
        Level.MEDIUM,
        20,
    )
    assert found.why.endswith("read 20 different secrets in a row; that is not its habit.")
    assert many(sweep(19)) == []


def test_what_is_beyond_all_measure_is_high() -> None:
    assert [f.level for f in many(sweep(100))] == [Level.MEDIUM, Level.HIGH]


def test_a_role_used_by_hand_is_found_and_a_program_of_the_house_only_noted() -> None:
    assert [f.level for f in many(sweep(30, **ROLE))] == [Level.MEDIUM]
    assert [f.level for f in many(sweep(30, **ROLE, **BOTO))] == [Level.LOW]
    workload = {**ROLE, "actor_kind": ActorKind.WORKLOAD}
    assert [f.level for f in many(sweep(30, **workload))] == [Level.MEDIUM]


def test_what_is_done_on_three_days_is_a_habit() -> None:
    days = [e for day in range(6) for e in sweep(30, day * DAY)]
    assert [f.at // (24 * 3_600_000_000) for f in many(days)] == [
        many(days)[0].at // (24 * 3_600_000_000) + day for day in range(3)
    ]
    (found,) = [f for f in many([*days, *sweep(160, 8 * DAY)]) if "usual" in f.why]
    assert found.why.endswith("read 160 different secrets in a row; usual are 30.")
    assert len(found.event_ids) == 130


def test_a_program_with_a_habit_that_reads_far_more_is_found() -> None:
    days = [e for day in range(4) for e in sweep(10, day * DAY, **ROLE, **BOTO)]
    found = many([*days, *sweep(60, 5 * DAY, **ROLE, **BOTO)])
    assert [(f.level, len(f.event_ids)) for f in found] == [(Level.MEDIUM, 50)]


def at_work(days: int, **more: Any) -> list[Event]:
    """Return what a program does every day that has nothing to do with secrets."""
    return [
        event(day * DAY, "ecs", "UpdateService", **{**ROLE, **BOTO, **more}) for day in range(days)
    ]


def test_a_program_long_at_work_that_never_read_a_secret_has_no_such_habit() -> None:
    read = sweep(20, 10 * DAY, **ROLE, **BOTO)
    (found,) = many([*at_work(10), *read])
    assert (found.level, len(found.event_ids)) == (Level.MEDIUM, 20)
    assert found.why.endswith("read 20 different secrets in a row; that is not its habit.")
    assert many([*at_work(10), *read[2:]]) == []
    for cuts in ((5 * DAY,), (10 * DAY + 7 * MINUTE, 10 * DAY + 30 * MINUTE)):
        assert many([*at_work(10), *read], *cuts) == [found]
    for days, day in ((6, 6), (2, 10)):  # too new, too seldom at work
        found_early = many([*at_work(days), *sweep(20, day * DAY, **ROLE, **BOTO)])
        assert [f.level for f in found_early] == [Level.LOW]


def test_a_program_that_cleans_up_once_a_month_is_found_once() -> None:
    def cleans(day: int, number: int) -> list[Event]:
        return [
            event(day * DAY + n * MINUTE, "s3", "DeleteObject", object=f"{n}", **ROLE, **BOTO)
            for n in range(number)
        ]

    work = at_work(60)
    assert [f.level for f in many([*work, *cleans(10, 200)])] == [Level.MEDIUM]
    found = many([*work, *cleans(10, 200), *cleans(40, 300)])
    assert [f.level for f in found] == [Level.MEDIUM, Level.LOW]
    found = many([*work, *cleans(10, 200), *cleans(40, 1_000)])
    assert [f.level for f in found] == [Level.MEDIUM, Level.LOW, Level.MEDIUM]
    stolen = [one for day in (10, 11) for one in sweep(20, day * DAY, **ROLE, **BOTO)]
    assert [f.level for f in many([*work, *stolen])] == [Level.MEDIUM, Level.MEDIUM]


def test_who_calls_itself_a_deployment_must_have_been_one() -> None:
    terraform = {"user_agent": "Terraform/1.9"}
    read = sweep(20, 10 * DAY, **{**ROLE, **terraform})
    assert [f.level for f in many([*at_work(10, **terraform), *read])] == [Level.LOW]
    assert [f.level for f in many([*at_work(10), *read])] == [Level.MEDIUM]


def test_hours_between_end_a_round() -> None:
    apart = [
        event(n * 7 * HOUR, "secretsmanager", "GetSecretValue", object=f"{n}") for n in range(30)
    ]
    assert many(apart) == []


@pytest.mark.parametrize(
    ("service", "action", "number"),
    [
        ("s3", "DeleteBucket", 8),
        ("glacier", "DeleteArchive", 8),
        ("ec2", "DeleteSnapshot", 20),
        ("s3", "DeleteObject", 150),
        ("crm", "contacts.delete", 200),
    ],
)
def test_what_is_destroyed_counts_by_what_it_is(service: str, action: str, number: int) -> None:
    acts = [event(n * MINUTE, service, action, object=f"{n}") for n in range(number)]
    assert [(f.level, f.title) for f in many(acts)] == [
        (Level.MEDIUM, "Many different things destroyed in a row")
    ]
    assert many(acts[1:]) == []
    torn_down = [
        event(n * MINUTE, service, action, object=f"{n}", user_agent="Terraform/1")
        for n in range(number)
    ]
    assert [f.level for f in many(torn_down)] == [Level.LOW]


@pytest.mark.parametrize(
    ("service", "action"), [("ec2", "TerminateInstances"), ("iam", "DeleteUser")]
)
def test_machines_and_users_come_and_go_by_programs_and_not_by_hand(
    service: str, action: str
) -> None:
    def ended(number: int, agent: str) -> list[Event]:
        return [
            event(n * MINUTE, service, action, object=f"{n}", user_agent=agent)
            for n in range(number)
        ]

    assert [f.level for f in many(ended(10, "aws-cli/2.15"))] == [Level.MEDIUM]
    assert [f.level for f in many(ended(60, "aws-cli/2.15"))] == [Level.MEDIUM, Level.HIGH]
    assert many(ended(9, "aws-cli/2.15")) == []
    assert many(ended(60, BOTO["user_agent"])) == []


def test_a_call_that_names_nothing_counts_for_several() -> None:
    acts = [event(n * MINUTE, "s3", "DeleteObjects", resource="recordings") for n in range(15)]
    assert [(f.level, len(f.event_ids)) for f in many(acts)] == [(Level.MEDIUM, 15)]
    assert many(acts[1:]) == []


def test_parameters_that_aws_publishes_are_no_secrets() -> None:
    names = [f"/aws/service/ami-{n}" for n in range(40)]
    assert many([event(0 * HOUR, "ssm", "GetParameter", resource=name) for name in names]) == []


def test_a_round_cut_anywhere_is_the_same_round() -> None:
    events = [*sweep(60), *sweep(30, 12 * HOUR), *sweep(25, 30 * HOUR)]
    assert many(events, 7 * MINUTE, 61 * MINUTE, 13 * HOUR, 31 * HOUR) == many(events)


@pytest.mark.parametrize(
    ("service", "action"), [("lambda", "GetFunction"), ("ec2", "GetConsoleScreenshot")]
)
def test_looking_into_one_function_or_machine_after_the_other(service: str, action: str) -> None:
    acts = [event(n * MINUTE, service, action, resource=f"it-{n}", **BOTO) for n in range(20)]
    (found,) = many(acts)
    assert (found.level, found.title) == (Level.MEDIUM, "Much read through in a row")
    assert (
        "alice looked into 20 different functions, machines, stacks and repositories" in found.why
    )
    assert many(acts[1:]) == []
    more = {**ROLE, **BOTO}
    program = [event(n * MINUTE, service, action, resource=f"it-{n}", **more) for n in range(20)]
    assert [f.level for f in many(program)] == [Level.LOW]


def test_whole_tables_read_by_hand_page_by_page() -> None:
    def pages(number: int, agent: str) -> list[Event]:
        return [
            event(n * MINUTE, "dynamodb", "Scan", resource="contacts", user_agent=agent)
            for n in range(number)
        ]

    (found,) = many(pages(30, "aws-cli/2.15"))
    assert (found.rule, len(found.event_ids)) == ("many-pages-medium", 30)
    assert many(pages(29, "aws-cli/2.15")) == []
    assert many(pages(300, BOTO["user_agent"])) == []  # programs do so all day
