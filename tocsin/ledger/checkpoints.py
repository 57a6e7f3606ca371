"""Signed checkpoints: the state of the whole ledger, said once and signed.

The signed message is canonical JSON: ``at``, ``entry_hash`` and ``number`` of the last entry,
``key_id`` of the key that signed, ``root`` of the Merkle tree whose leaves are the entries' hashes
from the first to this one. Whoever keeps one outside the house can tell later that nothing before
it was changed or cut off. By hand::

    openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in checkpoint.json -sigfile checkpoint.sig

Source: RFC 8785; RFC 9162; RFC 8032.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import rfc8785
from sqlalchemy import Connection, insert, select

from tocsin.errors import ConfigError, LedgerError
from tocsin.ledger import merkle
from tocsin.ledger.entries import Checkpoint, Entry, append, newest, stamp
from tocsin.ledger.keys import PublicKey, SigningKey, next_path, open_key, replace_key
from tocsin.ledger.tables import checkpoint, ledger, payload
from tocsin.model.principals import SERVICE, Principal
from tocsin.model.texts import UNREADABLE

KEY_KINDS = ("key.created", "key.rotated")


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a checkpoint says."""

    at: str
    entry_hash: str
    key_id: str
    number: int
    root: str


class Signed(NamedTuple):
    """A checkpoint as it is signed.

    Attributes:
        message: The bytes that are signed.
        signature: 64 bytes.
    """

    message: bytes
    signature: bytes

    def statement(self) -> Statement:
        """Return what it says; nobody has looked at the signature yet.

        Raises:
            LedgerError: The message is none of ours.
        """
        try:
            said = msgspec.json.decode(self.message, type=Statement)
            canonical = rfc8785.dumps(msgspec.to_builtins(said))
        except (*UNREADABLE, rfc8785.CanonicalizationError) as error:
            raise LedgerError(f"no checkpoint: {error}") from error
        if canonical != self.message:
            raise LedgerError("no checkpoint: it is not in canonical form")
        return said

    def checkpoint(self) -> Checkpoint:
        """Return the entry it stands at, as :func:`tocsin.ledger.verify.verify` takes it."""
        said = self.statement()
        return Checkpoint(said.number, said.entry_hash)


