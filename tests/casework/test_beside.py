"""Of an incident that was detected, a person states the customers that its events do not show."""

import re
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import delete, insert, select, update

from incidents import impact
from incidents.documents.missing import MissingFacts
from incidents.impact import Reason, Standing
from incidents.impact.scope import Asked
from incidents.impact.tables import impact_run
from incidents.obligations import NOTICE, Obligation
from tests.casework import office
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, AWARE, HOUR, MINUTE, NOW, everything
from tests.casework.test_declaring import statement
from tests.casework.test_overtaken import LATER, a_pass, folder, read_again, runs
from tocsin.app.casework import acts, declaring, duties, measuring, sending
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.overtaken import Tried, remeasure
from tocsin.archive.manifest import segment
from tocsin.errors import Refusal
from tocsin.model.instants import to_us

C4 = "c-4"
SAID = """
[[customer]]
id = "c-4"
standing = "confirmed"
why = "It found its recordings at a stranger's."
begun_at = 2026-03-09T11:20:00Z

[[customer.data]]
category = "telephone conversations"
stores = ["recordings"]
effects = ["confidentiality"]
records = [3, 15]
subjects = [2, 12]
basis = "what the customer wrote"
"""
AS_MUCH = SAID.replace("[3, 15]", "[0, 1]").replace("[2, 12]", "[0, 1]")
AS_MUCH = AS_MUCH.replace("begun_at = 2026-03-09T11:20:00Z\n", "")
MORE = SAID.replace("[3, 15]", "[300, 1500]").replace("[2, 12]", "[200, 1200]")
BILLING = """
[[customer.data]]
category = "billing"
stores = ["its invoices"]
effects = ["confidentiality"]
records = [3, 15]
subjects = [2, 12]
people = ["customers and prospects"]
basis = "what the customer wrote"
"""
KNOWN = SAID.replace("why =", f"known_at = {NOW + HOUR:%Y-%m-%dT%H:%M:%SZ}\nwhy =")


def opened(at: Copy) -> Desk:
    """Return the operator with one customer more, of which no store holds anything."""
    desk = at("opened")
    customers = (folder(desk) / "registers" / "customers.csv").read_text().strip()
    contacts = (folder(desk) / "registers" / "contacts.csv").read_text().strip()
    inventory = (folder(desk) / "registers" / "inventory.csv").read_text().strip()
    texts = {
        "inventory__csv": f"{inventory}\nrecordings;c-4;telephone conversations;0;0;2026-03-01",
        "customers__csv": f"{customers}\nc-4;Amber;en;Europe/London;retail;GB;48;2025-02-01",
        "contacts__csv": f"{contacts}\nc-4;breach;Desk;security@amber.example;;2026-02-01",
    }
    office.take_registers(desk, office.registers(folder(desk), **texts))
    return desk


def judged(desk: Desk, *customers: str) -> None:
    office.judged(desk, customers=customers)
    office.assessed(desk)


def states(desk: Desk, tmp_path: Path, text: str = SAID, now: datetime = NOW + MINUTE) -> None:
    declaring.declare(desk, 1, statement(tmp_path, text), principal=ALICE, now=now)


def standings(desk: Desk) -> dict[str, tuple[str, str]]:
    run = measuring.measured(desk, 1).run
    return {one.customer: (str(one.standing), str(one.reason)) for one in run.customers}


def numbers(desk: Desk) -> tuple[int, int | None, int | None]:
    """Return how many people of the customer were touched."""
    found = measuring.measured(desk, 1).run.of(C4)
    assert found is not None
    return found.subjects.min, found.subjects.best, found.subjects.max


def notice(desk: Desk) -> Obligation:
    owed = acts.show(desk, 1).owed
    return next(one for one in owed if (one.clause, one.customer) == (NOTICE, C4))


