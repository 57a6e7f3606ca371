"""An import: what a file would change is shown first; taking it makes a version.

A file's registers replace those that hold, whole: what the file leaves out is gone from that
version on. Registers no file speaks of go on. A difference is bound to the version it was made
against; when another import came between, it is refused.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, insert

from tocsin.errors import Refusal
from tocsin.model.categories import ALL, OPERATOR
from tocsin.model.instants import to_us
from tocsin.model.principals import Principal
from tocsin.registers.entries import REGISTERS, ContactEntry, CustomerEntry, Entry, Holding
from tocsin.registers.reading import Read, read
from tocsin.registers.tables import register_content, register_version
from tocsin.registers.views import entries, version_at

EASTERNMOST = timedelta(hours=14)
"""Before UTC: a day that has begun anywhere is not to come."""

RESERVED = {
    OPERATOR: "stands for your own data, of which nobody is told",
    ALL: "stands for all customers",
    ".": "is no name of a folder, and each customer's files lie in one",
    "..": "is no name of a folder, and each customer's files lie in one",
}
"""What no customer can be called, and why."""

SIGNS = {"added": "+", "removed": "-", "changed": "~"}


class Change(NamedTuple):
    """One entry that an import adds, removes or changes.

    Attributes:
        register: Of which register.
        key: Which entry.
        what: ``added``, ``removed`` or ``changed``.
        fields: Of a changed one: field, before, after; of an added one what it says, before "".
    """

    register: str
    key: str
    what: str
    fields: tuple[tuple[str, str, str], ...] = ()

    def __str__(self) -> str:
        """Return it as one line, whatever stands in a cell."""
        inside = "; ".join(
            f"{name}: {new}" if self.what == "added" else f"{name}: {old or '–'} → {new or '–'}"  # noqa: RUF001 - an en dash for nothing
            for name, old, new in self.fields
        )
        line = f"{SIGNS[self.what]} {self.register} {self.key}" + (f"  {inside}" if inside else "")
        return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in line)


class Diff(NamedTuple):
    """What an import would change.

    Attributes:
        base: The version it was compared with; 0: none.
        source: Name of the file or folder.
        sha256: Of its bytes.
        changes: By register, in the order of keys.
        contents: The registers it replaces, whole.
        files: Register → the files it was put together from.
    """

    base: int
    source: str
    sha256: str
    changes: tuple[Change, ...]
    contents: Mapping[str, tuple[Entry, ...]]
    files: Mapping[str, tuple[str, ...]] = {}

    def __str__(self) -> str:
        """Return it for a person to read: one line a change, and a sum."""
        counts = [
            f"{len(found)} {register}{self._from(register)}: "
            + ", ".join(
                f"{sum(one.what == what and one.register == register for one in self.changes)} "
                f"{what}"
                for what in SIGNS
            )
            for register, found in self.contents.items()
        ]
        head = f"{self.source} against version {self.base}"
        return "\n".join([head, *map(str, self.changes), *counts])

    def _from(self, register: str) -> str:
        """Return of which files a register consists, where they are several."""
        names = self.files.get(register, ())
        return f" from {' and '.join(names)} together" if len(names) > 1 else ""


def plan_import(db: Connection, path: Path, now: datetime | None = None) -> Diff:
    """Return what importing a file, or a folder of files, would change.

    Args:
        db: Any transaction.
        path: The file or folder.
        now: What is said to be done is refused when its day is still to come; None: nobody asks.

    Raises:
        ConfigError: The files have faults, or do not fit what else holds; all are named.
    """
    today = (now.astimezone(UTC) + EASTERNMOST).date() if now else None
    found, base = read(path, lambda made: _misfits(db, made, today)), version_at(db)
    changes = [
        change
        for register, new in found.entries.items()
        for change in _changes(register, entries(db, register, base), new)
    ]
    return Diff(base, found.source, found.sha256, tuple(changes), found.entries, found.files)


def take_import(db: Connection, diff: Diff, *, principal: Principal, now: datetime) -> int:
    """Make a version of what was shown.

    Args:
        db: The caller's transaction.
        diff: As ``plan_import`` returned it and a person saw it.
        principal: Who takes it.
        now: When.

    Returns:
        The version's number; where nothing changes, that of the version that holds.

    Raises:
        Refusal: Another import was taken since it was made; nothing was changed.
    """
    if (current := version_at(db)) != diff.base:
        raise Refusal(
            f"{diff.source} was compared with version {diff.base}; version {current} holds now",
            hint="Look at the difference again and take that one.",
        )
    if not diff.changes:
        return current
    number = current + 1
    db.execute(
        insert(register_version).values(
            number=number,
            at=to_us(now),
            principal=str(principal),
            source=diff.source,
            sha256=diff.sha256,
        )
    )
    db.execute(
        insert(register_content),
        [
            {
                "version": number,
                "register": register,
                "entries": json.dumps([one.model_dump(mode="json") for one in found]),
            }
            for register, found in diff.contents.items()
        ],
    )
    return number


def _changes(register: str, old: tuple[Entry, ...], new: tuple[Entry, ...]) -> Iterator[Change]:
    before, after = {one.key: one for one in old}, {one.key: one for one in new}
    for key in sorted(before.keys() | after.keys()):
        if key not in before:
            said = after[key].model_dump(mode="json").items()
            fields = [(name, "", shown) for name, value in said if (shown := _shown(value))]
            yield Change(register, key, "added", tuple(fields))
        elif key not in after:
            yield Change(register, key, "removed")
        elif before[key] != after[key]:
            was, will = before[key].model_dump(mode="json"), after[key].model_dump(mode="json")
            fields = [
                (name, _shown(was[name]), _shown(will[name]))
                for name in was
                if was[name] != will[name]
            ]
            yield Change(register, key, "changed", tuple(fields))


def _shown(value: object) -> str:
    if value is None:
        return ""
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _misfits(db: Connection, found: Read, today: date | None) -> Iterator[str]:
    """Yield what is about customers that no register would know afterwards, or of days to come."""
    if "customer" in found.entries:
        known = set(found.ids)
    else:
        known = {one.id for one in entries(db, "customer") if isinstance(one, CustomerEntry)}
    for one in found.entries.get("customer", ()):
        if (meant := RESERVED.get(one.key)) is not None:
            where = found.where["customer", one.key]
            yield f"{where}, id: {one.key} {meant}; give the customer another id"
    known.add(OPERATOR)  # the inventory may count the operator's own data; nobody is its customer
    for register in REGISTERS:
        given = register in found.entries
        for one in found.entries[register] if given else entries(db, register):
            if not isinstance(one, ContactEntry | Holding):
                continue
            where = found.where[register, one.key] if given else found.source
            if given and today is not None:
                yield from _to_come(one, where, today)
            if one.customer in known:
                continue
            if given:
                yield (
                    f"{where}, customer: no customer {one.customer}; "
                    "add it to the customers or correct the id"
                )
            else:
                yield (
                    f"{where}: customer {one.customer} would be gone, and the {register} "
                    f"register still names it; import that register with it"
                )


def _to_come(one: ContactEntry | Holding, where: str, today: date) -> Iterator[str]:
    """Yield the day of what is said to be done and cannot be yet: it would never count as old."""
    if isinstance(one, ContactEntry):
        name, day = "verified_on", one.verified_on
    else:
        name, day = "on", one.on
    if day is not None and day > today:
        yield f"{where}, {name}: {day.isoformat()} is still to come; write the day it was done"
