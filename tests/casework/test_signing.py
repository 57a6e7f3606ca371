"""The end of the ledger is signed as notices leave and while the service runs: a cut shows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from incidents.documents.response import Checkpoint
from incidents.notices.kept import named
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, BOB, HOUR, MINUTE, NOW
from tests.casework.test_checking import ledger_of, unguarded
from tocsin import ledger
from tocsin.app import schedule
from tocsin.app.casework import bundling, sending, signing
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.desk import opened as desk_of
from tocsin.app.config import load
from tocsin.errors import ConfigError, LedgerError
from tocsin.ledger import checkpoints

SENT = NOW + 10 * MINUTE
MORE = {"incident": 1, "note": "fact", "text": "more"}


def sent(desk: Desk) -> list[str]:
    """Have what was previewed approved and sent; return the keys of the messages."""
    with desk.store.read() as db:
        sha256 = db.scalar(text("SELECT sha256 FROM notice_manifest"))
    assert isinstance(sha256, str)
    sending.approve(desk, sha256, principal=BOB, now=SENT)
    return sending.send(desk, sha256, principal=ALICE, now=SENT)


def cut(desk: Desk, entries: int) -> None:
    """Take the last entries away as somebody would who owns the file, and leave no trace of it."""
    with desk.store.begin() as db:
        guards = db.scalars(text("SELECT sql FROM sqlite_master WHERE type = 'trigger'")).all()
        until = ledger.newest(db).number - entries
        unguarded(db)
        db.execute(text("DELETE FROM ledger_payload WHERE entry > :until"), {"until": until})
        db.execute(text("DELETE FROM ledger WHERE number > :until"), {"until": until})
        for guard in guards:
            db.execute(text(guard))


def ends(desk: Desk) -> ledger.Checkpoint:
    with desk.store.read() as db:
        return ledger.newest(db)


def kept(desk: Desk) -> list[ledger.Checkpoint]:
    """Return every checkpoint that was signed."""
    with desk.store.read() as db:
        rows = db.execute(text("SELECT message, signature FROM ledger_checkpoint ORDER BY number"))
        return [checkpoints.Signed(*row).checkpoint() for row in rows]


def grow(desk: Desk) -> None:
    with desk.store.begin() as db:
        ledger.append(db, "note.taken", MORE, principal=ALICE, at=NOW)


def test_what_leaves_is_covered_and_a_cut_behind_it_is_seen_without_an_export(at: Copy) -> None:
    desk = at("previewed")
    assert kept(desk) == []
    assert sent(desk)
    assert kept(desk) == [ends(desk)]
    assert ledger_of(desk).works
    last = ends(desk).number
    cut(desk, 6)
    found = ledger_of(desk)
    assert not found.works
    assert f"the checkpoint knew {last} entries, the ledger ends at {last - 6}" in found.said


def test_a_ledger_that_was_cut_makes_no_bundle(at: Copy, tmp_path: Path) -> None:
    desk = at("previewed")
    sent(desk)
    cut(desk, 6)
    before = ends(desk), kept(desk)
    with pytest.raises(LedgerError, match="not the one the last checkpoint"):
        bundling.export(desk, 1, tmp_path / "b", principal=ALICE, now=SENT)
    assert (ends(desk), kept(desk)) == before
    assert not (tmp_path / "b").exists()


def test_the_service_signs_what_grew_and_at_most_once_an_hour(at: Copy) -> None:
    desk, signer = at("judged"), signing.Signer()
    assert signer.sign(desk, NOW) is not None
    assert kept(desk) == [ends(desk)]
    assert signer.sign(desk, NOW + 3 * HOUR) is None, "nothing was written since"
    assert "not signed" not in ledger_of(desk).said
    grow(desk)
    assert ledger_of(desk).said.endswith("; not signed yet: 1")
    assert signer.sign(desk, NOW + HOUR - timedelta(seconds=1)) is None
    assert len(kept(desk)) == 1
    assert signer.sign(desk, NOW + HOUR) is not None
    assert kept(desk)[1:] == [ends(desk)]
    cut(desk, 1)
    assert not ledger_of(desk).works


def test_a_clock_that_was_ahead_does_not_keep_the_service_from_signing(at: Copy) -> None:
    desk, signer = at("judged"), signing.Signer()
    signer.sign(desk, NOW + 1000 * HOUR)
    grow(desk)
    assert signer.sign(desk, NOW) is not None
    assert kept(desk)[1:] == [ends(desk)]


def test_an_empty_ledger_is_not_signed_and_no_key_is_made(at: Copy) -> None:
    desk = at("opened")
    with desk.store.begin() as db:
        unguarded(db)
        db.execute(text("DELETE FROM ledger_payload"))
        db.execute(text("DELETE FROM ledger"))
    assert signing.Signer().sign(desk, NOW) is None
    assert kept(desk) == []
    assert not desk.config.evidence.key.exists()


def test_a_key_that_cannot_be_read_is_told_once_until_it_is_mended(at: Copy) -> None:
    desk, signer = at("judged"), signing.Signer()
    signer.sign(desk, NOW)
    grow(desk)
    before = ends(desk), kept(desk)
    desk.config.evidence.key.chmod(0o644)
    with pytest.raises(ConfigError, match="others can read"):
        signer.sign(desk, NOW + HOUR)
    assert signer.sign(desk, NOW + HOUR + MINUTE) is None
    assert (ends(desk), kept(desk)) == before
    desk.config.evidence.key.chmod(0o600)
    assert signer.sign(desk, NOW + HOUR + 2 * MINUTE) is not None
    grow(desk)
    desk.config.evidence.key.chmod(0o644)
    with pytest.raises(ConfigError, match="others can read"):
        signer.sign(desk, NOW + 3 * HOUR)


def test_the_service_tells_its_log_the_checkpoint_and_goes_on_without_a_key(
    config_at: Callable[..., Path],
) -> None:
    config = load(config_at("judged"))
    with capture_logs() as said:
        schedule.serve(config, clock=lambda: datetime.now(UTC), once=True)
    with desk_of(config) as desk:
        (signed,) = kept(desk)
        told = [one["checkpoint"] for one in said if one["event"] == "ledger signed"]
        assert told == [f"{signed.number}:{signed.entry_hash}"]
        grow(desk)
        with desk.store.begin() as db:
            unguarded(db)
            db.execute(text("DELETE FROM ledger_checkpoint"))
        config.evidence.key.chmod(0o644)
        with capture_logs() as said:
            schedule.serve(config, clock=lambda: datetime.now(UTC), once=True)
        assert any(one["event"].startswith("the ledger cannot be signed") for one in said)
        assert kept(desk) == []


def noticed(desk: Desk, customer: str) -> ledger.Checkpoint:
    """Return the state of the ledger that a customer's notice names."""
    with desk.store.read() as db:
        (one,) = named(db, 1, customer)
    return one


