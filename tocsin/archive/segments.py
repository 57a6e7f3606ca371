"""Segments: a batch of events in files, one per event day (UTC), with what the rules said.

A segment is immutable. It appears under its name when it is complete and on the disk, and it
counts when the manifest names it; see ``tocsin.archive.archive``. Two forms hold the same:

    .parquet    the archive: zstd, checksums on every page, readable by anything that reads Parquet
    .spool      between two steps of one scan: many times quicker, not fsync'd

Columns: ``at``, ``id`` (16 bytes), ``id_text`` (null for a canonical UUID), the fields of
``tocsin.model.events.WORDS`` and ``NUMBERS``, ``raw_object``, ``raw_place``, ``hits``. Rows keep
the order of the batch.

Text is UTF-8; what no UTF-8 can hold is stored as ``tocsin.model.texts`` says.

Source: Apache Parquet format.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from tocsin.archive import spool as spools
from tocsin.archive import table
from tocsin.archive.files import day_folder, put
from tocsin.errors import ArchiveError
from tocsin.model.columns import Columns
from tocsin.model.events import DAY_US
from tocsin.model.findings import Hit
from tocsin.model.instants import day_of

ROW_GROUP = 100_000
"""Rows of one row group: what a reader of one hour of a day can pass over."""

LEVEL = 3
"""Of zstd. Higher levels cost more than they save."""


class SegmentFile(NamedTuple):
    """One file that was written.

    Attributes:
        path: Relative to the folder, with ``/``.
        day: The UTC day all its events lie in.
        rows: Number of events.
        first_at: Earliest event, µs since 1970 UTC.
        last_at: Latest event.
        bytes: Size of the file.
        hits: How many hits it holds.
        sha256: Of the file, in hex; "" for a spool.
    """

    path: str
    day: date
    rows: int
    first_at: int
    last_at: int
    bytes: int
    hits: int
    sha256: str


def write_segments(
    folder: Path, columns: Columns, hits: Sequence[Hit], *, stem: str, spool: bool = False
) -> list[SegmentFile]:
    """Write a batch, one file per event day.

    Args:
        folder: Where the days' folders lie.
        columns: The events.
        hits: What rules said of them, in any order; those of one row keep theirs.
        stem: Name of the files, without ending. Must be new.
        spool: Write the quick form, for a folder that dies with its process.

    Returns:
        The files in the order of days; none for an empty batch.

    Raises:
        ArchiveError: A file cannot be written, or is there already. Files of this batch that
            were finished stay, unseen until a sweep.
    """
    if not len(columns):
        return []
    days = columns.at // DAY_US
    batch = table.Batch(columns, hits)
    return [
        _write(folder, batch, rows, stem=stem, spool=spool)
        for rows in (np.flatnonzero(days == day) for day in np.unique(days).tolist())
    ]


def read_segment(path: Path) -> tuple[Columns, list[Hit]]:
    """Return one file's events in its order, and its hits in the order of rows.

    Raises:
        ArchiveError: The file is missing, damaged, or not a segment.
    """
    return read_segments([path])


def read_segments(
    paths: Iterable[Path], *, since_us: int | None = None, until_us: int | None = None
) -> tuple[Columns, list[Hit]]:
    """Return the events of several files, one file after the other, over one list of words.

    Args:
        paths: The files; none gives no events.
        since_us: Only events at or after this, µs since 1970 UTC.
        until_us: Only events before this.

    Raises:
        ArchiveError: A file is missing, damaged, or not a segment.
    """
    parts = list[tuple[Columns, list[Hit]]]()
    for is_spool, several in groupby(paths, lambda path: path.suffix == spools.SUFFIX):
        found = [_load(path, since_us, until_us) for path in several]
        parts += found if is_spool else [table.read(found)]
    return parts[0] if len(parts) == 1 else spools.joined(parts)


def _write(
    folder: Path, batch: table.Batch, rows: npt.NDArray[np.intp], *, stem: str, spool: bool
) -> SegmentFile:
    at = batch.columns.at[rows]
    first, last = int(at.min()), int(at.max())
    day = day_of(first)
    path = f"{day_folder(day)}/{stem}{spools.SUFFIX if spool else '.parquet'}"
    if spool:
        encoded, hits = batch.spooled(rows)
    else:
        content, hits = batch.table(rows)
        encoded = _parquet(content)
    put(folder / path, encoded, durable=not spool)
    digest = "" if spool else hashlib.sha256(encoded).hexdigest()
    return SegmentFile(path, day, len(rows), first, last, len(encoded), hits, digest)


def _parquet(content: Any) -> Any:
    import pyarrow as pa  # type: ignore[import-untyped] # noqa: PLC0415 - half a second to load
    import pyarrow.parquet as pq  # type: ignore[import-untyped] # noqa: PLC0415 - the same

    sink = pa.BufferOutputStream()
    pq.write_table(
        content,
        sink,
        row_group_size=ROW_GROUP,
        compression="zstd",
        compression_level=LEVEL,
        use_dictionary=table.DICTIONARIES,
        write_statistics=["at"],
        write_page_checksum=True,
    )
    return sink.getvalue()


def _load(path: Path, since_us: int | None, until_us: int | None) -> Any:
    try:
        if path.suffix == spools.SUFFIX:
            return spools.load(path, since_us, until_us)
        return _load_parquet(path, since_us, until_us)
    except FileNotFoundError as error:
        raise ArchiveError(
            f"{path}: the segment is missing",
            hint="Restore it from a backup; if there is none, read its source again.",
        ) from error
    except (msgspec.DecodeError, OSError, ValueError, LookupError) as error:
        reason = str(error).partition("\n")[0]
        raise ArchiveError(
            f"{path}: the segment cannot be read: {reason}",
            hint="Restore it from a backup; if there is none, read its source again.",
        ) from error


def _load_parquet(path: Path, since_us: int | None, until_us: int | None) -> Any:
    import pyarrow as pa  # noqa: PLC0415 - half a second to load; a scan does without

    try:
        content = _row_groups(path, since_us, until_us)
        return table.within(table.checked(content), since_us, until_us)
    except pa.ArrowException as error:  # not all of them are ValueErrors or the like
        raise ValueError(str(error)) from error


def _row_groups(path: Path, since_us: int | None, until_us: int | None) -> Any:
    import pyarrow.parquet as pq  # noqa: PLC0415 - half a second to load

    footer = pq.read_metadata(path)
    there = set(footer.schema.names)
    words = [name for name in table.DICTIONARIES if name in there]
    with pq.ParquetFile(
        path, metadata=footer, read_dictionary=words, page_checksum_verification=True
    ) as file:
        groups = []
        for group in range(file.metadata.num_row_groups):
            at = file.metadata.row_group(group).column(0).statistics
            if since_us is not None and at is not None and at.max_raw < since_us:
                continue
            if until_us is not None and at is not None and at.min_raw >= until_us:
                continue
            groups.append(group)
        return file.read_row_groups(groups)
