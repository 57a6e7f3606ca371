"""What is owed to whom by when, and that nothing is owed by accident."""

import msgspec
import pytest
from sqlalchemy import Connection, select

from incidents.assessment import agree, confirm, correct, dismiss, reopen, show, take
from incidents.obligations import (
    NOTICE,
    OWN_FILING,
    Duties,
    Obligation,
    Shown,
    Standing,
    Terms,
    follow,
    load_law,
    obligations,
    of_clause,
    open_obligations,
    take_run,
)
from incidents.obligations.keep import KINDS, QUEUED
from incidents.obligations.law import DECISION, IMPACT, STRICT
from incidents.obligations.tables import obligation
from tests.incidents.cases import (
    ALICE,
    AWARE,
    BOB,
    KNOWN,
    NOW,
    SECOND,
    H,
    detected,
    everything,
    refused,
    reported,
)
from tests.incidents.owing import DUTIES, NOT_CONTROLLER, breach, owed, receipt, told
from tocsin.ledger.kinds import KINDS as LEDGER_KINDS
from tocsin.model.categories import OPERATOR
from tocsin.model.principals import SERVICE
from tocsin.store import Store


def test_before_anybody_has_judged_the_cap_and_the_strict_reading_run(store: Store) -> None:
    with store.begin() as db:
        number = detected(db)
        found = owed(db, number)
    assert set(found) == {(DECISION, ""), (STRICT, "")}
    assert found[DECISION, ""].due_at == KNOWN + 24 * H
    assert found[STRICT, ""].due_at == KNOWN + 24 * H  # the shortest contract of all


@pytest.mark.parametrize(("hours", "decision"), [(12, 12), (30, 24), (60, 24)])
def test_the_strict_reading_runs_by_the_shortest_contract(
    store: Store, hours: int, decision: int
) -> None:
    duties = DUTIES._replace(terms={"acme": Terms(hours=hours), "globex": Terms(hours=72)})
    with store.begin() as db:
        number = detected(db)
        found = strictly(db, number, duties)
    assert found[STRICT].due_at == KNOWN + hours * H
    assert found[DECISION].due_at == KNOWN + decision * H


def test_once_a_run_shows_whose_data_it_is_the_shortest_of_theirs_counts(store: Store) -> None:
    duties = DUTIES._replace(terms={"acme": Terms(hours=12), "globex": Terms(hours=36)})
    with store.begin() as db:
        number = detected(db)
        assert strictly(db, number, duties)[STRICT].due_at == KNOWN + 12 * H
        take_run(db, number, [Shown("globex", "confirmed", NOW, 1)], principal=ALICE, now=NOW)
        found = strictly(db, number, duties)
        assert found[STRICT].due_at == KNOWN + 36 * H
        assert found[DECISION].due_at == KNOWN + 12 * H  # to decide nobody gets more time
        take_run(db, number, [Shown("acme", "possible", NOW, 2)], principal=ALICE, now=NOW)
        assert strictly(db, number, duties)[STRICT].due_at == KNOWN + 12 * H


def test_without_a_contract_the_strict_reading_runs_by_the_law(store: Store) -> None:
    with store.begin() as db:
        found = strictly(db, detected(db), DUTIES._replace(terms={}))
    assert found[STRICT].due_at == KNOWN + 48 * H


def strictly(db: Connection, number: int, duties: Duties) -> dict[str, Obligation]:
    return {one.clause: one for one in follow(db, number, duties, now=NOW)}


def test_a_breach_owes_each_customer_its_notice_and_the_authority_the_operators_own(
    store: Store,
) -> None:
    number = breach(store, "acme", "globex")
    with store.read() as db:
        found = {(o.clause, o.customer): o for o in obligations(db, number)}
    acme, globex, own = found[NOTICE, "acme"], found[NOTICE, "globex"], found[OWN_FILING, OPERATOR]
    assert (acme.due_at, acme.strict_due_at) == (AWARE + 48 * H, KNOWN + 48 * H)
    assert (globex.due_at, globex.strict_due_at) == (AWARE + 24 * H, KNOWN + 24 * H)
    assert (own.due_at, own.strict_due_at) == (AWARE + 72 * H, KNOWN + 72 * H)
    assert "Art. 33(1)" in own.basis
    assert found[DECISION, ""].standing(NOW) == Standing.MET
    assert found[STRICT, ""].is_void


def test_an_operator_that_is_no_controller_owes_no_filing(store: Store) -> None:
    number = reported(store)
    with store.begin() as db:
        confirm(db, number, aware_at=AWARE, why="seen", principal=ALICE, now=NOW)
        found = follow(db, number, NOT_CONTROLLER, now=NOW)
        assert [one.clause for one in found] == [IMPACT]


