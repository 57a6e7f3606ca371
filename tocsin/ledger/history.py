"""The history of the key: which keys the ledger ever had, and what vouches for each.

The first is named by its entry. A new one is signed in by the one before it (``key.rotated``).
Where that was lost, nothing signs the new one in but itself: the ledger's entry alone vouches for
it (``key.replaced``), and whoever verifies is told so. These entries hold nothing of anybody, so
that customers may see them; who asked for a new key, and why, stands in entries of its own.
"""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec
import rfc8785
from sqlalchemy import Connection, select

from tocsin.errors import ConfigError, LedgerError
from tocsin.ledger.entries import Entry
from tocsin.ledger.keys import PublicKey
from tocsin.ledger.tables import ledger, payload
from tocsin.model.texts import UNREADABLE

CREATED, ROTATED, REPLACED = "key.created", "key.rotated", "key.replaced"
KEY_KINDS = (CREATED, ROTATED, REPLACED)
"""Kinds of entries that name a key which signs from there on."""

ASKED, AGREED = "key.asked", "key.agreed"
"""Kinds of entries in which people ask for a new key, and agree."""

REMEDY = (
    "Put the key back from your copy, as the service's user and with mode 0600. If there is none: "
    '`tocsin evidence rotate-key --lost --why "…"`. Clocks, reminders and notices go on meanwhile.'
)


class KeyFact(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What the entry of a key says.

    Attributes:
        key_id: Of the key that signs from here on.
        public_key: Its public part, PEM.
        old_key_id: Of the one it replaces; "" for the first.
        by_old: Signature of :meth:`statement` by the old key, hex; "" where that was lost.
        by_new: The same by the new one.
        asked: Number of the entry in which a person says that the old one is lost; 0 elsewhere.
    """

    key_id: str
    public_key: str
    old_key_id: str = ""
    by_old: str = ""
    by_new: str = ""
    asked: int = 0

    def statement(self) -> bytes:
        """Return what both keys sign when one replaces the other."""
        return rfc8785.dumps(
            {"key_id": self.key_id, "old_key_id": self.old_key_id, "public_key": self.public_key}
        )


class Known(NamedTuple):
    """A key as the ledger knows it.

    Attributes:
        key: Its public part.
        entry: Number of the entry that names it.
        is_signed_in: The key before it signed it in; true of the first, which has none before it.
    """

    key: PublicKey
    entry: int
    is_signed_in: bool


def keys(rows: Iterable[Entry]) -> list[PublicKey]:
    """Return all keys the ledger ever had, oldest first; see :func:`history`."""
    return [one.key for one in history(rows)]


def history(rows: Iterable[Entry]) -> list[Known]:
    """Return all keys the ledger ever had, oldest first, from their entries.

    Args:
        rows: Entries of ``KEY_KINDS``; others are passed over.

    Raises:
        LedgerError: The history is broken: a key was not signed in by the one before it, and its
            entry does not say that this was lost.
    """
    known = list[Known]()
    for row in rows:
        if row.kind not in KEY_KINDS:
            continue
        try:
            fact = msgspec.json.decode(row.body or "", type=KeyFact)
            key = PublicKey.read(fact.public_key.encode())
            by_old, by_new = bytes.fromhex(fact.by_old), bytes.fromhex(fact.by_new)
        except (*UNREADABLE, ValueError, LedgerError) as error:
            raise LedgerError(f"entry {row.number}: no key can be read from it") from error
        if key.key_id != fact.key_id or (row.kind == CREATED) != (not known):
            raise LedgerError(f"entry {row.number}: it does not name the key it holds in its turn")
        if known:
            said, before = fact.statement(), known[-1].key
            if fact.old_key_id != before.key_id or not key.signed(said, by_new):
                raise LedgerError(f"entry {row.number}: it does not follow the key before it")
            if row.kind == ROTATED and not before.signed(said, by_old):
                raise LedgerError(f"entry {row.number}: the key before it did not sign it in")
        known.append(Known(key, row.number, row.kind != REPLACED))
    return known


def unvouched(known: Iterable[Known]) -> list[str]:
    """Return a sentence for each key that the one before it did not sign in."""
    return [
        f"the key {one.key.key_id[:16]}… was not signed in by the one before it, which was lost: "
        f"entry {one.entry} of the ledger alone vouches for it"
        for one in known
        if not one.is_signed_in
    ]


def known_keys(db: Connection) -> list[PublicKey]:
    """Return all keys the ledger ever had, oldest first; [] before the first checkpoint.

    Raises:
        LedgerError: Their history is broken.
    """
    return keys(rows_of(db, KEY_KINDS))


def rows_of(db: Connection, kinds: Iterable[str]) -> list[Entry]:
    """Return the entries of some kinds, in their order."""
    e, p = ledger.c, payload.c
    rows = db.execute(
        select(ledger, p.incident, p.salt, p.body)
        .join_from(ledger, payload, e.number == p.entry)
        .where(e.kind.in_(tuple(kinds)))
        .order_by(e.number)
    )
    return [Entry(*row) for row in rows]


def foreign(found: PublicKey, known: PublicKey) -> ConfigError:
    """Return what to raise where a file holds another key than the ledger's."""
    return ConfigError(
        f"the key in the file is {found.key_id[:16]}…, the ledger knows {known.key_id[:16]}…",
        hint=REMEDY,
    )
