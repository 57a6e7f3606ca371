"""Whatever is done to a whole ledger afterwards is found, and the entry is named."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.ledger.entries import ALICE, NOW, rows, write
from tocsin import ledger
from tocsin.store import Store


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[ledger.Entry]:
    store = Store(tmp_path_factory.mktemp("ledger") / "state.db")
    write(store, *({"incident": n % 3 + 1, "n": n} for n in range(8)))
    with store.begin() as db:
        ledger.erase(db, [2, 5], "asked for", principal=ALICE, at=NOW)
        ledger.append(db, "incident.closed", {"incident": 1}, principal=ALICE, at=NOW)
    found = rows(store)
    store.close()
    assert ledger.verify(found) == []
    return found


ANOTHER: dict[str, Callable[[Any], Any]] = {
    "at": lambda was: was.replace("2026", "2025"),
    "kind": lambda _: "incident.closed" if _ != "incident.closed" else "incident.opened",
    "principal": lambda _: "shell:mallory",
    "payload_hash": lambda was: was[1:] + ("0" if was[0] != "0" else "1"),
    "prev_hash": lambda was: was[1:] + "f",
    "entry_hash": lambda was: was[1:] + ("0" if was[0] != "0" else "1"),
    "incident": lambda was: (was or 0) + 1,
    "salt": lambda was: b"\0" * 16 if was else None,
    "body": lambda was: was and was.replace("1", "9").replace("{", '{"z":1,'),
}


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_changed_field_is_found_and_named(
    whole: list[ledger.Entry], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(whole) - 1))
    field = data.draw(st.sampled_from(sorted(ANOTHER)))
    row = whole[at]
    assume(row.body is not None or field not in ("salt", "body", "incident"))
    changed = row._replace(**{field: ANOTHER[field](getattr(row, field))})
    assert changed != row
    touched = [*whole[:at], changed, *whole[at + 1 :]]
    assert row.number in {fault.entry for fault in ledger.verify(touched)}


@given(st.data())
def test_any_removed_entry_is_found_and_named(
    whole: list[ledger.Entry], data: st.DataObject
) -> None:
    last = ledger.Checkpoint(whole[-1].number, whole[-1].entry_hash)
    gone = data.draw(st.sets(st.sampled_from(whole), min_size=1))
    left = [row for row in whole if row not in gone]
    named = {fault.entry for fault in ledger.verify(left, last)}
    assert min(row.number for row in gone) in named


@given(st.data())
def test_any_other_order_is_found(whole: list[ledger.Entry], data: st.DataObject) -> None:
    order = data.draw(st.permutations(whole))
    assert bool(ledger.verify(order)) == (order != whole)


@given(st.integers(0, 9))
def test_a_cut_end_is_found_with_a_checkpoint_and_only_with_one(
    whole: list[ledger.Entry], kept: int
) -> None:
    known = ledger.Checkpoint(whole[-1].number, whole[-1].entry_hash)
    erased = {row.number for row in whole if row.body is None}
    assert {fault.entry for fault in ledger.verify(whole[:kept])} <= erased
    missing = [fault for fault in ledger.verify(whole[:kept], known) if "is missing" in fault.what]
    assert [fault.entry for fault in missing] == [kept + 1]


def rewritten(whole: Sequence[ledger.Entry], at: int) -> list[ledger.Entry]:
    """Return the ledger with one entry changed and everything after it hashed anew."""
    before, made = ledger.EMPTY.entry_hash, list[ledger.Entry]()
    for row in whole:
        principal = "shell:mallory" if row.number == at else row.principal
        anew = row._replace(principal=principal, prev_hash=before)
        anew = anew._replace(entry_hash=sha256(anew.canonical()).hexdigest())
        before = anew.entry_hash
        made.append(anew)
    return made


@given(st.integers(1, 10))
def test_a_ledger_written_anew_is_found_with_a_checkpoint(
    whole: list[ledger.Entry], at: int
) -> None:
    forged = rewritten(whole, at)
    known = ledger.Checkpoint(whole[-1].number, whole[-1].entry_hash)
    assert ledger.verify(forged) == []
    assert [fault.entry for fault in ledger.verify(forged, known)] == [known.number]


def test_an_earlier_checkpoint_holds_in_a_longer_ledger(whole: list[ledger.Entry]) -> None:
    for row in whole:
        assert ledger.verify(whole, ledger.Checkpoint(row.number, row.entry_hash)) == []
    assert ledger.verify([], ledger.EMPTY) == []


def test_a_payload_gone_without_an_entry_is_found(whole: list[ledger.Entry]) -> None:
    touched = [row._replace(salt=None, body=None) if row.number == 3 else row for row in whole]
    (fault,) = ledger.verify(touched)
    assert fault == (3, "its payload is gone, and no entry says why")
