"""Customers found later start with the run that showed them, possible ones with a decision."""

from datetime import datetime
from functools import partial

import pytest
from sqlalchemy import Connection

from incidents.assessment import confirm
from incidents.assessment.entries import write
from incidents.obligations import NOTICE, POSSIBLE, Shown, decide, take_run
from incidents.obligations.customers import DECIDED, Answer, Decided
from tests.incidents.cases import (
    ALICE,
    AWARE,
    BOB,
    KNOWN,
    NAIVE,
    NOW,
    SECOND,
    H,
    at,
    everything,
    refused,
    reported,
)
from tests.incidents.owing import DUTIES, breach, owed
from tocsin.errors import Refusal
from tocsin.model.categories import OPERATOR
from tocsin.model.principals import SERVICE, Principal
from tocsin.store import Store


def test_a_customer_found_later_starts_when_the_run_first_showed_it(store: Store) -> None:
    number = breach(store, now=at("2026-11-24T10:00Z"))
    shown_at, looked_at = at("2026-11-25T14:20Z"), at("2026-11-25T18:00Z")
    with store.begin() as db:
        shown = [Shown("acme", "confirmed", shown_at, 1)]
        assert take_run(db, number, shown, principal=SERVICE, now=looked_at) == ["acme"]
        found = owed(db, number, looked_at)[NOTICE, "acme"]
    assert found.starts_at == shown_at
    assert found.due_at == at("2026-11-27T14:20Z")
    assert found.strict_due_at == at("2026-11-26T09:15Z")


def test_a_customer_shown_before_awareness_starts_with_it(store: Store) -> None:
    number = reported(store)
    with store.begin() as db:
        shown = [Shown("acme", "confirmed", KNOWN + H, 1)]
        take_run(db, number, shown, principal=SERVICE, now=NOW)
        assert (NOTICE, "acme") not in owed(db, number)
        confirm(db, number, aware_at=AWARE, why="seen", principal=ALICE, now=NOW)
        assert owed(db, number)[NOTICE, "acme"].starts_at == AWARE


def test_the_first_run_that_showed_a_customer_counts(store: Store) -> None:
    number = breach(store)
    with store.begin() as db:
        for hours, run in ((1, 1), (2, 2)):
            shown = [Shown("acme", "confirmed", NOW + hours * H, run)]
            take_run(db, number, shown, principal=SERVICE, now=NOW + hours * H)
        assert owed(db, number, NOW + 3 * H)[NOTICE, "acme"].starts_at == NOW + H
    before = everything(store)
    with store.begin() as db:
        again = [Shown("acme", s, NOW + 3 * H, 3) for s in ("confirmed", "possible")]
        assert take_run(db, number, again, principal=SERVICE, now=NOW + 3 * H) == []
    assert everything(store) == before


def possible(store: Store) -> int:
    number = breach(store)
    with store.begin() as db:
        shown = [Shown("acme", "possible", NOW, 1)]
        take_run(db, number, shown, principal=SERVICE, now=NOW)
        owed(db, number)
    return number


def test_a_possible_customer_owes_a_decision_and_no_notice(store: Store) -> None:
    number = possible(store)
    with store.begin() as db:
        found = owed(db, number)
    assert (NOTICE, "acme") not in found
    assert found[POSSIBLE, "acme"].due_at == NOW + 12 * H


def test_to_notify_as_suspected_starts_a_notice(store: Store) -> None:
    number = possible(store)
    with store.begin() as db:
        decide(
            db, number, "acme", "notify", why="likely", duties=DUTIES, principal=ALICE, now=NOW + H
        )
        found = owed(db, number, NOW + H)
    assert found[POSSIBLE, "acme"].met_at == NOW + H
    assert found[NOTICE, "acme"].due_at == NOW + 49 * H
    assert found[NOTICE, "acme"].possible_since == NOW


def test_neither_a_second_yes_nor_a_run_that_confirms_it_moves_a_running_notice(
    store: Store,
) -> None:
    number = possible(store)
    with store.begin() as db:
        decide(
            db, number, "acme", "notify", why="likely", duties=DUTIES, principal=ALICE, now=NOW + H
        )
        before = owed(db, number, NOW + H)[NOTICE, "acme"]
        decide(
            db,
            number,
            "acme",
            "notify",
            why="the same",
            duties=DUTIES,
            principal=BOB,
            now=NOW + 5 * H,
        )
        again = owed(db, number, NOW + 5 * H)[NOTICE, "acme"]
        shown = [Shown("acme", "confirmed", NOW + 20 * H, 2)]
        take_run(db, number, shown, principal=SERVICE, now=NOW + 20 * H)
        confirmed = owed(db, number, NOW + 20 * H)[NOTICE, "acme"]
    for after in (again, confirmed):
        assert (after.starts_at, after.due_at, after.strict_due_at) == (
            before.starts_at,
            before.due_at,
            before.strict_due_at,
        )


def test_to_wait_moves_the_decision_and_to_exclude_makes_it(store: Store) -> None:
    number = possible(store)
    until = NOW + 30 * H
    with store.begin() as db:
        decide(
            db,
            number,
            "acme",
            "wait",
            why="logs come",
            until=until,
            duties=DUTIES,
            principal=ALICE,
            now=NOW,
        )
        waiting = owed(db, number)[POSSIBLE, "acme"]
        assert (waiting.is_open, waiting.due_at) == (True, until)
        decide(
            db, number, "acme", "exclude", why="run 2", duties=DUTIES, principal=BOB, now=NOW + H
        )
        found = owed(db, number, NOW + H)
    assert found[POSSIBLE, "acme"].met_at == NOW + H
    assert (NOTICE, "acme") not in found


