"""What a person decided on a possible customer is asked again when a run says more of it."""

from datetime import datetime
from typing import Any

import pytest

from incidents import obligations
from incidents.impact import CustomerImpact, Range, Reason, Standing
from incidents.obligations import POSSIBLE, Obligation
from tests.casework import office
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, BOB, HOUR, MINUTE, NOW
from tests.casework.test_overtaken import LATER, a_pass, alerts, folder
from tests.casework.worlds import category
from tocsin.app.casework import acts, duties, measuring
from tocsin.app.casework.asking import says_more
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal

C3 = "c-3"
OWNERS = "198.51.100.7"


def counted_anew(desk: Desk, records: int) -> None:
    """Import an inventory that counts so many records of each customer."""
    rows = ["store;customer;category;records;subjects;on"]
    rows += [
        f"recordings;{one};telephone conversations;{records if one == C3 else 100};40;2026-03-01"
        for one in office.NAMES
    ]
    texts = {"inventory__csv": "\n".join(rows)}
    office.take_registers(desk, office.registers(folder(desk), **texts), NOW + HOUR)


def decision(desk: Desk) -> Obligation:
    owed = acts.show(desk, 1).owed
    return next(one for one in owed if (one.clause, one.customer) == (POSSIBLE, C3))


def excluded(at: Copy) -> Desk:
    desk = at("judged")
    duties.decide(desk, 1, [C3], "exclude", why="One line.", principal=BOB, now=NOW + HOUR)
    assert not decision(desk).is_open
    return desk


def test_an_exclusion_does_not_outlive_a_run_that_says_more(at: Copy) -> None:
    desk = excluded(at)
    same = measuring.measure(desk, 1, principal=ALICE, now=NOW + 2 * HOUR)
    assert (same.warnings, same.asked_again, decision(desk).is_open) == ((), 0, False)
    counted_anew(desk, 1000)
    made = measuring.measure(desk, 1, principal=ALICE, now=LATER)
    assert made.asked_again == 1
    (line,) = made.warnings
    assert line == (
        f"! {C3} was decided on upon run 1, which said less: tocsin incident decide 1 {C3} …"
    )
    asked = decision(desk)
    assert (asked.is_open, asked.due_at) == (True, LATER + 12 * HOUR)
    assert "decision-on-possible-customer to c-3 is running" in _unsettled(desk)
    said = [step.what for step in acts.show(desk, 1).course]
    assert any("with more than was decided upon" in one for one in said)
    duties.decide(desk, 1, [C3], "exclude", why="Still.", principal=BOB, now=LATER + HOUR)
    again = measuring.measure(desk, 1, principal=ALICE, now=LATER + 2 * HOUR)
    assert (again.asked_again, decision(desk).is_open) == (0, False)


def waits(desk: Desk, until: datetime, now: datetime) -> None:
    duties.decide(desk, 1, [C3], "wait", why="Logs.", until=until, principal=BOB, now=now)


def test_a_wait_that_is_asked_again_ends_when_it_would_have_ended(at: Copy) -> None:
    desk = at("judged")
    limit = decision(desk).starts_at + 48 * HOUR
    waits(desk, NOW + 40 * HOUR, NOW + HOUR)
    counted_anew(desk, 1000)
    assert measuring.measure(desk, 1, principal=ALICE, now=NOW + 20 * HOUR).asked_again == 1
    asked = decision(desk)
    assert (asked.starts_at, asked.due_at) == (NOW + 20 * HOUR, NOW + 32 * HOUR)
    with pytest.raises(Refusal, match="wait"):
        waits(desk, limit + MINUTE, NOW + 21 * HOUR)
    waits(desk, limit, NOW + 21 * HOUR)
    assert decision(desk).due_at == limit
    counted_anew(desk, 2000)
    late = limit - 2 * HOUR
    assert measuring.measure(desk, 1, principal=ALICE, now=late).asked_again == 1
    assert (decision(desk).starts_at, decision(desk).due_at) == (late, limit)
    with pytest.raises(Refusal, match="wait"):
        waits(desk, limit + MINUTE, late)
    duties.decide(desk, 1, [C3], "exclude", why="Done.", principal=BOB, now=late)
    assert (decision(desk).is_open, decision(desk).due_at) == (False, limit)  # met, in time
    counted_anew(desk, 3000)
    measuring.measure(desk, 1, principal=ALICE, now=limit + HOUR)  # an exclusion is a decision
    assert decision(desk).due_at == limit + 13 * HOUR


