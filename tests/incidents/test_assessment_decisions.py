"""A decision has who, when and why, and one that breaks a rule changes nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, update

from incidents.assessment import Assessment, add_report, close, confirm, note, show, take_up
from incidents.assessment.bodies import Confirmed
from incidents.assessment.case import Case
from incidents.assessment.deciding import case_of
from incidents.assessment.states import Move
from tests.incidents.cases import (
    ACTS,
    ALICE,
    AWARE,
    BOB,
    KNOWN,
    NAIVE,
    NOW,
    SECOND,
    H,
    detected,
    refused,
    reported,
    told,
)
from tocsin import ledger
from tocsin.model.instants import to_us
from tocsin.model.principals import SERVICE, Principal
from tocsin.store import Store
from tocsin.store.tables import incident


def test_awareness_has_who_when_and_why(store: Store) -> None:
    number = reported(store)
    with store.begin() as db:
        case = confirm(
            db,
            number,
            aware_at=AWARE.astimezone(ZoneInfo("Europe/Paris")),
            why=" The export holds contacts of another customer. ",
            customers=("acme", "acme", "globex"),
            principal=ALICE,
            now=NOW,
        )
    assert case.awareness is not None
    assert case.awareness.aware_at == AWARE
    assert case.awareness.why == "The export holds contacts of another customer."
    assert (case.awareness.principal, case.awareness.recorded_at) == ("shell:alice", NOW)
    with store.read() as db:
        kinds = [entry.kind for entry in show(db, number).entries]
    # An entry for each: a customer's bundle holds its own only.
    assert kinds[1:] == ["breach.confirmed", "customer.added", "customer.added"]


@pytest.mark.parametrize(
    ("aware_at", "why", "who", "said"),
    [
        (NOW + timedelta(microseconds=1), "seen", ALICE, "still to come"),
        (NAIVE, "seen", ALICE, "time zone"),
        (AWARE, "  ", ALICE, "no reason"),
        (AWARE, "seen", SERVICE, "a person does"),
        (AWARE, "seen", Principal("link", "contact"), "a person does"),
    ],
)
def test_a_confirmation_that_breaks_a_rule_changes_nothing(
    aware_at: datetime, why: str, who: Principal, said: str, store: Store
) -> None:
    number = reported(store)
    refused(
        store,
        said,
        lambda db: confirm(db, number, aware_at=aware_at, why=why, principal=who, now=NOW),
    )


def test_awareness_may_come_before_the_first_detection(store: Store) -> None:
    with store.begin() as db:
        number = detected(db)
        db.execute(update(incident).values(opened_at=to_us(KNOWN - 2 * H)))  # its first event
        case = confirm(db, number, aware_at=KNOWN - H, why="Seen by eye.", principal=ALICE, now=NOW)
    assert case.awareness is not None
    assert case.awareness.aware_at == KNOWN - H


@pytest.mark.parametrize("door", ["detected", "reported", "both"])
def test_awareness_before_everything_that_is_known_needs_a_reason(store: Store, door: str) -> None:
    began = KNOWN
    with store.begin() as db:
        number = 0 if door == "reported" else detected(db)
    if door == "reported":
        number = reported(store)
    if door == "both":
        began = KNOWN - 3 * H
        with store.begin() as db:
            add_report(db, number, told(received_at=began), principal=ALICE, now=NOW)

    def aware(db: Connection, at: datetime, because: str = "") -> Case:
        return confirm(
            db,
            number,
            aware_at=at,
            why="seen",
            earlier_because=because,
            principal=ALICE,
            now=NOW,
        )

    for at in (began - SECOND, began.replace(year=2010)):
        refused(store, "before its first event", lambda db, at=at: aware(db, at))  # type: ignore[misc]
        refused(store, "before its first event", lambda db, at=at: aware(db, at, " "))  # type: ignore[misc]
    with store.begin() as db:
        aware(db, began - SECOND, "We were warned by phone.")
        (body,) = (one.read() for one in show(db, number).entries if one.kind == "breach.confirmed")
        assert isinstance(body, Confirmed)
        assert body.earlier_because == "We were warned by phone."
        (noted,) = (one for one in ledger.entries(db) if one.kind == "breach.confirmed")
        assert noted.body is not None
        assert "We were warned by phone." in str(noted.body)


def test_a_reason_that_is_not_needed_is_not_kept(store: Store) -> None:
    number = reported(store)
    with store.begin() as db:
        confirm(
            db,
            number,
            aware_at=KNOWN,
            why="seen",
            earlier_because="x",
            principal=ALICE,
            now=NOW,
        )
        (body,) = (one.read() for one in show(db, number).entries if one.kind == "breach.confirmed")
    assert isinstance(body, Confirmed)
    assert not body.earlier_because


def test_later_than_the_report_that_said_so_itself_needs_a_reason(store: Store) -> None:
    number = reported(store, establishes=True)

    def late(db: Connection, because: str = "") -> None:
        confirm(
            db,
            number,
            aware_at=AWARE,
            why="seen",
            later_because=because,
            principal=ALICE,
            now=NOW,
        )

    refused(store, r"said itself.*2026-11-24T09:15", late)
    with store.begin() as db:
        late(db, "The mail named another company's product.")
        assert case_of(db, number).assessment == Assessment.BREACH


def test_the_receipt_itself_needs_no_further_reason(store: Store) -> None:
    number = reported(store, establishes=True)
    with store.begin() as db:
        case = confirm(db, number, aware_at=KNOWN, why="it says so", principal=ALICE, now=NOW)
    assert case.awareness is not None
    assert case.awareness.aware_at == case.known_at


def test_closing_takes_a_second_person_and_nothing_owed(store: Store) -> None:
    number = reported(store)
    with store.begin() as db:
        ACTS[Move.CONFIRM](db, number)

    def closing(who: Principal, *unsettled: str) -> Callable[[Connection], object]:
        return lambda db: close(db, number, why="done", unsettled=unsettled, principal=who, now=NOW)

    refused(store, "second person", closing(ALICE))
    refused(store, "second person", closing(Principal("oidc", "Alice")))
    refused(store, "notice to acme is running", closing(BOB, "notice to acme is running"))
    refused(store, "a person does", closing(SERVICE))
    with store.begin() as db:
        closing(BOB)(db)


def test_an_incident_that_is_not_there_is_refused_by_everything(store: Store) -> None:
    reported(store)
    for act in ACTS.values():
        refused(store, "no incident 7; the last one is 1", partial(_act, act))
    refused(store, "no incident 7", lambda db: show(db, 7))
    refused(store, "no incident 7", lambda db: take_up(db, [7], now=NOW))
    refused(store, "no incident 7", lambda db: note(db, 7, text="x", principal=ALICE, now=NOW))


def _act(act: Callable[[Connection, int], object], db: Connection) -> object:
    return act(db, 7)


def test_where_nothing_was_ever_the_answer_is_plain(store: Store) -> None:
    refused(store, "no incident 1$", lambda db: ACTS[Move.TAKE](db, 1))
