"""Commands on the key: how it stands, replacing it.

A key that is there signs its successor in; one person asks. A lost one cannot: a person says that
it is lost, with reasons, and where two approve a notice a second one agrees.
"""

from datetime import datetime
from typing import NamedTuple

from incidents.assessment.deciding import a_person
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal
from tocsin.ledger import rotation
from tocsin.ledger.keys import PublicKey
from tocsin.model.principals import Principal


class Rotated(NamedTuple):
    """What became of it.

    Attributes:
        key: The new key; None while it waits for a second person.
        waits: Number of the entry to agree to; 0 when nothing waits.
    """

    key: PublicKey | None
    waits: int = 0


def rotate(desk: Desk, *, why: str = "", principal: Principal, now: datetime) -> Rotated:
    """Replace the key by one that it signs in.

    Raises:
        ConfigError: The key is not there, another, or cannot be read; nothing was changed.
        LedgerError: The ledger was altered; nothing was changed.
        Refusal: No person asks; nothing was changed.
    """
    a_person(principal)
    path = desk.config.evidence.key
    with desk.store.begin() as db:
        new = rotation.rotate(db, path, why=why.strip(), principal=principal, at=now)
    return _in_place(desk, new)


def replace_lost(desk: Desk, *, why: str, principal: Principal, now: datetime) -> Rotated:
    """Say that the key is lost; it is replaced, at once where one person approves notices.

    Raises:
        Refusal: The key is there, no reason is given, it waits already, or no person asks; nothing
            was changed.
        ConfigError: What lies in its place cannot be read; nothing was changed.
    """
    a_person(principal)
    path = desk.config.evidence.key
    with desk.store.begin() as db:
        asked = rotation.state_lost(db, path, why=why, principal=principal, at=now)
        if desk.config.notifiers.approvers > 1:
            return Rotated(None, asked)
        new = rotation.replace_lost(db, path, asked=asked, at=now)
    return _in_place(desk, new)


def agree(desk: Desk, entry: int, *, principal: Principal, now: datetime) -> Rotated:
    """Agree, as the second person, that the key is lost; it is replaced.

    Raises:
        Refusal: Nothing waits there, this is not a second person, or the key is there after all;
            nothing was changed.
        ConfigError: What lies in its place cannot be read; nothing was changed.
    """
    a_person(principal)
    path = desk.config.evidence.key
    with desk.store.begin() as db:
        rotation.agree(db, asked=entry, principal=principal, at=now)
        new = rotation.replace_lost(db, path, asked=entry, at=now)
    return _in_place(desk, new)


def _in_place(desk: Desk, new: PublicKey) -> Rotated:
    """Return the new key, put in its place; only now, as its entry is committed."""
    with desk.store.begin() as db:
        desk.key(db)
    return Rotated(new)


def wanted(*, lost: bool, agree: int, why: str) -> None:
    """Return if these go together.

    Raises:
        Refusal: They do not.
    """
    if agree and (lost or why):
        raise Refusal(
            "--agree stands alone: the reasons are those of the person who said it is lost",
            hint="tocsin evidence rotate-key --agree ENTRY",
        )
