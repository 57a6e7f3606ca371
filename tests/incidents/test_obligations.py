"""What is owed to whom by when, what meets it, and that nothing is owed or met by accident."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from incidents.assessment import (
    Assessment,
    agree,
    close,
    confirm,
    correct,
    dismiss,
    reopen,
    show,
    take,
)
from incidents.obligations import (
    NOTICE,
    OWN_FILING,
    POSSIBLE,
    Duties,
    Obligation,
    ObligationSettings,
    Receipt,
    Shown,
    Standing,
    Terms,
    decide,
    explain,
    follow,
    load_law,
    obligations,
    of_clause,
    open_obligations,
    take_receipt,
    take_run,
    unsettled,
    waive,
)
from incidents.obligations.keep import KINDS, QUEUED
from incidents.obligations.law import DECISION, STRICT
from incidents.obligations.obligation import MEETS, met_at
from incidents.obligations.tables import obligation
from tests.incidents.cases import (
    ALICE,
    AWARE,
    BOB,
    KNOWN,
    NAIVE,
    NOW,
    H,
    at,
    detected,
    everything,
    refused,
    reported,
)
from tocsin.ledger.kinds import KINDS as LEDGER_KINDS
from tocsin.model.categories import OPERATOR
from tocsin.model.principals import SERVICE, Principal
from tocsin.store import Store

DUTIES = Duties(load_law(), {"globex": Terms(24), "eire": Terms(48, in_writing=True)})
NOT_CONTROLLER = DUTIES._replace(settings=ObligationSettings(operator_is_controller=False))
SECOND = timedelta(seconds=1)


def owed(db: Connection, number: int, now: datetime = NOW) -> dict[tuple[str, str], Obligation]:
    return {(o.clause, o.customer): o for o in follow(db, number, DUTIES, now=now)}


def breach(store: Store, *customers: str, aware_at: datetime = AWARE, now: datetime = NOW) -> int:
    number = reported(store, now=now)
    with store.begin() as db:
        follow(db, number, DUTIES, now=now)
        confirm(
            db,
            number,
            aware_at=aware_at,
            why="seen",
            customers=customers,
            principal=ALICE,
            now=now,
        )
        follow(db, number, DUTIES, now=now)
    return number


def one_of(db: Connection, number: int, clause: str, customer: str) -> Obligation:
    (found,) = [o for o in obligations(db, number) if (o.clause, o.customer) == (clause, customer)]
    return found


def receipt(kind: str, when: datetime = NOW, key: str = "n1/1", channel: str = "email") -> Receipt:
    return Receipt(kind=kind, at=when, key=key, channel=channel)


def told(
    store: Store, number: int, news: Receipt, now: datetime = NOW, customer: str = "acme"
) -> Obligation:
    with store.begin() as db:
        return take_receipt(db, number, NOTICE, customer, news, now=now)


# ---- what is owed


def test_before_anybody_has_judged_the_cap_and_the_strict_reading_run(store: Store) -> None:
    with store.begin() as db:
        number = detected(db)
        found = owed(db, number)
    assert set(found) == {(DECISION, ""), (STRICT, "")}
    assert found[DECISION, ""].due_at == KNOWN + 24 * H
    assert found[STRICT, ""].due_at == KNOWN + 48 * H


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
        assert follow(db, number, NOT_CONTROLLER, now=NOW) == []


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


# ---- customers found later, possible customers


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
        decide(db, number, "acme", "notify", why="likely", principal=ALICE, now=NOW + H)
        found = owed(db, number, NOW + H)
    assert found[POSSIBLE, "acme"].met_at == NOW + H
    assert found[NOTICE, "acme"].due_at == NOW + 49 * H
    assert found[NOTICE, "acme"].possible_since == NOW


def test_neither_a_second_yes_nor_a_run_that_confirms_it_moves_a_running_notice(
    store: Store,
) -> None:
    number = possible(store)
    with store.begin() as db:
        decide(db, number, "acme", "notify", why="likely", principal=ALICE, now=NOW + H)
        before = owed(db, number, NOW + H)[NOTICE, "acme"]
        decide(db, number, "acme", "notify", why="the same", principal=BOB, now=NOW + 5 * H)
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
        decide(db, number, "acme", "wait", why="logs come", until=until, principal=ALICE, now=NOW)
        waiting = owed(db, number)[POSSIBLE, "acme"]
        assert (waiting.is_open, waiting.due_at) == (True, until)
        decide(db, number, "acme", "exclude", why="run 2", principal=BOB, now=NOW + H)
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
            db, number, customer, answer, why="x", until=until, principal=who, now=NOW  # type: ignore[arg-type]
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


# ---- what meets it


@pytest.mark.parametrize("kind", ["delivered", "acknowledged"])
def test_delivered_or_acknowledged_counts_as_notified(kind: str, store: Store) -> None:
    number = breach(store, "acme")
    found = told(store, number, receipt(kind))
    assert (found.met_at, found.standing(NOW)) == (NOW, Standing.MET)
    assert found.met_by == receipt(kind)
    assert not found.is_open


@pytest.mark.parametrize(
    "kind",
    ["accepted", "relayed", "delayed", "unreached", "answered", "opened", "completed", "filed", ""],
)
def test_what_sounds_good_does_not_count(kind: str, store: Store) -> None:
    number = breach(store, "acme")
    before = everything(store)
    found = told(store, number, receipt(kind))
    assert (found.met_at, found.is_open) == (None, True)
    assert everything(store) == before


def test_the_same_news_twice_is_once(store: Store) -> None:
    number = breach(store, "acme")
    told(store, number, receipt("delivered"))
    before = everything(store)
    assert told(store, number, receipt("delivered", NOW + H), NOW + H).met_at == NOW
    assert everything(store) == before


def test_a_bounce_after_delivery_opens_it_again(store: Store) -> None:
    number = breach(store, "acme")
    told(store, number, receipt("delivered"))
    found = told(store, number, receipt("bounced", NOW + H), NOW + H)
    assert (found.is_open, found.standing(NOW + H)) == (True, Standing.RUNNING)
    found = told(store, number, receipt("delivered", NOW + 2 * H, "n1/2"), NOW + 2 * H)
    assert found.met_at == NOW + 2 * H
    with store.read() as db:
        kinds = [e.kind for e in show(db, number).entries][-3:]
    assert kinds == ["obligation.met", "obligation.reopened", "obligation.met"]


def test_a_bounce_told_before_its_delivery_is_one_all_the_same(store: Store) -> None:
    number = breach(store, "acme")
    told(store, number, receipt("bounced"))
    assert told(store, number, receipt("delivered", NOW + H), NOW + H).is_open


def test_a_bounce_takes_back_no_acknowledgement_and_no_other_message(store: Store) -> None:
    number = breach(store, "acme")
    told(store, number, receipt("delivered", NOW, "n1/1"))
    told(store, number, receipt("acknowledged", NOW + H, "n1/1"), NOW + H)
    told(store, number, receipt("delivered", NOW + 2 * H, "n2/1"), NOW + 2 * H)
    found = told(store, number, receipt("bounced", NOW + 3 * H, "n1/1"), NOW + 3 * H)
    assert found.met_at == NOW + H


def test_where_the_law_wants_writing_a_call_alone_never_counts(store: Store) -> None:
    number = breach(store, "acme", "eire")
    spoken = receipt("acknowledged", channel="phone")
    assert told(store, number, spoken).met_at == NOW
    assert told(store, number, spoken, customer="eire").met_at is None
    written = receipt("delivered", NOW + H, "n2/1")
    assert told(store, number, written, NOW + H, "eire").met_at == NOW + H


@pytest.mark.parametrize(("when", "said"), [(NOW + SECOND, "to come"), (NAIVE, "time zone")])
def test_a_receipt_of_the_future_is_refused(when: datetime, said: str, store: Store) -> None:
    number = breach(store, "acme")
    news = receipt("delivered", when)
    refused(store, said, lambda db: take_receipt(db, number, NOTICE, "acme", news, now=NOW))


def test_what_is_not_owed_cannot_be_met(store: Store) -> None:
    number = breach(store, "acme")
    news = receipt("delivered")
    refused(
        store,
        f"owes no {NOTICE} to globex",
        lambda db: take_receipt(db, number, NOTICE, "globex", news, now=NOW),
    )


receipts = st.builds(
    Receipt,
    kind=st.sampled_from(["delivered", "acknowledged", "bounced", "relayed"]),
    at=st.integers(0, 50).map(lambda hours: NOW + hours * H),
    key=st.sampled_from(["a", "b", "c"]),
    channel=st.sampled_from(["email", "phone"]),
)


@given(st.lists(receipts, max_size=8), st.randoms(use_true_random=False), st.booleans())
def test_the_order_in_which_news_comes_changes_nothing(
    news: list[Receipt], chance: Random, in_writing: bool
) -> None:  # fmt: skip
    found = met_at(NOTICE, news, in_writing=in_writing)
    other = list(news)
    chance.shuffle(other)
    assert met_at(NOTICE, other, in_writing=in_writing) == found
    assert met_at(STRICT, news, in_writing=in_writing) is None
    if found is not None:
        assert any(one.at == found and one.kind in MEETS[NOTICE] for one in news)


def test_a_filing_meets_the_operators_own(store: Store) -> None:
    number = breach(store)
    filed = Receipt(kind="filed", at=NOW, proof="CNIL 2026-1")
    with store.begin() as db:
        found = take_receipt(db, number, OWN_FILING, OPERATOR, filed, principal=ALICE, now=NOW)
    assert found.met_by == filed


# ---- late, waived, closed


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
