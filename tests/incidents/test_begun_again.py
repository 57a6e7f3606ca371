"""Dismissed and judged again: the strict reading gains no time by it.

It counts from the first detection or the receipt of a report.
"""

import pytest

from incidents.assessment import confirm, dismiss, reopen
from incidents.obligations import NOTICE, OWN_FILING, Obligation, follow, tick
from incidents.obligations.law import DECISION, STRICT
from tests.incidents.cases import ALICE, KNOWN, NOW, H, reported
from tests.incidents.owing import DUTIES
from tocsin.store import Store


def owed(store: Store, number: int, now: object) -> dict[str, Obligation]:
    with store.begin() as db:
        return {one.clause: one for one in follow(db, number, DUTIES, now=now)}  # type: ignore[arg-type]


@pytest.fixture(params=[10, 30, 60], ids=lambda hours: f"reopened after {hours} h")
def hours(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def dismissed_and_reopened(store: Store, hours: int) -> int:
    number = reported(store, now=NOW)
    owed(store, number, NOW)
    with store.begin() as db:
        dismiss(db, number, why="a test", principal=ALICE, now=KNOWN + 8 * H)
    owed(store, number, KNOWN + 8 * H)
    with store.begin() as db:
        reopen(db, number, why="it was none", principal=ALICE, now=KNOWN + hours * H)
    return number


def test_the_strict_reading_counts_from_the_first_detection(store: Store, hours: int) -> None:
    number = dismissed_and_reopened(store, hours)
    found = owed(store, number, KNOWN + hours * H)
    assert found[STRICT].strict_due_at == found[STRICT].due_at == KNOWN + 24 * H  # the shortest
    assert found[STRICT].is_open
    assert found[DECISION].strict_due_at == KNOWN + 24 * H
    assert found[DECISION].due_at == KNOWN + hours * H + 24 * H  # the team decides once more


def test_what_a_breach_owes_then_counts_from_the_same(store: Store, hours: int) -> None:
    number = dismissed_and_reopened(store, hours)
    aware = KNOWN + (hours + 1) * H
    with store.begin() as db:
        confirm(
            db, number, aware_at=aware, why="seen", customers=["acme"], principal=ALICE, now=aware
        )
    found = owed(store, number, aware)
    assert found[NOTICE].strict_due_at == KNOWN + 48 * H
    assert found[OWN_FILING].strict_due_at == KNOWN + 72 * H
    assert found[NOTICE].due_at == aware + 48 * H


def test_reminders_follow_it(store: Store) -> None:
    number = dismissed_and_reopened(store, 10)
    owed(store, number, KNOWN + 10 * H)
    with store.begin() as db:
        tick(db, DUTIES, now=KNOWN + 10 * H)
        due = tick(db, DUTIES, now=KNOWN + 24 * H)
    names = [one.names for one in due if one.obligation.clause == STRICT]
    assert names == [("due-12h",), ("due-4h",), ("due-1h",), ("due",)]
