"""Events that come after an impact run: it is made again, once, where it says something else."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import delete

from incidents import impact, obligations
from notifiers import outbox
from tests.casework import office
from tests.casework.office import BOB, HOUR, MINUTE, NOW
from tocsin.app.casework import acts, sending
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


def test_a_customer_that_later_events_touch_is_found_and_its_clock_runs(at: At) -> None:
    desk = at("judged")
    a_pass(desk, office.theft(800, THIRD, "0007-01"), office.theft(801, THIRD, "0007-02"))
    assert runs(desk) == [1, 2]
    run = acts.measured(desk, 1).run
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
    a_pass(desk, office.theft(800, "c-1", "0001-01"))  # read once more, the same recording
    tried = dict[int, Tried]()
    for minutes, computed in ((1, 1), (2, 1), (59, 1), (62, 1)):
        assert remeasure(desk, tried, LATER + minutes * MINUTE) == {}
        assert tried[1].at == LATER + computed * MINUTE
    assert runs(desk) == [1]
    a_pass(desk, office.theft(801, "c-1", "0001-01"), minutes=70)  # it grew again
    assert remeasure(desk, tried, LATER + 71 * MINUTE) == {}
    assert tried[1].at == LATER + 71 * MINUTE
    assert runs(desk) == [1]


def test_what_nobody_has_computed_yet_is_left_to_people(at: At) -> None:
    desk = at("opened")
    a_pass(desk, office.theft(800, THIRD, "0007-01"))
    assert runs(desk) == []
    assert alerts(desk) == []


def test_what_brings_nothing_new_holds_nobody_up(at: At) -> None:
    desk = at("judged")
    a_pass(desk, office.theft(800, "c-1", "0001-01"))
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
