"""Entries: written once, read in order, their payloads erasable.

An entry is canonical JSON and holds only the salted hash of its payload, so a payload can be
erased without breaking the chain, and a short one cannot be guessed from its hash. Changing,
removing or re-ordering any entry breaks every later hash. Cutting off the end does not: that is
what signed checkpoints outside the house are for.

Source: RFC 8785 (JSON Canonicalization Scheme); RFC 3339.
"""

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

import rfc8785
from sqlalchemy import Connection, insert, select, text, update

from tocsin.errors import Refusal
from tocsin.ledger.kinds import KINDS, LASTING
from tocsin.ledger.tables import ledger, payload
from tocsin.model.principals import Principal

GENESIS = "0" * 64
"""What the first entry follows."""

HASHED = ("number", "at", "kind", "principal", "payload_hash", "prev_hash")
"""The fields of an entry: what its hash is made of."""

SALT_BYTES = 16


class Checkpoint(NamedTuple):
    """The state of the whole ledger at one entry.

    Attributes:
        number: The last entry; 0 for an empty ledger.
        entry_hash: Its hash, in hex.
    """

    number: int
    entry_hash: str


EMPTY = Checkpoint(0, GENESIS)


class Entry(NamedTuple):
    """One entry as it is stored, with what it says.

    Attributes:
        number: 1, 2, 3 … without gaps.
        at: RFC 3339, UTC, to the microsecond.
        kind: One of ``KINDS``.
        principal: Who, and how we know: ``shell:alice``.
        payload_hash: SHA-256 of salt and body, in hex.
        prev_hash: ``entry_hash`` of the entry before.
        entry_hash: SHA-256 of :meth:`canonical`, in hex.
        incident: Number of the incident it is about, or None.
        salt: None once erased.
        body: The payload, canonical JSON; None once erased.
    """

    number: int
    at: str
    kind: str
    principal: str
    payload_hash: str
    prev_hash: str
    entry_hash: str
    incident: int | None = None
    salt: bytes | None = None
    body: str | None = None

    def canonical(self) -> bytes:
        """Return the bytes that are hashed."""
        fields: dict[str, Any] = {field: getattr(self, field) for field in HASHED}
        return rfc8785.dumps(fields)

    def says(self) -> Any:
        """Return what it says, decoded; None once erased, or where its hash is another's."""
        if self.salt is None or self.body is None:
            return None
        as_written = sha256(self.salt + self.body.encode()).hexdigest() == self.payload_hash
        return json.loads(self.body) if as_written else None


def append(
    db: Connection, kind: str, fact: Mapping[str, Any], *, principal: Principal, at: datetime
) -> Checkpoint:
    """Write one entry inside the caller's transaction.

    The caller commits, so the fact and the change it records stand or fall together.

    Args:
        db: A transaction of ``Store.begin``.
        kind: What happened; one of ``tocsin.ledger.kinds.KINDS``.
        fact: JSON-ready payload; ``incident`` in it is the number of the incident it is about,
            ``customer`` the id of the only customer it is about. It can be erased later; in the
            entry itself nothing is personal but the principal.
        principal: Who did it, and how we know.
        at: When, aware.

    Raises:
        ValueError: The kind is not in the table, the instant has no zone, the fact is no JSON.
    """
    if kind not in KINDS:
        raise ValueError(f"no kind of entry is called {kind}; the table is tocsin.ledger.kinds")
    incident = fact.get("incident")
    if incident is not None and type(incident) is not int:
        raise ValueError(f"{kind}: incident must be its number, got {incident!r}")
    last = newest(db)
    salt, body = secrets.token_bytes(SALT_BYTES), rfc8785.dumps(dict(fact))
    entry: dict[str, Any] = {
        "number": last.number + 1,
        "at": stamp(at),
        "kind": kind,
        "principal": str(principal),
        "payload_hash": sha256(salt + body).hexdigest(),
        "prev_hash": last.entry_hash,
    }
    entry_hash = sha256(rfc8785.dumps(entry)).hexdigest()
    db.execute(insert(ledger).values(**entry, entry_hash=entry_hash))
    db.execute(
        insert(payload).values(
            entry=last.number + 1, incident=incident, salt=salt, body=body.decode()
        )
    )
    return Checkpoint(last.number + 1, entry_hash)


