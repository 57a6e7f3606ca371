"""Raw records of an incident, copied into evidence the moment it opens.

    1. ``collect``   fetch, cut out, write to the evidence folder by hash    no transaction
    2. ``record``    the rows, and one ledger entry over all of them         one transaction

A crash in between leaves files that nothing names; the next ``collect`` finds them written. What
could not be had is recorded with the reason, and asked for again next time.

The entry holds one hash that stands for every record, by way of salted leaves, SHA-256 of a zero
byte, the salt and the record's bytes: a single record can be shown and proved later, and nothing
can be guessed about the others.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, select

from collectors.keep import keep
from collectors.raw import Found, RawRecords, Wanted
from incidents.evidence.tables import evidence
from tocsin import ledger
from tocsin.errors import LedgerError
from tocsin.ledger import merkle
from tocsin.model.columns import Columns
from tocsin.model.events import RawRef
from tocsin.model.instants import from_us, to_us
from tocsin.model.principals import Principal
from tocsin.model.texts import storable

SALT_BYTES = 16
CAPTURED = "captured"
PASSING = frozenset({"denied", "unreachable"})
"""States that may pass: the record is asked for again."""


class Held(NamedTuple):
    """What evidence knows of one event's record.

    Attributes:
        event_id: The event.
        address: The object the record lay in.
        place: Which record or line of it, from 0.
        captured_at: When it was copied, or looked for in vain.
        state: ``captured``, or why not; see :class:`collectors.raw.Found`.
        why: In words.
        sha256: Of the record's bytes; "" unless captured.
        size: Bytes.
        salt: Of its leaf.
        leaf: Hex; "" unless captured.
        object_sha256: Of the whole object, inflated; "" if it could not be read.
        entry: The ledger's entry that holds its leaf.
    """

    event_id: str
    address: str
    place: int
    captured_at: datetime
    state: str
    why: str
    sha256: str
    size: int
    salt: bytes
    leaf: str
    object_sha256: str
    entry: int


class Collected(NamedTuple):
    """A record as it was found, written to the folder if there was one."""

    found: Found
    sha256: str
    salt: bytes
    leaf: str


def wanted(events: Columns, rows: Iterable[int]) -> list[Wanted]:
    """Return rows of columns as what evidence asks for."""
    return [
        Wanted(
            events.event_id(row),
            events.text("source", row),
            RawRef(events.raw_object[events.raw_code[row]], int(events.raw_place[row])),
        )
        for row in rows
    ]


def settled(db: Connection, incident: int | None = None) -> dict[int, set[str]]:
    """Return, by incident, the events whose record is captured or can be had no more."""
    e = evidence.c
    query = select(e.incident, e.event_id).where(e.state.not_in(PASSING))
    if incident is not None:
        query = query.where(e.incident == incident)
    found = dict[int, set[str]]()
    for number, event_id in db.execute(query):
        found.setdefault(number, set()).add(event_id)
    return found


def missing(db: Connection, incident: int, asked: Iterable[Wanted]) -> list[Wanted]:
    """Return those whose record evidence does not hold yet, each event once."""
    e = evidence.c
    has = set(db.scalars(select(e.event_id).where(e.incident == incident, e.state == CAPTURED)))
    return list({one.event_id: one for one in asked if storable(one.event_id) not in has}.values())


def collect(asked: Iterable[Wanted], records: RawRecords, folder: Path) -> list[Collected]:
    """Fetch records and write them to the evidence folder; the database is not touched.

    Returns:
        What there is of each, in the order of event ids.

    Raises:
        CollectError: The evidence folder cannot be written to.
    """
    done = list[Collected]()
    for found in records.find(asked):
        salt, digest, own = secrets.token_bytes(SALT_BYTES), "", ""
        if found.state == CAPTURED:
            keep(found.content, folder)
            digest, own = sha256(found.content).hexdigest(), leaf(salt, found.content)
        done.append(Collected(found, digest, salt, own))
    return sorted(done, key=lambda one: one.found.wanted.event_id)


def unknown(event_ids: Iterable[str]) -> list[Collected]:
    """Return events of which not even the archive knows where their records lie."""
    return [
        Collected(
            Found(
                Wanted(event_id, "", RawRef("", 0)),
                "missing",
                "the archive does not hold this event any more",
            ),
            "",
            secrets.token_bytes(SALT_BYTES),
            "",
        )
        for event_id in sorted(event_ids)
    ]


def record(
    db: Connection,
    incident: int,
    collected: Sequence[Collected],
    *,
    principal: Principal,
    now: datetime,
) -> ledger.Checkpoint | None:
    """Write down what was captured, in one entry of the ledger.

    What another was quicker to capture is left as it is.

    Args:
        db: A transaction of ``Store.begin``.
        incident: Its number.
        collected: What :func:`collect` returned.
        principal: Usually the service: a customer's bundle shows no colleague's entries, nor the
            records they prove.
        now: When.

    Returns:
        The entry's checkpoint; None when there is nothing new to say.
    """
    known = {one.event_id: one for one in held(db, incident)}
    news = [
        one
        for one in collected
        if (before := known.get(storable(one.found.wanted.event_id))) is None
        or (before.state != CAPTURED and (before.state, before.why) != one.found[1:3])
    ]
    if not news:
        return None
    leaves = [one.leaf for one in news if one.leaf]
    fact = {
        "incident": incident,
        "captured": len(leaves),
        "missing": len(news) - len(leaves),
        "leaves": leaves_hash(leaves),
    }
    checkpoint = ledger.append(db, "evidence.captured", fact, principal=principal, at=now)
    ids = [storable(one.found.wanted.event_id) for one in news]
    for event_id in ids:
        if event_id in known:
            e = evidence.c
            db.execute(evidence.delete().where(e.incident == incident, e.event_id == event_id))
    db.execute(
        evidence.insert(),
        [
            {
                "incident": incident,
                "event_id": event_id,
                "address": storable(one.found.wanted.raw.object),
                "place": one.found.wanted.raw.place,
                "captured_at": to_us(now),
                "state": one.found.state,
                "why": storable(one.found.why),
                "sha256": one.sha256 or None,
                "size": len(one.found.content),
                "salt": one.salt,
                "leaf": one.leaf,
                "object_sha256": one.found.text_sha256,
                "entry": checkpoint.number,
            }
            for event_id, one in zip(ids, news, strict=True)
        ],
    )
    return checkpoint


def held(db: Connection, incident: int) -> list[Held]:
    """Return what evidence knows of an incident's records, by event id."""
    e = evidence.c
    query = select(evidence).where(e.incident == incident).order_by(e.event_id)
    return sorted(
        (
            Held(
                row.event_id,
                row.address,
                row.place,
                from_us(row.captured_at),
                row.state,
                row.why,
                row.sha256 or "",
                row.size,
                row.salt,
                row.leaf,
                row.object_sha256,
                row.entry,
            )
            for row in db.execute(query)
        ),
        key=lambda one: one.event_id,  # the database's order of texts may be another
    )


def read(folder: Path, digest: str) -> bytes:
    """Return a captured record's bytes.

    Raises:
        LedgerError: They are gone or were changed.
    """
    path = folder / digest[:2] / f"{digest}.raw"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LedgerError(
            f"{path}: captured evidence cannot be read: {error.strerror or error}",
            hint="Restore the evidence folder from a backup; its hash is in the ledger.",
        ) from error
    if sha256(content).hexdigest() != digest:
        raise LedgerError(
            f"{path}: captured evidence was changed: its SHA-256 is not its name",
            hint="Keep the file as it is, and restore it from a backup.",
        )
    return content


def leaf(salt: bytes, content: bytes) -> str:
    """Return the leaf of one record, in hex."""
    return merkle.leaf(salt + content).hex()


def leaves_hash(leaves: Iterable[str]) -> str:
    """Return the hash that stands for a batch: of its leaves, sorted, each on a line."""
    return sha256(leaves_text(leaves).encode()).hexdigest()


def leaves_text(leaves: Iterable[str]) -> str:
    """Return leaves as they are hashed: sorted, so that their order says nothing of the records."""
    return "".join(f"{one}\n" for one in sorted(leaves))
