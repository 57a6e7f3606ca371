"""Looks for every way in which a ledger can have been touched."""

from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

import msgspec

from tocsin.ledger.entries import EMPTY, Checkpoint, Entry
from tocsin.model.texts import UNREADABLE


class Fault(NamedTuple):
    """Something that is wrong with the ledger.

    Attributes:
        entry: Number of the entry.
        what: In words.
    """

    entry: int
    what: str

    def __str__(self) -> str:
        return f"entry {self.entry}: {self.what}"


def verify(rows: Iterable[Entry], checkpoint: Checkpoint | None = None) -> list[Fault]:
    """Return what is wrong, each with the entry it shows at; nothing when all is well.

    Args:
        rows: The whole ledger in the order of numbers, as ``entries`` yields it.
        checkpoint: One that was kept outside; shows also that the end was not cut off.
    """
    faults, erased, gone = list[Fault](), set[int](), list[int]()
    before, seen = EMPTY, EMPTY
    for row in rows:
        for what in _faults(row, before):
            faults.append(Fault(row.number, what))
        if row.number > before.number + 1:
            first, last = before.number + 1, row.number - 1
            faults += [Fault(number, "is missing") for number in range(first, last + 1)]
        if row.body is None:
            gone.append(row.number)
        elif row.kind == "payload.erased":
            erased |= _erased(row.body)
        before = Checkpoint(row.number, row.entry_hash)
        if checkpoint and row.number == checkpoint.number:
            seen = before
    faults += [
        Fault(number, "its payload is gone, and no entry says why")
        for number in gone
        if number not in erased
    ]
    if checkpoint and checkpoint.number > before.number:
        first, last = before.number + 1, checkpoint.number
        said = f"is missing: the checkpoint knew {last} entries, the ledger ends at {before.number}"
        faults.append(Fault(first, said))
    elif checkpoint and seen != checkpoint:
        faults.append(Fault(checkpoint.number, "is not the one the checkpoint was made over"))
    return sorted(faults)


def _faults(row: Entry, before: Checkpoint) -> Iterable[str]:
    if row.number <= before.number:
        yield f"stands behind entry {before.number}"
    elif row.number == before.number + 1 and row.prev_hash != before.entry_hash:
        yield f"does not follow entry {before.number}: prev_hash is another's"
    if sha256(row.canonical()).hexdigest() != row.entry_hash:
        yield "was altered: its hash is another"
    if (row.body is None) != (row.salt is None):
        yield "was altered: of payload and salt one is gone"
    elif row.body is not None and row.salt is not None:
        if sha256(row.salt + row.body.encode()).hexdigest() != row.payload_hash:
            yield "its payload was altered: its hash is another"
        elif _incident(row.body) != row.incident:
            yield "is kept under another incident than its payload names"


def _incident(body: str) -> int | None:
    found = msgspec.json.decode(body).get("incident")
    return found if isinstance(found, int) else None


def _erased(body: str) -> set[int]:
    try:
        return set(msgspec.json.decode(body, type=_Erasure).entries)
    except UNREADABLE:
        return set()  # it was altered, and is named for that


class _Erasure(msgspec.Struct):
    entries: list[int]
