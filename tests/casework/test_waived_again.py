"""What a person waived is owed again when a run says more of the customer than was waived upon."""

from pathlib import Path

import pytest

from incidents import obligations
from incidents.obligations import NOTICE, OWN_FILING, POSSIBLE, Obligation, Standing
from tests.casework import office
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, AWARE, BOB, HOUR, MINUTE, NOW, everything
from tests.casework.person import Person
from tests.casework.test_asked_again import C3, counted_anew, decision
from tests.casework.test_beside import (
    C4,
    MORE,
    SAID,
    judged,
    notice,
    opened,
    standings,
    states,
)
from tests.casework.test_declaring import statement
from tests.casework.test_overtaken import LATER, a_pass, alerts, folder
from tocsin.app.casework import acts, declaring, duties, measuring, sending
from tocsin.app.casework.desk import Desk

THEFTS = (office.theft(800, C4, "0001-01"), office.theft(801, C4, "0002-01"))
IN_ERROR = "Named in error; c-1 was meant."


def waived(desk: Desk, clause: str, customer: str, why: str = IN_ERROR) -> None:
    duties.waive(desk, 1, clause, customer, why=why, principal=ALICE, now=NOW + MINUTE)


def named_in_error(at: Copy) -> Desk:
    """Return a breach in which a person named a customer, and waived its notice."""
    desk = opened(at)
    judged(desk, C4)
    waived(desk, NOTICE, C4)
    assert standings(desk)[C4][0] == "excluded"
    assert not notice(desk).is_open
    return desk


def owed(desk: Desk) -> dict[tuple[str, str], Obligation]:
    return {(one.clause, one.customer): one for one in acts.show(desk, 1).owed}


def unsettled(desk: Desk) -> str:
    with desk.store.read() as db:
        return "; ".join(obligations.unsettled(db, 1, LATER))


def test_a_waived_notice_is_owed_again_once_events_confirm_the_customer(at: Copy) -> None:
    desk = named_in_error(at)
    before = owed(desk)
    a_pass(desk, *THEFTS)
    assert standings(desk)[C4] == ("confirmed", "touched")
    found = notice(desk)
    assert (found.is_open, found.standing(LATER)) == (True, Standing.RUNNING)
    # As of a customer found later: from the run that showed it; the strict reading from awareness.
    assert (found.starts_at, found.due_at) == (LATER, LATER + 48 * HOUR)
    assert found.strict_due_at == AWARE + 48 * HOUR
    assert "notice-to-customer to c-4 is running" in unsettled(desk)
    made = sending.preview(desk, 1, None, principal=ALICE, now=LATER + HOUR)
    assert [one.customer for one in made.notices] == ["c-1", "c-2", C4]
    after = owed(desk)
    del before[NOTICE, C4], after[NOTICE, C4]
    assert after == before


def test_that_it_is_owed_again_is_an_entry_of_the_ledger_and_happens_once(at: Copy) -> None:
    desk = named_in_error(at)
    a_pass(desk, *THEFTS)
    kinds = [one.kind for one in office.intact(desk)]
    assert kinds.count("obligation.reopened") == 1
    before = len(kinds)
    again = measuring.measure(desk, 1, principal=ALICE, now=LATER + HOUR)
    assert (again.warnings, again.owed_again) == ((), 0)
    assert [one.kind for one in office.intact(desk)][before:] == [
        "impact.computed",
        "customers.counted",
    ]


