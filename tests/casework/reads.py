"""How often a test reads a table: what grows with each customer is seen without a clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event


@contextmanager
def counted(table: str) -> Iterator[list[str]]:
    """Yield a list that fills with the statements that read a table."""
    found = list[str]()

    def look(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith("SELECT") and f"FROM {table}" in statement.replace("\n", " "):
            found.append(statement)

    event.listen(Engine, "before_cursor_execute", look)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", look)
