"""Since when a customer's clock counts: awareness, what a statement says, or the run that found it.

Never the typing.
"""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from incidents import obligations
from incidents.assessment import Told
from incidents.obligations import NOTICE, Obligation, Standing
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, BOB, HOUR, MINUTE, NOW, assessed, everything
from tests.casework.test_declaring import SAID, statement
from tocsin.app.casework import acts, declaring, measuring, sending
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal

RECEIVED = NOW - 80 * HOUR
WINDOW = timedelta(hours=24)
"""Of customer c-2's contract."""


def reported(desk: Desk, received_at: datetime = RECEIVED, *, establishes: bool = True) -> int:
    told = Told(
        title="A list sent to the wrong customer",
        what="Your list of contacts is in our mailbox, Harbour Finch.",
        received_at=received_at,
        reporter="supplier",
        name="Maison Lavande",
        channel="email",
        establishes=establishes,
    )
    return acts.report(desk, told, principal=ALICE, now=NOW).number


def confirmed(desk: Desk, number: int, aware_at: datetime, *customers: str) -> None:
    acts.confirm(
        desk,
        number,
        aware_at=aware_at,
        why="The mail is there.",
        customers=customers,
        later_because="It named no list." if aware_at > RECEIVED else "",
        principal=ALICE,
        now=NOW,
    )


def stated(desk: Desk, number: int, folder: Path, now: datetime = NOW, **known_at: str) -> None:
    text = SAID
    for at in known_at.values():
        text = text.replace("why = ", f"known_at = {at}\nwhy = ", 1)
    declaring.declare(desk, number, statement(folder, text), principal=ALICE, now=now)


def notice(desk: Desk, number: int, customer: str = "c-2") -> Obligation:
    owed = acts.show(desk, number).owed
    return next(one for one in owed if (one.clause, one.customer) == (NOTICE, customer))


@pytest.mark.parametrize("order", ["stated first", "judged first", "named"])
def test_who_a_report_names_counts_from_its_receipt_whenever_it_is_typed_in(
    at: Copy, tmp_path: Path, order: str
) -> None:
    desk = at("opened")
    number = reported(desk)
    if order == "stated first":
        stated(desk, number, tmp_path)
    confirmed(desk, number, RECEIVED, *(["c-2"] if order == "named" else []))
    if order == "judged first":
        stated(desk, number, tmp_path, NOW + 5 * MINUTE)
    one = notice(desk, number)
    assert (one.starts_at, one.due_at, one.strict_due_at) == (
        RECEIVED,
        RECEIVED + WINDOW,
        RECEIVED + WINDOW,
    )
    assert one.standing(NOW) is Standing.OVERDUE
    assert one.lacks_reason(NOW)


def test_what_a_run_showed_before_it_was_judged_counts_from_awareness(at: Copy) -> None:
    desk = at("opened")
    aware = NOW - HOUR
    measuring.measure(desk, 1, principal=ALICE, now=NOW - 10 * MINUTE)
    acts.confirm(desk, 1, aware_at=aware, why="Seen.", principal=ALICE, now=NOW)
    known = acts.show(desk, 1).history.case.known_at
    for customer in ("c-1", "c-2"):
        one = notice(desk, 1, customer)
        assert one.starts_at == aware
        assert one.due_at == aware + one.window
        assert one.strict_due_at == min(known, aware) + one.window


def test_only_what_a_run_finds_after_it_was_judged_counts_from_that_run(at: Copy) -> None:
    desk = at("opened")
    aware = NOW - HOUR
    acts.confirm(desk, 1, aware_at=aware, why="Seen.", principal=ALICE, now=NOW)
    measuring.measure(desk, 1, principal=ALICE, now=NOW + HOUR)
    one = notice(desk, 1)
    assert (one.starts_at, one.strict_due_at) == (NOW + HOUR, aware + WINDOW)


def test_the_strict_reading_of_a_stated_customer_is_moved_by_no_later_awareness(
    at: Copy, tmp_path: Path
) -> None:
    desk = at("opened")
    number = reported(desk, establishes=False)
    confirmed(desk, number, RECEIVED + 10 * HOUR)
    stated(desk, number, tmp_path)
    assert notice(desk, number).strict_due_at == RECEIVED + WINDOW
    acts.correct(
        desk, number, aware_at=RECEIVED + 20 * HOUR, why="Later.", principal=ALICE, now=NOW
    )
    (asked,) = acts.show(desk, number).history.case.proposals
    acts.agree(desk, number, entry=asked.entry, principal=BOB, now=NOW)
    one = notice(desk, number)
    assert (one.starts_at, one.strict_due_at) == (RECEIVED + 20 * HOUR, RECEIVED + WINDOW)


