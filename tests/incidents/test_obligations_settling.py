"""What is late needs a reason, what is waived a person, and a closed incident may open again."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from incidents.assessment import Assessment, close, show
from incidents.obligations import (
    NOTICE,
    OWN_FILING,
    Obligation,
    Shown,
    Standing,
    explain,
    obligations,
    open_obligations,
    take_run,
    unsettled,
    waive,
)
from tests.incidents.cases import ALICE, AWARE, BOB, NOW, SECOND, H, refused
from tests.incidents.owing import breach, owed, receipt, told
from tocsin.model.categories import OPERATOR
from tocsin.model.principals import SERVICE, Principal
from tocsin.store import Store


def one_of(db: Connection, number: int, clause: str, customer: str) -> Obligation:
    (found,) = [o for o in obligations(db, number) if (o.clause, o.customer) == (clause, customer)]
    return found


def test_late_needs_a_reason(store: Store) -> None:
    number = breach(store, "acme")
    late = AWARE + 48 * H + SECOND
    found = told(store, number, receipt("delivered", late), late)
    assert (found.standing(late), found.lacks_reason(late)) == (Standing.LATE, True)

    def settle(db: Connection) -> list[str]:
        waive(db, number, OWN_FILING, OPERATOR, why="no risk", principal=ALICE, now=late)
        return unsettled(db, number, late)

    with store.begin() as db:
        assert settle(db) == [f"{NOTICE} to acme was late and nobody said why"]
        explained = explain(
            db, number, NOTICE, "acme", why="The relay was down.", principal=ALICE, now=late
        )
        assert explained.late_reason == "The relay was down."
        assert unsettled(db, number, late) == []


def test_to_be_in_time_at_the_very_second_is_in_time(store: Store) -> None:
    number = breach(store, "acme")
    due = AWARE + 48 * H
    assert told(store, number, receipt("delivered", due), due).standing(due) == Standing.MET


def test_reasons_are_for_what_is_late(store: Store) -> None:
    number = breach(store, "acme")

    def explaining(who: Principal, why: str, now: datetime) -> Callable[[Connection], object]:
        return lambda db: explain(db, number, NOTICE, "acme", why=why, principal=who, now=now)

    late = AWARE + 49 * H
    refused(store, "is not late", explaining(ALICE, "x", AWARE + 48 * H))
    refused(store, "no reason", explaining(ALICE, " ", late))
    refused(store, "a person does", explaining(SERVICE, "x", late))
    told(store, number, receipt("delivered"))
    refused(store, "is not late", explaining(ALICE, "x", late))


def test_reasons_may_come_before_the_late_notice(store: Store) -> None:
    number = breach(store, "acme")
    late = AWARE + 49 * H
    with store.begin() as db:
        explain(db, number, NOTICE, "acme", why="No contact answered.", principal=BOB, now=late)
    found = told(store, number, receipt("delivered", late + H), late + H)
    assert not found.lacks_reason(late + H)


def test_only_what_is_owed_can_be_waived_by_a_person_with_reasons(store: Store) -> None:
    number = breach(store, "acme")

    def waiving(who: Principal, why: str) -> Callable[[Connection], object]:
        return lambda db: waive(db, number, NOTICE, "acme", why=why, principal=who, now=NOW)

    refused(store, "a person does", waiving(SERVICE, "x"))
    refused(store, "no reason", waiving(ALICE, ""))
    with store.begin() as db:
        waiving(ALICE, "Its data were made up.")(db)
        assert one_of(db, number, NOTICE, "acme").standing(NOW) == Standing.WAIVED
    refused(store, "is waived", waiving(BOB, "x"))


def test_what_is_still_owed_is_named(store: Store) -> None:
    number = breach(store, "acme")
    with store.read() as db:
        assert unsettled(db, number, NOW) == [
            f"{NOTICE} to acme is running",
            f"{OWN_FILING} to operator is running",
        ]
        overdue = unsettled(db, number, AWARE + 49 * H)
    assert overdue[0] == f"{NOTICE} to acme is overdue"


def closed(store: Store) -> int:
    number = breach(store, "acme")
    told(store, number, receipt("delivered"))
    with store.begin() as db:
        waive(db, number, OWN_FILING, OPERATOR, why="no risk", principal=ALICE, now=NOW)
        close(
            db,
            number,
            why="done",
            unsettled=unsettled(db, number, NOW),
            principal=BOB,
            now=NOW,
        )
    return number


def test_a_bounce_opens_a_closed_incident_again(store: Store) -> None:
    number = closed(store)
    told(store, number, receipt("bounced", NOW + H), NOW + H)
    with store.read() as db:
        case = show(db, number).case
        assert [o.customer for o in open_obligations(db)] == ["acme"]
    assert case.assessment == Assessment.REOPENED
    assert case.awareness is not None


def test_a_further_customer_opens_a_closed_incident_again(store: Store) -> None:
    number = closed(store)
    shown = [Shown("acme", "confirmed", NOW, 1)]
    with store.begin() as db:
        take_run(db, number, shown, principal=SERVICE, now=NOW + H)
        assert show(db, number).case.assessment == Assessment.CLOSED
        shown = [Shown("globex", "confirmed", NOW + H, 2)]
        take_run(db, number, shown, principal=SERVICE, now=NOW + H)
        assert show(db, number).case.assessment == Assessment.REOPENED
        assert owed(db, number, NOW + H)[NOTICE, "globex"].is_open
