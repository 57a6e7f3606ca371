"""What a person stated and what events tell are joined: neither makes the other smaller."""

import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import delete, update

from incidents import impact
from incidents.documents import Known, MissingFacts
from incidents.documents.breach import Period
from incidents.impact import Reason, Standing
from incidents.impact.tables import impact_run
from tests.casework import office
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, AWARE, HOUR, NOW
from tests.casework.test_beside import (
    BILLING,
    C4,
    MORE,
    SAID,
    judged,
    notice,
    numbers,
    opened,
    standings,
    states,
)
from tests.casework.test_overtaken import LATER, a_pass, folder
from tests.casework.worlds import world
from tocsin.app.casework import acts, filling, measuring, sending
from tocsin.app.casework.desk import Desk
from tocsin.archive.manifest import segment
from tocsin.model.instants import to_us


def test_it_is_kept_whatever_events_tell_since_and_can_be_stated_again(
    at: Copy, tmp_path: Path
) -> None:
    desk = opened(at)
    judged(desk)
    states(desk, tmp_path)
    before = notice(desk)
    a_pass(desk, office.theft(800, C4, "0001-01"))
    measuring.measure(desk, 1, principal=ALICE, now=LATER)
    assert standings(desk)[C4] == ("confirmed", str(Reason.TOUCHED))
    assert numbers(desk) == (2, None, 12)
    assert notice(desk) == before
    states(desk, tmp_path, MORE, now=NOW + 4 * HOUR)
    assert numbers(desk) == (200, None, 1200)
    assert notice(desk) == before


def test_what_is_stated_and_told_is_joined_and_the_notice_says_both(
    at: Copy, tmp_path: Path
) -> None:
    desk = opened(at)
    judged(desk)
    states(desk, tmp_path, MORE + BILLING)
    a_pass(desk, office.theft(800, C4, "0001-01"))
    measuring.measure(desk, 1, principal=ALICE, now=LATER)
    run = measuring.measured(desk, 1).run
    found = run.of(C4)
    assert found is not None
    assert {one.category: one.standing(found.standing) for one in found.categories} == {
        "billing": "confirmed",
        "telephone conversations": "confirmed",
    }
    spoken = found.categories[1].records
    assert (spoken.min, spoken.best, spoken.max) == (300, None, 1500)
    assert spoken.basis.startswith("1 objects named; ")
    assert spoken.basis.endswith("; what the customer wrote")
    assert numbers(desk) == (200, None, 1212)
    assert found.first_at == to_us(datetime(2026, 3, 9, 11, 20, tzinfo=UTC))
    (alone,) = run.told
    assert (alone.customer, alone.subjects.max) == (C4, 1)

    letters = tmp_path / "letters"
    sending.preview(desk, 1, letters, principal=ALICE, now=NOW + 4 * HOUR)
    body = re.sub(r"\s+", " ", (letters / C4 / "body.txt").read_text())
    assert "How many people: Between 200 and 1,212 people" in body
    assert "from the report, or from our own count" in body
    assert "Entries of the logs that concern your data show it." in body
    assert "That your billing data were touched as well has been established by one of" in body
    assert "These instants were stated by one of our people." in body


def test_a_statement_outlives_a_run_whose_events_told_as_much(at: Copy, tmp_path: Path) -> None:
    desk = opened(at)
    judged(desk)
    states(desk, tmp_path)
    a_pass(desk, office.theft(800, C4, "0001-01"))
    measuring.measure(desk, 1, principal=ALICE, now=LATER)
    assert standings(desk)[C4] == ("confirmed", str(Reason.TOUCHED))
    # The data map had it wrong: that recording was nobody's.
    texts = {"datamap__toml": office.MAP.replace(r"c-\d)", "c-[1-3])")}
    for name in ("customers", "contacts", "inventory"):
        path = folder(desk) / "registers" / f"{name}.csv"
        texts[f"{name}__csv"] = path.read_text().strip()
    office.take_registers(desk, office.registers(folder(desk), **texts), NOW + 4 * HOUR)
    measuring.measure(desk, 1, principal=ALICE, now=NOW + 5 * HOUR)
    assert standings(desk)[C4] == ("confirmed", "named")
    assert numbers(desk) == (2, None, 12)
    assert notice(desk).is_open


def test_where_events_cannot_bound_it_the_higher_most_stands(at: Copy, tmp_path: Path) -> None:
    desk = opened(at)
    judged(desk)
    assert standings(desk)["c-3"] == ("possible", "not-covered")
    states(desk, tmp_path, SAID.replace('"c-4"', '"c-3"'))
    found = measuring.measured(desk, 1).run.of("c-3")
    assert found is not None
    assert (found.standing, found.reason) == (Standing.CONFIRMED, Reason.NAMED)
    (one,) = found.categories
    assert (one.records.min, one.records.max) == (3, 100)
    assert (one.subjects.min, one.subjects.max) == (2, 40)
    assert "logs are missing" in one.records.basis


