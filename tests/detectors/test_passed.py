"""Functions that are made with a role that can do more than who makes them, and then run."""

from datetime import timedelta
from typing import Any

import pytest

from tests.detectors.judging import judge, run
from tests.detectors.streams import ALICE, DAY, HOUR, daily, event
from tocsin.model.events import ActorKind, Event
from tocsin.model.findings import Finding, Level

STRONG = "arn:aws:iam::111122223333:role/deploy"
PLAIN = "arn:aws:iam::111122223333:role/reader"
DEPLOY: dict[str, Any] = {"actor": STRONG, "actor_kind": ActorKind.ROLE, "credential": "ASIAD"}
AT_WORK = [
    *daily(10, "s3", "ListObjects"),
    *daily(10, "iam", "CreateRole", resource="app", **DEPLOY),
    *daily(10, "s3", "ListObjects", actor=PLAIN, actor_kind=ActorKind.ROLE, credential="ASIAP"),
]
IN_LAMBDA: dict[str, Any] = {**DEPLOY, "credential": "ASIAL", "session": "tmp", "ip": "192.0.2.1"}


def makes(after: timedelta = 10 * DAY, role: str = STRONG, **more: Any) -> Event:
    its = {"action": "CreateFunction", "resource": "tmp", "object": role, **more}
    return event(after, "lambda", its.pop("action"), **its)


def runs(after: timedelta = 10 * DAY + HOUR, name: str = "tmp", **more: Any) -> Event:
    return event(after, "lambda", "Invoke", resource=name, **more)


def passed(*events: Event, cuts: tuple[timedelta, ...] = ()) -> list[Finding]:
    found = judge([*AT_WORK, *events], cuts)
    return [f for f in found if f.rule == "function-with-stronger-role"]


@pytest.mark.parametrize("action", ["CreateFunction", "UpdateFunctionConfiguration"])
def test_a_function_runs_with_a_role_that_can_change_identities(action: str) -> None:
    made, ran = makes(action=action), runs()
    (found,) = passed(made, ran)
    assert (found.level, found.event_ids) == (Level.MEDIUM, (made.id, ran.id))
    assert found.why == (
        f"{ALICE}, who never made a function before, made tmp with the role {STRONG}, which can "
        "change identities, and it ran."
    )
    assert [i.level for i in run([*AT_WORK, made, ran])[1]] == [Level.MEDIUM]


def test_that_it_runs_shows_by_its_role_too() -> None:
    made, ran = makes(), runs(name="arn:aws:lambda:eu-west-3:111122223333:function:tmp:3")
    acts = [
        event(10 * DAY + n * HOUR, "iam", "AttachUserPolicy", resource="x", **IN_LAMBDA)
        for n in (2, 3)
    ]
    (found,) = passed(made, *acts)
    assert found.event_ids == (made.id, acts[0].id)
    for cuts in ((), (10 * DAY + 90 * timedelta(minutes=1),)):
        (found,) = passed(made, ran, *acts, cuts=cuts)
        assert found.event_ids == (made.id, ran.id, acts[0].id)


def test_what_is_daily_work_or_gives_no_rights_is_left() -> None:
    ran = runs()
    assert passed(makes(), *AT_WORK[:0]) == []  # it never ran
    assert passed(makes(), runs(18 * DAY)) == []
    assert passed(makes(), runs(name="other")) == []
    assert passed(makes(role=PLAIN), ran) == []
    assert passed(makes(5 * DAY, PLAIN, resource="first"), makes(), ran) == []
    assert passed(event(5 * DAY, "iam", "CreateRole", resource="x"), makes(), ran) == []
    assert passed(makes(actor="new", credential="N"), ran) == []
    assert passed(makes(**DEPLOY), ran) == []
    assert passed(makes(), makes(role=PLAIN, after=10 * DAY + HOUR / 2), ran) == []
