"""Signed checkpoints: made once, checked by openssl too, by keys whose history is unbroken."""

import json
import os
import stat
import subprocess
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import text

from tocsin import ledger
from tocsin.errors import ConfigError, LedgerError
from tocsin.ledger import checkpoints, history, merkle, rotation
from tocsin.ledger.keys import PublicKey, next_path, open_key
from tocsin.model.principals import Principal
from tocsin.store import Store

NOW = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
ALICE = Principal("shell", "alice")


def write(store: Store, times: int = 1) -> None:
    with store.begin() as db:
        for _ in range(times):
            ledger.append(db, "incident.opened", {"incident": 1}, principal=ALICE, at=NOW)


def signed(store: Store, path: Path) -> checkpoints.Signed:
    with store.begin() as db:
        key = rotation.open_current(db, path)
        return checkpoints.sign(db, key, at=NOW)


def rows(store: Store) -> list[ledger.Entry]:
    with store.read() as db:
        return list(ledger.entries(db))


def test_the_key_is_made_on_first_use_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "ledger.pem"
    first = open_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_key(path).public.key_id == first.public.key_id
    assert [one.name for one in path.parent.iterdir()] == ["ledger.pem"]
    assert "PRIVATE" not in first.public.pem
    assert PublicKey.read(first.public.pem.encode()).key_id == first.public.key_id


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o601])
def test_a_key_that_others_can_read_is_refused(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "ledger.pem"
    open_key(path)
    path.chmod(mode)
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=f"{mode:04o}") as raised:
        open_key(path)
    assert "chmod 600" in raised.value.hint
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_what_is_no_key_is_refused_without_showing_it(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "ledger.pem"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="no Ed25519 key") as raised:
        open_key(path)
    assert raised.value.hint
    assert "AAAA" not in str(raised.value)
    assert path.read_bytes() == content


def test_a_folder_in_the_keys_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=str(tmp_path)):
        open_key(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be read or made"):
        open_key(tmp_path / "file" / "ledger.pem")


def test_the_umask_does_not_matter(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        open_key(tmp_path / "ledger.pem")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "ledger.pem").stat().st_mode) == 0o600


def test_a_checkpoint_says_where_the_ledger_stands(store: Store, tmp_path: Path) -> None:
    write(store, 3)
    made = signed(store, tmp_path / "key")
    found = rows(store)
    assert [one.kind for one in found] == ["incident.opened"] * 3 + ["key.created"]
    said = made.statement()
    assert json.loads(made.message) == {
        "at": "2026-03-09T10:00:00.000000Z",
        "entry_hash": found[-1].entry_hash,
        "key_id": open_key(tmp_path / "key").public.key_id,
        "number": 4,
        "root": merkle.root(merkle.leaf(bytes.fromhex(one.entry_hash)) for one in found).hex(),
    }
    assert checkpoints.check(made, open_key(tmp_path / "key").public) == said
    assert ledger.verify(found, made.checkpoint()) == []
    assert signed(store, tmp_path / "key") == made  # nothing new: the same one
    assert len(rows(store)) == 4


def test_openssl_verifies_a_checkpoint_and_refuses_a_changed_one(
    store: Store, tmp_path: Path
) -> None:
    made = signed(store, tmp_path / "key")
    (tmp_path / "key.pem").write_text(open_key(tmp_path / "key").public.pem)
    (tmp_path / "sig").write_bytes(made.signature)

    def openssl(message: bytes) -> int:
        (tmp_path / "message").write_bytes(message)
        ask = "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in message -sigfile sig"
        return subprocess.run(
            ask.split(), cwd=tmp_path, capture_output=True, check=False
        ).returncode

    assert openssl(made.message) == 0
    assert openssl(made.message.replace(b'"number":1', b'"number":2')) != 0


def test_the_fingerprint_is_what_openssl_says(tmp_path: Path) -> None:
    public = open_key(tmp_path / "key").public
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-outform", "DER"],
        input=public.pem.encode(),
        capture_output=True,
        check=True,
    ).stdout
    made = subprocess.run(["sha256sum"], input=der, capture_output=True, check=True).stdout
    assert made.decode().split()[0] == public.key_id == public.fingerprint.replace(" ", "")