def test_what_is_stated_as_possible_raises_the_most_of_what_events_confirm(
    at: Copy, tmp_path: Path
) -> None:
    desk = opened(at)
    judged(desk)
    states(desk, tmp_path, (MORE + BILLING).replace('"confirmed"', '"possible"'))
    a_pass(desk, office.theft(800, C4, "0001-01"))
    found = measuring.measured(desk, 1).run.of(C4)
    assert found is not None
    assert {one.category: one.standing(found.standing) for one in found.categories} == {
        "billing": "possible",
        "telephone conversations": "confirmed",
    }
    assert numbers(desk) == (1, 1, 1212)
    letters = tmp_path / "letters"
    sending.preview(desk, 1, letters, principal=ALICE, now=NOW + 4 * HOUR)
    body = re.sub(r"\s+", " ", (letters / C4 / "body.txt").read_text())
    assert "Your billing data may have been touched as well; that is not established." in body
    assert "One of our people has judged it possible." in body


def test_what_a_run_of_before_shows_as_named_is_its_statement(at: Copy, tmp_path: Path) -> None:
    desk = opened(at)
    judged(desk)
    states(desk, tmp_path)
    with desk.store.begin() as db:
        last = impact.last(db, 1)
        assert last is not None
        old = msgspec.to_builtins(last)
        del old["stated"], old["told"]
        payload = msgspec.json.encode(old).decode()
        db.execute(
            update(impact_run).where(impact_run.c.number == last.number).values(payload=payload)
        )
    a_pass(desk, office.theft(800, C4, "0001-01"))
    run = measuring.measure(desk, 1, principal=ALICE, now=LATER).run
    assert [one.customer for one in run.stated] == [C4]
    assert numbers(desk) == (2, None, 12)


def test_who_knows_more_than_events_told_first_can_say_so(at: Copy, tmp_path: Path) -> None:
    desk = opened(at)
    judged(desk)
    before = measuring.measured(desk, 1).run.of("c-1")
    assert before is not None
    assert (before.subjects.min, before.subjects.max) == (3, 40)
    states(desk, tmp_path, (MORE + BILLING).replace('"c-4"', '"c-1"'))
    after = measuring.measured(desk, 1).run.of("c-1")
    assert after is not None
    assert [one.category for one in after.categories] == ["billing", "telephone conversations"]
    assert (after.subjects.min, after.subjects.max) == (200, 1212)
    assert after.standing is before.standing
    assert standings(desk)["c-2"] == ("confirmed", str(Reason.TOUCHED))


def test_a_period_that_goes_on_as_stated_does_not_end_with_an_event(
    at: Copy, tmp_path: Path
) -> None:
    desk = opened(at)
    judged(desk)
    states(desk, tmp_path)
    stated = _period(desk)
    a_pass(desk, office.theft(700, C4, "0001-01"))
    joined = _period(desk)
    assert standings(desk)[C4] == ("confirmed", str(Reason.TOUCHED))
    assert (joined.begun_at, joined.ended_at) == (stated.begun_at, stated.ended_at)
    assert joined.ended_at == datetime(2026, 3, 9, 12, 30, tzinfo=UTC)


def test_dates_stated_anew_without_logs_replace_the_first_ones(at: Copy, tmp_path: Path) -> None:
    desk = opened(at)
    with desk.store.begin() as db:
        db.execute(delete(segment))
    acts.confirm(desk, 1, aware_at=AWARE, why="Seen.", customers=[C4], principal=ALICE, now=NOW)
    states(desk, tmp_path)
    assert measuring.measured(desk, 1).run.first_at == to_us(
        datetime(2026, 3, 9, 11, 20, tzinfo=UTC)
    )
    states(desk, tmp_path, SAID.replace("2026-03-09T11:20", "2026-03-08T02:00"), now=LATER)
    begun = datetime(2026, 3, 8, 2, 0, tzinfo=UTC)
    assert measuring.measured(desk, 1).run.first_at == to_us(begun)


def test_a_number_that_events_leave_open_is_not_asked_of_who_stated_one(
    at: Copy, tmp_path: Path
) -> None:
    desk = opened(at)
    registers = folder(desk) / "registers"
    texts = {
        f"{name}__csv": (registers / f"{name}.csv").read_text().strip()
        for name in ("customers", "contacts", "inventory")
    }
    kept = [line for line in texts["inventory__csv"].split("\n") if ";c-3;" not in line]
    office.take_registers(
        desk, office.registers(folder(desk), **{**texts, "inventory__csv": "\n".join(kept)})
    )
    judged(desk)
    exact = SAID.replace("[3, 15]", "15").replace("[2, 12]", "12")
    states(desk, tmp_path, exact.replace('"c-4"', '"c-3"'))
    before = office.everything(desk)
    with pytest.raises(MissingFacts) as caught:
        sending.preview(desk, 1, None, principal=ALICE, now=LATER)
    assert office.everything(desk) == before
    asked = {one.fact: one.how for one in caught.value.facts}
    assert asked
    assert not [how for how in asked.values() if "incident declare" in how]
    assert all("inventory" in how or "not_yet" in how for how in asked.values())


def _period(desk: Desk) -> Period:
    found = filling.facts(world(desk), C4, version=1, now=LATER + HOUR).period
    assert isinstance(found, Known)
    return found.value
