"""A breach of which nobody has said whose data it touched owes that, and is reminded of it."""

import pytest

from incidents.assessment import agree, confirm, correct, show
from incidents.obligations import (
    IMPACT,
    Duties,
    Shown,
    Standing,
    Terms,
    explain,
    follow,
    load_law,
    take_count,
    take_run,
    tick,
    unsettled,
    waive,
)
from tests.incidents.cases import ALICE, AWARE, BOB, KNOWN, NOW, SECOND, H, everything, refused
from tests.incidents.cases import reported as opened
from tests.incidents.owing import DUTIES, breach, owed
from tocsin.model.principals import SERVICE
from tocsin.store import Store

NOBODY = "nobody has computed or stated whose data it touched"


def test_it_is_due_when_the_shortest_contract_would_be(store: Store) -> None:
    number = breach(store, counted=False)
    with store.begin() as db:
        one = owed(db, number)[IMPACT, ""]
    assert (one.starts_at, one.due_at, one.strict_due_at) == (
        AWARE,
        AWARE + 24 * H,
        KNOWN + 24 * H,
    )


def test_without_a_contract_it_is_due_by_the_rules_own_hours(store: Store) -> None:
    number = opened(store)
    with store.begin() as db:
        confirm(db, number, aware_at=AWARE, why="seen", principal=ALICE, now=NOW)
        found = follow(db, number, Duties(load_law()), now=NOW)
        (one,) = (one for one in found if one.clause == IMPACT)
    assert one.due_at == AWARE + 48 * H
    with store.begin() as db:
        again = follow(db, number, Duties(load_law(), {"acme": Terms(1)}), now=NOW)
    assert one in again  # as it was when it started


def test_naming_a_customer_counts_nobody(store: Store) -> None:
    number = breach(store, "acme", counted=False)
    with store.begin() as db:
        assert owed(db, number)[IMPACT, ""].is_open
        assert NOBODY in unsettled(db, number, NOW)


@pytest.mark.parametrize("shown", [True, False])
def test_a_run_meets_it_be_it_that_it_shows_nobody(store: Store, *, shown: bool) -> None:
    number = breach(store, counted=False)
    with store.begin() as db:
        take_count(db, number, 1, NOW + H, principal=ALICE, now=NOW + H)
        if shown:
            ones = [Shown("acme", "confirmed", NOW + H, 1)]
            take_run(db, number, ones, principal=ALICE, now=NOW + H)
        one = owed(db, number, NOW + H)[IMPACT, ""]
        assert (one.met_at, one.standing(NOW + H)) == (NOW + H, Standing.MET)
        assert NOBODY not in unsettled(db, number, NOW + H)


def test_a_run_before_it_was_judged_leaves_nothing_of_it_to_owe(store: Store) -> None:
    number = opened(store)
    with store.begin() as db:
        take_count(db, number, 1, NOW, principal=ALICE, now=NOW)
        confirm(db, number, aware_at=AWARE, why="seen", principal=ALICE, now=NOW)
        assert (IMPACT, "") not in owed(db, number)
        assert NOBODY not in unsettled(db, number, NOW)


def test_it_follows_a_corrected_awareness_and_ends_with_it(store: Store) -> None:
    number = breach(store, counted=False)
    with store.begin() as db:
        correct(db, number, aware_at=AWARE - H, why="earlier", principal=ALICE, now=NOW)
        assert owed(db, number)[IMPACT, ""].due_at == AWARE + 23 * H
        correct(db, number, aware_at=None, why="none", principal=ALICE, now=NOW)
        (asked,) = show(db, number).case.proposals
        agree(db, number, entry=asked.entry, principal=BOB, now=NOW)
        assert owed(db, number)[IMPACT, ""].is_void
        assert NOBODY not in unsettled(db, number, NOW)


def test_its_reminders_come_once_each_and_end_with_the_run(store: Store) -> None:
    number = breach(store, counted=False)

    def fell(now: object) -> list[tuple[str, ...]]:
        with store.begin() as db:
            due = tick(db, DUTIES, now=now)  # type: ignore[arg-type]
        return [one.names for one in due if one.obligation.clause == IMPACT]

    assert fell(KNOWN + 12 * H) == [("due-12h",)]
    assert fell(KNOWN + 12 * H + SECOND) == []
    assert fell(KNOWN + 20 * H) == [("due-4h",)]
    with store.begin() as db:
        take_count(db, number, 1, KNOWN + 21 * H, principal=ALICE, now=KNOWN + 21 * H)
    assert fell(KNOWN + 40 * H) == []


def test_it_is_neither_waived_nor_its_run_dated_ahead(store: Store) -> None:
    number = breach(store, counted=False)
    refused(
        store,
        "is not waived",
        lambda db: waive(db, number, IMPACT, "", why="none", principal=ALICE, now=NOW),
    )
    refused(
        store,
        "still to come",
        lambda db: take_count(db, number, 1, NOW + H, principal=ALICE, now=NOW),
    )
    refused(
        store,
        "is not late",
        lambda db: explain(db, number, IMPACT, "", why="x", principal=ALICE, now=NOW),
    )


def test_counting_again_moves_nothing(store: Store) -> None:
    number = breach(store, counted=False)
    with store.begin() as db:
        take_count(db, number, 1, NOW, principal=SERVICE, now=NOW)
        one = owed(db, number)[IMPACT, ""]
        take_count(db, number, 2, NOW + H, principal=SERVICE, now=NOW + H)
        assert owed(db, number, NOW + H)[IMPACT, ""] == one
    before = everything(store)
    with store.begin() as db:
        owed(db, number, NOW + 2 * H)
    assert everything(store) == before
