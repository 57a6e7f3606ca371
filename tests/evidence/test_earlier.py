"""A state of the ledger that somebody had earlier is found in a bundle, or its lack is named."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from incidents.evidence.verify import verify
from tests.casework.test_checking import unguarded
from tests.evidence.conftest import ALICE, NOW, House
from tests.evidence.test_verify import by_hand, files_of, forge, refused
from tocsin import ledger
from tocsin.errors import LedgerError
from tocsin.ledger import Checkpoint

CLOSED = {"incident": 1}


@pytest.fixture
def had(house: House) -> tuple[Checkpoint, ...]:
    """States that were told outside: one in the midst of the ledger, and its end as it was."""
    with house.store.begin() as db:
        rows = list(ledger.entries(db))
        for _ in range(3):
            ledger.append(db, "incident.closed", CLOSED, principal=ALICE, at=NOW)
    return tuple(Checkpoint(rows[at].number, rows[at].entry_hash) for at in (4, -1))


@pytest.fixture
def theirs(house: House, had: tuple[Checkpoint, ...], tmp_path: Path) -> Path:
    return house.export(tmp_path / "theirs", house.bundle(earlier=had), customer="acme")


def test_a_customers_bundle_proves_what_the_customer_had_earlier(
    house: House, had: tuple[Checkpoint, ...], theirs: Path
) -> None:
    for one in had:
        found = verify(theirs, house.public, one)
        assert found.faults == ()
        assert found.steps[6].title.endswith("and holds the earlier one")
    assert f'"number":{had[0].number},' not in (theirs / "ledger.jsonl").read_text()
    shown = by_hand(theirs)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    for one in had:
        grouped = " ".join(one.entry_hash[at : at + 4] for at in range(0, 64, 4))
        assert f"{one.number}: {grouped}" in shown.stdout


def test_without_anything_from_earlier_the_steps_by_hand_pass_too(
    house: House, tmp_path: Path
) -> None:
    folder = house.export(tmp_path / "first", customer="acme")
    assert not (folder / "earlier").exists()
    assert by_hand(folder).returncode == 0


def test_the_whole_ledger_needs_no_proofs(
    house: House, had: tuple[Checkpoint, ...], tmp_path: Path
) -> None:
    folder = house.export(tmp_path / "whole", house.bundle(earlier=had))
    assert not any(name.startswith("earlier/") for name in files_of(folder))
    assert all(verify(folder, house.public, one).passed for one in had)


def lacking(had: Checkpoint, end: int) -> Iterator[tuple[Checkpoint, str, str]]:
    """Yield what was had, and what is said of it: of the whole ledger, of a customer's bundle."""
    altered = f"entry {had.number} is another than the earlier checkpoint knew"
    yield Checkpoint(had.number, "0" * 64), altered, altered
    cut = f"ends at entry {end}, the earlier checkpoint stands at entry {end + 6}"
    yield Checkpoint(end + 6, had.entry_hash), cut, cut
    altered = "entry 2 is another than the earlier"
    yield Checkpoint(2, "0" * 64), altered, "proves nothing of entry 2, at which"


@pytest.mark.parametrize("which", range(3))
def test_what_is_not_there_as_it_was_is_named(
    house: House, had: tuple[Checkpoint, ...], theirs: Path, tmp_path: Path, which: int
) -> None:
    whole = house.export(tmp_path / "whole")
    with house.store.read() as db:
        end = ledger.newest(db).number
    wrong, of_whole, of_customer = list(lacking(had[0], end))[which]
    for folder, said in ((whole, of_whole), (theirs, of_customer)):
        before = {name: (folder / name).read_bytes() for name in files_of(folder)}
        found = verify(folder, house.public, wrong)
        (fault,) = found.faults
        assert said in fault
        assert [step.number for step in found.steps if not step.passed] == [7]
        assert {name: (folder / name).read_bytes() for name in files_of(folder)} == before


def forgeries(folder: Path, number: int) -> Iterator[tuple[str, bytes]]:
    """Yield what a holder of the key may put in the place of a proof."""
    proof = (folder / f"earlier/{number}.txt").read_bytes()
    first, _, rest = proof.partition(b"\n")
    yield f"earlier/{number}.txt", b"E " + b"0" * 64 + b"\n" + rest
    yield f"earlier/{number}.txt", rest
    yield f"earlier/{number}.txt", b""
    yield f"earlier/{number}.txt", first + b"\nX " + b"0" * 64 + b"\n"
    swapped = rest.translate(bytes.maketrans(b"LR", b"RL"))
    yield f"earlier/{number}.txt", first + b"\n" + swapped
    yield f"earlier/{number + 1}.txt", proof
    yield "earlier/note.txt", proof


@pytest.mark.parametrize("which", range(7))
def test_a_proof_that_proves_nothing_is_found_though_the_list_is_signed(
    house: House, had: tuple[Checkpoint, ...], theirs: Path, which: int
) -> None:
    name, content = list(forgeries(theirs, had[0].number))[which]
    forge(theirs, house, {name: content})
    found = refused(theirs, name, house)
    assert all(step.passed for step in found.steps[:6])
    if which < 5:  # by hand nobody counts at which place a proof ends
        assert by_hand(theirs).returncode != 0


def test_no_bundle_is_made_of_a_ledger_that_lacks_what_was_told(
    house: House, had: tuple[Checkpoint, ...], tmp_path: Path
) -> None:
    with house.store.begin() as db:
        unguarded(db)
        for table, field in (("ledger_payload", "entry"), ("ledger", "number")):
            db.execute(text(f"DELETE FROM {table} WHERE {field} >= :at"), {"at": had[1].number})
    with house.store.read() as db:
        before = ledger.newest(db)
    for customer in ("", "acme"):
        with pytest.raises(LedgerError, match=f"entry {had[1].number} is not the one"):
            house.export(tmp_path / "b", house.bundle(earlier=had), customer=customer)
        assert not (tmp_path / "b").exists()
    with house.store.read() as db:
        after = [row.kind for row in ledger.entries(db, after=before.number)]
    assert set(after) <= {"key.created"}