def test_every_changed_bit_of_a_checkpoint_is_found(store: Store, tmp_path: Path) -> None:
    made, key = signed(store, tmp_path / "key"), open_key(tmp_path / "key").public
    for at, bit in product(range(len(made.message)), range(8)):
        message = made.message[:at] + bytes([made.message[at] ^ 1 << bit]) + made.message[at + 1 :]
        with pytest.raises(LedgerError):
            checkpoints.check(made._replace(message=message), key)
    for at in range(len(made.signature)):
        other = made.signature[:at] + bytes([made.signature[at] ^ 1]) + made.signature[at + 1 :]
        with pytest.raises(LedgerError, match="signature"):
            checkpoints.check(made._replace(signature=other), key)
    with pytest.raises(LedgerError, match="signed by key"):
        checkpoints.check(made, open_key(tmp_path / "other").public)


def test_an_altered_ledger_is_not_signed(store: Store, tmp_path: Path) -> None:
    write(store, 2)
    signed(store, tmp_path / "key")
    with store.begin() as db:
        db.execute(text("DROP TRIGGER ledger_no_update" + on(store)))
        db.execute(text("UPDATE ledger SET entry_hash = prev_hash WHERE number = 3"))
    before = rows(store)
    with pytest.raises(LedgerError, match="entry 3 is not the one") as raised:
        signed(store, tmp_path / "key")
    assert raised.value.hint
    assert rows(store) == before


def on(store: Store) -> str:
    return "" if store.is_file else " ON ledger"


def test_another_key_does_not_sign(store: Store, tmp_path: Path) -> None:
    write(store)
    signed(store, tmp_path / "key")
    before = rows(store)
    with pytest.raises(ConfigError, match="the ledger knows"):
        signed(store, tmp_path / "another")
    assert rows(store) == before


def test_a_rotated_key_is_signed_in_by_the_one_before(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "key"
    write(store)
    first = signed(store, path)
    old = open_key(path).public
    write(store)
    with store.begin() as db:
        new = rotation.rotate(db, path, principal=ALICE, at=NOW)
    second = signed(store, path)
    assert open_key(path).public.key_id == new.key_id != old.key_id
    assert not next_path(path).exists()
    assert [key.key_id for key in history.keys(rows(store))] == [old.key_id, new.key_id]
    checkpoints.check(first, old)
    checkpoints.check(second, new)
    assert ledger.verify(rows(store), second.checkpoint()) == []


def test_a_rotation_that_is_rolled_back_leaves_the_old_key(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "key"
    signed(store, path)
    old, before = open_key(path).public.key_id, rows(store)

    def fail() -> None:
        with store.begin() as db:
            rotation.rotate(db, path, principal=ALICE, at=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert rows(store) == before
    write(store)
    checkpoints.check(signed(store, path), open_key(path).public)
    assert open_key(path).public.key_id == old


def test_a_key_that_nobody_signed_in_breaks_the_history(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "key"
    signed(store, path)
    with store.begin() as db:
        rotation.rotate(db, path, principal=ALICE, at=NOW)
    first, second = (row for row in rows(store) if row.kind in history.KEY_KINDS)
    fact = json.loads(second.body or "")
    stranger = open_key(tmp_path / "stranger")
    forged = fact | {"key_id": stranger.public.key_id, "public_key": stranger.public.pem}
    for changed in (
        fact | {"by_old": fact["by_new"]},
        fact | {"by_new": fact["by_old"]},
        fact | {"old_key_id": "0" * 64},
        fact | {"by_old": "zz"},
        fact | {"public_key": "none"},
        forged,
    ):
        with pytest.raises(LedgerError, match=f"entry {second.number}"):
            history.keys([first, second._replace(body=json.dumps(changed))])
    with pytest.raises(LedgerError):
        history.keys([second])
    with pytest.raises(LedgerError):
        history.keys([first, first])
