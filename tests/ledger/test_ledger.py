"""Entries are written once, in order; whatever is done to them afterwards is found and named."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tocsin import ledger
from tocsin.errors import Refusal
from tocsin.ledger.entries import GENESIS
from tocsin.ledger.kinds import KINDS, LASTING
from tocsin.model.principals import SERVICE, Principal
from tocsin.store import Store

NOW = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
ALICE = Principal("shell", "alice")


def write(store: Store, *facts: dict[str, Any]) -> ledger.Checkpoint:
    with store.begin() as db:
        for fact in facts:
            last = ledger.append(db, "incident.opened", fact, principal=ALICE, at=NOW)
    return last


def rows(store: Store, **choice: Any) -> list[ledger.Entry]:
    with store.read() as db:
        return list(ledger.entries(db, **choice))


def test_an_entry_is_hashed_as_its_format_says(store: Store) -> None:
    east = timezone(timedelta(hours=2))
    with store.begin() as db:
        last = ledger.append(
            db,
            "incident.opened",
            {"incident": 7, "what": "é"},
            principal=ALICE,
            at=datetime(2026, 3, 9, 12, 0, 0, 250, tzinfo=east),
        )
    (one,) = rows(store)
    assert one.body == '{"incident":7,"what":"é"}'
    assert one.salt is not None
    assert len(one.salt) == 16
    payload_hash = sha256(one.salt + one.body.encode()).hexdigest()
    hashed = (
        f'{{"at":"2026-03-09T10:00:00.000250Z","kind":"incident.opened","number":1,'
        f'"payload_hash":"{payload_hash}","prev_hash":"{GENESIS}","principal":"shell:alice"}}'
    )
    assert one.canonical().decode() == hashed
    assert last == (1, sha256(hashed.encode()).hexdigest())
    assert one.entry_hash == last.entry_hash


def test_the_same_payload_twice_has_two_hashes(store: Store) -> None:
    write(store, {"incident": 1}, {"incident": 1})
    first, second = rows(store)
    assert first.payload_hash != second.payload_hash


def test_entries_are_found_by_number_and_by_incident(store: Store) -> None:
    write(store, {"incident": 1}, {"incident": 2}, {"note": "none"}, {"incident": 1})
    assert [one.number for one in rows(store)] == [1, 2, 3, 4]
    assert [one.number for one in rows(store, after=1, until=3)] == [2, 3]
    assert [one.number for one in rows(store, about=1)] == [1, 4]


@pytest.mark.parametrize(
    ("kind", "fact", "at", "said"),
    [
        ("incident.exploded", {}, NOW, "no kind of entry is called incident.exploded"),
        ("incident.opened", {"incident": "7"}, NOW, "must be its number"),
        ("incident.opened", {"incident": True}, NOW, "must be its number"),
        ("incident.opened", {}, datetime(2026, 3, 9), "time zone"),  # noqa: DTZ001 - the point
        ("incident.opened", {"x": float("nan")}, NOW, "nan"),
        ("incident.opened", {"x": 2**60}, NOW, "1152921504606846976"),
    ],
)
def test_what_cannot_be_an_entry_is_refused_and_nothing_is_written(
    store: Store, kind: str, fact: dict[str, Any], at: datetime, said: str
) -> None:
    write(store, {"incident": 1})
    before = rows(store)
    with pytest.raises(ValueError, match=said), store.begin() as db:
        ledger.append(db, kind, fact, principal=ALICE, at=at)
    assert rows(store) == before


def test_an_entry_stands_or_falls_with_the_callers_transaction(store: Store) -> None:
    def fail() -> None:
        with store.begin() as db:
            ledger.append(db, "incident.opened", {}, principal=ALICE, at=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert rows(store) == []
    assert write(store, {}).number == 1


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE ledger SET principal = 'shell:mallory' WHERE number = 1",
        "DELETE FROM ledger WHERE number = 2",
        "DELETE FROM ledger_payload WHERE entry = 1",
        "UPDATE ledger_payload SET body = '{}' WHERE entry = 1",
    ],
)
def test_the_database_refuses_to_change_what_was_written(store: Store, deed: str) -> None:
    write(store, {"incident": 1}, {"incident": 1})
    before = rows(store)
    with pytest.raises(DBAPIError, match="append-only"), store.begin() as db:
        db.execute(text(deed))
    assert rows(store) == before


def test_every_kind_is_a_noun_and_a_verb_with_its_meaning() -> None:
    assert list(KINDS) == sorted(KINDS)
    for kind, meaning in KINDS.items():
        noun, _, verb = kind.partition(".")
        assert noun.isalpha()
        assert verb.isalpha()
        assert meaning
    assert KINDS.keys() >= LASTING


# What is done to a ledger, and whether it is found.


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
    if row.body is None and field in ("salt", "body", "incident"):
        return
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


# Erasing


def test_an_erased_payload_is_gone_and_the_chain_stands(store: Store) -> None:
    write(store, {"incident": 1, "who": "Bergeron"}, {"incident": 1})
    before = rows(store)
    with store.begin() as db:
        ledger.erase(db, [1], "asked for", principal=ALICE, at=NOW)
    first, second, third = rows(store)
    assert (first.salt, first.body, first.incident) == (None, None, 1)
    assert first.canonical() == before[0].canonical()
    assert second == before[1]
    assert third.kind == "payload.erased"
    assert json.loads(third.body or "") == {"entries": [1], "why": "asked for"}
    assert ledger.verify([first, second, third]) == []


def test_erased_bytes_are_not_in_the_database_file(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db")
    write(store, {"who": "Bergeron-Lachance" * 20})
    with store.begin() as db:
        ledger.erase(db, [1], "asked for", principal=ALICE, at=NOW)
    with store.read() as db:
        db.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    store.close()
    for path in tmp_path.iterdir():
        assert b"Bergeron" not in path.read_bytes()


def test_a_payload_gone_without_an_entry_is_found(whole: list[ledger.Entry]) -> None:
    touched = [row._replace(salt=None, body=None) if row.number == 3 else row for row in whole]
    (fault,) = ledger.verify(touched)
    assert fault == (3, "its payload is gone, and no entry says why")


@pytest.mark.parametrize(
    ("numbers", "why", "said"),
    [
        ([9], "asked", "entry 9 is not there"),
        ([1, 9], "asked", "entry 9 is not there"),
        ([3], "asked", "has to stay"),
        ([], "asked", "no entry"),
        ([1], " ", "no reason"),
    ],
)
def test_what_may_not_be_erased_is_refused_and_stays(
    store: Store, numbers: list[int], why: str, said: str
) -> None:
    write(store, {"incident": 1}, {"incident": 1})
    with store.begin() as db:
        ledger.erase(db, [2], "asked for", principal=ALICE, at=NOW)
    before = rows(store)
    with pytest.raises(Refusal, match=said) as raised, store.begin() as db:
        ledger.erase(db, numbers, why, principal=ALICE, at=NOW)
    assert raised.value.hint
    assert rows(store) == before


@given(steps=st.lists(st.one_of(st.none(), st.sets(st.integers(1, 12), min_size=1)), max_size=12))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_order_of_appending_and_erasing_breaks_the_chain(
    steps: list[set[int] | None], tmp_path: Path
) -> None:
    path = tmp_path / "law.db"
    for old in tmp_path.glob("law.db*"):
        old.unlink()
    with closing(Store(path)) as store:
        for step in steps:
            if step is None:
                write(store, {"incident": 1})
                continue
            erasable = [
                row.number for row in rows(store) if row.number in step and row.kind not in LASTING
            ]
            if erasable:
                with store.begin() as db:
                    ledger.erase(db, erasable, "law", principal=SERVICE, at=NOW)
        found = rows(store)
        assert ledger.verify(found) == []
        assert [row.number for row in found] == list(range(1, len(found) + 1))


# Several writers, and death

WRITER = """
import sys
from datetime import UTC, datetime
from tocsin import ledger
from tocsin.model.principals import Principal
from tocsin.store import Store
from tocsin.store.progress import Position, save_position

