"""Events that come after an impact run: it is made again, once, where it says something else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete

from incidents import impact, obligations
from incidents.documents import Known
from notifiers import outbox
from tests.casework import office
from tests.casework.office import BOB, HOUR, MINUTE, NOW
from tests.casework.worlds import world
from tocsin.app.casework import duties, filling, measuring, sending
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.overtaken import Tried, remeasure
from tocsin.archive.manifest import segment

At = Callable[..., Desk]
LATER = NOW + 3 * HOUR
THIRD = "c-3"


def folder(desk: Desk) -> Path:
    return Path(desk.config.store.path).parents[1]


def a_pass(desk: Desk, *records: dict[str, object], minutes: int = 0) -> None:
    """Let the service make a pass, with these records new."""
    if records:
        office.write_log(folder(desk), records, f"z{minutes}.json.gz")
    office.passed(folder(desk) / "config.toml", LATER + minutes * MINUTE)


def runs(desk: Desk) -> list[int]:
    with desk.store.read() as db:
        return [one.number for one in impact.runs(db, 1)]


def alerts(desk: Desk) -> list[str]:
    with desk.store.read() as db:
        keys = [one.key for one in outbox.standings(db) if one.key.startswith("impact-")]
        return [outbox.message(db, key).body_text for key in keys]


def read_again(number: int) -> dict[str, object]:
    """Return the record of a recording that is read once more, between two that were known."""
    return office.theft(602, "c-1", "0001-01", eventID=f"40000000-0000-4000-8000-{number:012x}")


def owed(desk: Desk) -> list[obligations.Obligation]:
    clauses = (obligations.NOTICE, obligations.POSSIBLE)
    with desk.store.read() as db:
        return [one for clause in clauses for one in obligations.of_clause(db, clause)]


def hours(desk: Desk, customer: str) -> tuple[tuple[int, int], ...]:
    """Return hour and minute of when a notice would say that it began and ended."""
    told = filling.facts(world(desk), customer, version=1, now=LATER + HOUR).period
    assert isinstance(told, Known)
    instants = (told.value.begun_at, told.value.ended_at)
    return tuple((one.hour, one.minute) for one in instants if one is not None)


def test_a_customer_that_later_events_touch_is_found_and_its_clock_runs(at: At) -> None:
    desk = at("judged")
    a_pass(desk, office.theft(800, THIRD, "0007-01"), office.theft(801, THIRD, "0007-02"))
    assert runs(desk) == [1, 2]
    run = measuring.measured(desk, 1).run
    found = run.of(THIRD)
    assert found is not None
    assert found.standing is impact.Standing.CONFIRMED
    with desk.store.read() as db:
        owed = {one.customer: one for one in obligations.of_clause(db, obligations.NOTICE)}
    assert owed[THIRD].starts_at == LATER  # when the run first showed it
    (said,) = alerts(desk)
    assert "Customers newly confirmed   1" in said or "Clients nouvellement confirmés   1" in said
    assert THIRD not in said
    a_pass(desk, minutes=5)  # nothing came
    assert runs(desk) == [1, 2]
    assert len(alerts(desk)) == 1


def test_a_run_that_says_the_same_is_not_kept_and_voids_no_approval(at: At) -> None:
    desk = at("previewed")
    sha256 = office.manifest(desk)
    sending.approve(desk, sha256, principal=BOB, now=NOW + 5 * MINUTE)
    before = office.everything(desk)["impact_run"]
    a_pass(desk, *office.quiet()[:1])
    assert office.everything(desk)["impact_run"] == before
    assert alerts(desk) == []
    assert sending.send(desk, sha256, principal=BOB, now=LATER)


def test_events_that_bring_nothing_new_are_counted_once_not_with_every_pass(at: At) -> None:
    desk = at("judged")
    a_pass(desk, read_again(1))
    tried = dict[int, Tried]()
    for minutes, computed in ((1, 1), (2, 1), (59, 1), (62, 1)):
        assert remeasure(desk, tried, LATER + minutes * MINUTE) == {}
        assert tried[1].at == LATER + computed * MINUTE
    assert runs(desk) == [1]
    a_pass(desk, read_again(2), minutes=70)  # it grew again
    assert remeasure(desk, tried, LATER + 71 * MINUTE) == {}
    assert tried[1].at == LATER + 71 * MINUTE
    assert runs(desk) == [1]


@pytest.mark.parametrize(
    ("minute", "begun", "ended"), [(300, (5, 0), (10, 3)), (800, (10, 1), (13, 20))]
)
def test_what_was_touched_earlier_or_later_is_kept_and_nobody_is_asked_or_owed_again(
    at: At, minute: int, begun: tuple[int, int], ended: tuple[int, int]
) -> None:
    desk = at("assessed")
    until, why = NOW + 8 * HOUR, "Logs are missing."
    duties.decide(desk, 1, [THIRD], "wait", why=why, until=until, principal=BOB, now=NOW + HOUR)
    first, before = measuring.measured(desk, 1).run, owed(desk)
    assert hours(desk, "c-1") == ((10, 1), (10, 3))
    a_pass(desk, office.theft(minute, "c-1", "0001-01"))  # read once more, the same recording
    assert runs(desk) == [1, 2]
    run = measuring.measured(desk, 1).run
    (change,) = impact.difference(first, run)
    word = "began" if minute == 300 else "ended"
    assert str(change).startswith(f"c-1: confirmed; {word}: 2026-03-09 10:0")
    assert len(change.what) == 1
    assert hours(desk, "c-1") == (begun, ended)
    assert owed(desk) == before
    (said,) = alerts(desk)
    assert "newly confirmed   0" in said or "nouvellement confirmés   0" in said
    a_pass(desk, minutes=65)  # nothing came
    assert runs(desk) == [1, 2]
    assert len(alerts(desk)) == 1


def test_what_was_touched_later_by_its_owner_perhaps_is_not_kept(at: At) -> None:
    desk = at("opened")
    owner = {"sourceIPAddress": "198.51.100.7"}
    a_pass(desk, office.theft(700, THIRD, "0001-01", **owner))
    first = measuring.measure(desk, 1, principal=BOB, now=LATER).run
    found = first.of(THIRD)
    assert found is not None
    assert found.reason == "shared-credential"
    a_pass(desk, office.theft(760, THIRD, "0001-01", **owner), minutes=70)
    assert runs(desk) == [1]
    assert alerts(desk) == []


def test_what_nobody_has_computed_yet_is_left_to_people(at: At) -> None:
    desk = at("opened")
    a_pass(desk, office.theft(800, THIRD, "0007-01"))
    assert runs(desk) == []
    assert alerts(desk) == []


def test_what_brings_nothing_new_holds_nobody_up(at: At) -> None:
    desk = at("judged")
    a_pass(desk, read_again(1))
    with desk.store.begin():  # a clock is at work
        assert remeasure(desk, {}, LATER + 2 * HOUR) == {}
    assert runs(desk) == [1]


def test_an_impact_that_cannot_be_computed_is_said_and_changes_nothing(at: At) -> None:
    desk = at("judged")
    with desk.store.begin() as db:
        db.execute(delete(segment))  # somebody took the archive's list away
    before = office.everything(desk)
    refused = remeasure(desk, {}, LATER)
    assert "no event of incident 1 is in the archive" in str(refused.pop(1))
    assert refused == {}
    assert office.everything(desk) == before
