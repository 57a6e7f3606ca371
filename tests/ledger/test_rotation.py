"""The key is made once, replaced in an entry alone, and never made in the place of a lost one."""

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from tocsin import ledger
from tocsin.errors import ConfigError, LedgerError, Refusal
from tocsin.ledger import checkpoints, history, rotation
from tocsin.ledger.keys import PublicKey, SigningKey, next_path, open_key
from tocsin.ledger.standing import look_over
from tocsin.model.principals import Principal
from tocsin.store import Store

NOW = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
ALICE, BOB = Principal("shell", "alice"), Principal("shell", "bob")
WHY = "The disk of the old machine is gone."


@pytest.fixture
def path(store: Store, tmp_path: Path) -> Path:
    """Return where the key of a signed ledger lies."""
    path = tmp_path / "keys" / "signing-key.pem"
    with store.begin() as db:
        checkpoints.sign(db, rotation.open_current(db, path), at=NOW)
    return path


def rows(store: Store) -> list[ledger.Entry]:
    with store.read() as db:
        return list(ledger.entries(db))


def files(path: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in path.parent.iterdir()}


def opened(store: Store, path: Path) -> SigningKey:
    with store.begin() as db:
        return rotation.open_current(db, path)


def stated(store: Store, path: Path, **more: object) -> int:
    said = {"why": WHY, "principal": ALICE, "at": NOW} | more
    with store.begin() as db:
        return rotation.state_lost(db, path, **said)  # type: ignore[arg-type] # these


def replaced(store: Store, path: Path) -> PublicKey:
    asked = stated(store, path)
    with store.begin() as db:
        return rotation.replace_lost(db, path, asked=asked, at=NOW)


