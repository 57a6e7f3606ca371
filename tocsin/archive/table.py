"""Columns and hits as an Arrow table and back, without looking at single rows.

The words of a batch become Arrow arrays once; each day's table takes the words its rows have.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.archive import spool
from tocsin.model.columns import ABSENT, ID, Columns, Int32s, Interner, pack_ids
from tocsin.model.events import NUMBERS, WORDS
from tocsin.model.findings import Hit
from tocsin.model.texts import storable

DICTIONARIES = [*WORDS, "raw_object"]
"""The columns that are words and codes."""

LATER = ("copied_from",)
"""Words that came later: a segment of an earlier version has no such column, and says nothing of
it."""

Rows = npt.NDArray[np.intp]


class Batch:
    """A batch that is to be cut into tables."""

    def __init__(self, columns: Columns, hits: Sequence[Hit]) -> None:
        self.columns = columns
        self._hits = sorted(hits, key=lambda hit: hit.row)

    def table(self, rows: Rows) -> tuple[Any, int]:
        """Return these rows as a table, and how many hits are in it.

        Args:
            rows: (n,) row numbers, ascending.
        """
        import pyarrow as pa  # type: ignore[import-untyped] # noqa: PLC0415 - half a second to load

        columns, size = self.columns, len(rows)
        whole = size == len(columns)
        hits, number = self._hits_of(rows, whole=whole)
        made = {
            "at": pa.array(columns.at[rows], pa.timestamp("us", "UTC")),
            "id": pa.FixedSizeBinaryArray.from_buffers(
                pa.binary(16), size, [None, pa.py_buffer(self._ids[rows].tobytes())]
            ),
            "id_text": self._id_text(rows),
        }
        for field in WORDS:
            made[field] = self._words(field, columns.code[field][rows])
        for field in NUMBERS:
            values = columns.number[field][rows]
            made[field] = pa.array(values, pa.int64(), mask=values == ABSENT)
        made["raw_object"] = self._words("raw_object", columns.raw_code[rows])
        made["raw_place"] = pa.array(columns.raw_place[rows], pa.int32())
        made["hits"] = hits
        return pa.table(made), number

    def spooled(self, rows: Rows) -> tuple[bytearray, int]:
        """Return these rows as a spool, and how many hits are in it."""
        columns = self.columns
        if self._ids is not columns.id:
            columns = replace(columns, id=self._ids)
        part, hits = spool.select(columns, self._hits, rows)
        return spool.encode(part, hits), len(hits)

    @cached_property
    def _ids(self) -> npt.NDArray[Any]:
        """Return the ids: where a text is stored in another form, those of that form."""
        columns = self.columns
        changed = {
            row: stored
            for row, text in columns.id_text.items()
            if (stored := storable(text)) != text
        }
        if not changed:
            return columns.id
        ids = columns.id.copy()
        ids[list(changed)], _ = pack_ids(list(changed.values()))
        return ids

    @cached_property
    def _known(self) -> dict[str, tuple[Any, Int32s | None]]:
        columns = self.columns
        known = {field: _strings(columns.word[field]) for field in WORDS}
        known["raw_object"] = _strings(columns.raw_object)
        return known

    def _words(self, field: str, codes: Int32s) -> Any:
        words, merged = self._known[field]
        return _tidy(words, codes if merged is None else merged[codes])

    def _id_text(self, rows: Rows) -> Any:
        import pyarrow as pa  # noqa: PLC0415 - half a second to load

        texts = self.columns.id_text
        if not texts:
            return pa.nulls(len(rows), pa.string())
        found = [texts.get(row) for row in rows.tolist()]
        return pa.array([None if text is None else storable(text) for text in found], pa.string())

    def _hits_of(self, rows: Rows, *, whole: bool) -> tuple[Any, int]:
        """Return the column of hits: a list per row, null where no rule said anything."""
        import pyarrow as pa  # noqa: PLC0415 - half a second to load

        said = self._hits
        at = np.fromiter((hit.row for hit in said), np.int64, len(said))
        if not whole:
            place = np.searchsorted(rows, at)
            mine = place < len(rows)
            mine[mine] = rows[place[mine]] == at[mine]
            said = [hit for hit, is_mine in zip(said, mine.tolist(), strict=True) if is_mine]
            at = place[mine]
        counts = np.bincount(at, minlength=len(rows))
        offsets = np.zeros(len(rows) + 1, np.int32)
        np.cumsum(counts, out=offsets[1:])
        item = pa.StructArray.from_arrays(
            [
                pa.array([storable(hit.rule) for hit in said], pa.string()),
                pa.array([storable(hit.why) for hit in said], pa.string()),
            ],
            ["rule", "why"],
        )
        column = pa.ListArray.from_arrays(
            pa.array(offsets, pa.int32()), item, mask=pa.array(counts == 0)
        )
        return column, len(said)


def checked(content: Any) -> Any:
    """Return the table with its columns in our order, those that came later among them.

    Raises:
        ValueError: A column is missing or of another type.
    """
    schema = _schema()
    for name in LATER:
        if name not in content.schema.names:
            content = content.append_column(name, _silent(content.num_rows))
    for field in schema:
        found = content.schema.field(field.name) if field.name in content.schema.names else None
        if found is None or found.type != field.type:
            raise ValueError(f"no column {field.name} of type {field.type}")
    return content.select(schema.names)


def _silent(size: int) -> Any:
    """Return a column of words in which nothing is said."""
    import pyarrow as pa  # noqa: PLC0415 - half a second to load

    codes = pa.array(np.zeros(size, np.int32))
    return pa.DictionaryArray.from_arrays(codes, pa.array([""], pa.string()))


@cache
def _schema() -> Any:
    import pyarrow as pa  # noqa: PLC0415 - half a second to load

    words, said = pa.dictionary(pa.int32(), pa.string()), {"rule": pa.string(), "why": pa.string()}
    return pa.schema(
        {
            "at": pa.timestamp("us", "UTC"),
            "id": pa.binary(16),
            "id_text": pa.string(),
            **dict.fromkeys(WORDS, words),
            **dict.fromkeys(NUMBERS, pa.int64()),
            "raw_object": words,
            "raw_place": pa.int32(),
            "hits": pa.list_(pa.struct(said)),
        }
    )


def within(content: Any, since_us: int | None, until_us: int | None) -> Any:
    """Return the rows of a table with ``since_us <= at < until_us``; None sets no bound."""
    import pyarrow as pa  # noqa: PLC0415 - half a second to load

    at = content["at"].cast(pa.int64()).to_numpy()
    wanted = np.ones(len(at), np.bool_)
    if since_us is not None:
        wanted &= at >= since_us
    if until_us is not None:
        wanted &= at < until_us
    if wanted.all():
        return content
    content = content.filter(pa.array(wanted)).combine_chunks()
    for field in DICTIONARIES if content.num_rows else ():
        column = _one_chunk(content[field])
        codes = column.indices.to_numpy(zero_copy_only=False)
        place = content.schema.get_field_index(field)
        content = content.set_column(place, field, _tidy(column.dictionary, codes))
    return content


def read(parts: Sequence[Any]) -> tuple[Columns, list[Hit]]:
    """Return tables, one after the other, as columns and hits.

    Args:
        parts: Tables as :meth:`Batch.table` makes them.
    """
    import pyarrow as pa  # noqa: PLC0415 - half a second to load

    parts = [part for part in parts if part.num_rows]
    if not parts:
        return nothing(), []
    content = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
    made = {name: _one_chunk(content[name]) for name in content.column_names}
    word, code = dict[str, list[str]](), dict[str, Int32s]()
    for field in DICTIONARIES:
        word[field] = made[field].dictionary.to_pylist()
        code[field] = made[field].indices.to_numpy(zero_copy_only=False)
    raw_object, raw_code = word.pop("raw_object"), code.pop("raw_object")
    columns = Columns(
        at=made["at"].cast(pa.int64()).to_numpy(),
        id=_ids(made["id"]),
        word=word,
        code=code,
        number={
            field: made[field].fill_null(ABSENT).to_numpy(zero_copy_only=False) for field in NUMBERS
        },
        id_text=_texts(made["id_text"]),
        raw_object=raw_object,
        raw_code=raw_code,
        raw_place=made["raw_place"].to_numpy(),
    )
    return columns, _hits(made["hits"])


def nothing() -> Columns:
    """Return columns without rows."""
    none32, none64 = np.zeros(0, np.int32), np.zeros(0, np.int64)
    return Columns(
        at=none64,
        id=np.zeros(0, ID),
        word={field: [] for field in WORDS},
        code=dict.fromkeys(WORDS, none32),
        number=dict.fromkeys(NUMBERS, none64),
        id_text={},
        raw_object=[],
        raw_code=none32,
        raw_place=none32,
    )


def _tidy(words: Any, codes: Int32s) -> Any:
    """Return a dictionary array with the words these codes name and no other."""
    import pyarrow as pa  # noqa: PLC0415 - half a second to load

    used = np.flatnonzero(np.bincount(codes, minlength=len(words)))
    if len(used) < len(words):
        number = np.zeros(len(words), np.int32)
        number[used] = np.arange(len(used), dtype=np.int32)
        words, codes = words.take(pa.array(used)), number[codes]
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), words)


def _one_chunk(column: Any) -> Any:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _ids(column: Any) -> npt.NDArray[Any]:
    return np.frombuffer(column.buffers()[1], ID)[column.offset : column.offset + len(column)]


def _texts(column: Any) -> dict[int, str]:
    if column.null_count == len(column):
        return {}
    rows = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
    return dict(zip(rows.tolist(), column.drop_null().to_pylist(), strict=True))


def _hits(column: Any) -> list[Hit]:
    if column.null_count == len(column):
        return []
    counts = column.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    rows = np.repeat(np.arange(len(column)), counts).tolist()
    said = column.flatten()
    rules, whys = said.field("rule").to_pylist(), said.field("why").to_pylist()
    return list(map(Hit, rows, rules, whys))


def _strings(words: Sequence[str]) -> tuple[Any, Int32s | None]:
    """Return words as an array and, if some became equal, the new number of each."""
    import pyarrow as pa  # noqa: PLC0415 - half a second to load

    try:
        return pa.array(words, pa.string()), None
    except UnicodeEncodeError:
        numbers = Interner()
        merged = np.fromiter((numbers[storable(word)] for word in words), np.int32, len(words))
        return pa.array(list(numbers), pa.string()), merged


def from_query(content: Any) -> Any:
    """Return a table that another engine made, in the types of ours."""
    import pyarrow as pa  # noqa: PLC0415 - half a second to load

    made = {name: content[name] for name in content.column_names}
    for name in DICTIONARIES:
        made[name] = made[name].cast(pa.string()).dictionary_encode()
    made["id"] = made["id"].cast(pa.binary()).cast(pa.binary(16))
    made["at"] = made["at"].cast(pa.timestamp("us", "UTC"))
    return checked(pa.table(made))
