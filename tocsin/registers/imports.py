"""An import: what a file would change is shown first; taking it makes a version.

A file's registers replace those that hold, whole: what the file leaves out is gone from that
version on. Registers no file speaks of go on. A difference is bound to the version it was made
against; when another import came between, it is refused.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, insert

from tocsin.errors import Refusal
from tocsin.model.categories import OPERATOR
from tocsin.model.instants import to_us
from tocsin.model.principals import Principal
from tocsin.registers.entries import REGISTERS, ContactEntry, CustomerEntry, Entry, Holding
from tocsin.registers.reading import Read, read, refuse
from tocsin.registers.tables import register_content, register_version
from tocsin.registers.views import entries, version_at

SIGNS = {"added": "+", "removed": "-", "changed": "~"}


class Change(NamedTuple):
    """One entry that an import adds, removes or changes.

    Attributes:
        register: Of which register.
        key: Which entry.
        what: ``added``, ``removed`` or ``changed``.
        fields: Of a changed one: field, before, after.
    """

    register: str
    key: str
    what: str
    fields: tuple[tuple[str, str, str], ...] = ()

    def __str__(self) -> str:
        """Return it as a line."""
        inside = "; ".join(f"{name}: {old or '–'} → {new or '–'}" for name, old, new in self.fields)  # noqa: RUF001 - an en dash for nothing
        return f"{SIGNS[self.what]} {self.register} {self.key}" + (f"  {inside}" if inside else "")


class Diff(NamedTuple):
    """What an import would change.

    Attributes:
        base: The version it was compared with; 0: none.
        source: Name of the file or folder.
        sha256: Of its bytes.
        changes: By register, in the order of keys.
        contents: The registers it replaces, whole.
    """

    base: int
    source: str
    sha256: str
    changes: tuple[Change, ...]
    contents: Mapping[str, tuple[Entry, ...]]

    def __str__(self) -> str:
        """Return it for a person to read: one line a change, and a sum."""
        counts = [
            f"{len(found)} {register}: "
            + ", ".join(
                f"{sum(one.what == what and one.register == register for one in self.changes)} "
                f"{what}"
                for what in SIGNS
            )
            for register, found in self.contents.items()
        ]
        head = f"{self.source} against version {self.base}"
        return "\n".join([head, *map(str, self.changes), *counts])


def plan_import(db: Connection, path: Path) -> Diff:
    """Return what importing a file, or a folder of files, would change.

    Raises:
        ConfigError: The files have faults, or do not fit what else holds; all are named.
    """
    found, base = read(path), version_at(db)
    _check(db, found)
    changes = [
        change
        for register, new in found.entries.items()
        for change in _changes(register, entries(db, register, base), new)
    ]
    return Diff(base, found.source, found.sha256, tuple(changes), found.entries)


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
            yield Change(register, key, "added")
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
    return " ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _check(db: Connection, found: Read) -> None:
    """Refuse entries about customers that no register would know afterwards."""
    known = {
        one.id
        for one in found.entries.get("customer", entries(db, "customer"))
        if isinstance(one, CustomerEntry)
    }
    faults = []
    for register in REGISTERS:
        given = register in found.entries
        for one in found.entries[register] if given else entries(db, register):
            # The inventory may count the operator's own data; nobody is its customer.
            if not isinstance(one, ContactEntry | Holding) or one.customer in {*known, OPERATOR}:
                continue
            if given:
                faults.append(
                    f"{found.where[register, one.key]}, customer: no customer {one.customer}; "
                    "add it to the customers or correct the id"
                )
            else:
                faults.append(
                    f"{found.source}: customer {one.customer} would be gone, and the {register} "
                    f"register still names it; import that register with it"
                )
    if faults:
        refuse(dict.fromkeys(faults))
