"""Notes, and the facts with an instant beside the judgement: contained, restored, notified.

Of a working or privileged note the ledger shows that it exists: number, class and salted hash.
Its text lies in a table of its own that no export reads, and can be erased.
"""

import hashlib
import secrets
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from incidents.assessment.bodies import FactKind, NoteClass, Noted, Recorded
from incidents.assessment.case import Case
from incidents.assessment.deciding import case_of, past, said
from incidents.assessment.entries import entries, say
from incidents.assessment.tables import case_note
from tocsin.errors import Refusal
from tocsin.model.principals import Principal


def note(
    db: Connection,
    number: int,
    *,
    text: str,
    note: NoteClass = "working",
    principal: Principal,
    now: datetime,
) -> Case:
    """Take a note.

    Args:
        db: A transaction.
        number: Of the incident.
        text: What it says.
        note: ``fact`` may leave the house; ``working`` and ``privileged`` (counsel's) never do.
        principal: Who.
        now: When.

    Raises:
        Refusal: It says nothing, or there is no such incident; nothing was changed.
    """
    case_of(db, number)
    words = said(text, option="text")
    if note == "fact":
        say(db, number, Noted(note, words), principal=principal, now=now)
        return case_of(db, number)
    salt = secrets.token_bytes(16)
    body = Noted(note, sha256=hashlib.sha256(salt + words.encode()).hexdigest())
    entry = say(db, number, body, principal=principal, now=now)
    db.execute(insert(case_note).values(entry=entry.number, salt=salt, text=words))
    return case_of(db, number)


class NoteText(NamedTuple):
    """A working or privileged note's text, and whether it is the one that was hashed."""

    entry: int
    text: str
    is_as_written: bool


def note_texts(db: Connection, number: int) -> list[NoteText]:
    """Return the texts of working and privileged notes that were not erased, for the team."""
    found = []
    for entry in entries(db, number):
        body = entry.read()
        row = db.execute(select(case_note).where(case_note.c.entry == entry.number)).one_or_none()
        if isinstance(body, Noted) and row is not None:
            now_hashed = hashlib.sha256(row.salt + row.text.encode()).hexdigest()
            found.append(NoteText(entry.number, row.text, now_hashed == body.sha256))
    return found


def erase_note(db: Connection, entry: int) -> None:
    """Erase the text and salt of a working or privileged note; its entry stays.

    Raises:
        Refusal: There is no such text; nothing was changed.
    """
    erased = db.execute(delete(case_note).where(case_note.c.entry == entry))
    if not erased.rowcount:
        raise Refusal(
            f"entry {entry} has no text that could be erased",
            hint="Facts are in the ledger's payload; erase that.",
        )


def record(
    db: Connection,
    number: int,
    what: FactKind,
    *,
    at: datetime | None,
    where: str = "",
    why: str,
    principal: Principal,
    now: datetime,
) -> Case:
    """Record that something is contained, restored or notified since an instant, or no longer is.

    Args:
        db: A transaction.
        number: Of the incident.
        what: Which fact.
        at: Since when, with a time zone, not in the future; None takes the fact back.
        where: Which system or customer; "" for the whole.
        why: How that is known.
        principal: A person, or the service with a receipt.
        now: When.

    Raises:
        Refusal: Nothing was changed.
    """
    case = case_of(db, number)
    reasons = said(why)
    if at is None and where not in case.where(what):
        place = f" at {where}" if where else ""
        raise Refusal(
            f"incident {number} was never recorded as {what}{place}",
            hint="There is nothing to take back.",
        )
    body = Recorded(what, where, None if at is None else past(at, now), reasons)
    say(db, number, body, principal=principal, now=now)
    return case_of(db, number)