def as_printed(one: ledger.Checkpoint) -> str:
    printed = Checkpoint(number=one.number, entry_hash=one.entry_hash)
    return f"{printed.number}: {printed.grouped}"


def test_a_customer_finds_the_state_its_dossier_named_in_its_bundle(
    at: Copy, tmp_path: Path
) -> None:
    desk = at("previewed")
    sent(desk)
    grow(desk)
    theirs = bundling.export(
        desk, 1, tmp_path / "theirs", customer="c-1", principal=ALICE, now=SENT + HOUR
    )
    had = noticed(desk, "c-1")
    assert bundling.verify(theirs, None, as_printed(had)).faults == ()
    whole = bundling.export(desk, 1, tmp_path / "whole", principal=ALICE, now=SENT + HOUR)
    assert bundling.verify(whole, None, as_printed(had)).faults == ()
    other = had._replace(entry_hash="0" * 64)
    for folder in (theirs, whole):
        (fault,) = bundling.verify(folder, None, as_printed(other)).faults
        assert f"entry {had.number} is another than the earlier checkpoint knew" in fault
    again = bundling.export(
        desk, 1, tmp_path / "again", customer="c-1", principal=ALICE, now=SENT + 2 * HOUR
    )
    earlier = str(theirs / "checkpoint.json")
    assert bundling.verify(again, None, earlier).faults == ()
    (fault,) = bundling.verify(theirs, None, str(again / "checkpoint.json")).faults
    assert "its end was cut off, or this bundle is the older one" in fault


def test_what_was_cut_and_written_anew_without_its_checkpoints_shows_against_the_notice(
    at: Copy, tmp_path: Path
) -> None:
    desk = at("previewed")
    sent(desk)
    had = noticed(desk, "c-1")
    with desk.store.begin() as db:
        unguarded(db)
        db.execute(text("DELETE FROM ledger_checkpoint"))
    cut(desk, ends(desk).number - had.number + 1)
    grow(desk)
    assert ledger_of(desk).works, "in the house itself nothing is left that knows it"
    before = ends(desk)
    with pytest.raises(LedgerError, match=f"entry {had.number} is not the one that a notice"):
        bundling.export(desk, 1, tmp_path / "b", principal=ALICE, now=SENT + HOUR)
    assert not (tmp_path / "b").exists()
    with desk.store.read() as db:
        written = [row.kind for row in ledger.entries(db, after=before.number)]
    assert written == ["evidence.exported", "key.created", "evidence.withheld"]
    with desk.store.begin() as db:  # and were the notice gone too, there is the customer's own
        db.execute(text("UPDATE notice SET handed_over_at = NULL"))
    made = bundling.export(desk, 1, tmp_path / "b", principal=ALICE, now=SENT + HOUR)
    assert bundling.verify(made, None).passed
    assert not bundling.verify(made, None, as_printed(had)).passed


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("57:abc", "cannot be read"),
        (f"0:{'a' * 64}", "cannot be read"),
        ("key.pem", "no checkpoint"),
        ("gone.json", "cannot be read"),
    ],
)
def test_what_is_no_checkpoint_is_refused_and_says_which_to_give(
    at: Copy, tmp_path: Path, given: str, said: str
) -> None:
    desk = at("opened")
    made = bundling.export(desk, 1, tmp_path / "b", principal=ALICE, now=NOW)
    before = {path: path.read_bytes() for path in made.rglob("*") if path.is_file()}
    with pytest.raises(ConfigError, match=said) as raised:
        bundling.verify(made, None, str(made / given) if "." in given else given)
    assert "checkpoint.json" in raised.value.hint
    assert {path: path.read_bytes() for path in made.rglob("*") if path.is_file()} == before