def test_a_possible_customer_confirmed_later_shows_since_when_it_was_possible(
    store: Store,
) -> None:
    number = possible(store)
    with store.begin() as db:
        shown = [Shown("acme", "confirmed", NOW + 5 * H, 2)]
        take_run(db, number, shown, principal=SERVICE, now=NOW + 5 * H)
        found = owed(db, number, NOW + 5 * H)
    assert found[POSSIBLE, "acme"].is_void
    assert (found[NOTICE, "acme"].starts_at, found[NOTICE, "acme"].possible_since) == (
        NOW + 5 * H,
        NOW,
    )


@pytest.mark.parametrize(
    ("customer", "answer", "until", "who", "said"),
    [
        ("nobody", "exclude", None, ALICE, "not shown by any impact run"),
        ("sure", "exclude", None, ALICE, "sure is confirmed"),
        ("acme", "wait", None, ALICE, "needs an instant"),
        ("acme", "notify", NOW + H, ALICE, "has no instant"),
        ("acme", "wait", NOW, ALICE, "is over already"),
        ("acme", "wait", NAIVE, ALICE, "no time zone"),
        ("acme", "wait", NOW + 49 * H, ALICE, "is too long"),
        ("acme", "wait", at("2099-01-01T00:00Z"), ALICE, "ends 2026-11-26T10:00:00"),
        ("acme", "exclude", None, SERVICE, "a person does"),
    ],
)
def test_a_decision_on_a_customer_that_breaks_a_rule_changes_nothing(  # noqa: PLR0917 - a row
    customer: str, answer: str, until: datetime | None, who: Principal, said: str, store: Store
) -> None:
    number = breach(store, "sure")
    with store.begin() as db:
        shown = [Shown("acme", "possible", NOW, 1)]
        take_run(db, number, shown, principal=SERVICE, now=NOW)

    def act(db: Connection) -> object:
        return decide(
            db, number, customer, answer, why="x", until=until, duties=DUTIES,  # type: ignore[arg-type]
            principal=who, now=NOW,
        )  # fmt: skip

    refused(store, said, act)


def test_a_run_of_the_future_is_refused_whole(store: Store) -> None:
    number = breach(store)
    for when, said in ((NOW + SECOND, "still to come"), (NAIVE, "time zone")):
        shown = [Shown("acme", "confirmed", NOW, 1), Shown("globex", "possible", when, 1)]
        taking = partial(take_run, number=number, shown=shown, principal=SERVICE, now=NOW)
        refused(store, said, taking)


def test_the_operators_own_data_owe_no_notice_to_itself(store: Store) -> None:
    number = breach(store)
    with store.begin() as db:
        shown = [Shown(OPERATOR, "confirmed", NOW, 1)]
        take_run(db, number, shown, principal=SERVICE, now=NOW)
        assert (NOTICE, OPERATOR) not in owed(db, number)


def test_waiting_ends_when_notice_would_be_due(store: Store) -> None:
    number = possible(store)
    limit = NOW + 48 * H

    def waiting(until: datetime, now: datetime) -> None:
        with store.begin() as db:
            decide(
                db,
                number,
                "acme",
                "wait",
                why="logs come",
                until=until,
                duties=DUTIES,
                principal=ALICE,
                now=now,
            )
            assert owed(db, number, now)[POSSIBLE, "acme"].due_at == until

    waiting(limit, NOW)
    with pytest.raises(Refusal, match="is over"):
        waiting(limit + 2 * H, limit + H)


def test_a_wait_that_was_taken_for_longer_ends_then_as_well(store: Store) -> None:
    number = possible(store)
    with store.begin() as db:
        long = Decided("acme", "wait", "logs come", at("2099-01-01T00:00Z"))
        write(db, number, DECIDED, long, customer="acme", principal=ALICE, now=NOW)
        assert owed(db, number)[POSSIBLE, "acme"].due_at == NOW + 48 * H


@pytest.mark.parametrize("answer", ["exclude", "wait", "notify"])
def test_a_run_that_says_more_than_was_decided_upon_asks_again(
    answer: Answer, store: Store
) -> None:
    number = possible(store)
    until = NOW + 30 * H if answer == "wait" else None
    later, more = NOW + 5 * H, Shown("acme", "possible", NOW + 5 * H, 2, is_more=True)
    with store.begin() as db:
        decide(
            db,
            number,
            "acme",
            answer,
            why="x",
            until=until,
            duties=DUTIES,
            principal=ALICE,
            now=NOW + H,
        )
        decided = owed(db, number, NOW + H)
        same = more._replace(is_more=False)
        assert take_run(db, number, [same], principal=SERVICE, now=later) == []
        assert owed(db, number, later) == decided
        new = take_run(db, number, [more], principal=SERVICE, now=later)
        found = owed(db, number, later)
    if answer == "notify":
        assert (new, found) == ([], decided)
        return
    asked = found[POSSIBLE, "acme"]
    assert (new, asked.is_open, asked.starts_at) == (["acme"], True, later)
    assert asked.due_at == later + 12 * H
    with store.begin() as db:
        assert take_run(db, number, [more], principal=SERVICE, now=later) == []
