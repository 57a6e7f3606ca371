"""``tocsin incident show`` is what a person on call needs: found, reported, done, owed, next."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from incidents.assessment import Attached, Told
from tests.casework import office
from tests.casework.office import ALICE, BOB, HOUR, MINUTE, NOW
from tests.casework.person import Person
from tocsin.app.casework import acts, duties, measuring, sending
from tocsin.app.cli import app

AliceAt = Callable[[str], Person]
TOLD = Told(
    title="A list went to the wrong firm",
    what="Your list of contacts\nreached us \x1b[31mby mistake.",
    received_at=NOW - HOUR,
    reporter="customer",
    name="Bob",
    channel="email",
    originals=(Attached("../mail.eml", "message/rfc822", b"From: bob\r\n\r\nHello"),),
)


def at(width: int, alice: Person, *words: object) -> str:
    arguments = [*map(str, words), "--config", str(alice.config)]
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": str(width), "NO_COLOR": "1"})
    assert result.exit_code == 0, result.output
    return result.output


def test_what_was_found_stands_there_with_its_sentences_and_who_did_it(alice_at: AliceAt) -> None:
    said = alice_at("opened").types("incident", "show", 1)
    assert "What was found: 6 findings, 6 events" in said
    assert "2026-03-09 10:01:00  high" in said
    assert f"user/leo read c-1/0001-01.wav from {office.STRANGER}" in said
    assert "arn:aws" not in said
    for who in ("actors", "AKIAIOSFODNN7EXAMPLE", office.STRANGER):
        assert who in said
    assert "incident.opened" not in said  # no kinds of the ledger
    for command in ("take 1", "impact 1", "confirm 1 --aware-at", "dismiss 1 --why"):
        assert f"tocsin incident {command}" in said


def test_a_case_is_shown_where_its_logs_cannot_be_read(alice_at: AliceAt) -> None:
    alice = alice_at("opened")
    for one in (alice.config.parent / "state" / "archive").rglob("*.parquet"):
        one.unlink()
    said = alice.types("incident", "show", 1)
    assert "the archive cannot be read" in said
    assert "user/leo" in said


def test_impact_decisions_notes_and_notices_can_be_read_back(alice_at: AliceAt) -> None:
    alice = alice_at("assessed")
    with alice.desk() as desk:
        acts.note(
            desk, 1, text="Leo is\non leave.", kind="privileged", principal=BOB, now=NOW + MINUTE
        )
        acts.note(desk, 1, text="The key is gone.", kind="fact", principal=BOB, now=NOW + MINUTE)
        duties.decide(
            desk, 1, ["c-3"], "exclude", why="Not there.", principal=BOB, now=NOW + MINUTE
        )
        sha256 = office.previewed(desk)
        sending.approve(desk, sha256, principal=BOB, now=NOW + 2 * MINUTE)
    said = " ".join(alice.types("incident", "show", 1).split())
    assert "Whose data: impact run 1, 2026-03-09 14:00:00" in said
    assert "2 confirmed, 1 possible, 0 excluded" in said
    assert "telephone conversations" in said
    assert "judged a breach, aware at 2026-03-09 13:30:00. Why: The logs show it." in said
    assert "shown as confirmed by run 1: c-1, c-2" in said
    assert "shell:bob decided: exclude: c-3. Why: Not there." in said
    assert "shell:bob approved 2 notices" in said
    assert "privileged Leo is on leave." in said
    assert "The key is gone." in said
    assert "met: decision-on-possible-customer to c-3" in said
    assert sha256 not in said  # by now it is late: it could not be sent without a reason
    assert "tocsin incident explain 1 " in said


def test_a_report_is_shown_with_who_how_and_what_was_attached(
    alice_at: AliceAt, tmp_path: Path
) -> None:
    alice = alice_at("opened")
    with alice.desk() as desk:
        number = acts.report(desk, TOLD, principal=ALICE, now=NOW).number
    said = alice.types("incident", "show", number)
    assert "customer 'Bob' by email, received 2026-03-09 13:00:00 UTC" in said
    assert "Your list of contacts" in said
    assert "reached us \N{REPLACEMENT CHARACTER}[31mby mistake." in said
    assert "attached: ../mail.eml, message/rfc822, 18 bytes" in said
    assert f"tocsin incident declare {number} FILE.toml" in said
    written = alice.types("incident", "show", number, "--originals", tmp_path / "out")
    (path,) = (tmp_path / "out").iterdir()
    assert path.name.endswith("-.._mail.eml")
    assert path.read_bytes() == TOLD.originals[0].body
    assert str(path) in written.replace("\n", "")
    assert "anything attached" in alice.is_refused("incident", "show", 1, "--originals", tmp_path)


def test_as_of_an_instant_nothing_later_is_shown(alice_at: AliceAt) -> None:
    alice = alice_at("judged")
    with alice.desk() as desk:
        acts.note(desk, 1, text="A note.", kind="working", principal=BOB, now=NOW + HOUR)
        office.assessed(desk)
        office.previewed(desk, now=NOW + 2 * HOUR)
    then = alice.types("incident", "show", 1, "--as-of", (NOW + 30 * MINUTE).isoformat())
    assert "judged a breach" in then
    assert "A note." not in then
    assert "prepared" not in then
    before = alice.types("incident", "show", 1, "--as-of", NOW.isoformat())
    assert "facts given" not in before
    assert "facts given" in alice.types("incident", "show", 1)


def test_findings_that_came_later_were_not_known_before(alice_at: AliceAt) -> None:
    alice = alice_at("opened")
    with alice.desk() as desk:
        shown = acts.show(desk, 1, as_of=NOW)
        assert len(shown.findings) == 6
        with desk.store.begin() as db:
            db.exec_driver_sql(
                "update finding set first_seen_at = first_seen_at + 3600000000 where id in "
                "(select id from finding limit 2)"
            )
        assert len(acts.show(desk, 1, as_of=NOW).findings) == 4
        assert len(acts.show(desk, 1, as_of=NOW + timedelta(hours=1)).findings) == 6


@pytest.mark.parametrize("width", [80, 120])
def test_no_line_is_wider_than_the_terminal_but_those_to_be_copied(
    alice_at: AliceAt, width: int
) -> None:
    alice = alice_at("previewed")
    lines = at(width, alice, "incident", "show", 1).splitlines()
    assert any("  tocsin notice preview 1 --customer c-1 --customer c-2" in one for one in lines)
    assert all(len(one) <= width for one in lines if "tocsin " not in one)


def test_a_kept_run_is_shown_without_making_another(alice_at: AliceAt) -> None:
    alice = alice_at("judged")
    with alice.desk() as desk:
        measuring.measure(desk, 1, principal=BOB, now=NOW + HOUR)
        before = office.everything(desk)
    assert "Impact run 2: 2 confirmed" in alice.types("incident", "impact", 1, "--show")
    assert "Impact run 1: 2" in alice.types("incident", "impact", 1, "--show", "--run", 1)
    with alice.desk() as desk:
        assert office.everything(desk) == before
    assert "It has 1, 2." in alice.is_refused("incident", "impact", 1, "--show", "--run", 7)
    assert "Add --show" in alice.is_refused("incident", "impact", 1, "--run", 1)


def test_what_is_cut_says_how_to_see_all(alice_at: AliceAt) -> None:
    alice = alice_at("judged")
    with alice.desk() as desk:
        for minute in range(30):
            measuring.measure(desk, 1, principal=BOB, now=NOW + minute * MINUTE)
    said = alice.types("incident", "show", 1)
    assert "steps that decided nothing: tocsin incident show 1 --all" in said
    assert "judged a breach" in said  # decisions are never left out
    assert "run 5:" not in said
    assert "run 5:" in alice.types("incident", "show", 1, "--all")


def test_the_list_tells_when_each_began_and_since_when_it_is_known(alice_at: AliceAt) -> None:
    alice = alice_at("opened")
    with alice.desk() as desk:
        acts.report(desk, TOLD, principal=ALICE, now=NOW)
    head, detected, reported = alice.types("incident", "list").splitlines()
    assert head.split() == ["#", "level", "began", "(UTC)", "known", "(UTC)", "what", "assessment"]
    assert detected.split()[2:6] == ["2026-03-09", "10:01", "2026-03-09", "14:00"]
    assert reported.split()[2:5] == ["-", "2026-03-09", "13:00"]


def test_every_instant_of_a_clock_names_its_zone_and_every_reading_its_name(
    alice_at: AliceAt,
) -> None:
    alice = alice_at("opened")
    alice.types("incident", "impact", 1)
    judged = ("--aware-at", "2026-03-09T14:30+01:00", "--why", "x")
    for command in (("confirm", 1, *judged), ("show", 1)):
        said = alice.types("incident", *command)
        assert ("due by contract (UTC)" in said) or ("What is owed (UTC)" in said)
        assert "left by strict reading" in said
        assert "standing by contract" in said
    earlier = ("--aware-at", "2026-03-09T13:30+01:00", "--why", "The call came first.")
    assert "due by contract (UTC)" in alice.types("incident", "correct", 1, *earlier)
    said = alice.types("incident", "show", 1)
    assert "corrected from 2026-03-09 13:30:00 UTC to 2026-03-09 12:30:00 UTC" in said


def test_excluded_customers_are_shown_with_their_reasons_and_decisions(alice_at: AliceAt) -> None:
    alice = alice_at("opened")
    said = alice.types("incident", "show", 1, "--customers")
    assert "nobody has computed or stated yet" in said
    customers = alice.config.parent / "registers" / "customers.csv"
    customers.write_text(customers.read_text() + "c-4;Amber;en;Europe/London;;GB;48;2025-02-01\n")
    inventory = alice.config.parent / "registers" / "inventory.csv"
    nothing = "recordings;c-4;telephone conversations;0;0;2026-03-01\n"
    inventory.write_text(inventory.read_text() + nothing)
    alice.types("customer", "import", customers.parent, "--yes")
    alice.types("incident", "impact", 1)
    assert "Who is excluded, and why: tocsin incident show 1 --customers" in alice.types(
        "incident", "show", 1
    )
    alice.types("incident", "decide", 1, "c-3", "--exclude", "--why", "All its calls are there.")
    said = alice.types("incident", "show", 1, "--customers")
    assert "2 confirmed, 1 possible, 1 excluded" in said
    assert "No event of the attack touched data of this customer." in said
    (line,) = (line for line in said.splitlines() if "c-3: exclude, by shell:alice at" in line)
    assert line.endswith("UTC. Why: All its calls are there.")
    assert "c-4" in said
