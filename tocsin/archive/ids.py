"""Which events were there before: exactly, by id within the event's hour, on disk.

A copy of an event has the same event time, so it falls into the same hour; the same id in
another hour is another event. Each hour that has events is one file of sorted ids, 16 bytes
each. A file never changes: an hour that grows becomes a new file, and the row in ``id_hour``
that names it changes in the caller's transaction. Three steps, so that nothing waits for the
disk within a transaction:

    1. ``look``     which events are new; the new files, which nobody sees yet
    2. ``add``      the rows, in the transaction that also stores what was judged
    3. ``remove``   the files that no row names any more, after the commit

A crash after any step loses nothing and leaves files without a row, which ``sweep`` removes.
Only one hour's ids are in memory at a time.
"""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, insert, select, update

from tocsin.archive.files import day_folder, put, sweep_folder
from tocsin.archive.manifest import id_hour
from tocsin.errors import ArchiveError
from tocsin.model.columns import Bools, Columns
from tocsin.model.events import HOUR_US
from tocsin.model.instants import day_of, from_us

WIDTH = 16
"""Bytes of an id."""

_PAGE = 500
_HINT = "Restore the folder of ids from the backup that the database is from."


class HourFile(NamedTuple):
    """One hour's new file, and the one it takes the place of.

    Attributes:
        hour: Hours since 1970 UTC.
        path: Relative to the folder.
        rows: Ids in it.
        sha256: Of the file, in hex.
        before: Path of the file it replaces; "" for the first.
    """

    hour: int
    path: str
    rows: int
    sha256: str
    before: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What ``look`` found.

    Attributes:
        fresh: (n,) bool: the rows whose event is new, of copies the first in judging order.
        files: The hours that grow.
    """

    fresh: Bools
    files: tuple[HourFile, ...]


class IdHours:
    """The ids of all events that were judged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def look(self, db: Connection, columns: Columns) -> Looked:
        """Tell new events from those that were there before, and write the files to say so.

        Args:
            db: Any transaction; it is only read.
            columns: Events in any order.

        Raises:
            ArchiveError: A file of ids is missing, damaged or cannot be written.
        """
        fresh = np.zeros(len(columns), np.bool_)
        hours = columns.at // HOUR_US
        named = self._named(db, np.unique(hours).tolist())
        files = []
        for hour, rows in _by_hour(columns.at, hours):
            # Of copies the first stays: the rows are in order of time.
            ids, first = np.unique(_sortable(columns.id[rows]), return_index=True)
            before = named.get(hour)
            if before is not None:
                there = self._read(before)
                place = np.minimum(np.searchsorted(there, ids), len(there) - 1)
                is_new = there[place] != ids
                ids, first = ids[is_new], first[is_new]
                if not len(ids):
                    continue
            fresh[rows[first]] = True
            grown = ids if before is None else np.sort(np.concatenate((there, ids)))
            files.append(self._write(hour, grown, before.path if before else ""))
        return Looked(fresh, tuple(files))

    def add(self, db: Connection, looked: Looked) -> None:
        """Let the new files exist.

        Args:
            db: The transaction of ``Store.begin`` that also stores what was judged.
            looked: What ``look`` found since the last commit.

        Raises:
            ArchiveError: Somebody else has changed an hour since; roll back and look again.
        """
        there = self._named(db, [new.hour for new in looked.files])
        for new in looked.files:
            now = there.get(new.hour)
            if (now.path if now else "") != new.before:
                raise ArchiveError(
                    f"the ids of {_name(new.hour)} were changed by somebody else meanwhile",
                    hint="Only one process may judge: stop the other one.",
                )
        for new in looked.files:
            values = {"path": new.path, "rows": new.rows, "sha256": new.sha256}
            if new.before:
                db.execute(update(id_hour).where(id_hour.c.hour == new.hour).values(values))
            else:
                db.execute(insert(id_hour).values(hour=new.hour, **values))

    def remove(self, looked: Looked) -> None:
        """Remove the files that were replaced. Only after the commit."""
        for new in looked.files:
            if new.before:
                (self.folder / new.before).unlink(missing_ok=True)

    def sweep(self, db: Connection, before: datetime) -> list[Path]:
        """Remove files that no row names, as a crash leaves them. Call it at the start.

        Args:
            db: A transaction begun after any that might name them was committed.
            before: Only files last written before this: a running process may yet name others.
        """
        return sweep_folder(self.folder, set(db.scalars(select(id_hour.c.path))), before)

    def _named(self, db: Connection, hours: list[int]) -> dict[int, HourFile]:
        h = id_hour.c
        query = select(h.hour, h.path, h.rows, h.sha256)
        return {
            row.hour: HourFile(*row, before="")
            for start in range(0, len(hours), _PAGE)
            for row in db.execute(query.where(h.hour.in_(hours[start : start + _PAGE])))
        }

    def _read(self, named: HourFile) -> npt.NDArray[Any]:
        path = self.folder / named.path
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ArchiveError(
                f"{path}: the ids of {_name(named.hour)} cannot be read: {error.strerror or error}",
                hint=_HINT,
            ) from error
        if hashlib.sha256(content).hexdigest() != named.sha256:
            raise ArchiveError(f"{path}: the ids of {_name(named.hour)} are damaged", hint=_HINT)
        return np.frombuffer(content, f"S{WIDTH}")

    def _write(self, hour: int, ids: npt.NDArray[Any], before: str) -> HourFile:
        content = ids.tobytes()
        path = f"{day_folder(day_of(hour * HOUR_US))}/{hour % 24:02}-{secrets.token_hex(8)}.ids"
        put(self.folder / path, content)
        return HourFile(hour, path, len(ids), hashlib.sha256(content).hexdigest(), before)


def _by_hour(
    at: npt.NDArray[np.int64], hours: npt.NDArray[np.int64]
) -> Iterator[tuple[int, npt.NDArray[np.intp]]]:
    """Yield each hour and its rows in order of time, rows of one instant in theirs."""
    order = np.argsort(at, kind="stable")
    starts = np.flatnonzero(np.diff(hours[order], prepend=hours[order[:1]] - 1))
    for rows in np.split(order, starts[1:]) if len(order) else ():
        yield int(hours[rows[0]]), rows


def _sortable(ids: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return ids as byte strings of one width, which numpy compares as bytes: all 16 count."""
    return np.ascontiguousarray(ids).view(f"S{WIDTH}")


def _name(hour: int) -> str:
    return f"{from_us(hour * HOUR_US):%Y-%m-%d %H}:00 UTC"
