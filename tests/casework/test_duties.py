"""What is owed is settled by people, through the command line; what is refused changes nothing."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from incidents.obligations import (
    NOTICE,
    OWN_FILING,
    POSSIBLE,
    Obligation,
    Shown,
    Standing,
    follow,
    take_run,
)
from incidents.obligations.law import DECISION
from tests.casework.office import ALICE, AWARE, HOUR, NOW
from tests.casework.person import Person
from tocsin.app.casework import acts

AliceAt = Callable[[str], Person]


# ---- taken, begun again


def test_who_takes_an_incident_stands_at_it_and_nobody_else_can_take_it(alice_at: AliceAt) -> None:
    alice = alice_at("opened")
    said = alice.types("incident", "take", 1)
    assert "incident 1 is under assessment, taken by shell:alice" in said
    shown = alice.types("incident", "show", 1)
    assert "taken by  shell:alice" in shown
    assert "taken. Why: to be looked into" in shown
    bob = alice.colleague("bob")
    assert "was taken by shell:alice already" in bob.is_refused("incident", "take", 1)


def test_what_was_judged_is_not_taken(alice_at: AliceAt) -> None:
    said = alice_at("judged").is_refused("incident", "take", 1)
    assert "incident 1 is breach: it cannot be moved by take" in said


def test_what_was_judged_no_breach_begins_again_with_reasons(alice_at: AliceAt) -> None:
    alice = alice_at("opened")
    assert "cannot be moved by reopen" in alice.is_refused(
        "incident", "reopen", 1, "--why", "A customer called."
    )
    alice.types("incident", "dismiss", 1, "--why", "Our own test.")
    assert "no reason given" in alice.is_refused("incident", "reopen", 1, "--why", " ")
    said = alice.types("incident", "reopen", 1, "--why", "A customer called.")
    assert "incident 1 is reopened" in said
    assert "decision-on-incident" in alice.types("incident", "show", 1)


# ---- possible customers


def owed(alice: Person, clause: str, customer: str) -> Obligation | None:
    """Return what is owed to one, or None."""
    with alice.desk() as desk:
        found = acts.show(desk, 1).owed
    return next((one for one in found if (one.clause, one.customer) == (clause, customer)), None)


def also_possible(alice: Person, *customers: str, now: datetime = NOW) -> None:
    """Let a later run show further customers as possible."""
    with alice.desk() as desk, desk.store.begin() as db:
        shown = [Shown(one, "possible", now, 2) for one in customers]
        take_run(db, 1, shown, principal=ALICE, now=now)
        follow(db, 1, desk.duties(db), now=now)


def test_a_possible_customer_that_a_person_confirms_is_owed_a_notice_from_then_on(
    alice_at: AliceAt,
) -> None:
    alice = alice_at("judged")
    assert owed(alice, NOTICE, "c-3") is None
    before = datetime.now(UTC)
    alice.types("incident", "decide", 1, "c-3", "--notify", "--why", "Its prefix is open.")
    decision, notice = owed(alice, POSSIBLE, "c-3"), owed(alice, NOTICE, "c-3")
    assert decision is not None
    assert notice is not None
    assert decision.met_at is not None
    assert notice.starts_at == decision.met_at >= before
    assert notice.due_at == notice.starts_at + 48 * HOUR


def test_excluded_customers_are_owed_nothing_all_by_one_decision(alice_at: AliceAt) -> None:
    alice = alice_at("judged")
    also_possible(alice, "c-4", "c-5")
    command = ("incident", "decide", 1, "c-3", "c-4", "c-5", "--exclude")
    alice.types(*command, "--why", "Run 3 shows no event of them.")
    for customer in ("c-3", "c-4", "c-5"):
        decision = owed(alice, POSSIBLE, customer)
        assert decision is not None
        assert not decision.is_open
        assert owed(alice, NOTICE, customer) is None


def test_a_decision_may_wait_and_is_asked_again_then(alice_at: AliceAt) -> None:
    alice = alice_at("judged")
    now = datetime.now(UTC).replace(microsecond=0)
    also_possible(alice, "c-4", now=now)
    command = ("incident", "decide", 1, "c-4", "--why", "Logs come.", "--wait-until")
    alice.types(*command, (now + 5 * HOUR).isoformat())
    decision = owed(alice, POSSIBLE, "c-4")
    assert decision is not None
    assert (decision.is_open, decision.due_at) == (True, now + 5 * HOUR)
    assert "is too long" in alice.is_refused(*command, (now + 49 * HOUR).isoformat())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("c-3", "c-1", "--exclude"), "customer c-1 is confirmed; there is nothing to decide"),
        (("c-3", "c-9", "--notify"), "customer c-9 is not shown by any impact run"),
        (("c-3",), "one of --notify, --exclude and --wait-until is needed"),
        (("c-3", "--notify", "--exclude"), "and only one"),
        (("c-3", "--wait-until", "2026-03-09T15:00Z"), "is over already"),
    ],
)
def test_a_decision_counts_for_all_that_it_names_or_for_none(
    alice_at: AliceAt, arguments: tuple[str, ...], said: str
) -> None:
    alice = alice_at("judged")
    assert said in alice.is_refused("incident", "decide", 1, *arguments, "--why", "x")


# ---- late, waived


def test_one_reason_explains_all_notices_that_are_late(alice_at: AliceAt) -> None:
    alice = alice_at("judged")
    alice.types("incident", "explain", 1, NOTICE, "--why", "The relay was down.")
    for customer in ("c-1", "c-2"):
        notice = owed(alice, NOTICE, customer)
        assert notice is not None
        assert notice.late_reason == "The relay was down."
    shown = alice.types("incident", "show", 1)
    assert "notice-to-customer to c-1 is late: The relay was down." in shown
    said = alice.is_refused("incident", "explain", 1, NOTICE, "--why", "x")
    assert "no notice-to-customer is late without a reason" in said


def test_a_reason_for_one_customer_is_no_reason_for_another(alice_at: AliceAt) -> None:
    alice = alice_at("judged")
    command = ("incident", "explain", 1, NOTICE, "--customer", "c-2", "--why")
    alice.types(*command, "Nobody answered.")
    one, other = owed(alice, NOTICE, "c-2"), owed(alice, NOTICE, "c-1")
    assert one is not None
    assert other is not None
    assert (one.late_reason, other.late_reason) == ("Nobody answered.", "")


def test_the_reason_in_a_facts_file_explains_the_notices_that_are_late(alice_at: AliceAt) -> None:
    alice = alice_at("judged")
    facts = alice.config.parent / "late.toml"
    facts.write_text('[late_reason]\nfr = "Relais en panne."\nen = "The relay was down."\n')
    alice.types("incident", "decide", 1, "c-3", "--notify", "--why", "x")
    alice.types("incident", "assess", 1, "--facts", facts)
    reasons = {}
    for customer in ("c-1", "c-2", "c-3"):
        notice = owed(alice, NOTICE, customer)
        assert notice is not None
        reasons[customer] = notice.late_reason
    down = "The relay was down."
    assert reasons == {"c-1": down, "c-2": down, "c-3": ""}  # c-3's clock has just started


def test_what_is_waived_is_owed_no_more_and_says_why(alice_at: AliceAt) -> None:
    alice = alice_at("judged")
    said = alice.types("incident", "waive", 1, OWN_FILING, "--why", "None of our own data.")
    assert "waived" in said
    shown = alice.types("incident", "show", 1)
    assert "own-filing to operator is waived: None of our own data." in shown
    again = alice.is_refused("incident", "waive", 1, OWN_FILING, "--why", "x")
    assert "own-filing to operator is waived" in again


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("waive", 1, NOTICE), "Say which is meant with `--customer`"),
        (("waive", 1, NOTICE, "--customer", "c-3"), "owes no notice-to-customer to c-3"),
        (("waive", 1, "notice"), "It owes decision-on-incident, decision-on-possible-customer"),
        (("explain", 1, "notice"), "incident 1 owes no notice"),
        (("explain", 1, DECISION), "no decision-on-incident is late"),
        (("explain", 9, NOTICE), "no incident 9"),
        (("waive", 9, NOTICE), "no incident 9"),
    ],
)
def test_what_is_not_owed_is_neither_explained_nor_waived(
    alice_at: AliceAt, arguments: tuple[object, ...], said: str
) -> None:
    alice = alice_at("judged")
    assert said in alice.is_refused("incident", *arguments, "--why", "x")


# ---- our own filing

FILING = ("incident", "filed", 1, "--reference", "2026-0471", "--authority", "CNIL", "--at")


def test_a_filing_meets_what_is_owed_to_the_authority_when_it_was_made(alice_at: AliceAt) -> None:
    alice = alice_at("judged")
    at = AWARE + 20 * HOUR
    alice.types(*FILING, at.isoformat())
    filing = owed(alice, OWN_FILING, "operator")
    assert filing is not None
    assert filing.met_at == at
    assert filing.standing(datetime.now(UTC)) == Standing.MET
    shown = alice.types("incident", "show", 1)
    assert "own-filing to operator was filed at 2026-03-10 09:30:00 UTC: CNIL, 2026-0471" in shown
    assert "is on record already" in alice.is_refused(*FILING, at.isoformat())


def test_a_late_filing_is_late_and_its_reason_is_asked_for(alice_at: AliceAt) -> None:
    alice = alice_at("judged")
    assert "late" in alice.types(*FILING, (AWARE + 80 * HOUR).isoformat())
    alice.types("incident", "explain", 1, OWN_FILING, "--why", "We judged it anew.")
    filing = owed(alice, OWN_FILING, "operator")
    assert filing is not None
    assert not filing.lacks_reason(datetime.now(UTC))


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2126-03-09T15:00Z", "is still to come"),
        ("2026-03-08T15:00Z", "before anything was known of it"),
        ("2026-03-09T15:00", "in which zone?"),
    ],
)
def test_a_filing_was_made_at_an_instant_that_can_be(alice_at: AliceAt, at: str, said: str) -> None:
    assert said in alice_at("judged").is_refused(*FILING, at)


def test_nothing_is_filed_for_what_is_no_breach(alice_at: AliceAt) -> None:
    said = alice_at("opened").is_refused(*FILING, NOW.isoformat())
    assert "incident 1 owes no own-filing to operator" in said
