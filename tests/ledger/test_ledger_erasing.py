"""A payload can be erased: it is gone from the file, and the chain stands."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.ledger.entries import ALICE, NOW, rows, write
from tocsin import ledger
from tocsin.errors import Refusal
from tocsin.ledger.kinds import LASTING
from tocsin.model.principals import SERVICE
from tocsin.store import Store


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
