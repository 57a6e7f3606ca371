"""A mistyped instant of awareness is refused: it never ends as "nothing is owed"."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from incidents import obligations
from incidents.assessment import confirm, correct
from incidents.obligations import NOTICE, Duties, Terms, load_law
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, BOB, NOW, everything, judged
from tests.casework.person import Person
from tests.incidents.cases import NOW as DECIDED
from tests.incidents.cases import reported as incident_of
from tocsin.app.casework import acts
from tocsin.errors import Refusal
from tocsin.store import Store

BEFORE_LAW = datetime(2010, 1, 1, tzinfo=UTC)
LAST_DAY = datetime(2018, 5, 24, 23, 59, 59, tzinfo=UTC)
FIRST_DAY = datetime(2018, 5, 25, tzinfo=UTC)


@pytest.mark.parametrize("aware_at", [BEFORE_LAW, LAST_DAY])
def test_where_no_law_holds_nothing_is_confirmed_whatever_the_reason(
    at: Copy, aware_at: datetime
) -> None:
    desk = at("opened")
    before = everything(desk)
    with pytest.raises(Refusal, match="before its first event"):
        acts.confirm(desk, 1, aware_at=aware_at, why="Seen.", principal=ALICE, now=NOW)
    with pytest.raises(Refusal, match="no version of notice-to-customer") as refused:
        acts.confirm(
            desk,
            1,
            aware_at=aware_at,
            why="Seen.",
            earlier_because="We were warned.",
            principal=ALICE,
            now=NOW,
        )
    assert "mistyped" in refused.value.hint
    assert everything(desk) == before


def test_where_no_law_holds_nothing_is_corrected(at: Copy) -> None:
    desk = at("judged")
    before = everything(desk)
    for because, said in (("", "before its first event"), ("Warned.", "no version of")):
        with pytest.raises(Refusal, match=said):
            acts.correct(
                desk,
                1,
                aware_at=BEFORE_LAW,
                why="x",
                earlier_because=because,
                principal=ALICE,
                now=NOW,
            )
    assert everything(desk) == before


def test_with_a_reason_it_is_earlier_and_everything_is_owed_from_then(at: Copy) -> None:
    desk = at("opened")
    judged(desk, aware_at=FIRST_DAY, earlier_because="The supplier's letter lay unread.")
    shown = acts.show(desk, 1)
    assert {one.starts_at for one in shown.owed if one.clause == NOTICE} == {FIRST_DAY}
    (step,) = (one for one in shown.course if one.what.startswith("judged a breach"))
    assert "before its first event: The supplier's letter lay unread." in step.why


def test_what_was_confirmed_before_this_rule_owes_all_the_same(store: Store) -> None:
    number = incident_of(store)
    duties = Duties(load_law(), {"acme": Terms(24)})
    with store.begin() as db:
        confirm(
            db,
            number,
            aware_at=BEFORE_LAW,
            why="x",
            customers=["acme"],
            earlier_because="x",
            principal=ALICE,
            now=DECIDED,
        )
        found = obligations.follow(db, number, duties, now=DECIDED)
    assert {one.clause for one in found if one.is_open} == {
        "notice-to-customer",
        "own-filing",
        "impact-of-breach",
    }


def test_law_holds_from_its_first_day_on() -> None:
    law = load_law()
    law.must_hold(FIRST_DAY)
    with pytest.raises(Refusal, match="holds on that day"):
        law.must_hold(FIRST_DAY - timedelta(seconds=1))
    assert law.of_case(NOTICE, date(2010, 1, 1)) is not None
    assert law.of_case("nis2-final", date(2026, 1, 1)) is None  # it is switched off


def test_a_second_person_agrees_to_no_instant_without_law(at: Copy) -> None:
    desk = at("opened")
    judged(desk)
    with desk.store.begin() as db:  # as it was asked for and kept before there was this rule
        correct(
            db,
            1,
            aware_at=BEFORE_LAW,
            why="x",
            earlier_because="x",
            principal=ALICE,
            now=NOW,
        )
        later = BEFORE_LAW.replace(year=2011)
        case = correct(
            db, 1, aware_at=later, why="x", earlier_because="x", principal=ALICE, now=NOW
        )
    (asked,) = case.proposals
    before = everything(desk)
    with pytest.raises(Refusal, match="no version of"):
        acts.agree(desk, 1, entry=asked.entry, principal=BOB, now=NOW)
    assert everything(desk) == before


def test_the_command_line_takes_the_reason(alice_at: Callable[[str], Person]) -> None:
    alice = alice_at("opened")
    words = ("incident", "confirm", 1, "--aware-at", "2019-03-09T11:00Z", "--why", "Seen.")
    assert "--earlier-because" in alice.is_refused(*words)
    alice.types(*words, "--earlier-because", "Warned by phone.")
    correction = ("incident", "correct", 1, "--aware-at", "2019-03-08T11:00Z", "--why", "Typo.")
    assert "--earlier-because" in alice.is_refused(*correction)
    alice.types(*correction, "--earlier-because", "Warned by phone.")
    assert "Warned by phone." in alice.types("incident", "show", 1, "--all")
