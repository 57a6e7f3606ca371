"""A store in a folder of its own; also one on PostgreSQL, when the environment names a server.

``TOCSIN_TEST_POSTGRESQL=postgresql+psycopg://user@host/name`` names a database that the tests may
fill: each test makes a schema of its own in it and leaves nothing behind.
"""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url
from sqlalchemy.schema import CreateSchema, DropSchema

from tocsin.store import Store

SERVER = os.environ.get("TOCSIN_TEST_POSTGRESQL", "")


@pytest.fixture(params=["sqlite", *(["postgresql"] if SERVER else [])])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        store = Store(tmp_path / "state.db")
        yield store
        store.close()
        return
    schema = f"test_{secrets.token_hex(6)}"
    engine = create_engine(SERVER)
    with engine.begin() as db:
        db.execute(CreateSchema(schema))
    url = make_url(SERVER).update_query_dict({"options": f"-csearch_path={schema}"})
    store = Store(url.render_as_string(hide_password=False))
    yield store
    store.close()
    with engine.begin() as db:
        db.execute(DropSchema(schema, cascade=True))
    engine.dispose()