def newest(db: Connection) -> Checkpoint:
    """Return where the ledger ends."""
    e = ledger.c
    row = db.execute(select(e.number, e.entry_hash).order_by(e.number.desc()).limit(1)).first()
    return Checkpoint(*row) if row else EMPTY


def entries(
    db: Connection, after: int = 0, until: int | None = None, *, about: int | None = None
) -> Iterator[Entry]:
    """Yield entries in their order, with what they say.

    Args:
        db: A transaction.
        after: Entries behind this number.
        until: The last number; None for the newest.
        about: Only those about this incident.
    """
    e, p = ledger.c, payload.c
    query = (
        select(ledger, p.incident, p.salt, p.body)
        .join_from(ledger, payload, e.number == p.entry, isouter=True)
        .where(e.number > after)
        .order_by(e.number)
    )
    if until is not None:
        query = query.where(e.number <= until)
    if about is not None:
        query = query.where(p.incident == about)
    for row in db.execute(query):
        yield Entry(*row)


def find(db: Connection, kind: str, having: str, *, about: int | None) -> Entry | None:
    """Return the first entry of a kind whose payload has a text in it; None: none has.

    The first, as whoever can write to the store can append another.

    Args:
        db: A transaction.
        kind: Of the entry.
        having: A part of the canonical JSON.
        about: The incident; None for what is about none.
    """
    e, p = ledger.c, payload.c
    row = db.execute(
        select(ledger, p.incident, p.salt, p.body)
        .join_from(payload, ledger, e.number == p.entry)
        .where(e.kind == kind, p.incident == about, p.body.contains(having, autoescape=True))
        .order_by(e.number)
        .limit(1)
    ).first()
    return None if row is None else Entry(*row)


def erase(
    db: Connection, numbers: Iterable[int], why: str, *, principal: Principal, at: datetime
) -> Checkpoint:
    """Destroy payloads and salts of entries; the chain stays, and an entry says so.

    Args:
        db: A transaction of ``Store.begin``.
        numbers: Entries whose payload goes. One that is gone already stays gone.
        why: The reason, with nothing personal in it: it is never erased.
        principal: Who.
        at: When, aware.

    Raises:
        Refusal: There is no such entry, or its payload has to stay; nothing was changed.
    """
    wanted = sorted(set(numbers))
    rows = db.execute(
        select(ledger.c.number, ledger.c.kind).where(ledger.c.number.in_(wanted))
    ).all()
    kinds = {row.number: row.kind for row in rows}
    for number in wanted:
        if number not in kinds:
            raise Refusal(f"entry {number} is not there", hint="Look for it with its incident.")
        if kinds[number] in LASTING:
            raise Refusal(
                f"the payload of entry {number} ({kinds[number]}) has to stay",
                hint="Nothing personal is in it, and the proofs of others need it.",
            )
    if not wanted or not why.strip():
        raise Refusal("no entry or no reason was given", hint="Say which entries, and why.")
    if db.dialect.name == "sqlite":
        db.execute(text("PRAGMA secure_delete=ON"))  # else the bytes stay in the file's free pages
    db.execute(update(payload).where(payload.c.entry.in_(wanted)).values(salt=None, body=None))
    fact = {"entries": wanted, "why": why}
    return append(db, "payload.erased", fact, principal=principal, at=at)


def stamp(at: datetime) -> str:
    """Return an instant as entries have it.

    Raises:
        ValueError: It has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"an instant needs a time zone, got {at.isoformat()}")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
