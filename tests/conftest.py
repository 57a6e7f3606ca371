"""What tests of several folders need: a store, columns made of a few words, real logs.

Tests of the state run on SQLite and on PostgreSQL, each in a schema of its own that is dropped
again: on the server that ``TOCSIN_TEST_POSTGRESQL=postgresql+psycopg://user@host/name`` names, else
on one that is started where it is installed.
"""

import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from sqlalchemy import create_engine, make_url
from sqlalchemy.schema import CreateSchema, DropSchema

from tests.servers import postgresql as servers
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


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no line be broken because the paths of this machine are long."""
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture(scope="session")
def columns_of() -> Callable[..., Columns]:
    return _columns_of


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Yield the URL of a database: the one that is named, or one of a server started for it."""
    if named := os.environ.get("TOCSIN_TEST_POSTGRESQL", ""):
        yield named
        return
    programs = servers.programs()
    if programs is None:
        need_server("PostgreSQL", "apt-get install postgresql")
    with servers.running(programs) as url:
        yield url


def need_server(name: str, remedy: str) -> NoReturn:
    """Skip a test whose server cannot start here; where everything must be there, fail it."""
    said = f"{name} is not installed; on Debian: {remedy}"
    if os.environ.get("CI"):
        pytest.fail(said)
    pytest.skip(said)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        store = Store(tmp_path / "state.db")
        yield store
        store.close()
        return
    server = request.getfixturevalue("postgresql")
    schema = f"test_{secrets.token_hex(6)}"
    engine = create_engine(server)
    with engine.begin() as db:
        db.execute(CreateSchema(schema))
    url = make_url(server).update_query_dict({"options": f"-csearch_path={schema}"})
    store = Store(url.render_as_string(hide_password=False))
    yield store
    store.close()
    with engine.begin() as db:
        db.execute(DropSchema(schema, cascade=True))
    engine.dispose()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real logs, or skip: none of them are part of this repository."""
    beside = Path(__file__).parents[1].parent / "shared" / "data"
    folder = Path(os.environ.get("TOCSIN_SHARED_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}; name its folder in TOCSIN_SHARED_DATA")
    return folder