def test_who_was_named_when_it_was_judged_gets_a_notice(at: Copy, tmp_path: Path) -> None:
    desk = opened(at)
    judged(desk, C4)
    assert standings(desk)[C4][0] == "excluded"
    with pytest.raises(MissingFacts) as caught:
        sending.preview(desk, 1, None, principal=ALICE, now=NOW + 2 * MINUTE)
    (how,) = {one.how for one in caught.value.facts}  # one remedy, not one for each fact
    assert "tocsin incident declare 1 FILE.toml" in how
    assert "tocsin incident waive 1 notice-to-customer --customer c-4" in how

    states(desk, tmp_path)
    found = standings(desk)
    assert found.pop(C4) == ("confirmed", "named")
    assert {one: of[0] for one, of in found.items()} == {
        "c-1": "confirmed",
        "c-2": "confirmed",
        "c-3": "possible",
    }
    assert notice(desk).starts_at == AWARE
    letters = tmp_path / "letters"
    made = sending.preview(desk, 1, letters, principal=ALICE, now=NOW + 2 * MINUTE)
    assert [one.customer for one in made.notices] == ["c-1", "c-2", C4]
    body = re.sub(r"\s+", " ", (letters / C4 / "body.txt").read_text())
    assert "One of our people has established it." in body
    assert "One of our people" not in (letters / "c-2" / "body.txt").read_text()


def test_who_was_named_in_error_is_waived_and_the_others_are_told(at: Copy) -> None:
    desk = opened(at)
    judged(desk, C4)
    duties.waive(desk, 1, NOTICE, C4, why="c-1 was meant.", principal=ALICE, now=NOW + MINUTE)
    made = sending.preview(desk, 1, None, principal=ALICE, now=NOW + 2 * MINUTE)
    assert [one.customer for one in made.notices] == ["c-1", "c-2"]


def test_what_was_stated_stands_in_later_runs_and_moves_no_clock(at: Copy, tmp_path: Path) -> None:
    desk = opened(at)
    judged(desk)
    states(desk, tmp_path, KNOWN, NOW + 2 * HOUR)
    before = notice(desk)
    assert before.starts_at == NOW + HOUR
    measuring.measure(desk, 1, principal=ALICE, now=NOW + 150 * MINUTE)
    assert standings(desk)[C4] == ("confirmed", "named")
    a_pass(desk, read_again(1))  # tells nothing new
    assert runs(desk) == [1, 2, 3]
    a_pass(desk, office.theft(801, "c-1", "0009-01"), minutes=90)
    assert runs(desk) == [1, 2, 3, 4]
    assert standings(desk)[C4] == ("confirmed", "named")
    assert notice(desk) == before


def test_what_is_stated_beside_events_looks_as_far_as_the_run_before(
    at: Copy, tmp_path: Path
) -> None:
    desk = opened(at)
    judged(desk)
    wider = Asked(since=NOW - 100 * HOUR, why="it began earlier")
    measuring.measure(desk, 1, asked=wider, principal=ALICE, now=NOW)
    states(desk, tmp_path)
    run = measuring.measured(desk, 1).run
    assert standings(desk)[C4] == ("confirmed", "named")
    assert run.scope.since == run.query.since == to_us(NOW - 100 * HOUR)


def test_it_can_be_taken_back_and_then_events_count_again(at: Copy, tmp_path: Path) -> None:
    desk = opened(at)
    judged(desk)
    states(desk, tmp_path)
    other = SAID.replace('"c-4"', '"c-3"')
    with pytest.raises(Refusal, match="customer c-4: named before and not now"):
        states(desk, tmp_path, other)
    back = SAID[: SAID.index("begun_at")].replace('"confirmed"', '"excluded"')
    states(desk, tmp_path, other + back)
    found = standings(desk)
    assert (found["c-3"], found[C4]) == (
        ("confirmed", "named"),
        ("excluded", str(Reason.UNTOUCHED)),
    )


@pytest.mark.parametrize("standing", ["excluded", "possible"])
def test_whom_only_events_confirm_counts_from_their_run_whatever_is_stated_again(
    at: Copy, tmp_path: Path, standing: str
) -> None:
    desk = opened(at)
    judged(desk)
    states(desk, tmp_path, SAID.replace('"confirmed"', '"possible"'))
    a_pass(desk, office.theft(800, C4, "0001-01"))
    before = notice(desk)
    assert before.starts_at == LATER
    said = SAID if standing == "possible" else SAID[: SAID.index("begun_at")]
    states(desk, tmp_path, said.replace('"confirmed"', f'"{standing}"'), now=LATER + HOUR)
    assert standings(desk)[C4] == ("confirmed", str(Reason.TOUCHED))
    assert notice(desk) == before
    states(desk, tmp_path, now=LATER + 2 * HOUR)  # a person knew it before
    assert notice(desk).starts_at == AWARE