class KeyFact(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What the entry of a key says.

    Attributes:
        key_id: Of the key that signs from here on.
        public_key: Its public part, PEM.
        old_key_id: Of the one it replaces; "" for the first.
        by_old: Signature of :meth:`statement` by the old key, hex.
        by_new: The same by the new one.
    """

    key_id: str
    public_key: str
    old_key_id: str = ""
    by_old: str = ""
    by_new: str = ""

    def statement(self) -> bytes:
        """Return what both keys sign when one replaces the other."""
        return rfc8785.dumps(
            {"key_id": self.key_id, "old_key_id": self.old_key_id, "public_key": self.public_key}
        )


def sign(db: Connection, key: SigningKey, *, at: datetime) -> Signed:
    """Sign the ledger as it stands, inside the caller's transaction, and keep the checkpoint.

    The first key writes its own entry before it signs.

    Raises:
        LedgerError, ConfigError: As :func:`may_sign`; nothing was written.
    """
    may_sign(db, key)
    if not _key_entries(db):
        fact = KeyFact(key_id=key.public.key_id, public_key=key.public.pem)
        append(db, "key.created", msgspec.to_builtins(fact), principal=SERVICE, at=at)
    last, before = newest(db), latest(db)
    if before is not None:
        said = before.statement()
        if (said.number, said.key_id) == (last.number, key.public.key_id):
            return before
    message = rfc8785.dumps(
        {
            "at": stamp(at),
            "entry_hash": last.entry_hash,
            "key_id": key.public.key_id,
            "number": last.number,
            "root": merkle.root(leaves(db, last.number)).hex(),
        }
    )
    signed = Signed(message, key.sign(message))
    db.execute(
        insert(checkpoint).values(number=last.number, key_id=key.public.key_id, **signed._asdict())
    )
    return signed


def may_sign(db: Connection, key: SigningKey) -> None:
    """Raise what keeps this key from signing the ledger as it stands; nothing is written.

    Raises:
        LedgerError: The last checkpoint does not hold any more: the ledger was altered.
        ConfigError: The key is not the one the ledger knows.
    """
    known = keys(_key_entries(db))
    if known and known[-1].key_id != key.public.key_id:
        raise ConfigError(
            f"the key in the file is {key.public.key_id[:16]}…, "
            f"the ledger knows {known[-1].key_id[:16]}…",
            hint="Put the right key in its place, or rotate the key.",
        )
    before = latest(db)
    if before is None:
        return
    was = before.checkpoint()
    found = db.scalar(select(ledger.c.entry_hash).where(ledger.c.number == was.number))
    if found != was.entry_hash:
        raise LedgerError(
            f"entry {was.number} is not the one the last checkpoint was made over",
            hint="Stop the service and copy the database; `tocsin check` names every fault.",
        )


def latest(db: Connection) -> Signed | None:
    """Return the newest signed checkpoint, if there is one."""
    c, e = checkpoint.c, Signed._fields
    row = db.execute(
        select(*(c[name] for name in e)).order_by(c.number.desc(), c.message.desc()).limit(1)
    ).first()
    return Signed(*row) if row else None


def first_from(db: Connection, number: int) -> Checkpoint | None:
    """Return where the first checkpoint stands that was signed at this entry or behind it."""
    c = checkpoint.c
    query = select(c.message, c.signature).where(c.number >= number).order_by(c.number).limit(1)
    row = db.execute(query).first()
    return Signed(*row).checkpoint() if row else None


def leaves(db: Connection, until: int) -> Iterator[bytes]:
    """Yield the leaf hashes of the entries up to a number."""
    e = ledger.c
    hashes = db.scalars(select(e.entry_hash).where(e.number <= until).order_by(e.number))
    return (merkle.leaf(bytes.fromhex(one)) for one in hashes)


def check(signed: Signed, key: PublicKey) -> Statement:
    """Return what a checkpoint says, if this key signed it.

    Raises:
        LedgerError: It did not, or the message is none of ours.
    """
    said = signed.statement()
    if said.key_id != key.key_id:
        raise LedgerError(f"signed by key {said.key_id[:16]}…, not by {key.key_id[:16]}…")
    if not key.signed(signed.message, signed.signature):
        raise LedgerError("the signature is not of this message and key")
    return said


def keys(rows: Iterable[Entry]) -> list[PublicKey]:
    """Return all keys the ledger ever had, oldest first, from their entries.

    Args:
        rows: Entries of ``KEY_KINDS``; others are passed over.

    Raises:
        LedgerError: The history is broken: a key was not signed in by the one before it.
    """
    known = list[PublicKey]()
    for row in rows:
        if row.kind not in KEY_KINDS:
            continue
        try:
            fact = msgspec.json.decode(row.body or "", type=KeyFact)
            key = PublicKey.read(fact.public_key.encode())
            by_old, by_new = bytes.fromhex(fact.by_old), bytes.fromhex(fact.by_new)
        except (*UNREADABLE, ValueError, LedgerError) as error:
            raise LedgerError(f"entry {row.number}: no key can be read from it") from error
        if key.key_id != fact.key_id or (row.kind == "key.created") != (not known):
            raise LedgerError(f"entry {row.number}: it does not name the key it holds in its turn")
        if known:
            said = fact.statement()
            if fact.old_key_id != known[-1].key_id or not (
                known[-1].signed(said, by_old) and key.signed(said, by_new)
            ):
                raise LedgerError(f"entry {row.number}: the key before it did not sign it in")
        known.append(key)
    return known


def open_current(db: Connection, path: Path) -> SigningKey:
    """Return the key of a file, or its successor once the ledger knows that one.

    Raises:
        ConfigError: See :func:`tocsin.ledger.keys.open_key`.
    """
    key, following = open_key(path), next_path(path)
    if following.exists():
        known = keys(_key_entries(db))
        if known and known[-1].key_id == open_key(following).public.key_id:
            replace_key(path)
            return open_key(path)
    return key


def rotate(db: Connection, path: Path, *, principal: Principal, at: datetime) -> PublicKey:
    """Replace the key by a new one that the old one signs in.

    The new key lies beside the old one until the caller has committed; the next
    :func:`open_current` puts it in place, and the old one is gone then.

    Raises:
        ConfigError: The key in the file is not the one the ledger knows; nothing was changed.
    """
    old = open_current(db, path)
    sign(db, old, at=at)  # what came before stays provable by the old key alone
    new = open_key(next_path(path))
    fact = KeyFact(
        key_id=new.public.key_id, public_key=new.public.pem, old_key_id=old.public.key_id
    )
    said = fact.statement()
    fact = msgspec.structs.replace(fact, by_old=old.sign(said).hex(), by_new=new.sign(said).hex())
    append(db, "key.rotated", msgspec.to_builtins(fact), principal=principal, at=at)
    return new.public


def _key_entries(db: Connection) -> list[Entry]:
    e, p = ledger.c, payload.c
    rows = db.execute(
        select(ledger, p.incident, p.salt, p.body)
        .join_from(ledger, payload, e.number == p.entry)
        .where(e.kind.in_(KEY_KINDS))
        .order_by(e.number)
    )
    return [Entry(*row) for row in rows]
