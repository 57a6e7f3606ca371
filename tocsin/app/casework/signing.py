"""Signing the ledger: as notices leave, and from time to time while it grows.

What is cut off behind the last checkpoint shows nowhere, so one is made whenever something leaves
that people outside will rely on, and by the service at most once in ``SIGN_EVERY``.

A letter goes out though the ledger cannot be signed: a lost key or an altered ledger does not stop
the clock (GDPR Art. 33(2)). It is said, and remains so until the key is back or replaced. Letters
print the key that the ledger knows, whatever lies in its place.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from tocsin import ledger
from tocsin.app.casework.desk import Desk
from tocsin.errors import ConfigError, LedgerError
from tocsin.ledger import checkpoints
from tocsin.ledger.checkpoints import Signed
from tocsin.ledger.history import known_keys
from tocsin.ledger.keys import SigningKey

SIGN_EVERY = timedelta(hours=1)
"""The service signs no oftener: each checkpoint is kept for ever, and reads the whole ledger."""


class Ours(NamedTuple):
    """Our key, as letters need it.

    Attributes:
        fingerprint: Of the key that the ledger knows; "" where it knows none that can be named.
        key: It itself; None where it is lost, another, or cannot be read.
    """

    fingerprint: str
    key: SigningKey | None


def ours(desk: Desk, db: Connection) -> Ours:
    """Return the key as letters print it: never one that the ledger does not know."""
    try:
        key = desk.key(db)
    except (ConfigError, LedgerError):
        return Ours(_fingerprint(db), None)
    return Ours(key.public.fingerprint, key)


def _fingerprint(db: Connection) -> str:
    try:
        known = known_keys(db)
    except LedgerError:  # an altered ledger: which key was ours cannot be said
        return ""
    return known[-1].fingerprint if known else ""


def warnings(desk: Desk) -> list[str]:
    """Return a line if the ledger cannot be signed, for a person who counts on it."""
    with desk.store.read() as db:
        found, known = _trouble(desk, db), ours(desk, db)
    if found is None:
        return []
    said = f"The ledger cannot be signed, its end could be cut off unseen: {found}. {found.hint}"
    if known.key is None:
        printed = f"the key that the ledger knows, {known.fingerprint}"
        said = f"{said.strip()} Letters print {printed if known.fingerprint else 'no key'}."
    return [said.strip()]


def name_key(desk: Desk, db: Connection, now: datetime) -> None:
    """Have the ledger know our key before a letter prints it; one that cannot be read is not."""
    key = ours(desk, db).key
    if key is not None:
        checkpoints.name_first(db, key, at=now)


def sign_what_leaves(desk: Desk, db: Connection, now: datetime) -> None:
    """Sign the ledger in the transaction of what leaves, where it can be signed."""
    if _trouble(desk, db) is None:
        checkpoints.sign(db, desk.key(db), at=now)


def _trouble(desk: Desk, db: Connection) -> ConfigError | LedgerError | None:
    try:
        checkpoints.may_sign(db, desk.key(db))
    except (ConfigError, LedgerError) as error:
        return error
    return None


class Signer:
    """Signs for the service.

    Keeps what it said, so that the same trouble is raised once and not at every tick.
    """

    def __init__(self) -> None:
        self._said = ""

    def sign(self, desk: Desk, now: datetime) -> Signed | None:
        """Sign the ledger if it grew and the last checkpoint is old enough.

        Returns:
            The checkpoint; None where none was due, or the same trouble as before kept it away.

        Raises:
            ConfigError: The key cannot be read, or is another than the ledger knows.
            LedgerError: The ledger was altered. Nothing was written in either case.
        """
        try:
            made = _signed_if_due(desk, now)
        except (ConfigError, LedgerError) as error:
            if str(error) == self._said:
                return None
            self._said = str(error)
            raise
        self._said = ""
        return made


def _signed_if_due(desk: Desk, now: datetime) -> Signed | None:
    with desk.store.read() as db:
        last, before = ledger.newest(db), checkpoints.latest(db)
    if last == ledger.EMPTY:
        return None
    if before is not None:
        said = before.statement()
        since = now - datetime.fromisoformat(said.at)
        if before.checkpoint() == last or timedelta(0) <= since < SIGN_EVERY:
            return None
    with desk.store.begin() as db:
        return checkpoints.sign(db, desk.key(db), at=now)
