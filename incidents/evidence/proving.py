"""The ledger's part of a bundle: entries, what they say, and how they hang on the checkpoint.

For the whole incident: every entry of the ledger in its hashed form, a line each, so that the
chain can be walked from the first to the checkpoint; payloads only of this incident's entries.
For a customer: only entries about that customer that no colleague's name stands in, each with a
proof that it is in the tree whose root the checkpoint signs; of all others nothing.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from incidents.evidence import proofs
from incidents.evidence.sections import lines
from tocsin import ledger
from tocsin.errors import LedgerError
from tocsin.ledger.checkpoints import leaves
from tocsin.ledger.history import AGREED, ASKED, KEY_KINDS

OUTSIDE = ("service:", "link:")
"""Principals that are no colleagues."""

SHARED_KINDS = frozenset({"evidence.captured", *KEY_KINDS})
"""Kinds whose payload holds nothing of any customer."""

_OF_KEYS = frozenset({*KEY_KINDS, ASKED, AGREED})
"""Kinds of the key's history; it belongs to every incident."""


class Disclosed(NamedTuple):
    """An entry a bundle shows, and why its payload is not there if it is not."""

    entry: ledger.Entry
    fact: dict[str, Any]
    withheld: str


def disclosed(
    db: Connection, incident: int, until: int, customer: str
) -> tuple[list[Disclosed], list[bytes]]:
    """Return what a bundle shows of the ledger, and every entry as it is hashed.

    Raises:
        LedgerError: The ledger does not verify; no evidence is made of it.
    """
    rows = list(ledger.entries(db, until=until))
    if faults := ledger.verify(rows):
        raise LedgerError(
            f"the ledger does not verify: {faults[0]}",
            hint="Stop the service and copy the database; `tocsin check` names every fault.",
        )
    shown = list[Disclosed]()
    erasures = {number: row.number for row in rows for number in _erased(row)}
    about = {row.number for row in rows if row.incident == incident}
    for row in rows:
        fact = msgspec.json.decode(row.body) if row.body else {}
        ours = row.number in about or row.kind in _OF_KEYS or not about.isdisjoint(_erased(row))
        if not ours or (customer and not _may_see(row, fact, customer)):
            continue
        withheld = ""
        if row.body is None:
            withheld = f"erased; entry {erasures[row.number]} says why"
        elif row.kind == "note.taken" and fact.get("note") != "fact":
            withheld = f"a {fact.get('note', 'working')} note; it stays in the house"
        shown.append(Disclosed(row, {} if withheld else fact, withheld))
    return shown, [row.canonical() for row in rows]


def files_of(
    db: Connection,
    shown: Iterable[Disclosed],
    everything: list[bytes],
    customer: str,
    earlier: Iterable[ledger.Checkpoint] = (),
) -> dict[str, bytes]:
    """Return path → content: ``ledger.jsonl``, ``decisions.jsonl``, payloads, proofs.

    Raises:
        LedgerError: The ledger does not hold a state that was told outside earlier.
    """
    proofs.must_hold(earlier, [sha256(line).hexdigest() for line in everything])
    shown = list(shown)
    files = {"decisions.jsonl": lines(_decision(one) for one in shown)}
    for one in shown:
        if not one.withheld and one.entry.salt is not None and one.entry.body is not None:
            content = one.entry.salt + one.entry.body.encode()
            files[f"payloads/{one.entry.number}.bin"] = content
    if not customer:
        files["ledger.jsonl"] = b"".join(line + b"\n" for line in everything)
        return files
    files["ledger.jsonl"] = b"".join(one.entry.canonical() + b"\n" for one in shown)
    tree = list(leaves(db, len(everything)))
    return files | proofs.files_of(tree, (one.entry.number for one in shown), earlier)


def _may_see(row: ledger.Entry, fact: dict[str, Any], customer: str) -> bool:
    if not row.principal.startswith(OUTSIDE):
        return False
    return row.kind in SHARED_KINDS or fact.get("customer") == customer


def _erased(row: ledger.Entry) -> set[int]:
    if row.kind != "payload.erased" or row.body is None:
        return set()
    return set(msgspec.json.decode(row.body)["entries"])


def _decision(one: Disclosed) -> dict[str, Any]:
    said: dict[str, Any] = {
        "number": one.entry.number,
        "at": one.entry.at,
        "kind": one.entry.kind,
        "principal": one.entry.principal,
    }
    return said | ({"withheld": one.withheld} if one.withheld else {"fact": one.fact})