def test_following_again_changes_nothing(store: Store) -> None:
    number = breach(store, "acme")
    before = everything(store)
    with store.begin() as db:
        follow(db, number, DUTIES, now=NOW + H)
    assert everything(store) == before


def test_terms_stay_as_they_were_when_the_clock_started(store: Store) -> None:
    number = breach(store, "acme", "globex")
    changed = Duties(load_law(), {"acme": Terms(1), "globex": Terms(400)})
    before = everything(store)
    with store.begin() as db:
        follow(db, number, changed, now=NOW + H)
        follow(db, number, NOT_CONTROLLER, now=NOW + H)
    assert everything(store) == before


def test_a_dismissed_incident_owes_nothing(store: Store) -> None:
    with store.begin() as db:
        number = detected(db)
        owed(db, number)
        dismiss(db, number, why="a drill", principal=ALICE, now=NOW)
        found = owed(db, number)
        assert found[DECISION, ""].met_at == NOW
        assert found[STRICT, ""].is_void
        assert open_obligations(db) == []
        reopen(db, number, why="a reply", principal=SERVICE, now=NOW + H)
        again = owed(db, number, NOW + H)[DECISION, ""]
    assert (again.is_open, again.due_at) == (True, NOW + 25 * H)


def test_a_breach_that_became_part_of_another_still_owes_what_it_owes(store: Store) -> None:
    with store.begin() as db:
        first, second = detected(db, "a"), detected(db, "b")
        confirm(db, first, aware_at=AWARE, why="x", customers=["acme"], principal=ALICE, now=NOW)
        before = {number: owed(db, number) for number in (first, second)}
        detected(db, "c", findings={"a-1": KNOWN, "b-1": KNOWN}, merged=("a", "b"))
        assert owed(db, first) == before[first]
        assert not any(one.is_open for one in owed(db, second).values())


def test_each_change_is_an_entry_and_the_table_holds_the_last(store: Store) -> None:
    number = breach(store, "acme")
    told(store, number, receipt("delivered"))
    with store.read() as db:
        history = show(db, number)
        rows = [
            msgspec.json.decode(row.payload, type=Obligation)
            for row in db.execute(select(obligation))
        ]
        assert sorted(rows, key=str) == sorted(obligations(db, number), key=str)
        as_of = obligations(db, number, NOW - SECOND)
    assert [e.kind for e in history.entries] == [
        "incident.opened",
        "obligation.started",
        "obligation.started",
        "customers.counted",
        "breach.confirmed",
        "customer.added",
        "obligation.met",
        "obligation.started",
        "obligation.started",
        "obligation.voided",
        "obligation.met",
    ]
    assert as_of == []
    assert {*KINDS, QUEUED, "customer.added", "customer.decided"} <= LEDGER_KINDS.keys()


def test_an_incident_that_is_not_there_owes_nothing(store: Store) -> None:
    refused(store, "no incident 3", lambda db: follow(db, 3, DUTIES, now=NOW))


def test_a_withdrawn_breach_owes_nothing_and_what_met_it_meets_nothing_new(store: Store) -> None:
    number = breach(store, "acme")
    told(store, number, receipt("delivered"))
    with store.begin() as db:
        case = correct(db, number, aware_at=None, why="x", principal=ALICE, now=NOW)
        agree(db, number, entry=case.proposals[0].entry, principal=BOB, now=NOW)
        found = owed(db, number)
        assert found[NOTICE, "acme"].is_void
        assert found[OWN_FILING, OPERATOR].is_void
        assert found[DECISION, ""].is_open
        confirm(db, number, aware_at=NOW, why="x", principal=ALICE, now=NOW)
        again = owed(db, number)[NOTICE, "acme"]
    assert (again.is_open, again.receipts, again.due_at) == (True, (), NOW + 48 * H)


def test_open_ones_of_all_incidents_come_first_due_first(store: Store) -> None:
    first, second = breach(store, "acme"), breach(store, "globex")
    with store.read() as db:
        found = [(o.incident, o.customer) for o in open_obligations(db)]
    assert found == [(second, "globex"), (first, "acme"), (first, OPERATOR), (second, OPERATOR)]
    told(store, first, receipt("delivered"))
    with store.read() as db:
        notices = [(o.incident, o.is_open) for o in of_clause(db, NOTICE)]
    assert notices == [(first, False), (second, True)]


def test_taking_an_incident_moves_no_clock(store: Store) -> None:
    number = reported(store)
    with store.begin() as db:
        before = owed(db, number)
        take(db, number, why="mine", principal=ALICE, now=NOW)
        assert owed(db, number, NOW + H) == before