store = Store(sys.argv[1])
who = Principal("service", sys.argv[2])
for n in range(int(sys.argv[3])):
    with store.begin() as db:
        at = datetime(2026, 3, 9, tzinfo=UTC)
        last = ledger.append(db, "incident.opened", {"n": n}, principal=who, at=at)
        save_position(db, sys.argv[2], Position(n + 1, 0), at)
    print(last.number, flush=True)
"""


def start(path: Path, name: str, times: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name, str(times)], stdout=subprocess.PIPE
    )


def test_two_writers_make_one_chain_without_gaps(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    for process in [start(path, name, 40) for name in ("a", "b")]:
        process.communicate()
        assert process.returncode == 0
    with closing(Store(path)) as store:
        found = rows(store)
    assert len(found) == 80
    assert ledger.verify(found) == []


@pytest.mark.parametrize("after_s", [0.0, 0.002, 0.005, 0.011, 0.017])
def test_a_killed_writer_leaves_each_entry_with_its_change_or_neither(
    after_s: float, tmp_path: Path
) -> None:
    path = tmp_path / "state.db"
    with start(path, "a", 10**9) as process:
        assert process.stdout is not None
        said = int(process.stdout.readline())
        time.sleep(after_s)
        os.kill(process.pid, signal.SIGKILL)
        said = max([said, *(int(line) for line in process.stdout if line.endswith(b"\n"))])
    with closing(Store(path)) as store:
        found = rows(store)
        assert ledger.verify(found) == []
        assert len(found) in (said, said + 1)
        with store.read() as db:
            changes = db.scalar(text("SELECT segment FROM position WHERE name = 'a'"))
        assert changes == len(found)
        assert write(store, {}).number == len(found) + 1


INSIDE = """
import sys, time
from datetime import UTC, datetime
from tocsin import ledger
from tocsin.model.principals import SERVICE
from tocsin.store import Store

with Store(sys.argv[1]).begin() as db:
    for n in range(3):
        at = datetime(2026, 3, 9, tzinfo=UTC)
        ledger.append(db, "incident.opened", {"n": n}, principal=SERVICE, at=at)
    ledger.erase(db, [1], "asked for", principal=SERVICE, at=at)
    print("here", flush=True)
    time.sleep(60)
"""


def test_a_kill_inside_a_transaction_leaves_nothing_of_it(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with closing(Store(path)) as store:
        write(store, {"incident": 1})
        before = rows(store)
        with subprocess.Popen(
            [sys.executable, "-c", INSIDE, str(path)], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"here\n"
            os.kill(process.pid, signal.SIGKILL)
        assert rows(store) == before
        assert write(store, {}).number == 2
        assert ledger.verify(rows(store)) == []
