"""A customer that logs name and no register knows: said loudly, and owed a notice all the same."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from incidents import impact, obligations
from incidents.assessment import Assessment, Told
from incidents.assessment.entries import entries
from incidents.obligations import NOTICE, OWN_FILING, POSSIBLE, Obligation, Shown
from notifiers import outbox
from notifiers.base import Purpose
from tests.casework import office
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, AWARE, BOB, HOUR, MINUTE, NOW, everything
from tests.casework.person import Person
from tests.casework.reads import counted
from tocsin.app import checking
from tocsin.app.casework import acts, catching_up, duties, measuring, people, sending, ticking
from tocsin.app.casework.desk import Desk, opened
from tocsin.app.config import load
from tocsin.app.schedule import serve
from tocsin.errors import CollectError, Refusal
from tocsin.model.instants import to_us

GHOST = "c-9"
REMEDY = "tocsin customer import FILE"
IMPORTED = (
    "id;name;language;time_zone;sector;country;hours;signed_on",
    "c-1;Maison Lavande;fr;Europe/Paris;retail;FR;48;2024-02-01",
    "c-2;Harbour Finch;en;Europe/London;travel;GB;24;2025-06-15",
    "c-3;Zephyrine Optique;fr;Europe/Paris;health;FR;48;2024-02-01",
    "c-9;Ghost;en;Europe/London;travel;GB;12;2025-06-15",
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    made = office.found(tmp_path / "office", customers=("c-1", GHOST))
    office.opened(made)
    return made


@pytest.fixture
def desk(config: Path) -> Iterator[Desk]:
    with opened(load(config)) as one:
        yield one


@pytest.fixture
def alice(config: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(config, monkeypatch)


def registered(desk: Desk, now: datetime) -> None:
    """Import the customer, with a contract of twelve hours and a contact."""
    contacts = ["customer;role;name;email;phone;verified_on"]
    contacts += [
        f"{one};breach;Desk;security@{one}.example;+33199009001;2026-02-01"
        for one in ("c-1", "c-2", "c-3", GHOST)
    ]
    folder = office.registers(
        Path(desk.config.store.path).parents[1],
        customers__csv="\n".join(IMPORTED),
        contacts__csv="\n".join(contacts),
    )
    # Some hours of logs are missing: without a count nothing bounds what was touched of it.
    with (folder / "inventory.csv").open("a") as file:
        file.write(f"recordings;{GHOST};telephone conversations;100;40;2026-03-01\n")
    office.take_registers(desk, folder, now)


def notice(desk: Desk, clause: str = NOTICE) -> Obligation:
    owed = acts.show(desk, 1).owed
    return next(one for one in owed if (one.clause, one.customer) == (clause, GHOST))


def minutes_ago(minutes: int) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()


def test_it_is_said_by_impact_confirm_show_and_preview(alice: Person) -> None:
    line = f"! {GHOST} is confirmed, and no register knows it"
    said = alice.types("incident", "impact", 1)
    assert line in said
    assert REMEDY in said
    assert line in alice.types("incident", "impact", 1, "--show")
    owed = f"! {GHOST} is owed a notice, and no register knows it"
    judged = ("incident", "confirm", 1, "--aware-at", minutes_ago(5), "--why", "Seen.")
    assert owed in alice.types(*judged)
    shown = alice.types("incident", "show", 1)
    assert owed in shown
    assert f"{REMEDY}   (no register knows {GHOST})" in shown
    assert f"notice preview 1 --customer {GHOST}" not in shown
    alice.types("incident", "assess", 1, "--facts", alice.config.parent / "facts.toml")
    assert owed in alice.types("notice", "preview", 1)
    refused = alice.is_refused("notice", "preview", 1, "--customer", GHOST)
    assert f"no register knows {GHOST}" in refused
    assert REMEDY in refused


def test_its_id_is_read_by_no_other_customer(desk: Desk, tmp_path: Path) -> None:
    office.judged(desk)
    office.assessed(desk)
    facts = tmp_path / "more.toml"
    facts.write_text(f'[narrative]\nfr = "Chez {GHOST}."\nen = "At {GHOST}, too."')
    acts.assess(desk, 1, people.read(facts), principal=ALICE, now=NOW + MINUTE)
    before = everything(desk)
    with pytest.raises(Refusal, match=f'"{GHOST}", the id of a customer that no register knows'):
        sending.preview(desk, 1, None, principal=ALICE, now=NOW + 2 * MINUTE)
    assert everything(desk) == before


def test_it_is_owed_a_notice_and_keeps_the_incident_open(desk: Desk) -> None:
    office.judged(desk)
    one = notice(desk)
    assert one.is_unregistered
    assert (one.starts_at, one.due_at) == (AWARE, AWARE + 48 * HOUR)  # the law's own hours
    duties.waive(desk, 1, OWN_FILING, why="None of ours.", principal=ALICE, now=NOW)
    before = everything(desk)
    with pytest.raises(Refusal, match=f"to {GHOST} is running, and no register knows it") as no:
        acts.close(desk, 1, why="Done.", principal=BOB, now=NOW)
    assert REMEDY in no.value.hint
    assert everything(desk) == before


def test_the_team_is_reminded_of_it(desk: Desk) -> None:
    office.judged(desk)
    ticking.tick(desk, AWARE + 47 * HOUR)
    with desk.store.read() as db:
        texts = [outbox.message(db, one.key).body_text for one in outbox.standings(db, incident=1)]
    assert any("a customer that no register knows (import it): due in" in one for one in texts)
    assert not any(GHOST in one for one in texts)


@pytest.mark.parametrize("counted", ["before", "after"])
def test_when_it_is_imported_its_clock_counts_as_it_was_shown(desk: Desk, counted: str) -> None:
    if counted == "before":
        office.judged(desk)
        start = AWARE
    else:
        acts.confirm(desk, 1, aware_at=AWARE, why="Seen.", principal=ALICE, now=NOW)
        start = NOW + HOUR
        measuring.measure(desk, 1, principal=ALICE, now=start)
    assert notice(desk).starts_at == start
    registered(desk, NOW + 3 * HOUR)
    one = notice(desk)
    assert not one.is_unregistered
    assert (one.starts_at, one.due_at) == (start, start + 12 * HOUR)
    measuring.measure(desk, 1, principal=ALICE, now=NOW + 4 * HOUR)
    assert notice(desk) == one
    office.assessed(desk)
    made = sending.preview(desk, 1, None, principal=ALICE, now=NOW + 5 * HOUR)
    assert [each.customer for each in made.notices] == ["c-1", GHOST]


@pytest.mark.parametrize("judged_at", [None, NOW - MINUTE, NOW + MINUTE])
def test_a_run_that_wrote_nothing_down_of_it_counts_all_the_same(
    desk: Desk, judged_at: datetime | None
) -> None:
    """Of versions before: the run is kept, and its customer was passed over."""
    found = acts.show(desk, 1).detected
    assert found is not None
    if judged_at == NOW - MINUTE:
        acts.confirm(desk, 1, aware_at=AWARE, why="Seen.", principal=ALICE, now=judged_at)
    with desk.store.begin() as db:
        run = impact.compute(db, desk.archive, found, 1, principal=ALICE, now=NOW)
        impact.keep(db, run, principal=ALICE, now=NOW)
    if judged_at != NOW - MINUTE:
        office_now = judged_at or NOW + 2 * MINUTE
        acts.confirm(desk, 1, aware_at=AWARE, why="Seen.", principal=ALICE, now=office_now)
    registered(desk, NOW + HOUR)
    measuring.measure(desk, 1, principal=ALICE, now=NOW + 2 * HOUR)
    assert notice(desk).starts_at == (NOW if judged_at == NOW - MINUTE else AWARE)


def passed_over(desk: Desk, aware_at: datetime = NOW - MINUTE) -> None:
    """Judge it, and keep a run that wrote nobody down whom no register knew, as of before."""
    found = acts.show(desk, 1).detected
    assert found is not None
    acts.confirm(desk, 1, aware_at=AWARE, why="Seen.", principal=ALICE, now=aware_at)
    with desk.store.begin() as db:
        run = impact.compute(db, desk.archive, found, 1, principal=ALICE, now=NOW)
        run = impact.keep(db, run, principal=ALICE, now=NOW)
        shown = [
            Shown(one.customer, str(one.standing), NOW, run.number)  # type: ignore[arg-type] # both
            for one in run.customers
            if one.known and one.standing is not impact.Standing.EXCLUDED
        ]
        obligations.take_count(db, 1, run.number, NOW, principal=ALICE, now=NOW)
        obligations.take_run(db, 1, shown, principal=ALICE, now=NOW)
        obligations.follow(db, 1, desk.duties(db), now=NOW)
    assert not [one for one in acts.show(desk, 1).owed if one.customer == GHOST]


def test_the_service_takes_in_whom_a_version_of_before_passed_over(
    desk: Desk, config: Path
) -> None:
    passed_over(desk)
    serve(load(config), clock=lambda: NOW + 70 * MINUTE, once=True)
    one = notice(desk)
    assert (one.starts_at, one.is_unregistered, one.is_open) == (NOW, True, True)
    before = everything(desk)["case_entry"]
    assert catching_up.catch_up_each(desk, now=NOW + 71 * MINUTE) == {}
    assert everything(desk)["case_entry"] == before
    registered(desk, NOW + 2 * HOUR)
    assert (notice(desk).starts_at, notice(desk).due_at) == (NOW, NOW + 12 * HOUR)


def test_no_tick_reads_the_history_of_cases_for_it(desk: Desk) -> None:
    passed_over(desk)
    ticking.tick(desk, NOW + 70 * MINUTE)
    with counted("impact_run") as runs, counted("ledger") as rows:
        ticking.tick(desk, NOW + 71 * MINUTE)
    assert (runs, rows) == ([], [])


def test_one_case_that_cannot_take_them_holds_up_no_other(
    desk: Desk, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    passed_over(desk)
    told = Told(
        title="A lost laptop",
        what="It was left on a train.",
        received_at=NOW,
        reporter="person",
        name="Leo",
        channel="phone",
    )
    assert acts.report(desk, told, principal=ALICE, now=NOW).number == 2
    with desk.store.begin() as db:  # kept by a clock that was ahead
        run = impact.last(db, 1)
        assert run is not None
        ahead = msgspec.structs.replace(run, incident=2, at=to_us(NOW + 30 * HOUR))
        impact.keep(db, ahead, principal=ALICE, now=NOW)
        before = entries(db, 2)
    with pytest.raises(CollectError, match="no event of incident 2"):  # nor will it be overtaken
        serve(load(config), clock=lambda: NOW + 23 * HOUR, once=True)
    assert notice(desk).starts_at == NOW
    said = capsys.readouterr()
    assert "not taken into their case" in said.out + said.err
    assert "is still to come" in said.out + said.err
    with desk.store.read() as db:
        assert [one for one in entries(db, 2) if one.kind != "reminder.queued"] == before
        reminded = {one.incident for one in outbox.standings(db) if one.purpose == Purpose.REMINDER}
    assert reminded == {1, 2}
    assert catching_up.catch_up_each(desk, now=NOW + 31 * HOUR) == {}
    with desk.store.read() as db:
        assert GHOST in obligations.touched(entries(db, 2))


def test_an_import_takes_in_whom_a_version_of_before_passed_over(desk: Desk) -> None:
    passed_over(desk)
    registered(desk, NOW + 2 * HOUR)
    one = notice(desk)
    assert (one.starts_at, one.due_at, one.is_unregistered) == (NOW, NOW + 12 * HOUR, False)


def test_what_is_closed_comes_up_again_only_for_one_that_a_register_knows(desk: Desk) -> None:
    passed_over(desk)
    for one in acts.show(desk, 1).owed:
        if one.clause in (NOTICE, OWN_FILING):
            duties.waive(desk, 1, one.clause, one.customer, why="A test.", principal=ALICE, now=NOW)
    possible = [one.customer for one in acts.show(desk, 1).owed if one.clause == POSSIBLE]
    duties.decide(desk, 1, possible, "exclude", why="No event.", principal=ALICE, now=NOW)
    acts.close(desk, 1, why="A test tenant.", principal=BOB, now=NOW)
    assert catching_up.catch_up_each(desk, now=NOW + HOUR) == {}
    assert acts.show(desk, 1).history.case.assessment == Assessment.CLOSED
    registered(desk, NOW + 2 * HOUR)
    assert acts.show(desk, 1).history.case.assessment == Assessment.REOPENED
    assert notice(desk).starts_at == NOW


def test_one_that_is_none_of_the_customers_is_waived_with_reasons(desk: Desk) -> None:
    office.judged(desk)
    for clause in (NOTICE, OWN_FILING):
        for one in acts.show(desk, 1).owed:
            if one.clause == clause:
                duties.waive(desk, 1, clause, one.customer, why="A test.", principal=ALICE, now=NOW)
    possible = [one.customer for one in acts.show(desk, 1).owed if one.clause == POSSIBLE]
    duties.decide(desk, 1, possible, "exclude", why="No event.", principal=ALICE, now=NOW)
    closed = acts.close(desk, 1, why="A test tenant.", principal=BOB, now=NOW)
    assert closed.assessment == Assessment.CLOSED


def test_an_import_that_does_not_know_it_changes_nothing_of_it(desk: Desk, config: Path) -> None:
    office.judged(desk)
    before = notice(desk)
    office.take_registers(
        desk,
        office.registers(
            config.parent, customers__csv="\n".join(IMPORTED[:-1]).replace("Finch", "Robin")
        ),
        NOW + HOUR,
    )
    assert notice(desk) == before


def test_who_is_taken_out_of_the_register_while_its_clock_runs_is_not_forgotten(
    at: Copy,
) -> None:
    desk = at("assessed")
    folder = Path(desk.config.store.path).parents[1]
    books_of = office.registers(folder)
    left = {
        f"{name}__csv": "\n".join(
            line
            for line in (books_of / f"{name}.csv").read_text().splitlines()
            if "c-2;" not in line
        )
        for name in ("customers", "contacts", "inventory")
    }
    office.take_registers(desk, office.registers(folder, **left), NOW + HOUR)
    shown = acts.show(desk, 1, now=NOW + HOUR)
    said = "\n".join(shown.settled_by)
    assert f"{REMEDY}   (no register knows c-2)" in said
    assert "notice preview 1 --customer c-1   " in said
    assert "--customer c-2" not in said
    answers = [one for one in checking.ask(desk.config, NOW + HOUR) if "c-2" in one.said]
    (of_it,) = (one for one in answers if not one.works)
    assert "something is owed about it, and no register knows it" in of_it.said
    assert REMEDY in of_it.hint
    assert [one for one in shown.owed if one.customer == "c-2" and one.is_open]
