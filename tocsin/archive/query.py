"""Questions over many segments at once, asked with DuckDB.

The files are named one by one, never by a pattern. Each event counts once: of copies, told by
id within the event's hour, the first by time, then by the name of its file stays.

Source: DuckDB documentation, "Reading and Writing Parquet Files", "QUALIFY Clause".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tocsin.archive import table
from tocsin.archive.segments import read_segment
from tocsin.model.columns import Columns, in_order, pack_ids
from tocsin.model.events import HOUR_US, NUMBERS, WORDS

_COLUMNS = ["id", "id_text", *WORDS, *NUMBERS, "raw_object", "raw_place"]

_SEGMENTS = f"""
    SELECT * REPLACE ({", ".join(f"coalesce({name}, '') AS {name}" for name in table.LATER)})
    FROM (
        SELECT * FROM read_parquet(
            ?, file_row_number = true, filename = true, union_by_name = true
        )
        UNION ALL BY NAME
        SELECT {", ".join(f"NULL::VARCHAR AS {name}" for name in table.LATER)} WHERE false
    )
"""  # noqa: S608 - names of ours
"""The rows of segments, which may lack the columns that came later."""


class Tally(NamedTuple):
    """What was counted.

    Attributes:
        events: Distinct events.
        records: Sum of the records they say they touched; events that do not say add nothing.
        bytes: Sum of the bytes they say they moved.
        first_at: Earliest event, µs since 1970 UTC.
        last_at: Latest event.
    """

    events: int
    records: int
    bytes: int
    first_at: int
    last_at: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: a condition and its parameters. ``nothing`` when none can fit."""

    conditions: list[str] = field(default_factory=list)
    parameters: list[Any] = field(default_factory=list)
    nothing: bool = False

    @classmethod
    def of(
        cls,
        ids: Iterable[str] | None,
        where: Mapping[str, Iterable[str]] | None,
        since_us: int | None,
        until_us: int | None,
    ) -> "Wanted":
        """Return the condition for these; see ``Archive.events``.

        Raises:
            ValueError: A field is none of ``WORDS``.
        """
        conditions, parameters, nothing = list[str](), list[Any](), False
        if ids is not None:
            packed, _ = pack_ids(sorted(set(ids)))
            conditions.append("list_contains(?::BLOB[], id::BLOB)")
            parameters.append([one.tobytes() for one in packed])
            nothing = not len(packed)
        for name, words in (where or {}).items():
            allowed = sorted(set(words))
            conditions.append(f"list_contains(?::VARCHAR[], {_column(name)})")
            parameters.append(allowed)
            nothing = nothing or not allowed
        for sign, instant in ((">=", since_us), ("<", until_us)):
            if instant is not None:
                conditions.append(f'"at" {sign} make_timestamptz(?::BIGINT)')
                parameters.append(instant)
        return cls(conditions, parameters, nothing)


def events(files: Sequence[Path], wanted: Wanted) -> Columns:
    """Return the events that are wanted, in judging order, each once."""
    select = ", ".join(_column(name) for name in _COLUMNS)
    sql = f"""
        SELECT "at", {select}, NULL::STRUCT(rule VARCHAR, why VARCHAR)[] AS hits
        FROM ({_source(wanted)})
    """  # noqa: S608 - every name was checked
    found = _ask(sql, files, wanted)
    if found is None:
        return table.nothing()
    columns, _ = table.read([table.from_query(found)])
    rows, _ = in_order(columns.at, columns.id)
    return columns.take(rows)


def tally(files: Sequence[Path], wanted: Wanted, by: Sequence[str]) -> dict[tuple[str, ...], Tally]:
    """Count the events that are wanted, each once, by the words of some fields."""
    groups = "".join(f"{_column(name)}, " for name in by)
    sql = f"""
        SELECT {groups} count(*), coalesce(sum("count"), 0)::BIGINT,
            coalesce(sum("bytes"), 0)::BIGINT, epoch_us(min("at")), epoch_us(max("at"))
        FROM ({_source(wanted)}) {"GROUP BY ALL" if groups else ""} HAVING count(*) > 0
    """  # noqa: S608 - every name was checked
    found = _ask(sql, files, wanted)
    if found is None:
        return {}
    rows = zip(*(column.to_pylist() for column in found.columns), strict=True)
    return {row[: len(by)]: Tally(*row[len(by) :]) for row in rows}


def hours(files: Sequence[Path], wanted: Wanted) -> dict[str, frozenset[int]]:
    """Return, per source, the hours since 1970 UTC in which it has events that are wanted."""
    sql = f"""
        SELECT "source", list(DISTINCT epoch_us("at") // {HOUR_US})
        FROM read_parquet(?) WHERE {" AND ".join(wanted.conditions) or "true"} GROUP BY ALL
    """  # noqa: S608 - every name was checked
    found = _ask(sql, files, wanted)
    if found is None:
        return {}
    names, lists = (column.to_pylist() for column in found.columns)
    return {name: frozenset(hours) for name, hours in zip(names, lists, strict=True)}


def _source(wanted: Wanted) -> str:
    return f"""
        SELECT * FROM ({_SEGMENTS})
        WHERE {" AND ".join(wanted.conditions) or "true"}
        QUALIFY row_number() OVER (
            PARTITION BY id, epoch_us("at") // {HOUR_US} ORDER BY "at", filename, file_row_number
        ) = 1
    """  # noqa: S608 - every name was checked


def _ask(sql: str, files: Sequence[Path], wanted: Wanted) -> Any:
    """Return the answer as an Arrow table; None where there is nothing to ask."""
    if wanted.nothing or not files:
        return None
    import duckdb  # noqa: PLC0415 - a quarter of a second to load

    names = [str(path) for path in files]
    try:
        with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
            parameters = [names, *wanted.parameters]
            return connection.sql(sql, params=parameters).to_arrow_table()
    except duckdb.Error:
        for path in files:
            read_segment(path)  # raises for the damaged one, by name
        raise


def _column(name: str) -> str:
    if name not in _COLUMNS:
        raise ValueError(f"no field {name!r}; there are {', '.join(WORDS)}")
    return f'"{name}"'
