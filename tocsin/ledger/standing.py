"""Looks over a store's own ledger: its chain, its keys, every checkpoint kept beside it.

Whoever can write to the database can write a ledger anew, checkpoints included, but not without the
key: the signatures are asked too. What was cut off together with the checkpoints that knew it only
shows against one that was kept outside.
"""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, select

from tocsin.errors import LedgerError
from tocsin.ledger import merkle
from tocsin.ledger.checkpoints import Signed, Statement, check, leaves
from tocsin.ledger.entries import Checkpoint, Entry, entries
from tocsin.ledger.history import history, unvouched
from tocsin.ledger.keys import PublicKey
from tocsin.ledger.tables import checkpoint
from tocsin.ledger.verify import Fault, verify


class Standing(NamedTuple):
    """How a ledger stands.

    Attributes:
        entries: How many it has.
        checkpoints: How many are kept.
        unsigned: Entries behind the newest of them: their end could be cut off unseen.
        signed_at: When the newest of them was signed, as it says; "" before the first.
        faults: What is wrong, by entry; () when all is well.
        unvouched: A sentence for each key that the one before it did not sign in.
    """

    entries: int
    checkpoints: int
    unsigned: int
    signed_at: str
    faults: tuple[Fault, ...]
    unvouched: tuple[str, ...]


def look_over(db: Connection) -> Standing:
    """Return how the ledger stands, with every fault; nothing is changed."""
    rows, kept = list(entries(db)), _kept(db)
    said = list[Statement]()
    faults = list[Fault]()
    try:
        keys = history(rows)
    except LedgerError as error:
        keys = []
        faults.append(Fault(0, f"the keys' history is broken: {error}"))
    known = {one.key.key_id: one.key for one in keys}
    for number, signed in kept:
        try:
            said.append(signed.statement())  # what it knew counts, whoever signed it
            _must_hold(number, signed, known)
        except LedgerError as error:
            faults.append(Fault(number, f"the checkpoint at it does not hold: {error}"))
    newest = said[-1] if said else None
    faults += verify(rows, _of(newest) if newest else None)
    faults += _unlike(said[:-1], {row.number: row for row in rows})
    if newest and not faults and merkle.root(leaves(db, newest.number)).hex() != newest.root:
        faults.append(Fault(newest.number, "the checkpoint at it has another root"))
    found = tuple(sorted(set(faults)))
    unsigned = sum(row.number > newest.number for row in rows) if newest else len(rows)
    signed_at = newest.at if newest else ""
    return Standing(len(rows), len(kept), unsigned, signed_at, found, tuple(unvouched(keys)))


def _kept(db: Connection) -> list[tuple[int, Signed]]:
    c = checkpoint.c
    query = select(c.number, c.message, c.signature).order_by(c.number, c.message)
    return [
        (number, Signed(message, signature)) for number, message, signature in db.execute(query)
    ]


def _must_hold(number: int, signed: Signed, known: dict[str, PublicKey]) -> None:
    said = signed.statement()
    if said.number != number:
        raise LedgerError(f"it says entry {said.number}")
    key = known.get(said.key_id)
    if key is None:
        raise LedgerError(f"the ledger knows no key {said.key_id[:16]}…")
    check(signed, key)


def _of(said: Statement) -> Checkpoint:
    return Checkpoint(said.number, said.entry_hash)


def _unlike(said: list[Statement], rows: dict[int, Entry]) -> Iterator[Fault]:
    for one in said:
        row = rows.get(one.number)
        if row is not None and row.entry_hash != one.entry_hash:
            yield Fault(one.number, "is not the one the checkpoint was made over")
