"""Insert or change rows by their key, on both databases."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

PAGE = 500
"""Values of one ``IN (…)``, rows of one statement: SQLite bounds the parameters of a statement."""


def upsert(
    db: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    changed: Callable[[Any], Mapping[str, Any]],
) -> None:
    """Insert rows; where the key is there already, change that row instead.

    Args:
        db: The caller's transaction.
        table: Its primary key decides what is the same.
        rows: All with the same columns, each key once or more: the last one stands.
        changed: From the row that was not inserted, its columns by name, to the new values.
    """
    if not rows:
        return
    insert = (postgresql if db.dialect.name == "postgresql" else sqlite).insert(table)
    insert = insert.on_conflict_do_update(
        index_elements=list(table.primary_key), set_=dict(changed(insert.excluded))
    )
    db.execute(insert, list(rows))


def pages(values: Iterable[str], size: int = PAGE) -> Iterable[list[str]]:
    """Yield the values in pages."""
    rest = iter(values)
    while page := list(islice(rest, size)):
        yield page
