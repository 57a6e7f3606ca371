"""Signed checkpoints: the state of the whole ledger, said once and signed.

The signed message is canonical JSON: ``at``, ``entry_hash`` and ``number`` of the last entry,
``key_id`` of the key that signed, ``root`` of the Merkle tree whose leaves are the entries' hashes
from the first to this one. Whoever keeps one outside the house can tell later that nothing before
it was changed or cut off. By hand::

    openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in checkpoint.json -sigfile checkpoint.sig

Source: RFC 8785; RFC 9162; RFC 8032.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec
import rfc8785
from sqlalchemy import Connection, insert, select

from tocsin.errors import LedgerError
from tocsin.ledger import merkle
from tocsin.ledger.entries import Checkpoint, append, newest, stamp
from tocsin.ledger.history import CREATED, KeyFact, foreign, known_keys
from tocsin.ledger.keys import PublicKey, SigningKey
from tocsin.ledger.tables import checkpoint, ledger
from tocsin.model.principals import SERVICE
from tocsin.model.texts import UNREADABLE


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


def sign(db: Connection, key: SigningKey, *, at: datetime) -> Signed:
    """Sign the ledger as it stands, inside the caller's transaction, and keep the checkpoint.

    The first key writes its own entry before it signs.

    Raises:
        LedgerError, ConfigError: As :func:`may_sign`; nothing was written.
    """
    may_sign(db, key)
    name_first(db, key, at=at)
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


def name_first(db: Connection, key: SigningKey, *, at: datetime) -> None:
    """Write the entry of the first key, if the ledger knows none: from here on it is ours."""
    if not known_keys(db):
        fact = KeyFact(key_id=key.public.key_id, public_key=key.public.pem)
        append(db, CREATED, msgspec.to_builtins(fact), principal=SERVICE, at=at)


def may_sign(db: Connection, key: SigningKey) -> None:
    """Raise what keeps this key from signing the ledger as it stands; nothing is written.

    Raises:
        LedgerError: The last checkpoint does not hold any more: the ledger was altered.
        ConfigError: The key is not the one the ledger knows.
    """
    known = known_keys(db)
    if known and known[-1].key_id != key.public.key_id:
        raise foreign(key.public, known[-1])
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