def test_the_alert_counts_who_is_asked_about_again_and_names_nobody(at: Copy) -> None:
    desk = excluded(at)
    counted_anew(desk, 1000)
    a_pass(desk, office.theft(800, "c-1", "0007-01"))
    (said,) = alerts(desk)
    assert "To be decided on again      1" in said
    assert C3 not in said
    assert decision(desk).is_open


def test_a_run_that_says_less_asks_nothing(at: Copy) -> None:
    desk = excluded(at)
    counted_anew(desk, 10)
    made = measuring.measure(desk, 1, principal=ALICE, now=LATER)
    assert made.changes
    assert (made.asked_again, decision(desk).is_open) == (0, False)


def test_an_exclusion_does_not_outlive_a_stronger_reason_with_the_same_numbers(at: Copy) -> None:
    desk = excluded(at)
    before = measuring.measured(desk, 1).run.of(C3)
    assert before is not None
    # The attack's own key, from where its owner works: perhaps the attack, perhaps not.
    read = [office.theft(700 + n, C3, f"{n:04}-01", sourceIPAddress=OWNERS) for n in range(60)]
    a_pass(desk, *read)
    made = measuring.measured(desk, 1).run
    after = made.of(C3)
    assert after is not None
    assert (before.reason, after.reason) == (Reason.NOT_COVERED, Reason.SHARED_CREDENTIAL)
    assert [(one.records.min, one.records.best, one.records.max) for one in after.categories] == [
        (one.records.min, one.records.best, one.records.max) for one in before.categories
    ]
    assert made.number == 2
    (said,) = alerts(desk)
    assert "To be decided on again      1" in said
    assert decision(desk).is_open


def _unsettled(desk: Desk) -> str:
    with desk.store.read() as db:
        return "; ".join(obligations.unsettled(db, 1, LATER))


@pytest.mark.parametrize(
    ("was", "now", "is_more"),
    [
        ((0, None, 1), (0, None, 1), False),
        ((0, None, 1), (0, 1000, 1001), True),
        ((0, None, 1001), (0, 1000, 1001), True),
        ((0, 1000, 1001), (0, None, 1001), False),
        ((0, 5, 10), (0, 4, 11), True),
        ((0, 5, None), (0, 5, 11), False),
        ((0, 5, 11), (0, 5, None), True),
        ((0, 5, 11), (1, 5, 11), True),
    ],
)
def test_more_is_a_higher_number_of_any_kind(
    was: tuple[int, int | None, int | None],
    now: tuple[int, int | None, int | None],
    is_more: bool,
) -> None:
    def of(numbers: tuple[int, int | None, int | None]) -> CustomerImpact:
        return CustomerImpact(
            customer=C3,
            known=True,
            standing=Standing.POSSIBLE,
            reason=Reason.WHOLE_STORE,
            why="",
            categories=(category(records=Range(*numbers, "")),),
        )

    assert says_more(of(was), of(now)) is is_more
    assert says_more(None, of(now))


@pytest.mark.parametrize(
    ("what", "is_more"),
    [
        ({}, False),
        ({"stores": ("recordings", "lists")}, True),
        ({"stores": ()}, False),
        ({"availability": True}, True),
        ({"confidentiality": False}, False),
        ({"reason": Reason.WHOLE_STORE}, True),
        ({"reason": Reason.NOT_COVERED}, False),
        ({"name": "billing", "records": Range(0, None, 0, "")}, True),
    ],
)
def test_more_is_what_was_not_spoken_of_and_a_stronger_reason(
    what: dict[str, Any], is_more: bool
) -> None:
    assert says_more(because(), because(**what)) is is_more


def test_a_reason_that_is_stronger_than_the_one_decided_upon_is_more() -> None:
    stronger = [one for one in Reason if says_more(because(), because(one))]
    assert stronger == list(Reason)[: list(Reason).index(Reason.OPEN)]


def because(whole: Reason = Reason.OPEN, **fields: Any) -> CustomerImpact:
    return CustomerImpact(
        customer=C3,
        known=True,
        standing=Standing.POSSIBLE,
        reason=whole,
        why="",
        categories=(category(**{"reason": Reason.OPEN, **fields}),),
    )
