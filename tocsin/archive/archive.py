"""The archive: the manifest, and what is read from exactly the files it names.

    write   segment files           nobody sees them yet
    add     their manifest rows     in the caller's transaction: with its commit they exist

A file without a row does not exist: nothing here lists a folder but ``sweep``, which removes
such files when they are old. An event that was read twice lies in two segments; ``events`` and
``tally`` count it once.
"""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select

from tocsin.archive import query
from tocsin.archive.files import sweep_folder
from tocsin.archive.manifest import segment
from tocsin.archive.segments import SegmentFile, read_segments, write_segments
from tocsin.errors import ArchiveError
from tocsin.model.columns import Columns
from tocsin.model.findings import Hit
from tocsin.model.instants import to_us


class SegmentRow(NamedTuple):
    """One row of the manifest.

    Attributes:
        number: Grows with each row, in the order of commits.
        source: The source's configured name.
        path: Relative to the archive's folder.
        day: The UTC day all its events lie in.
        rows: Number of events.
        first_at: Earliest event, µs since 1970 UTC.
        last_at: Latest event.
        bytes: Size of the file.
        sha256: Of the file, in hex.
    """

    number: int
    source: str
    path: str
    day: date
    rows: int
    first_at: int
    last_at: int
    bytes: int
    sha256: str


_ROW = [segment.c[name] for name in SegmentRow._fields]


