"""Opening the key that signs, and replacing it.

No key is ever made where the ledger knows one already: one made in the place of a lost key would
be printed to customers as ours, and could sign nothing. A key is replaced in an entry alone: signed
in by the old one, or, where that is lost, on a person's word.

What is stored before what: the new key lies beside the old one before its entry is committed, and
takes its place after that. A crash at any moment leaves a key that the ledger knows.
"""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from tocsin.errors import ConfigError, Refusal
from tocsin.ledger.checkpoints import sign
from tocsin.ledger.entries import Entry, append
from tocsin.ledger.history import (
    AGREED,
    ASKED,
    KEY_KINDS,
    REMEDY,
    REPLACED,
    ROTATED,
    KeyFact,
    foreign,
    known_keys,
    rows_of,
)
from tocsin.ledger.keys import (
    PublicKey,
    SigningKey,
    find_key,
    next_path,
    no_key,
    open_key,
    replace_key,
)
from tocsin.model.principals import SERVICE, Principal


class Asked(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What the entry says in which a person asks for a new key.

    Attributes:
        old_key_id: Of the key to be replaced.
        why: Reasons, in a person's words; "" for none.
        lost: The old key is gone and cannot sign the new one in.
    """

    old_key_id: str
    why: str = ""
    lost: bool = False


class Waiting(NamedTuple):
    """A lost key's replacement that waits for a second person.

    Attributes:
        entry: Number of the entry that asks.
        principal: Who asked, as it is written down.
        why: On what ground.
    """

    entry: int
    principal: str
    why: str


def open_current(db: Connection, path: Path) -> SigningKey:
    """Return the key that signs; it is made on first use, and never again.

    A successor that the ledger knows is put in its place.

    Raises:
        ConfigError: The file cannot be used, or the ledger's key is not in it.
        LedgerError: The history of the keys is broken.
    """
    known = known_keys(db)
    if not known:
        return open_key(path)
    if _holds(next_path(path), known[-1]):
        replace_key(path, is_old=len(known) > 1 and _may_hold(path, known[-2]))
    return _of_ledger(path, known[-1])


def look(db: Connection, path: Path) -> SigningKey | None:
    """Return the key that signs, and change nothing; None where the first is not made yet.

    Raises:
        ConfigError, LedgerError: As :func:`open_current`.
    """
    known = known_keys(db)
    if known:
        following = next_path(path)
        return _of_ledger(following if _holds(following, known[-1]) else path, known[-1])
    found = find_key(path)
    if found is None and path.exists():
        raise no_key(path)
    return found


def rotate(
    db: Connection, path: Path, *, why: str = "", principal: Principal, at: datetime
) -> PublicKey:
    """Replace the key by a new one that the old one signs in.

    The new key lies beside the old one until the caller has committed; the next
    :func:`open_current` puts it in place, and the old one is gone then.

    Raises:
        ConfigError, LedgerError: The key in the file is not the one the ledger knows, or the ledger
            was altered. Nothing was changed.
    """
    old = open_current(db, path)
    sign(db, old, at=at)  # what came before stays provable by the old key alone
    fact = Asked(old_key_id=old.public.key_id, why=why)
    append(db, ASKED, msgspec.to_builtins(fact), principal=principal, at=at)
    return _named(db, path, ROTATED, old.public, old=old, at=at)


def state_lost(db: Connection, path: Path, *, why: str, principal: Principal, at: datetime) -> int:
    """Write down that a person says the key is lost; return the number of that entry.

    Raises:
        Refusal: No reason is given, the key is there, or the same was said already.
        ConfigError: Something is in its place that cannot be read: it need not be lost. Nothing was
            changed in either case.
    """
    if not why.strip():
        raise Refusal(
            "no reason is given why the key is said to be lost",
            hint="Whoever verifies will ask: --why TEXT, what happened to it and since when.",
        )
    _must_be_lost(db, path)
    if (before := waiting(db)) is not None:
        raise Refusal(
            f"{before.principal} has said already that the key is lost, in entry {before.entry}",
            hint=f"A second person agrees: tocsin evidence rotate-key --agree {before.entry}",
        )
    fact = Asked(old_key_id=_newest(db).key_id, why=why.strip(), lost=True)
    return append(db, ASKED, msgspec.to_builtins(fact), principal=principal, at=at).number


def agree(db: Connection, *, asked: int, principal: Principal, at: datetime) -> None:
    """Write down that a second person agrees that the key is lost.

    Raises:
        Refusal: Nothing waits under this entry, or the person is not a second one; nothing was
            changed.
    """
    before = waiting(db)
    if before is None or before.entry != asked:
        raise Refusal(
            f"no new key waits for a second person under entry {asked}",
            hint="`tocsin check` says how the key stands.",
        )
    if principal.is_same_person(before.principal):
        raise Refusal(
            f"entry {asked} was written by {before.principal}; agreeing takes a second person",
            hint=principal.second_person("agree"),
        )
    append(db, AGREED, {"asked": asked}, principal=principal, at=at)


def replace_lost(db: Connection, path: Path, *, asked: int, at: datetime) -> PublicKey:
    """Replace a lost key by a new one that nothing but the ledger's entry vouches for.

    Args:
        db: A transaction, that of the last yes.
        path: Of the key. As :func:`rotate`, the new one takes this place once it is committed;
            another key that lies there is set aside.
        asked: Number of the entry that says it is lost.
        at: When.

    Raises:
        Refusal: The key is there after all; nothing was changed.
    """
    _must_be_lost(db, path)
    return _named(db, path, REPLACED, _newest(db), asked=asked, at=at)


def waiting(db: Connection) -> Waiting | None:
    """Return the replacement of a lost key that waits for a second person, if there is one."""
    found: Entry | None = None
    for row in rows_of(db, (*KEY_KINDS, ASKED)):
        found = row if row.kind == ASKED else None  # the next key ends what waited
    if found is None:
        return None
    why = msgspec.json.decode(found.body, type=Asked).why if found.body else ""
    return Waiting(found.number, found.principal, why)


def _named(
    db: Connection,
    path: Path,
    kind: str,
    before: PublicKey,
    *,
    old: SigningKey | None = None,
    asked: int = 0,
    at: datetime,
) -> PublicKey:
    """Make the next key and write its entry."""
    next_path(path).unlink(missing_ok=True)  # of a rotation that was rolled back: nobody's key
    new = open_key(next_path(path))
    fact = KeyFact(
        key_id=new.public.key_id,
        public_key=new.public.pem,
        old_key_id=before.key_id,
        asked=asked,
    )
    said = fact.statement()
    fact = msgspec.structs.replace(
        fact, by_old=old.sign(said).hex() if old else "", by_new=new.sign(said).hex()
    )
    append(db, kind, msgspec.to_builtins(fact), principal=SERVICE, at=at)
    return new.public


def _newest(db: Connection) -> PublicKey:
    known = known_keys(db)
    if not known:
        raise Refusal(
            "the ledger knows no key yet: there is none to replace",
            hint="One is made as the first notice is sent, or with the first bundle.",
        )
    return known[-1]


def _must_be_lost(db: Connection, path: Path) -> None:
    newest = _newest(db)
    if _holds(path, newest) or _holds(next_path(path), newest):
        raise Refusal(
            f"{path}: the key that the ledger knows is there",
            hint="It signs its successor in: tocsin evidence rotate-key, without --lost.",
        )


def _of_ledger(path: Path, known: PublicKey) -> SigningKey:
    found = find_key(path)
    if found is None:
        what = "holds no key" if path.exists() else "is not there"
        raise ConfigError(
            f"{path}: {what}; the ledger knows the key {known.fingerprint}", hint=REMEDY
        )
    if found.public.key_id != known.key_id:
        error = foreign(found.public, known)
        raise ConfigError(f"{path}: {error}", hint=error.hint)
    return found


def _holds(path: Path, key: PublicKey) -> bool:
    found = find_key(path)
    return found is not None and found.public.key_id == key.key_id


def _may_hold(path: Path, key: PublicKey) -> bool:
    try:
        return _holds(path, key)
    except ConfigError:
        return False