def test_a_statement_may_say_since_when_a_customer_is_known(at: Copy, tmp_path: Path) -> None:
    desk = at("opened")
    number = reported(desk)
    confirmed(desk, number, RECEIVED)
    since = NOW - 2 * HOUR
    stated(desk, number, tmp_path, since=since.isoformat())
    one = notice(desk, number)
    assert (one.starts_at, one.due_at) == (since, since + WINDOW)
    assert one.strict_due_at == RECEIVED + WINDOW  # the one from awareness stands beside it
    assert one.standing(NOW) is Standing.RUNNING
    assessed(desk, number)
    letters = tmp_path / "letters"
    sending.preview(desk, number, letters, principal=ALICE, now=NOW + 2 * MINUTE)
    body = " ".join((letters / "c-2" / "body.txt").read_text().split())
    assert "when we learned that your data were touched" in body
    assert "when our investigation first showed" not in body


def test_a_letter_that_counts_from_awareness_names_no_start_of_its_own(
    at: Copy, tmp_path: Path
) -> None:
    desk = at("opened")
    number = reported(desk, NOW - 2 * HOUR)
    confirmed(desk, number, NOW - 2 * HOUR)
    stated(desk, number, tmp_path, NOW + MINUTE)
    assessed(desk, number)
    letters = tmp_path / "letters"
    sending.preview(desk, number, letters, principal=ALICE, now=NOW + 2 * MINUTE)
    body = " ".join((letters / "c-2" / "body.txt").read_text().split())
    assert "when we learned" not in body
    assert "when our investigation first showed" not in body


def test_a_later_statement_can_put_a_customer_earlier(at: Copy, tmp_path: Path) -> None:
    desk = at("opened")
    number = reported(desk)
    confirmed(desk, number, RECEIVED)
    for since in (NOW - 2 * HOUR, NOW - 3 * HOUR, NOW - 3 * HOUR):
        stated(desk, number, tmp_path, since=since.isoformat())
        assert notice(desk, number).starts_at == since
    stated(desk, number, tmp_path)
    assert notice(desk, number).starts_at == RECEIVED


@pytest.mark.parametrize(
    ("step", "known_at", "fault"),
    [
        ("judged", NOW + MINUTE, "is still to come"),
        ("judged", RECEIVED - MINUTE, "is before awareness"),
        ("stated", NOW - HOUR, "counts from awareness"),
        ("stated with it", NOW - HOUR, "already"),
        ("opened", NOW - HOUR, "nobody has judged it a breach yet"),
    ],
)
def test_a_customer_is_known_since_no_instant_that_cannot_be(
    at: Copy, tmp_path: Path, step: str, known_at: datetime, fault: str
) -> None:
    desk = at("opened")
    number = reported(desk)
    if step != "opened":
        confirmed(desk, number, RECEIVED)
    if step == "stated":
        stated(desk, number, tmp_path)
    if step == "stated with it":
        stated(desk, number, tmp_path, since=(NOW - 2 * HOUR).isoformat())
    before = everything(desk)
    with pytest.raises(Refusal, match=fault):
        stated(desk, number, tmp_path, since=known_at.isoformat())
    assert everything(desk) == before


def test_what_is_overdue_when_it_is_typed_in_is_reminded_of_at_once(
    at: Copy, tmp_path: Path
) -> None:
    desk = at("opened")
    number = reported(desk)
    confirmed(desk, number, RECEIVED)
    stated(desk, number, tmp_path)
    with desk.store.begin() as db:
        due = obligations.tick(db, desk.duties(db), now=NOW + MINUTE)
    of_notice = [one for one in due if one.obligation.clause == NOTICE]
    assert {one.standing for one in of_notice} == {Standing.OVERDUE}
    assert {name for one in of_notice for name in one.names} >= {"due", "due-1h"}


@pytest.mark.parametrize("later", [False, True])
def test_a_letter_says_of_each_reading_from_what_it_counts(
    at: Copy, tmp_path: Path, *, later: bool
) -> None:
    desk = at("opened")
    received = NOW - 4 * HOUR
    number = reported(desk, received)
    confirmed(desk, number, received)
    since = {"since": (NOW - HOUR).isoformat()} if later else {}
    stated(desk, number, tmp_path, NOW, **since)
    assessed(desk, number)
    told = tmp_path / "before"
    sending.preview(desk, number, told, principal=ALICE, now=NOW + MINUTE)
    assert "Counted from the report: Tuesday 10 March 2026 at 10:00" in _body(told)
    aware = received - HOUR
    acts.correct(
        desk,
        number,
        aware_at=aware,
        why="Their call came first.",
        earlier_because="It was taken down by hand.",
        principal=ALICE,
        now=NOW + 2 * MINUTE,
    )
    told = tmp_path / "after"
    sending.preview(desk, number, told, principal=ALICE, now=NOW + 3 * MINUTE)
    body = _body(told)
    assert body.count("Counted from our awareness: Tuesday 10 March 2026 at 09:00") == 1
    assert "Counted from the report" not in body


def _body(letters: Path) -> str:
    return " ".join((letters / "c-2" / "body.txt").read_text().split())