class Archive:
    """All events, in the segments that the manifest names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, columns: Columns, hits: Sequence[Hit]) -> list[SegmentFile]:
        """Write a batch; nobody sees it before ``add`` and the commit.

        Raises:
            ArchiveError: The disk refuses.
        """
        return write_segments(self.folder, columns, hits, stem=uuid.uuid4().hex)

    def add(
        self, db: Connection, source: str, files: Iterable[SegmentFile], now: datetime
    ) -> list[int]:
        """Write the manifest rows.

        Args:
            db: The transaction that also holds the ledger's rows of what was read.
            source: The source's configured name.
            files: As ``write`` returned them.
            now: When they were taken.

        Returns:
            The segments' numbers.
        """
        at = to_us(now)
        numbers = []
        for file in files:
            values = file._asdict()
            del values["hits"]
            row = insert(segment).values(source=source, taken_at=at, **values)
            numbers.append(int(db.execute(row.returning(segment.c.number)).scalar_one()))
        return numbers

    def newest(self, db: Connection) -> int:
        """Return the number of the newest segment; 0 when there is none."""
        return db.scalar(select(func.max(segment.c.number))) or 0

    def newest_event(self, db: Connection) -> dict[str, int]:
        """Return, per source, the event time of its latest event, µs since 1970 UTC."""
        s = segment.c
        rows = db.execute(select(s.source, func.max(s.last_at)).group_by(s.source))
        return {row[0]: row[1] for row in rows}

    def ahead(self, db: Connection, after_us: int) -> dict[str, query.Tally]:
        """Count, per source that has some, the events after an instant (µs), each once.

        Raises:
            ArchiveError: A file is missing or damaged.
        """
        files = dict[str, list[Path]]()
        for row in self.segments(db, since_us=after_us + 1):
            files.setdefault(row.source, []).append(self.folder / row.path)
        wanted = query.Wanted.of(None, None, after_us + 1, None)
        counted = {source: query.tally(its, wanted, ()) for source, its in files.items()}
        return {source: tally[()] for source, tally in counted.items() if tally}

    def segments(
        self,
        db: Connection,
        *,
        after: int = 0,
        upto: int | None = None,
        since_us: int | None = None,
        until_us: int | None = None,
    ) -> list[SegmentRow]:
        """Return rows of the manifest by number.

        Args:
            db: Any transaction.
            after: Only segments with a higher number.
            upto: Only segments with this number or a lower one.
            since_us: Only segments that may have events at or after this.
            until_us: Only segments that may have events before this.
        """
        s = segment.c
        rows = select(*_ROW).where(s.number > after).order_by(s.number)
        if upto is not None:
            rows = rows.where(s.number <= upto)
        if since_us is not None:
            rows = rows.where(s.last_at >= since_us)
        if until_us is not None:
            rows = rows.where(s.first_at < until_us)
        return [SegmentRow(*row) for row in db.execute(rows)]

    def read(
        self,
        rows: Iterable[SegmentRow],
        *,
        since_us: int | None = None,
        until_us: int | None = None,
    ) -> tuple[Columns, list[Hit]]:
        """Return the events of these segments, by segment and row, and their hits.

        Raises:
            ArchiveError: A file is missing or damaged.
        """
        paths = [self.folder / row.path for row in rows]
        return read_segments(paths, since_us=since_us, until_us=until_us)

    def events(
        self,
        db: Connection,
        *,
        ids: Iterable[str] | None = None,
        where: Mapping[str, Iterable[str]] | None = None,
        since_us: int | None = None,
        until_us: int | None = None,
        upto: int | None = None,
    ) -> Columns:
        """Return events in judging order, each once.

        Args:
            db: Any transaction; what it sees is what is searched.
            ids: Only events with these ids; None for any.
            where: Field of ``WORDS`` → the words it may have; all fields must agree.
            since_us: Only events at or after this.
            until_us: Only events before this.
            upto: Only segments with this number or a lower one: what was asked then is
                answered the same again.

        Raises:
            ArchiveError: A file is missing or damaged.
            ValueError: A field is none of ``WORDS``.
        """
        wanted = query.Wanted.of(ids, where, since_us, until_us)
        return query.events(self._files(db, since_us, until_us, upto), wanted)

    def hours(
        self, db: Connection, *, since_us: int, until_us: int, upto: int | None = None
    ) -> dict[str, frozenset[int]]:
        """Return, per source as events name it, the hours since 1970 UTC that have events.

        Args and errors are those of :meth:`events`.
        """
        wanted = query.Wanted.of(None, None, since_us, until_us)
        return query.hours(self._files(db, since_us, until_us, upto), wanted)

    def names(self, db: Connection, source: str, *, upto: int | None = None) -> frozenset[str]:
        """Return how events of a source name it: ``cloudtrail``, or the names of its mappings.

        Args:
            db: Any transaction.
            source: The source's configured name.
            upto: Only segments with this number or a lower one.

        Raises:
            ArchiveError: A file is missing or damaged.
        """
        rows = self.segments(db, upto=upto)
        files = [self.folder / row.path for row in rows if row.source == source]
        counts = query.tally(files, query.Wanted.of(None, None, None, None), ("source",))
        return frozenset(name for (name,) in counts)

    def tally(
        self,
        db: Connection,
        by: Sequence[str],
        *,
        ids: Iterable[str] | None = None,
        where: Mapping[str, Iterable[str]] | None = None,
        since_us: int | None = None,
        until_us: int | None = None,
    ) -> dict[tuple[str, ...], query.Tally]:
        """Count events, each once, by fields of ``WORDS``: ``("customer", "action")``.

        Args and errors are those of :meth:`events`.

        Returns:
            The words, in the order of ``by``, → what was counted. ``by=()`` counts all.
        """
        wanted = query.Wanted.of(ids, where, since_us, until_us)
        return query.tally(self._files(db, since_us, until_us), wanted, by)

    def sweep(self, db: Connection, before: datetime) -> list[Path]:
        """Remove files that no row names, as a crash leaves them.

        Args:
            db: Any transaction.
            before: Only files last written before this: a running process may yet name others.
        """
        return sweep_folder(self.folder, set(db.scalars(select(segment.c.path))), before)

    def verify(self, db: Connection) -> list[ArchiveError]:
        """Compare each file with its row; return what is wrong, by segment number."""
        rows = self.segments(db)
        return [error for row in rows if (error := self._fault(row)) is not None]

    def _files(
        self,
        db: Connection,
        since_us: int | None,
        until_us: int | None,
        upto: int | None = None,
    ) -> list[Path]:
        rows = self.segments(db, upto=upto, since_us=since_us, until_us=until_us)
        return [self.folder / row.path for row in rows]

    def _fault(self, row: SegmentRow) -> ArchiveError | None:
        path = self.folder / row.path
        hint = "Restore it from a backup; if there is none, read its source again."
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            return ArchiveError(
                f"{path}: segment {row.number} cannot be read: {error.strerror or error}",
                hint=hint,
            )
        if found != row.sha256:
            return ArchiveError(
                f"{path}: segment {row.number} is damaged or was altered "
                f"({path.stat().st_size} bytes, written were {row.bytes})",
                hint=hint,
            )
        return None
