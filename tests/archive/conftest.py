"""Columns for the tests of the archive, made of a few words, and a store for its rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tocsin.model.columns import ABSENT, Columns, Interner, pack_ids
from tocsin.model.events import NUMBERS, WORDS
from tocsin.store import Store

Row = tuple[int, str, Mapping[str, Any]]
"""Event time in µs, id, and the fields that matter."""

DEFAULTS = {"outcome": "success", "actor_kind": "user", "source": "cloudtrail"}


def _columns_of(rows: Iterable[Row], unused: Sequence[str] = ()) -> Columns:
    """Return rows as columns. ``unused``: words of every field that no row has."""
    rows = list(rows)
    words = {field: Interner() for field in WORDS}
    for numbers in words.values():
        for word in unused:
            numbers[word]
    codes = {
        field: np.array(
            [words[field][row.get(field, DEFAULTS.get(field, ""))] for _, _, row in rows],
            np.int32,
        )
        for field in WORDS
    }
    ids, id_text = pack_ids([event_id for _, event_id, _ in rows])
    return Columns(
        at=np.array([at for at, _, _ in rows], np.int64),
        id=ids,
        word={field: list(numbers) for field, numbers in words.items()},
        code=codes,
        number={
            field: np.array([row.get(field, ABSENT) for _, _, row in rows], np.int64)
            for field in NUMBERS
        },
        id_text=id_text,
        raw_object=["a.json", "b.json"],
        raw_code=np.array([i % 2 for i in range(len(rows))], np.int32),
        raw_place=np.arange(len(rows), dtype=np.int32),
    )


@pytest.fixture(scope="session")
def columns_of() -> Callable[..., Columns]:
    return _columns_of


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "state.db")
    yield store
    store.close()
