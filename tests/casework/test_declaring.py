"""An incident that somebody reported: the whole way to the letter, with no event that tells it."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from incidents import notices
from incidents.assessment import Told
from incidents.documents.missing import MissingFacts
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, AWARE, MINUTE, NOW, assessed, everything, intact
from tocsin.app.casework import acts, declaring, measuring, sending
from tocsin.app.casework.desk import Desk, opened
from tocsin.app.cli import app
from tocsin.app.config import load
from tocsin.errors import ConfigError, Refusal

SAID = """
[[customer]]
id = "c-2"
standing = "confirmed"
why = "Their list of contacts was sent to another customer."
begun_at = 2026-03-09T11:20:00Z
ended_at = 2026-03-09T11:20:00Z
subjects = 12

[[customer.data]]
category = "contact"
stores = ["e-mail of the support desk"]
effects = ["confidentiality"]
records = [12, 15]
subjects = 12
people = ["customers and prospects"]
basis = "lines of the file"

[[customer]]
id = "c-3"
standing = "excluded"
why = "The file holds no line of it."
"""


def reported(desk: Desk) -> int:
    """Open an incident because a customer wrote; return its number."""
    told = Told(
        title="A list sent to the wrong customer",
        what="A customer received another's contacts.",
        received_at=AWARE,
        reporter="customer",
        name="Maison Lavande",
        channel="email",
    )
    return acts.report(desk, told, principal=ALICE, now=NOW).number


def statement(folder: Path, text: str = SAID) -> declaring.Statement:
    path = folder / "statement.toml"
    path.write_text(text)
    return declaring.read(path)


def test_a_report_leads_to_a_letter_the_whole_way(at: Copy, tmp_path: Path) -> None:
    desk = at("opened")
    number = reported(desk)
    with pytest.raises(Refusal, match="no event of it is known") as refused:
        measuring.measure(desk, number, principal=ALICE, now=NOW)
    assert f"tocsin incident declare {number} FILE.toml" in refused.value.hint
    acts.confirm(desk, number, aware_at=AWARE, why="The mail is there.", principal=ALICE, now=NOW)
    with pytest.raises(Refusal, match="nobody has computed") as refused:
        sending.preview(desk, number, None, principal=ALICE, now=NOW)
    assert "tocsin incident declare" in refused.value.hint

    made = declaring.declare(desk, number, statement(tmp_path), principal=ALICE, now=NOW)
    assert {one.customer: str(one.standing) for one in made.run.customers} == {
        "c-2": "confirmed",
        "c-3": "excluded",
    }
    owed = {one.customer: one for one in acts.show(desk, number).owed if one.customer}
    assert owed.keys() == {"c-2", "operator"}
    assert owed["c-2"].due_at == AWARE + timedelta(hours=24)  # whenever it was stated
    assert owed["c-2"].strict_due_at == AWARE + timedelta(hours=24)  # since the report came

    with pytest.raises(MissingFacts):
        sending.preview(desk, number, None, principal=ALICE, now=NOW)
    assessed(desk, number)
    letters = tmp_path / "letters"
    manifest = sending.preview(desk, number, letters, principal=ALICE, now=NOW + 2 * MINUTE)
    assert [one.customer for one in manifest.notices] == ["c-2"]
    body = " ".join((letters / "c-2" / "body.txt").read_text().split())
    assert "no log tells it" in body
    assert "One of our people has established it." in body
    assert "The report we received says so." not in body
    assert "This instant was stated by one of our people." in body
    assert "12 to 15" in body or "between 12 and 15" in body.lower()
    (dossier,) = (letters / "c-2").glob("*-dossier.json")
    entries = json.loads(dossier.read_bytes())["entries"]
    assert entries["coverage"]["value"] == []
    assert entries["records"]["value"]["max_by"] == "report"
    assert entries["t_begin"]["value"] == "2026-03-09T11:20:00.000000Z"
    assert [e.kind for e in intact(desk)][-1] == "notice.prepared"


def test_what_was_given_in_a_statement_cannot_prove_that_nothing_left(
    at: Copy, tmp_path: Path
) -> None:
    desk = at("opened")
    number = reported(desk)
    acts.confirm(desk, number, aware_at=AWARE, why="It is.", principal=ALICE, now=NOW)
    declaring.declare(desk, number, statement(tmp_path), principal=ALICE, now=NOW)
    facts = Path(desk.config.store.path).parents[1] / "facts.toml"
    facts.write_text(facts.read_text().replace('"exfiltrated"', '"not_exfiltrated_evidence"'))
    assessed(desk, number)
    before = everything(desk)
    with pytest.raises(Refusal, match="no log tells it"):
        sending.preview(desk, number, None, principal=ALICE, now=NOW + 2 * MINUTE)
    assert everything(desk) == before


def test_a_number_that_nobody_knows_is_asked_for_or_said_to_come(at: Copy, tmp_path: Path) -> None:
    desk = at("opened")
    number = reported(desk)
    acts.confirm(desk, number, aware_at=AWARE, why="It is.", principal=ALICE, now=NOW)
    said = statement(tmp_path, SAID.replace("records = [12, 15]\n", ""))
    declaring.declare(desk, number, said, principal=ALICE, now=NOW)
    assessed(desk, number)
    with pytest.raises(MissingFacts) as caught:
        sending.preview(desk, number, None, principal=ALICE, now=NOW + 2 * MINUTE)
    asked = {one.fact: one.how for one in caught.value.facts}
    assert asked.keys() == {"records of c-2", "affected.records.contact of c-2"}
    assert all(f"tocsin incident declare {number} FILE.toml" in how for how in asked.values())
    facts = Path(desk.config.store.path).parents[1] / "facts.toml"
    facts.write_text(facts.read_text().replace('["severity"]', '["severity", "records"]'))
    assessed(desk, number)
    assert sending.preview(desk, number, None, principal=ALICE, now=NOW + 2 * MINUTE).notices


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (SAID.replace('"c-2"', '"c-9"'), "customer c-9: no register knows it"),
        (SAID.replace("[12, 15]", "[15, 12]"), "customer c-2, contact, records: expected at least"),
        (
            SAID.replace('["customers and prospects"]', '["aliens"]'),
            "people: expected some of",
        ),
        (
            SAID.replace('people = ["customers and prospects"]\n', ""),
            "people: the data map has no store",
        ),
        (SAID.replace("ended_at = 2026", "ended_at = 2027"), "is still to come"),
        (
            SAID.replace("subjects = 12\n\n", "subjects = [5, 11]\n\n"),
            "customer c-2, subjects: fewer people in all than of contact",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    at: Copy, tmp_path: Path, text: str, fault: str
) -> None:
    desk = at("opened")
    number = reported(desk)
    said, before = statement(tmp_path, text), everything(desk)
    with pytest.raises(Refusal, match=fault):
        declaring.declare(desk, number, said, principal=ALICE, now=NOW)
    assert everything(desk) == before


def test_a_later_statement_leaves_nobody_out_and_shows_the_difference(
    at: Copy, tmp_path: Path
) -> None:
    desk = at("opened")
    number = reported(desk)
    declaring.declare(desk, number, statement(tmp_path), principal=ALICE, now=NOW)
    before = everything(desk)
    other = statement(tmp_path, SAID[SAID.index('[[customer]]\nid = "c-3"') :])
    with pytest.raises(Refusal, match="customer c-2: named before and not now"):
        declaring.declare(desk, number, other, principal=ALICE, now=NOW)
    assert everything(desk) == before
    more = statement(tmp_path, SAID.replace("[12, 15]", "15"))
    made = declaring.declare(desk, number, more, principal=ALICE, now=NOW + MINUTE)
    assert [str(one) for one in made.changes] == [
        "c-2: confirmed; contact, records: 12–?–15 → 15–15–15"  # noqa: RUF001 - as it says
    ]


def test_every_fault_of_a_file_is_named_with_its_place(tmp_path: Path) -> None:
    text = SAID.replace('"confirmed"', '"sure"').replace("[12, 15]", '"many"')
    with pytest.raises(ConfigError) as caught:
        statement(tmp_path, text.replace("11:20:00Z\nended", "11:20:00\nended"))
    said = str(caught.value)
    for place in ("standing", "data.1.records", "begun_at"):
        assert f"customer.1 (c-2).{place}" in said
    with pytest.raises(ConfigError, match="cannot be read"):
        declaring.read(tmp_path / "none.toml")


def test_the_command_line_shows_what_was_kept(
    config_at: Callable[..., Path], tmp_path: Path
) -> None:
    config = config_at("opened")
    with opened(load(config)) as desk:
        number = reported(desk)
    statement(tmp_path)
    words = ["incident", "declare", str(number), str(tmp_path / "statement.toml")]
    result = CliRunner().invoke(app, [*words, "--config", str(config)])
    assert result.exit_code == 0, result.output
    assert "1 confirmed" in result.stdout
    assert "c-2" in result.stdout


def test_nothing_is_previewed_to_whom_a_statement_excludes(at: Copy, tmp_path: Path) -> None:
    desk = at("opened")
    number = reported(desk)
    acts.confirm(desk, number, aware_at=AWARE, why="It is.", principal=ALICE, now=NOW)
    declaring.declare(desk, number, statement(tmp_path), principal=ALICE, now=NOW)
    with pytest.raises(Refusal, match="owes no notice to c-3"):
        sending.preview(desk, number, None, customers=["c-3"], principal=ALICE, now=NOW)
    with desk.store.read() as db:
        assert notices.status(db, number) == []


def test_what_nobody_guesses_takes_no_guess_away_from_the_whole(at: Copy, tmp_path: Path) -> None:
    desk = at("opened")
    number = reported(desk)
    acts.confirm(desk, number, aware_at=AWARE, why="It is.", principal=ALICE, now=NOW)
    text = SAID.replace("[12, 15]", "12")
    block = text[text.index("[[customer.data]]") : text.index('[[customer]]\nid = "c-3"')]
    other = block.replace('"contact"', '"billing"').replace("support", "billing")
    text = text.replace(block, block + other.replace("records = 12", "records = [0, 3]"))
    declaring.declare(desk, number, statement(tmp_path, text), principal=ALICE, now=NOW)
    assessed(desk, number)
    letters = tmp_path / "letters"
    sending.preview(desk, number, letters, principal=ALICE, now=NOW + 2 * MINUTE)
    (dossier,) = (letters / "c-2").glob("*-dossier.json")
    said = json.loads(dossier.read_bytes())["entries"]["records"]["value"]
    assert (said["min"], said["best"], said["max"]) == (12, 12, 15)
