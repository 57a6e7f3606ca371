"""A further report on an incident that is there: the strict reading follows the first receipt."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incidents.assessment import Case
from incidents.obligations import NOTICE
from notifiers import outbox
from tests.casework.office import HOUR
from tests.casework.person import Person
from tocsin.app.casework import acts

AliceAt = Callable[[str], Person]
WORDS = ("--reporter", "customer", "--channel", "phone", "--what", "Its calls are on a page.")


def ago(hours: int) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - hours * HOUR


def reports(alice: Person, received_at: str | datetime, *more: str, number: int = 1) -> str:
    at = received_at if isinstance(received_at, str) else received_at.isoformat()
    return alice.types("incident", "report", number, *WORDS, "--received-at", at, *more)


def case(alice: Person, number: int = 1) -> Case:
    with alice.desk() as desk:
        return acts.show(desk, number).history.case


def strict(alice: Person, number: int = 1) -> datetime:
    with alice.desk() as desk:
        owed = acts.show(desk, number).owed
    (one,) = (one for one in owed if (one.clause, one.customer) == (NOTICE, "c-1"))
    return one.strict_due_at


def test_a_customers_earlier_report_is_added_to_a_detected_incident(
    alice_at: AliceAt, tmp_path: Path
) -> None:
    alice = alice_at("judged")
    mail = tmp_path / "mail.eml"
    mail.write_bytes(b"From: c-1\r\n\r\nHello")
    said = reports(alice, "2026-03-09T09:00+01:00", "--name", "Lavande", "--original", str(mail))
    assert "incident 1 has 1 report; known since 2026-03-09 08:00:00 UTC, by report" in said
    assert "2026-03-11 08:00:00" in said  # 48 hours from there
    assert "tocsin incident correct" not in said
    assert strict(alice) == datetime(2026, 3, 11, 8, tzinfo=UTC)
    shown = alice.types("incident", "show", 1)
    for part in ("customer 'Lavande' by phone, received 2026-03-09 08:00:00 UTC", "mail.eml"):
        assert part in shown
    assert "a further report came" in shown
    alice.types("incident", "show", 1, "--originals", tmp_path / "out")
    assert [one.read_bytes() for one in (tmp_path / "out").iterdir()] == [mail.read_bytes()]


def test_a_receipt_that_was_typed_too_late_is_put_right_by_the_right_one(
    alice_at: AliceAt,
) -> None:
    alice = alice_at("opened")
    alice.types("incident", "open", *WORDS, "--received-at", ago(1).isoformat())
    right = ago(5)
    reports(alice, right, number=2)
    assert case(alice, 2).known_at == right
    reports(alice, ago(3), number=2)
    assert case(alice, 2).known_at == right  # the first of all counts
    assert len(case(alice, 2).reports) == 3


def test_a_report_that_established_the_breach_before_awareness_says_how_to_correct_it(
    alice_at: AliceAt,
) -> None:
    alice = alice_at("judged")
    said = reports(alice, "2026-03-09T10:00Z", "--establishes")
    assert "tocsin incident correct 1 --aware-at 2026-03-09T10:00:00Z --why …" in said
    aware = case(alice).awareness
    assert aware is not None
    assert aware.aware_at > datetime(2026, 3, 9, 10, tzinfo=UTC)  # a person's to correct


def alerts(alice: Person) -> list[str]:
    with alice.desk() as desk, desk.store.read() as db:
        keys = [one.key for one in outbox.standings(db) if one.key.startswith("alert-1-report-")]
        return [outbox.message(db, key).body_text for key in keys]


def test_a_further_report_begins_again_what_was_no_breach(alice_at: AliceAt) -> None:
    alice = alice_at("opened")
    alice.types("incident", "dismiss", 1, "--why", "Our own test.")
    reports(alice, ago(1))
    assert str(case(alice).assessment) == "reopened"
    (said,) = alerts(alice)
    assert "came from a customer. It was over, and begins again." in said


def test_the_team_is_told_of_each_further_report_and_not_a_word_of_it(alice_at: AliceAt) -> None:
    alice = alice_at("judged")
    reports(alice, ago(5), "--name", "Lavande")
    reports(alice, ago(3))
    first, second = alerts(alice)
    assert first != second
    for said in (first, second):
        assert "A further report on incident 1" in said
        assert "begins again" not in said
        assert not any(word in said for word in ("Lavande", "Its calls", "a page"))


@pytest.mark.parametrize(
    ("number", "at", "said"),
    [
        (1, "2017-10-24T09:00+02:00", "received on 2017-10-24"),
        (1, "2099-03-09T10:00Z", "still to come"),
        (9, "2026-03-09T10:00Z", "no incident 9"),
        (1, "2026-03-09T10:00", "in which zone?"),
    ],
)
def test_a_further_report_that_cannot_be_changes_nothing(
    alice_at: AliceAt, number: int, at: str, said: str
) -> None:
    alice = alice_at("judged")
    command = ("incident", "report", number, *WORDS, "--received-at", at)
    assert said in alice.is_refused(*command)


def test_the_same_report_is_taken_once(alice_at: AliceAt) -> None:
    alice = alice_at("judged")
    command = ("incident", "report", 1, *WORDS, "--received-at", "2026-03-09T10:00Z")
    alice.types(*command)
    assert "on record already" in alice.is_refused(*command)