@pytest.mark.parametrize(
    ("customer", "standing", "fault"),
    [
        ("c-1", "confirmed", "customer c-1: .* its events tell that it is confirmed"),
        ("c-3", "possible", "customer c-3: .* its events tell that it is possible"),
        ("c-9", "confirmed", "customer c-9: no register knows it"),
    ],
)
def test_where_events_tell_as_much_nobody_states_it(
    at: Copy, tmp_path: Path, customer: str, standing: str, fault: str
) -> None:
    desk = opened(at)
    judged(desk)
    before = everything(desk)
    text = AS_MUCH.replace('"c-4"', f'"{customer}"').replace('"confirmed"', f'"{standing}"')
    with pytest.raises(Refusal, match=fault):
        states(desk, tmp_path, text)
    assert everything(desk) == before


def test_where_its_logs_are_lost_the_statement_stands_alone(at: Copy, tmp_path: Path) -> None:
    desk = opened(at)
    with desk.store.begin() as db:
        db.execute(delete(segment))
    acts.confirm(desk, 1, aware_at=AWARE, why="Seen.", customers=[C4], principal=ALICE, now=NOW)
    with pytest.raises(Refusal, match="is in the archive"):
        measuring.measure(desk, 1, principal=ALICE, now=NOW)
    states(desk, tmp_path)
    run = measuring.measured(desk, 1).run
    assert [one.customer for one in run.with_standing(Standing.CONFIRMED)] == [C4]
    assert notice(desk).starts_at == AWARE


@pytest.mark.parametrize("version", ["this", "before"])
def test_when_lost_logs_arrive_they_are_counted_beside_the_statement(
    at: Copy, tmp_path: Path, version: str
) -> None:
    desk = opened(at)
    with desk.store.begin() as db:
        rows = [dict(one._mapping) for one in db.execute(select(segment))]
        db.execute(delete(segment))
    acts.confirm(desk, 1, aware_at=AWARE, why="Seen.", customers=[C4], principal=ALICE, now=NOW)
    states(desk, tmp_path)
    if version == "before":
        with desk.store.begin() as db:
            last = impact.last(db, 1)
            assert last is not None
            old = msgspec.structs.replace(last.query, watched_until=0, incident_events_sha256="")
            kept = msgspec.json.encode(msgspec.structs.replace(last, query=old)).decode()
            db.execute(update(impact_run).values(payload=kept))
    tried = dict[int, Tried]()
    refused = remeasure(desk, tried, LATER)
    assert set(refused) == ({1} if version == "before" else set())
    assert remeasure(desk, tried, LATER + 2 * HOUR) == {}  # nothing came
    assert runs(desk) == [1]
    with desk.store.begin() as db:
        db.execute(insert(segment), rows)
    started_again = dict[int, Tried]() if version == "before" else tried
    assert remeasure(desk, started_again, LATER + 4 * HOUR) == {}
    assert runs(desk) == [1, 2]
    found = standings(desk)
    assert found["c-1"] == ("confirmed", str(Reason.TOUCHED))
    assert found[C4] == ("confirmed", "named")


def test_where_it_cannot_be_counted_again_what_was_counted_last_stands(
    at: Copy, tmp_path: Path
) -> None:
    desk = opened(at)
    judged(desk)
    with desk.store.begin() as db:
        db.execute(delete(segment))
        first = impact.last(db, 1)
    states(desk, tmp_path)
    run = measuring.measured(desk, 1).run
    assert first is not None
    assert [run.of(one) for one in ("c-1", "c-2", "c-3")] == [
        first.of(one) for one in ("c-1", "c-2", "c-3")
    ]
    assert standings(desk)[C4] == ("confirmed", "named")
