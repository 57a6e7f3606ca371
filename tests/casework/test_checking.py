"""``tocsin check`` says what a breach will need and the registers lack."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, text

from tests.casework.conftest import Copy
from tests.casework.office import ALICE, NOW, take_registers
from tocsin.app import checking
from tocsin.app.casework import bundling
from tocsin.app.casework.desk import Desk


def test_what_the_registers_lack_is_named_and_fails_nothing(at: Copy) -> None:
    desk = at("opened")
    answers = {one.part: one for one in checking.ask(desk.config, NOW)}
    assert answers["registers"].said == "3 customers"
    assert not any(one.lacks for one in answers.values() if one.part == "contacts")
    later = checking.ask(desk.config, NOW + timedelta(days=300))
    lacking = {one.part: one for one in later if one.lacks}
    assert all(one.works for one in lacking.values())
    assert "c-1 was verified in the last 6 months" in lacking["contacts"].said
    assert "the inventory of store recordings is of" in lacking["inventory"].said


def ledger_of(desk: Desk) -> checking.Answer:
    (found,) = (one for one in checking.ask(desk.config, NOW) if one.part == "ledger")
    return found


def unguarded(db: Connection) -> None:
    """Take away what keeps us from changing the ledger: whoever owns the file can."""
    for name in db.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
        db.execute(text(f"DROP TRIGGER {name}"))


def test_the_ledger_and_its_checkpoints_are_verified_and_every_fault_is_named(
    at: Copy, tmp_path: Path
) -> None:
    desk = at("previewed")
    bundling.export(desk, 1, tmp_path / "b", principal=ALICE, now=NOW + timedelta(hours=1))
    fine = ledger_of(desk)
    assert fine.works
    assert "1 checkpoint, the last signed at 2026-03-09T15:00:00" in fine.said
    with desk.store.begin() as db:
        last = db.scalar(text("SELECT max(number) FROM ledger"))
        unguarded(db)
        db.execute(text("UPDATE ledger SET principal = 'shell:bob' WHERE number = 3"))
        db.execute(text("UPDATE ledger_payload SET body = '{}' WHERE entry = 5"))
        db.execute(text("DELETE FROM ledger_payload WHERE entry = :last"), {"last": last})
        db.execute(text("DELETE FROM ledger WHERE number = :last"), {"last": last})
    broken = ledger_of(desk)
    assert not broken.works
    assert broken.hint
    for said in ("entry 3: was altered", "entry 5: its payload was", f"entry {last}: is missing"):
        assert said in broken.said


def test_a_checkpoint_that_no_key_of_the_ledger_signed_does_not_hold(
    at: Copy, tmp_path: Path
) -> None:
    desk = at("opened")
    bundling.export(desk, 1, tmp_path / "b", principal=ALICE, now=NOW)
    with desk.store.begin() as db:
        unguarded(db)
        db.execute(text("UPDATE ledger_checkpoint SET signature = zeroblob(64)"))
    assert "the checkpoint at it does not hold: the signature" in ledger_of(desk).said


def test_a_store_only_the_inventory_has_is_named(at: Copy) -> None:
    desk = at("opened")
    folder = Path(desk.config.store.path).parents[1] / "registers"
    path = folder / "inventory.csv"
    path.write_text(path.read_text().replace("recordings;c-3", "recordngs;c-3"))
    take_registers(desk, folder)
    (said,) = (one for one in checking.ask(desk.config, NOW) if "recordngs" in one.said)
    assert "version 2 (registers), counts store recordngs" in said.said
