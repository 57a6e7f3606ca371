"""The same way on the command line: what is printed, exit codes, and refusals that change nothing.

The commands read the clock: to them the theft happened long ago, and the letters are late.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.casework import office
from tests.casework.office import CONTACTS, NAMES
from tests.casework.person import at_the_shell
from tocsin.app.casework.desk import opened as desk_of
from tocsin.app.cli import app
from tocsin.app.config import load

ConfigAt = Callable[..., Path]
AWARE = "2026-03-09T14:30+01:00"
LATE = '\n[late_reason]\nfr = "Le relais était en panne."\nen = "The relay was down."\n'


def tocsin(config: Path, *arguments: object) -> Result:
    words = [*map(str, arguments), "--config", str(config)]
    result = CliRunner().invoke(app, words, env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def done(config: Path, *arguments: object) -> str:
    """Return what a command that succeeds prints."""
    result = tocsin(config, *arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def state(config: Path) -> object:
    with desk_of(load(config)) as desk:
        return office.everything(desk)


@pytest.fixture
def late(config_at: ConfigAt) -> Path:
    """Return the configuration of an operator whose registers and incident are there."""
    config = config_at("opened")
    (config.parent / "facts.toml").write_text(office.FACTS + LATE)
    return config


def test_from_the_incident_to_the_letters_and_the_proof(
    late: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_the_shell(monkeypatch, "alice")
    incident, notice, evidence = "incident", "notice", "evidence"
    assert "Recordings read from a known bad address" in done(late, incident, "list")
    said = done(late, incident, "impact", 1)
    assert "2 confirmed, 1 possible, 0 excluded" in said
    said = done(late, incident, "confirm", 1, "--aware-at", AWARE, "--why", "The logs show it.")
    assert "notice-to-customer" in said
    assert "c-1" in said
    done(late, incident, "contain", 1, "--at", "2026-03-09T12:30Z", "--why", "Key revoked.")
    done(late, incident, "note", 1, "--text", "Asked leo.", "--kind", "working")
    done(late, incident, "assess", 1, "--facts", late.parent / "facts.toml")
    said = done(late, notice, "preview", 1, "--out", tmp_path / "letters")
    assert {one.name for one in (tmp_path / "letters").iterdir()} == {"c-1", "c-2"}
    sha256 = said.split()[-1]
    assert len(sha256) == 64
    assert "approved by shell:alice" in done(late, notice, "approve", sha256)
    assert done(late, notice, "send", sha256).startswith("4 messages queued")
    mails = [one for one in (late.parent / "sent").iterdir() if one.name.startswith("notice-")]
    assert len(mails) == 2
    assert done(late, notice, "status", 1).count("accepted") >= 4
    body = (tmp_path / "letters" / "c-2" / "body.txt").read_text()
    (code,) = set(re.findall(r"\b[A-Z2-7]{4}-[A-Z2-7]{4}\b", body))
    at = datetime.now(UTC).isoformat()
    said = done(late, notice, "acknowledge", code, "--by", "Ida Finch", "--at", at)
    assert said.startswith("acknowledged: message notice-")
    assert "customer c-2, incident 1: notified at" in said
    done(late, incident, "decide", 1, "c-3", "--exclude", "--why", "Logs came.")
    done(late, incident, "filed", 1, "--at", "2026-03-20T10:00Z", "--reference", "CNIL-1")
    done(late, incident, "explain", 1, "own-filing", "--why", "A holiday.")
    assert "aware at 2026-03-09 13:30:00" in done(late, incident, "show", 1)
    done(late, evidence, "export", 1, tmp_path / "bundle")
    verify = CliRunner().invoke(app, ["evidence", "verify", str(tmp_path / "bundle")])
    assert verify.exit_code == 0
    ours = str(tmp_path / "bundle/checkpoint.json")
    for given, exit_code in ((ours, 0), (f"5:{'0' * 64}", 1), ("5:0000", 2)):
        told = ["evidence", "verify", str(tmp_path / "bundle"), "--checkpoint", given]
        assert CliRunner().invoke(app, told).exit_code == exit_code
    (tmp_path / "bundle" / "timeline.json").write_text("[]")
    verify = CliRunner().invoke(app, ["evidence", "verify", str(tmp_path / "bundle")])
    assert verify.exit_code == 1
    assert "timeline.json" in verify.stdout
    assert "lavande.example" in done(late, "customer", "contacts", "c-1")
    assert NAMES["c-3"] in done(late, "customer", "list")


def test_a_report_is_opened_with_its_original_and_its_receipt(late: Path, tmp_path: Path) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_bytes(b"From: x\r\n\r\nIt is not ours.\r\n")
    received = datetime.now(UTC) - timedelta(hours=5)
    told = ["--title", "Mis-sent", "--what", "An export went astray.", "--name", "Finch"]
    told += ["--reporter", "customer", "--channel", "email", "--original", str(mail)]
    said = done(late, "incident", "open", *told, "--received-at", received.isoformat())
    assert said.strip().startswith("incident 2 is open")
    shown = done(late, "incident", "show", 2)
    assert f"reported {received:%Y-%m-%d %H:%M:%S} UTC: known since then" in " ".join(shown.split())


def test_as_of_shows_what_was_known_then(late: Path) -> None:
    before = datetime.now(UTC).isoformat()
    done(late, "incident", "confirm", 1, "--aware-at", AWARE, "--why", "x", "--customer", "c-1")
    assert "aware at" in done(late, "incident", "show", 1)
    then = done(late, "incident", "show", 1, "--as-of", before)
    assert "suspected" in then
    assert "aware at" not in then
    assert tocsin(late, "incident", "show", 1, "--as-of", "2026-03-09T10:00Z").exit_code == 2


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("incident show 9", "incident list"),
        ("incident confirm 9 --aware-at 2026-03-09T14:30Z --why x", "incident list"),
        ("incident confirm 1 --aware-at 2199-01-01T00:00Z --why x", "still to come"),
        ("incident confirm 1 --aware-at 2026-03-09T14:30Z --why x --customer c-9", "customer list"),
        ("incident correct 1 --aware-at 2026-03-09T14:30Z --why x", "Confirm it first"),
        ("incident agree 1 1", "ask for it again"),
        ("incident close 1 --why x", "incident"),
        ("incident note 1 --text x --kind gossip", "fact, working, privileged"),
        ("incident assess 1 --facts none.toml", "cannot be read"),
        ("incident impact 9", "incident list"),
        ("notice preview 1", "incident impact 1"),
        ("notice approve 0123", "64 digits"),
        ("notice send 0123", "64 digits"),
        ("notice status 9", "incident list"),
        ("notice reply none.eml", "cannot be read"),
        (
            "notice acknowledge K7QD-2MXA --by Ida --at 2026-03-10T10:00Z",
            "it stands in the mail, in the summary",
        ),
        ("incident decide 1 c-1 --exclude --why x", "incident show"),
        ("incident waive 1 own-filing --why x", "incident show"),
        ("incident explain 1 notice-to-customer --why x", "incident show"),
        ("incident filed 9 --at 2026-03-10T10:00Z --reference x", "incident list"),
        (
            "incident open --what= --received-at 2026-03-09T10Z --reporter press --channel email",
            "Give `--what`",
        ),
        ("evidence export 1 not-there/bundle", "mkdir -p -m 700 not-there"),
        ("customer contacts c-9", "customer list"),
        ("customer import none.csv", "none.csv"),
        ("evidence export 9 bundle", "incident list"),
        ("evidence export 1 bundle --customer c-9", "customer list"),
        (
            "incident open --what x --received-at 2026-03-09T14:30Z --reporter pope --channel fax",
            "expected one of",
        ),
    ],
)
def test_what_is_refused_says_what_to_do_and_changes_nothing(
    late: Path, monkeypatch: pytest.MonkeyPatch, command: str, said: str
) -> None:
    monkeypatch.chdir(late.parent)
    before = state(late)
    result = tocsin(late, *command.split())
    assert result.exit_code == 2
    assert said in result.stderr, result.stderr
    assert state(late) == before
    assert not (late.parent / "bundle").exists()


def test_missing_facts_are_named_on_the_terminal_and_nothing_is_written(
    config_at: ConfigAt, tmp_path: Path
) -> None:
    config = config_at("judged")
    result = tocsin(config, "notice", "preview", 1, "--out", tmp_path / "letters")
    assert result.exit_code == 2
    for fact in ("  nature: from", "  narrative: from", "  clock.late_reason: from"):
        assert fact in result.stderr
    assert "tocsin incident assess 1 --facts" in result.stderr
    assert not (tmp_path / "letters").exists()


def test_the_program_itself_says_the_same_with_the_same_exit_codes(late: Path) -> None:
    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "tocsin.app.cli", *words, "--config", str(late)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "COLUMNS": "200"},
        )

    fine, wrong = run("incident", "list"), run("incident", "show", "9")
    assert (fine.returncode, wrong.returncode) == (0, 2)
    assert "Recordings read" in fine.stdout
    assert wrong.stdout == ""
    assert "no incident 9" in wrong.stderr
    assert "incident list" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_no_refusal_shows_a_customers_contact(late: Path, tmp_path: Path) -> None:
    words = [word for one in CONTACTS.values() for word in one]
    for command in (
        ("notice", "preview", 1),
        ("evidence", "export", 1, tmp_path, "--customer", "c-1"),
    ):
        result = tocsin(late, *command)
        assert result.exit_code == 2
        assert not any(word in result.stderr for word in words)
