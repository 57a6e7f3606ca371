"""A run or facts after the approval: what says the same is told apart from what does not."""

from pathlib import Path

import pytest

from tests.casework import office
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, BOB, HOUR, NOW
from tocsin.app.casework import acts, measuring, people, sending
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal

APPROVED = NOW + HOUR


def approved(desk: Desk) -> str:
    sha256 = office.manifest(desk)
    sending.approve(desk, sha256, principal=BOB, now=APPROVED)
    return sha256


def refused(desk: Desk, sha256: str) -> Refusal:
    before = office.everything(desk)
    with pytest.raises(Refusal) as caught:
        sending.send(desk, sha256, principal=BOB, now=APPROVED)
    assert office.everything(desk) == before
    return caught.value


def test_a_newer_run_with_the_same_numbers_is_named_as_that(at: Copy) -> None:
    desk = at("previewed")
    sha256 = approved(desk)
    measuring.measure(desk, 1, principal=ALICE, now=APPROVED)
    error = refused(desk, sha256)
    assert "names impact run 1; impact run 2 is newer, and its numbers are the same" in str(error)
    assert "other facts" not in str(error)
    assert "the documents name the run" in error.hint


def given(desk: Desk, change: str, by: str) -> None:
    facts = Path(desk.config.store.path).parents[1] / "facts.toml"
    text = facts.read_text()
    assert change in text
    facts.write_text(text.replace(change, by))
    acts.assess(desk, 1, people.read(facts), principal=ALICE, now=APPROVED)


def test_one_fact_that_was_changed_is_named_alone(at: Copy) -> None:
    desk = at("previewed")
    sha256 = approved(desk)
    given(desk, 'kind = "review_logs"', 'kind = "review_users"')
    said = str(refused(desk, sha256))
    assert said.endswith("rendered with other facts than hold now: actions")


def test_the_same_facts_given_again_are_named_as_that(at: Copy) -> None:
    desk = at("previewed")
    sha256 = approved(desk)
    given(desk, "not_yet", "not_yet")
    said = str(refused(desk, sha256))
    assert "says what holds now, but facts of it were given again since: " in said
    assert "actions" in said
    assert "other facts" not in said


def test_a_run_with_other_numbers_says_which_facts_are_other(at: Copy) -> None:
    desk = at("previewed")
    sha256 = approved(desk)
    folder = Path(desk.config.store.path).parents[1]
    inventory = (folder / "registers" / "inventory.csv").read_text()
    changed = inventory.replace(";100;40;", ";300;90;").strip()
    office.take_registers(desk, office.registers(folder, inventory__csv=changed), NOW)
    office.write_log(
        folder,
        [office.theft(700, "c-1", "0009-01"), office.theft(701, "c-2", "0009-01")],
        "z.json.gz",
    )
    office.opened(folder / "config.toml", APPROVED)
    measuring.measure(desk, 1, principal=ALICE, now=APPROVED)
    said = str(refused(desk, sha256))
    assert "rendered with other facts than hold now: " in said
    assert "subjects" in said
    assert "is newer" not in said
