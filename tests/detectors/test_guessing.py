"""Guessed passwords: a sign-in that works after many from the same network that did not."""

from datetime import timedelta
from typing import Any

import pytest

from tests.detectors.judging import judge
from tests.detectors.streams import ELSEWHERE, HOUR, OFFICE, event
from tocsin.model.events import Event, Outcome, Reason
from tocsin.model.findings import Level

NETWORK = ".".join(ELSEWHERE.split(".")[:3]) + ".0/24"
IAM = "arn:aws:iam::111122223333:user/"
FAILED: dict[str, Any] = {"outcome": Outcome.FAILURE, "reason": Reason.AUTH}


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


def sign_ins(*names: str, minute: int = 0, **more: Any) -> list[Event]:
    return [
        event((minute + n) * timedelta(minutes=1), "signin", "ConsoleLogin", actor=name, **more)
        for n, name in enumerate(names)
    ]


@pytest.mark.parametrize("path", ["", "staff/", "staff/fr/"])
def test_a_users_path_does_not_part_its_failures_from_its_sign_in(path: str) -> None:
    more: dict[str, Any] = {"ip": ELSEWHERE, "credential": ""}
    tries = sign_ins(*[f"{IAM}lea"] * 10, **more, **FAILED)
    works = sign_ins(f"{IAM}{path}lea", minute=20, **more)
    found = [f for f in judge([*tries, *works]) if f.rule == "guessed-password"]
    assert [(f.level, len(f.event_ids)) for f in found] == [(Level.MEDIUM, 11)]
    assert found[0].why == (
        f"{IAM}{path}lea signed in from {NETWORK} after 10 failures for one name from there."
    )
    other = sign_ins(f"arn:aws:iam::444455556666:user/{path}lea", minute=20, **more)
    assert judge([*tries, *other]) == []


def test_colleagues_who_mistype_once_each_guess_at_nobody() -> None:
    more: dict[str, Any] = {"ip": ELSEWHERE, "credential": ""}
    colleagues = [
        one
        for n in range(6)
        for one in (
            *sign_ins(f"{IAM}user{n}", minute=5 * n, **more, **FAILED),
            *sign_ins(f"{IAM}staff/user{n}", minute=5 * n + 1, **more),
        )
    ]
    assert judge([*colleagues, *sign_ins(f"{IAM}staff/bob", minute=60, **more)]) == []
