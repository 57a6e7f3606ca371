"""What commands say when there is little to say: nothing, one, the same, and what comes next."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.casework import office
from tests.casework.office import ALICE, HOUR, NOW, take_registers
from tests.casework.person import Person
from tests.casework.test_declaring import SAID
from tocsin.app.casework import acts, people, sending
from tocsin.errors import Refusal

AliceAt = Callable[[str], Person]


def test_a_customer_without_contacts_is_said_to_have_none_and_how_to_add_one(
    alice_at: AliceAt,
) -> None:
    alice = alice_at("opened")
    path = alice.config.parent / "registers" / "contacts.csv"
    kept = [line for line in path.read_text().splitlines() if not line.startswith("c-3")]
    path.write_text("\n".join(kept) + "\n")
    with alice.desk() as desk:
        take_registers(desk, path.parent)
    said = alice.types("customer", "contacts", "c-3")
    assert "customer c-3 has no contact" in said
    assert "contacts.csv" in said
    assert "tocsin customer import" in said
    assert "verified on" in alice.types("customer", "contacts", "c-1")


def test_a_report_says_what_it_started_and_what_to_do_next(alice_at: AliceAt) -> None:
    alice = alice_at("opened")
    words = ("--reporter", "customer", "--channel", "email", "--what", "a mail went astray")
    received = datetime.now(UTC).replace(microsecond=0) - HOUR
    said = alice.types("incident", "open", "--received-at", received.isoformat(), *words)
    opened, decision, strict, following = said.splitlines()
    assert (opened, following) == ("incident 2 is open", "next: tocsin incident take 2")
    for line, clause, hours in (
        (decision, "decision-on-incident", 24),
        (strict, "notice-by-strict-reading", 24),  # the shortest contract's
    ):
        due = f"{received + hours * HOUR:%Y-%m-%d %H:%M:%S} UTC"
        assert line.startswith(f"started: {clause} to the team, due {due}, {hours - 2} h ")
        assert line.endswith(" min left")


def test_one_is_one(alice_at: AliceAt) -> None:
    alice = alice_at("assessed")
    with alice.desk() as desk:
        made = sending.preview(
            desk, 1, None, customers=["c-1"], principal=ALICE, now=NOW + timedelta(minutes=2)
        )
        sending.approve(desk, made.sha256, principal=ALICE, now=NOW + timedelta(minutes=3))
    said = alice.types("incident", "show", 1)
    assert f"approved 1 notice, {made.sha256[:12]}" in said


def test_a_run_that_says_the_same_as_the_one_before_says_so(alice_at: AliceAt) -> None:
    alice = alice_at("opened")
    first = alice.types("incident", "impact", 1)
    assert "telephone conversations" in first
    again = alice.types("incident", "impact", 1)
    assert "Impact run 2: 2 confirmed, 1 possible, 0 excluded" in again
    assert "The same as run 1. All of it: tocsin incident impact 1 --show" in again
    assert "telephone conversations" not in again
    assert "telephone conversations" in alice.types("incident", "impact", 1, "--show")


def test_a_first_run_is_not_compared_with_another_incidents(
    alice_at: AliceAt, tmp_path: Path
) -> None:
    alice = alice_at("opened")
    alice.types("incident", "impact", 1)
    words = ("--reporter", "customer", "--channel", "email", "--what", "a mail went astray")
    received = datetime.now(UTC) - HOUR
    alice.types("incident", "open", "--received-at", received.isoformat(), *words)
    file = tmp_path / "statement.toml"
    file.write_text(SAID)
    said = alice.types("incident", "declare", 2, file)
    assert "Impact run 2: 1 confirmed" in said
    assert "The same as run" not in said
    assert "contact" in said
    alice.types("incident", "impact", 1)
    assert "The same as run 2. " in alice.types("incident", "declare", 2, file)
    assert "The same as run 3. " in alice.types("incident", "impact", 1)


def test_a_measure_is_not_done_before_the_breach_began(alice_at: AliceAt) -> None:
    alice = alice_at("judged")
    facts = alice.config.parent / "facts.toml"
    facts.write_text(facts.read_text().replace("at = 2026-03-09T12:30", "at = 2026-03-08T12:30"))
    with alice.desk() as desk:
        before = office.everything(desk)
        with pytest.raises(Refusal, match=r"measures\.1\.at: done, 2026-03-08T12:30") as caught:
            acts.assess(desk, 1, people.read(facts), principal=ALICE, now=NOW)
        assert "before it began, 2026-03-09T10:01:00" in str(caught.value)
        assert office.everything(desk) == before
        period = "\n[period]\nbegun_at = 2026-03-08T09:00:00Z\n"
        facts.write_text(facts.read_text() + period)
        acts.assess(desk, 1, people.read(facts), principal=ALICE, now=NOW)
