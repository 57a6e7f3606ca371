"""Versions of the data map: what a file would change is shown first; taking it makes a version."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select

from tocsin.datamap.entries import DataMap, Table
from tocsin.datamap.reading import parse
from tocsin.datamap.tables import datamap_version
from tocsin.errors import ConfigError, Refusal
from tocsin.model.instants import to_us
from tocsin.model.principals import Principal


class MapDiff(NamedTuple):
    """What taking a file would change.

    Attributes:
        base: The version it was compared with; 0: none.
        source: Name of the file.
        sha256: Of its bytes.
        body: Its text.
        changes: One line each.
    """

    base: int
    source: str
    sha256: str
    body: str
    changes: tuple[str, ...]

    def __str__(self) -> str:
        """Return it for a person to read."""
        return "\n".join((f"{self.source} against version {self.base}", *self.changes))


class Held(NamedTuple):
    """The data map that holds, and its version; 0: none was ever taken."""

    number: int
    datamap: DataMap


def version_at(db: Connection, at: int | datetime | None = None) -> int:
    """Return the number of the version that held; 0 before the first."""
    query = select(func.max(datamap_version.c.number))
    if isinstance(at, datetime):
        query = query.where(datamap_version.c.at <= to_us(at))
    elif at is not None:
        query = query.where(datamap_version.c.number <= at)
    return db.scalar(query) or 0


def load(db: Connection, at: int | datetime | None = None) -> Held:
    """Return the data map as of a version's number, of an instant, or of now."""
    number = version_at(db, at)
    c = datamap_version.c
    row = db.execute(select(c.source, c.body).where(c.number == number)).one_or_none()
    if row is None:
        return Held(0, DataMap())
    return Held(number, parse(row.body.encode(), row.source))


def plan(db: Connection, path: Path) -> MapDiff:
    """Return what taking a file would change.

    Raises:
        ConfigError: It cannot be read or has faults; all are named.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read: {error.strerror or error}", hint="Check the path."
        ) from error
    new, held = parse(content, path.name), load(db)
    changes = (
        *_changes("store", held.datamap.store, new.store),
        *_changes("action", held.datamap.action, new.action),
    )
    digest = hashlib.sha256(content).hexdigest()
    return MapDiff(held.number, path.name, digest, content.decode("utf-8-sig"), changes)


def take(db: Connection, diff: MapDiff, *, principal: Principal, now: datetime) -> int:
    """Make a version of what was shown; return its number.

    Where nothing changes, that is the number of the version that holds.

    Raises:
        Refusal: Another one was taken since it was made; nothing was changed.
    """
    current = version_at(db)
    if current != diff.base:
        raise Refusal(
            f"{diff.source} was compared with version {diff.base}; version {current} holds now",
            hint="Look at the difference again and take that one.",
        )
    if not diff.changes:
        return current
    db.execute(
        insert(datamap_version).values(
            number=current + 1,
            at=to_us(now),
            principal=str(principal),
            source=diff.source,
            sha256=diff.sha256,
            body=diff.body,
        )
    )
    return current + 1


def _changes(kind: str, old: tuple[Table, ...], new: tuple[Table, ...]) -> Iterator[str]:
    before = {str(getattr(one, "name", "")): one for one in old}
    after = {str(getattr(one, "name", "")): one for one in new}
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            said = after[name].model_dump(mode="json", exclude_defaults=True).items()
            yield _line("+", kind, name, (f"{k}: {_shown(v)}" for k, v in said if k != "name"))
        elif name not in after:
            yield _line("-", kind, name, ())
        elif before[name] != after[name]:
            was, will = before[name].model_dump(mode="json"), after[name].model_dump(mode="json")
            fields = [key for key in was if was[key] != will[key]]
            inside = (f"{key}: {_shown(was[key])} → {_shown(will[key])}" for key in fields)
            yield _line("~", kind, name, inside)


def _line(sign: str, kind: str, name: str, inside: Iterable[str]) -> str:
    """Return a change on one line, whatever stands in a value."""
    said = "; ".join(inside)
    line = f"{sign} {kind} {name}" + (f"  {said}" if said else "")
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in line)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(_shown, value)) or "–"  # noqa: RUF001 - an en dash for nothing
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None or value == "" else str(value)  # noqa: RUF001 - see above
