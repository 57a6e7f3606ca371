"""Signing the ledger: as notices leave, and from time to time while it grows.

What is cut off behind the last checkpoint shows nowhere, so one is made whenever something leaves
that people outside will rely on, and by the service at most once in ``SIGN_EVERY``.

A letter goes out though the ledger cannot be signed: a lost key or an altered ledger does not stop
the clock (GDPR Art. 33(2)), and no checkpoint could ever be made again. It is said, and remains so.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from tocsin import ledger
from tocsin.app.casework.desk import Desk
from tocsin.errors import ConfigError, LedgerError
from tocsin.ledger import checkpoints
from tocsin.ledger.checkpoints import Signed

SIGN_EVERY = timedelta(hours=1)
"""The service signs no oftener: each checkpoint is kept for ever, and reads the whole ledger."""


def warnings(desk: Desk) -> list[str]:
    """Return a line if the ledger cannot be signed, for a person who counts on it."""
    with desk.store.read() as db:
        found = _trouble(desk, db)
    if found is None:
        return []
    said = f"The ledger cannot be signed, its end could be cut off unseen: {found}. {found.hint}"
    return [said.strip()]


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