def test_that_it_is_owed_again_is_said_by_alert_show_and_status(
    at: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = named_in_error(at)
    a_pass(desk, *THEFTS)
    (said,) = alerts(desk)
    assert "Customers newly confirmed   1" in said
    assert "To be decided on again      0" in said
    assert "Waived, and owed again      1" in said
    assert C4 not in said
    alice = Person(folder(desk) / "config.toml", monkeypatch)
    shown = alice.types("incident", "show", 1)
    line = "notice-to-customer to c-4 was waived, and is owed again since a run says more: Named in"
    assert line in shown
    assert (
        "notice-to-customer was waived upon less and is owed again, due 2026-03-11 17:00" in shown
    )
    assert "with more than was decided upon" in shown
    assert "is waived" not in shown
    status = alice.types("notice", "status", 1)
    assert "! notice to c-4 was waived, and is owed again since a run says more" in status
    assert "tocsin notice preview 1 --customer c-4" in status


def test_a_waive_of_a_possible_customer_named_in_error_asks_for_a_decision(at: Copy) -> None:
    desk = named_in_error(at)
    read = [office.theft(700 + n, C4, f"{n:04}-01", sourceIPAddress="198.51.100.7") for n in (1, 2)]
    a_pass(desk, *read)
    assert standings(desk)[C4][0] == "possible"
    assert notice(desk).is_void
    asked = owed(desk)[POSSIBLE, C4]
    assert (asked.is_open, asked.starts_at, asked.due_at) == (True, LATER, LATER + 12 * HOUR)
    (said,) = alerts(desk)
    assert "To be decided on again      1" in said


def test_a_run_that_says_the_same_or_less_leaves_a_waive_as_it_is(at: Copy) -> None:
    desk = at("judged")
    waived(desk, NOTICE, "c-1", "It wrote that it wants no notice.")
    waived(desk, POSSIBLE, C3, "No risk.")
    before = owed(desk)
    measuring.measure(desk, 1, principal=ALICE, now=NOW + 2 * HOUR)
    counted_anew(desk, 10)
    made = measuring.measure(desk, 1, principal=ALICE, now=LATER)
    assert made.changes
    assert (made.warnings, made.asked_again, made.owed_again) == ((), 0, 0)
    assert owed(desk) == before


def test_a_waive_of_one_that_was_confirmed_is_taken_back_and_keeps_its_clock(at: Copy) -> None:
    desk = at("judged")
    before = owed(desk)[NOTICE, "c-1"]
    waived(desk, NOTICE, "c-1", "It wrote that it wants no notice.")
    a_pass(desk, office.theft(800, "c-1", "0007-01"))
    found = owed(desk)[NOTICE, "c-1"]
    assert found.is_open
    assert found.clock == before.clock  # it was known to be touched since awareness
    assert found.was_waived == "It wrote that it wants no notice."
    (said,) = alerts(desk)
    assert "Customers newly confirmed   0" in said
    assert "Waived, and owed again      1" in said
    waived_anew(desk)


def waived_anew(desk: Desk) -> None:
    """Waive it again, upon more: it stays waived until a run says more than that."""
    now = LATER + HOUR
    duties.waive(desk, 1, NOTICE, "c-1", why="It wrote again.", principal=ALICE, now=now)
    measuring.measure(desk, 1, principal=ALICE, now=LATER + 2 * HOUR)
    found = owed(desk)[NOTICE, "c-1"]
    assert (found.is_open, found.waived, found.was_waived) == (False, "It wrote again.", "")
    a_pass(desk, office.theft(801, "c-1", "0009-01"), minutes=240)
    assert owed(desk)[NOTICE, "c-1"].is_open


def test_a_waived_decision_on_a_possible_customer_is_asked_again(at: Copy) -> None:
    desk = at("judged")
    waived(desk, POSSIBLE, C3, "No risk.")
    assert not decision(desk).is_open
    others = {key: one for key, one in owed(desk).items() if key != (POSSIBLE, C3)}
    counted_anew(desk, 1000)
    made = measuring.measure(desk, 1, principal=ALICE, now=LATER)
    assert (made.asked_again, made.owed_again) == (1, 0)
    assert made.warnings == (
        f"! {C3} was decided on upon run 1, which said less: tocsin incident decide 1 {C3} …",
    )
    asked = decision(desk)
    assert (asked.is_open, asked.starts_at, asked.due_at) == (True, LATER, LATER + 12 * HOUR)
    assert {key: one for key, one in owed(desk).items() if key != (POSSIBLE, C3)} == others
    duties.decide(desk, 1, [C3], "exclude", why="Still.", principal=BOB, now=LATER + HOUR)
    assert not decision(desk).is_open


def test_a_decision_that_waited_and_was_waived_then_has_its_whole_time_again(at: Copy) -> None:
    desk = at("judged")
    until, more = NOW + 2 * HOUR, NOW + 60 * HOUR
    duties.decide(desk, 1, [C3], "wait", why="Logs.", until=until, principal=BOB, now=NOW)
    waived(desk, POSSIBLE, C3, "No risk.")
    counted_anew(desk, 1000)
    measuring.measure(desk, 1, principal=ALICE, now=more)
    assert (decision(desk).starts_at, decision(desk).due_at) == (more, more + 12 * HOUR)


def test_a_notice_to_a_suspected_customer_that_was_waived_asks_for_the_decision(at: Copy) -> None:
    desk = at("judged")
    duties.decide(desk, 1, [C3], "notify", why="Its prefix.", principal=BOB, now=NOW)
    waived(desk, NOTICE, C3, "Not after all.")
    counted_anew(desk, 1000)
    made = measuring.measure(desk, 1, principal=ALICE, now=LATER)
    assert (made.asked_again, made.owed_again) == (1, 0)
    assert (decision(desk).is_open, owed(desk)[NOTICE, C3].is_void) == (True, True)
    duties.decide(desk, 1, [C3], "notify", why="Now.", principal=BOB, now=LATER + HOUR)
    found = owed(desk)[NOTICE, C3]
    assert (found.is_open, found.starts_at) == (True, LATER + HOUR)


def test_what_a_person_states_after_the_waive_takes_it_back_too(at: Copy, tmp_path: Path) -> None:
    desk = named_in_error(at)
    line = (
        "! notice to c-4 was waived upon run 1, which said less; it is owed again: "
        "tocsin notice preview 1 --customer c-4"
    )
    said = declaring.declare(desk, 1, statement(tmp_path, SAID), principal=ALICE, now=LATER)
    assert (said.warnings, said.asked_again, said.owed_again) == ((line,), 0, 1)
    found = notice(desk)
    assert (found.is_open, found.starts_at) == (True, AWARE)  # the typing starts nothing
    duties.waive(desk, 1, NOTICE, C4, why="A mistake.", principal=ALICE, now=LATER + MINUTE)
    states(desk, tmp_path, now=LATER + HOUR)
    assert not notice(desk).is_open
    states(desk, tmp_path, MORE, now=LATER + 2 * HOUR)
    assert (notice(desk).is_open, notice(desk).starts_at) == (True, AWARE)


def test_a_closed_incident_begins_again_with_what_was_waived(at: Copy) -> None:
    desk = named_in_error(at)
    for one in owed(desk).values():
        if one.is_open:
            waived(desk, one.clause, one.customer, "A test.")
    acts.close(desk, 1, why="A test.", principal=BOB, now=NOW + HOUR)
    a_pass(desk, *THEFTS)
    assert str(acts.show(desk, 1).history.case.assessment) == "reopened"
    assert (notice(desk).is_open, notice(desk).starts_at) == (True, LATER)


OWN = """
[[customer]]
id = "operator"
standing = "confirmed"
why = "Our own contacts were in it."

[[customer.data]]
category = "contact"
stores = ["support desk"]
effects = ["confidentiality"]
records = 12
subjects = 12
people = ["customers and prospects"]
"""


def test_our_own_filing_is_owed_again_once_our_own_data_are_shown(at: Copy, tmp_path: Path) -> None:
    desk = at("judged")
    waived(desk, OWN_FILING, "operator", "None of our own data.")
    before = owed(desk)
    states(desk, tmp_path, OWN, now=LATER)
    found = owed(desk)[OWN_FILING, "operator"]
    assert found.is_open
    assert found.was_waived == "None of our own data."
    after = owed(desk)
    del before[OWN_FILING, "operator"], after[OWN_FILING, "operator"]
    assert after == before


@pytest.mark.parametrize("times", [1, 3])
def test_following_the_case_again_takes_nothing_more_back(at: Copy, times: int) -> None:
    desk = named_in_error(at)
    a_pass(desk, *THEFTS)
    before = everything(desk)["case_entry"]
    with desk.store.begin() as db:
        for n in range(times):
            obligations.follow(db, 1, desk.duties(db), now=LATER + n * HOUR)
    assert everything(desk)["case_entry"] == before
