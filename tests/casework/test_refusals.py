"""Refusals name commands, options and files that are there."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from incidents.assessment import Told
from tests.casework.office import ALICE, HOUR, NOW
from tests.casework.person import Person
from tocsin.app.casework import acts
from tocsin.app.cli import app

AliceAt = Callable[[str], Person]
SAID = """
[[customer]]
id = "c-2"
standing = "confirmed"
why = "Its list was sent away."

[[customer.data]]
category = "contact"
stores = ["a list on paper"]
effects = ["confidentiality"]
records = 3
"""


def test_what_can_be_done_is_named_by_its_command(alice_at: AliceAt) -> None:
    confirm = ("incident", "confirm", 1, "--aware-at", "2026-03-09T14:30+01:00", "--why", "x")
    said = alice_at("judged").is_refused(*confirm)
    assert "From here: correct --void, close." in said


def test_an_empty_option_is_named_as_it_is_typed(alice_at: AliceAt) -> None:
    alice = alice_at("judged")
    filed = ("incident", "filed", 1, "--at", "2026-03-09T15:00Z", "--reference", "")
    assert "--reference: nothing given" in alice.is_refused(*filed)
    assert "--why: no reason given" in alice.is_refused("incident", "close", 1, "--why", " ")


def test_a_store_the_data_map_does_not_know_is_said_to_be_unknown(
    alice_at: AliceAt, tmp_path: Path
) -> None:
    alice = alice_at("opened")
    told = Told("A list", "A list was lost.", NOW - HOUR, "person", "leo", "phone")
    with alice.desk() as desk:
        number = acts.report(desk, told, principal=ALICE, now=NOW).number
    path = tmp_path / "said.toml"
    path.write_text(SAID)
    said = " ".join(alice.is_refused("incident", "declare", number, path).split())
    assert "the data map has no store 'a list on paper'" in said
    assert "name them as people, expected some of" in said


@pytest.mark.parametrize("key", [b"junk", b""])
def test_evidence_that_is_not_there_or_a_key_that_is_none_is_named(
    tmp_path: Path, key: bytes
) -> None:
    def verify(*words: object) -> str:
        result = CliRunner().invoke(app, ["evidence", "verify", *map(str, words)])
        assert result.exit_code == 2, result.output
        return result.output + result.stderr

    said = verify(tmp_path / "nowhere")
    assert "nowhere: there is no such folder" in said
    assert "FAILED" not in said
    for absent in (tmp_path / "key.pem", tmp_path):  # no file there, and a folder
        said = verify(tmp_path, "--key", absent)
        assert f"{absent}: cannot be read: " in said
        assert "Give the public key from the contract, a PEM file." in said
        assert "FAILED" not in said
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "key.pem").write_bytes(key)
    said = verify(tmp_path, "--key", tmp_path / "key.pem")
    assert f"{tmp_path / 'key.pem'}: no public key in PEM" in said
    assert "Give the public key from the contract, a PEM file." in said
