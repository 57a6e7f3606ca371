"""Entries are hashed as their format says, written in one transaction, and never changed."""

from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.ledger.entries import ALICE, NOW, rows, write
from tocsin import ledger
from tocsin.ledger.entries import GENESIS
from tocsin.store import Store


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