def test_no_key_is_made_where_the_ledger_knows_one(store: Store, path: Path) -> None:
    known = open_key(path).public
    path.unlink()
    before = rows(store)
    for ask in (rotation.open_current, rotation.look):
        with store.begin() as db, pytest.raises(ConfigError) as raised:
            ask(db, path)
        assert str(raised.value).startswith(f"{path}: is not there")
        assert known.fingerprint in str(raised.value)
        assert "from your copy" in raised.value.hint
        assert "rotate-key --lost" in raised.value.hint
    assert files(path) == {}
    assert rows(store) == before


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_a_damaged_key_is_not_replaced_by_itself(store: Store, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    before = rows(store)
    with store.begin() as db, pytest.raises(ConfigError, match="holds no key"):
        rotation.open_current(db, path)
    assert files(path) == {path.name: content}
    assert rows(store) == before


def test_another_key_is_named_and_left_alone(store: Store, path: Path) -> None:
    path.unlink()
    open_key(path)
    before = rows(store), files(path)
    with store.begin() as db, pytest.raises(ConfigError, match="the ledger knows") as raised:
        rotation.open_current(db, path)
    assert "rotate-key --lost" in raised.value.hint
    assert (rows(store), files(path)) == before


def test_looking_makes_no_key_and_moves_none(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "keys" / "key.pem"
    with store.read() as db:
        assert rotation.look(db, path) is None
    assert not path.parent.exists()
    with store.begin() as db:
        checkpoints.sign(db, rotation.open_current(db, path), at=NOW)
    with store.begin() as db:
        new = rotation.rotate(db, path, principal=ALICE, at=NOW)
    before = files(path)
    with store.read() as db:
        seen = rotation.look(db, path)
    assert seen is not None
    assert seen.public.key_id == new.key_id
    assert files(path) == before, "the next one still lies beside it"


def test_who_asked_for_a_rotation_is_on_record(store: Store, path: Path) -> None:
    with store.begin() as db:
        rotation.rotate(db, path, why="Once a year.", principal=ALICE, at=NOW)
    asked, rotated = rows(store)[-2:]
    assert (asked.kind, asked.principal) == ("key.asked", "shell:alice")
    assert json.loads(asked.body or "")["why"] == "Once a year."
    assert (rotated.kind, rotated.principal) == ("key.rotated", "service:tocsin")


def test_a_lost_key_is_replaced_on_the_word_of_an_entry(store: Store, path: Path) -> None:
    old = open_key(path).public
    path.unlink()
    new = replaced(store, path)
    assert opened(store, path).public.key_id == new.key_id != old.key_id
    assert set(files(path)) == {path.name}
    asked, entry = rows(store)[-2:]
    assert (asked.kind, asked.principal) == ("key.asked", "shell:alice")
    assert json.loads(asked.body or "") == {"lost": True, "old_key_id": old.key_id, "why": WHY}
    assert entry.kind == "key.replaced"
    fact = json.loads(entry.body or "")
    assert (fact["asked"], fact["old_key_id"]) == (asked.number, old.key_id)
    assert "by_old" not in fact
    with store.begin() as db:
        checkpoints.sign(db, rotation.open_current(db, path), at=NOW)
        found = look_over(db)
    assert found.faults == ()
    (said,) = found.unvouched
    assert f"entry {entry.number} of the ledger alone vouches for it" in said


def test_a_crash_before_the_new_key_is_in_its_place_loses_nothing(store: Store, path: Path) -> None:
    path.unlink()
    new = replaced(store, path)
    assert set(files(path)) == {next_path(path).name}, "it was committed, and no more"
    assert opened(store, path).public.key_id == new.key_id
    with store.begin() as db:
        later = rotation.rotate(db, path, principal=ALICE, at=NOW)
    assert opened(store, path).public.key_id == later.key_id


def test_what_lay_in_the_lost_keys_place_is_set_aside(store: Store, path: Path) -> None:
    for number in (1, 2):
        path.unlink()
        stranger = open_key(path).public.key_id
        content = path.read_bytes()
        new = replaced(store, path)
        assert opened(store, path).public.key_id == new.key_id != stranger
        assert files(path)[f"{path.name}.set-aside-{number}"] == content


def test_a_rotation_leaves_no_old_key_behind(store: Store, path: Path) -> None:
    with store.begin() as db:
        rotation.rotate(db, path, principal=ALICE, at=NOW)
    opened(store, path)
    assert set(files(path)) == {path.name}


def test_a_key_that_is_there_is_not_lost(store: Store, path: Path) -> None:
    before = rows(store), files(path)
    with pytest.raises(Refusal, match="is there") as raised:
        stated(store, path)
    assert "without --lost" in raised.value.hint
    path.chmod(0o640)
    with pytest.raises(ConfigError, match="others can read"):
        stated(store, path)
    path.chmod(0o600)
    assert (rows(store), files(path)) == before


def test_a_loss_without_reasons_or_said_twice_is_refused(store: Store, path: Path) -> None:
    path.unlink()
    before = rows(store)
    with pytest.raises(Refusal, match="no reason"):
        stated(store, path, why=" ")
    assert rows(store) == before
    asked = stated(store, path)
    before = rows(store)
    with pytest.raises(Refusal, match=f"already that the key is lost, in entry {asked}"):
        stated(store, path, principal=BOB)
    assert rows(store) == before


def test_before_there_is_a_key_none_is_lost(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="knows no key yet"):
        stated(store, tmp_path / "key.pem")
    assert rows(store) == []
    assert not (tmp_path / "key.pem").exists()


def test_agreeing_takes_a_second_person_and_the_entry_that_waits(store: Store, path: Path) -> None:
    path.unlink()
    asked = stated(store, path)
    before = rows(store)
    for who, entry in ((ALICE, asked), (Principal("root", "bob"), asked), (BOB, asked - 1)):
        with store.begin() as db, pytest.raises(Refusal) as raised:
            rotation.agree(db, asked=entry, principal=who, at=NOW)
        assert raised.value.hint
    assert rows(store) == before
    with store.begin() as db:
        rotation.agree(db, asked=asked, principal=BOB, at=NOW)
        rotation.replace_lost(db, path, asked=asked, at=NOW)
    assert [row.kind for row in rows(store)[-2:]] == ["key.agreed", "key.replaced"]
    assert rows(store)[-2].principal == "shell:bob"
    with store.begin() as db, pytest.raises(Refusal, match="no new key waits"):
        rotation.agree(db, asked=asked, principal=BOB, at=NOW)


def test_a_key_found_again_ends_what_waited(store: Store, path: Path) -> None:
    content = path.read_bytes()
    path.unlink()
    asked = stated(store, path)
    path.touch(0o600)
    path.write_bytes(content)
    before = rows(store)
    with pytest.raises(Refusal, match="is there"), store.begin() as db:
        rotation.replace_lost(db, path, asked=asked, at=NOW)
    assert rows(store) == before
    with store.begin() as db:
        rotation.rotate(db, path, principal=ALICE, at=NOW)
        assert rotation.waiting(db) is None


def test_a_replacement_that_is_no_ones_breaks_the_history(store: Store, path: Path) -> None:
    path.unlink()
    replaced(store, path)
    first, second = (row for row in rows(store) if row.kind in history.KEY_KINDS)
    assert [one.is_signed_in for one in history.history([first, second])] == [True, False]
    fact = json.loads(second.body or "")
    stranger = open_key(path.with_name("stranger")).public
    for changed in (
        {"by_new": ""},
        {"by_new": "00" * 64},
        {"old_key_id": "0" * 64},
        {"key_id": stranger.key_id, "public_key": stranger.pem},
    ):
        body = json.dumps(fact | changed)
        with pytest.raises(LedgerError, match=f"entry {second.number}"):
            history.keys([first, second._replace(body=body)])
    with pytest.raises(LedgerError, match="did not sign it in"):
        history.keys([first, second._replace(kind="key.rotated")])


def test_the_facts_of_keys_name_nobody() -> None:
    fields = set(msgspec.structs.asdict(history.KeyFact(key_id="", public_key="")))
    assert fields == {"key_id", "public_key", "old_key_id", "by_old", "by_new", "asked"}
