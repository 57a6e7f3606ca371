"""Bundles across a new key: who knows an old one is led to it, or told that nothing leads there."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from incidents.evidence.verify import verify
from tests.evidence.conftest import ALICE, NOW, House
from tests.evidence.test_verify import by_hand, forge
from tocsin import ledger
from tocsin.ledger import checkpoints, rotation
from tocsin.ledger.entries import Checkpoint
from tocsin.ledger.keys import PublicKey, open_key

WHOLE_AND_CUSTOMER = ["", "acme"]


def rotated(house: House) -> PublicKey:
    with house.store.begin() as db:
        new = rotation.rotate(db, house.key, why="once a year", principal=ALICE, at=NOW)
    with house.store.begin() as db:
        rotation.open_current(db, house.key)
    return new


def lost(house: House) -> PublicKey:
    house.key.unlink()
    with house.store.begin() as db:
        asked = rotation.state_lost(db, house.key, why="a disk died", principal=ALICE, at=NOW)
        new = rotation.replace_lost(db, house.key, asked=asked, at=NOW)
    with house.store.begin() as db:
        rotation.open_current(db, house.key)
    return new


@pytest.fixture
def first(house: House) -> tuple[bytes, Checkpoint]:
    """Return the first key, and a checkpoint it signed."""
    with house.store.begin() as db:
        signed = checkpoints.sign(db, rotation.open_current(db, house.key), at=NOW)
    return house.public, signed.checkpoint()


@pytest.mark.parametrize("whose", WHOLE_AND_CUSTOMER)
def test_the_key_from_the_contract_leads_to_those_it_signed_in(
    house: House, tmp_path: Path, first: tuple[bytes, Checkpoint], whose: str
) -> None:
    old, _ = first
    rotated(house)
    between = house.public
    new = rotated(house)
    folder = house.export(tmp_path / "bundle", customer=whose)
    for known in (old, between, new.pem.encode()):
        found = verify(folder, known)
        assert found.faults == ()
        assert found.remarks == ()
        assert found.fingerprint == new.fingerprint
        is_same = known == new.pem.encode()
        assert ("is the one given" if is_same else "was signed in by") in found.steps[0].title
    done = by_hand(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    for pem in (old, between):
        assert f"{PublicKey.read(pem).fingerprint} - " in done.stdout
    assert done.stdout.count("signed in by the key before it") == 2
    assert "NOT" not in done.stdout
    stranger = open_key(tmp_path / "stranger").public
    (fault,) = verify(folder, stranger.pem.encode()).faults
    assert "another key than the one given" in fault


@pytest.mark.parametrize("whose", WHOLE_AND_CUSTOMER)
def test_nothing_leads_from_a_lost_key_to_the_next_and_that_is_said(
    house: House, tmp_path: Path, first: tuple[bytes, Checkpoint], whose: str
) -> None:
    old, _ = first
    lost(house)
    after = house.public
    new = rotated(house)
    folder = house.export(tmp_path / "bundle", customer=whose)
    (fault,) = verify(folder, old).faults
    assert "did not sign it in" in fault
    assert "that entry alone vouches" in fault
    for known in (after, new.pem.encode()):
        found = verify(folder, known)
        assert found.faults == ()
        (said,) = found.remarks
        assert "was not signed in by the one before it, which was lost" in said
    assert verify(folder).passed
    assert verify(folder).remarks
    done = by_hand(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("NOT signed in by the key before it, which was lost") == 1


@pytest.mark.parametrize("make", [rotated, lost])
def test_what_a_customer_had_under_the_old_key_is_in_its_bundle_under_the_new(
    house: House,
    tmp_path: Path,
    first: tuple[bytes, Checkpoint],
    make: Callable[[House], PublicKey],
) -> None:
    _, had = first
    make(house)
    bundle = house.bundle(earlier=(had,))
    theirs = house.export(tmp_path / "theirs", bundle, customer="acme")
    assert verify(theirs, house.public, had).passed
    assert f"{had.number}: {had.entry_hash[:4]} " in by_hand(theirs).stdout
    other = had._replace(entry_hash="0" * 64)
    assert not verify(theirs, house.public, other).passed
    assert verify(house.export(tmp_path / "whole"), house.public, had).passed


def test_a_customer_reads_of_keys_and_not_of_who_asked_for_them(
    house: House, tmp_path: Path
) -> None:
    rotated(house)
    lost(house)
    theirs = house.export(tmp_path / "theirs", customer="acme")
    kinds = [json.loads(one)["kind"] for one in (theirs / "ledger.jsonl").read_bytes().splitlines()]
    told = [kind for kind in kinds if kind.startswith("key.")]
    assert told == ["key.created", "key.rotated", "key.replaced"]
    said = b"".join(path.read_bytes() for path in theirs.rglob("*") if path.is_file())
    assert b"alice" not in said
    assert b"a disk died" not in said
    whole = house.export(tmp_path / "whole")
    decisions = (whole / "decisions.jsonl").read_text()
    assert decisions.count("key.asked") == 2
    assert "a disk died" in decisions


@pytest.mark.parametrize("whose", WHOLE_AND_CUSTOMER)
def test_a_key_that_only_says_it_was_signed_in_is_found(
    house: House, tmp_path: Path, first: tuple[bytes, Checkpoint], whose: str
) -> None:
    """Whoever has the new key alone can sign all but the old one's yes."""
    old, _ = first
    lost(house)
    with house.store.read() as db:
        made = next(row for row in ledger.entries(db) if row.kind == "key.replaced")
    folder = house.export(tmp_path / "bundle", customer=whose)
    line = made.canonical()
    ledger_text = (folder / "ledger.jsonl").read_bytes()
    assert line in ledger_text
    as_rotated = ledger_text.replace(line, line.replace(b"key.replaced", b"key.rotated"))
    forge(folder, house, {"ledger.jsonl": as_rotated})
    found = verify(folder, house.public)
    assert any("did not sign it in" in fault for fault in found.faults)
    assert not verify(folder, old).passed
    assert by_hand(folder).returncode != 0


def test_a_history_left_out_of_a_customers_bundle_is_remarked(
    house: House, tmp_path: Path, first: tuple[bytes, Checkpoint]
) -> None:
    old, _ = first
    rotated(house)
    with house.store.read() as db:
        number = next(row.number for row in ledger.entries(db) if row.kind == "key.rotated")
    out = f"payloads/{number}.bin"
    folder = house.export(tmp_path / "theirs", customer="acme", leave_out=[out])
    found = verify(folder, house.public)
    assert found.passed
    assert "was left out" in found.remarks[0]
    done = by_hand(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"the key of entry {number} was left out" in done.stdout
    assert not verify(folder, old).passed
