"""Everything about an incident, gathered for a bundle of evidence."""

import json
import os
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from incidents import assessment, impact, notices
from incidents.evidence.bundle import Attached, Bundle, Event, Item, Original
from incidents.evidence.export import export as write_bundle
from incidents.evidence.verify import Verification
from incidents.evidence.verify import verify as verify_bundle
from incidents.impact import copies
from incidents.notices.kept import named, written_in
from incidents.notices.tables import manifest
from notifiers import outbox
from tocsin import datamap, ledger, registers
from tocsin.app.casework import allowing, moments
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.known import detected
from tocsin.app.casework.naming import names
from tocsin.datamap import UNKNOWN, Matcher
from tocsin.errors import ConfigError, LedgerError, Refusal, TocsinError
from tocsin.ledger.checkpoints import Signed, first_from, sign
from tocsin.ledger.entries import stamp
from tocsin.ledger.keys import PublicKey
from tocsin.model.categories import ALL, OPERATOR
from tocsin.model.columns import Columns
from tocsin.model.instants import from_us
from tocsin.model.principals import Principal
from tocsin.store.cases import findings

_NOBODY = {ALL, OPERATOR, UNKNOWN}

_KEY = "Give the public key from the contract, a PEM file."
_CHECKPOINT = (
    "Give the checkpoint.json of an earlier bundle, or number and hash of the entry as the dossier "
    "of a notice prints them: '57:9f86 d081 …', all 64 digits."
)
_NUMBER, _HASH = re.compile("[1-9][0-9]{0,14}"), re.compile("[0-9a-fA-F]{64}")


def export(
    desk: Desk,
    number: int,
    folder: Path,
    *,
    customer: str = "",
    leave_out: Sequence[str] = (),
    allow: Sequence[str] = (),
    why: str = "",
    principal: Principal,
    now: datetime,
) -> Path:
    """Write a bundle; the ledger says that it was written, and is signed up to there.

    That entry has to be in the bundle, so it comes first; where nothing is written after all, the
    next one says so.

    Args:
        desk: The desk.
        number: Of the incident.
        folder: Must not exist.
        customer: Only what this one may see; "" for everything.
        leave_out: Files of a customer's bundle that a person leaves out.
        allow: Words that any customer of the incident may read from now on, though they are
            somebody's.
        why: On what ground.
        principal: Who asks.
        now: When.

    Raises:
        Refusal: There is no such incident, the folder is there or the one above it is not, or
            something in the bundle would name another customer; no folder was made.
    """
    if leave_out and not customer:
        raise Refusal(
            "nothing is left out of the bundle of the whole incident",
            hint="Name the customer whose bundle it is, `--customer ID`.",
        )
    if os.path.lexists(folder):
        raise Refusal(
            f"{folder}: there is something of this name already",
            hint="Name a new folder: a bundle is never written over another.",
        )
    if not folder.absolute().parent.is_dir():
        raise Refusal(
            f"{folder}: the folder above it is not there; a slip of the pen would make one",
            hint=f"Make it if it is meant, closed to others: mkdir -p -m 700 {folder.parent}",
        )
    allowing.allow(desk, number, allow, why, principal=principal, now=now)
    with desk.store.begin() as db:
        assessment.show(db, number)
        if customer and customer not in registers.customers(db):
            raise Refusal(
                f"no customer {customer} in the register",
                hint="`tocsin customer list` shows those there are.",
            )
        fact = {"incident": number, "customer": customer} if customer else {"incident": number}
        ledger.append(db, "evidence.exported", fact, principal=principal, at=now)
        key = desk.key(db)
        signed = sign(db, key, at=now)
    try:
        with desk.store.read() as db:
            return write_bundle(
                db,
                _bundle(desk, db, number, customer, now),
                folder,
                evidence=desk.config.evidence.path,
                signed=signed,
                key=key,
                customer=customer,
                reader=names(desk, db, number).reader(customer) if customer else None,
                leave_out=leave_out,
            )
    except TocsinError:
        with desk.store.begin() as db:
            ledger.append(db, "evidence.withheld", fact, principal=principal, at=now)
        raise


def verify(folder: Path, key: Path | None, checkpoint: str = "") -> Verification:
    """Verify a bundle, against a key and a checkpoint from elsewhere if there are any.

    Args:
        folder: The bundle.
        key: The public key.
        checkpoint: A file of an earlier bundle, or ``NUMBER:HASH`` as a dossier prints it.

    Raises:
        ConfigError: There is no such folder, or the key's or the checkpoint's file holds none.
    """
    if not folder.is_dir():
        raise ConfigError(
            f"{folder}: there is no such folder",
            hint="Name the folder that `tocsin evidence export` wrote.",
        )
    pem = None
    if key is not None:
        pem = _read(key, _KEY)
        try:
            PublicKey.read(pem)
        except LedgerError as error:
            raise ConfigError(f"{key}: {error}", hint=_KEY) from error
    return verify_bundle(folder, pem, _checkpoint(checkpoint) if checkpoint else None)


def _checkpoint(given: str) -> ledger.Checkpoint:
    number, _, entry_hash = "".join(given.split()).partition(":")
    if _NUMBER.fullmatch(number) and _HASH.fullmatch(entry_hash):
        return ledger.Checkpoint(int(number), entry_hash.lower())
    try:
        return Signed(_read(Path(given), _CHECKPOINT).strip(), b"").checkpoint()
    except LedgerError as error:
        raise ConfigError(f"{given}: {error}", hint=_CHECKPOINT) from error


def _read(path: Path, hint: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read: {error.strerror or error}", hint=hint
        ) from error


def _bundle(desk: Desk, db: Connection, number: int, customer: str, now: datetime) -> Bundle:
    found = detected(db, number)
    events = desk.archive.events(db, ids=found.event_ids) if found else None
    said = findings(db, found.finding_ids) if found else []
    return Bundle(
        incident=number,
        made_at=now,
        timeline=tuple(moments.timeline(db, number, said, customer)),
        events=tuple(_events(db, number, events)) if events is not None else (),
        findings=tuple(Item(data=_json(one)) for one in said),
        impact=tuple(_runs(db, number, customer)),
        files=tuple(_files(db, number)),
        originals=tuple(_originals(db, number)),
        earlier=tuple(sorted({*named(db, number, customer), *_exported(db, number, customer)})),
        written=tuple(dict.fromkeys(written_in(db, number, customer))) if customer else (),
    )


def _exported(db: Connection, number: int, customer: str) -> Iterator[ledger.Checkpoint]:
    """Yield the checkpoints of the bundles of before; each was signed right behind its entry."""
    for row in ledger.entries(db, about=number):
        if row.kind == "evidence.exported" and row.body is not None:
            signed = first_from(db, row.number)
            if signed and json.loads(row.body).get("customer", "") == customer:
                yield signed


def _runs(db: Connection, number: int, customer: str) -> Iterator[Item]:
    """Yield the impact runs; for a customer, what each says of it and the logs behind that."""
    for run in impact.runs(db, number):
        if not customer:
            yield Item(data=_json(run))
        elif (mine := run.of(customer)) is not None:
            data: dict[str, Any] = {
                "run": run.number,
                "at": stamp(from_us(run.at)),
                "impact": _json(mine),
                "coverage": _json(run.coverage),
            }
            yield Item(data=data, customer=customer)


def _originals(db: Connection, number: int) -> Iterator[Original]:
    for entry, report in moments.reports(db, number):
        for one in report.originals:
            yield Original(
                name=one.name,
                media_type=one.media_type,
                entry=entry.ledger,
                content=assessment.original_bytes(db, one.sha256),
            )


def _events(db: Connection, number: int, events: Columns) -> Iterator[Event]:
    """Yield the events, each with the one customer whose data it touches.

    That is whom the log names, or whom the data map does that the newest run was made by. What
    touches several is nobody's: no bundle but the whole one has it.
    """
    run = impact.last(db, number)
    matcher = Matcher(datamap.load(db, run.query.datamap if run else None).datamap)
    for row, of in enumerate(owners(matcher, events)):
        data = _json(events.event(row))
        theirs = next(iter(of)) if len(of) == 1 and not of & _NOBODY else ""
        yield Event(data=data, customer=str(data.get("customer", "")) or theirs)


def owners(matcher: Matcher, events: Columns) -> list[frozenset[str]]:
    """Return whose data each event touches; of a copy also whose it copied."""
    found = matcher.owners(events)
    for row, more in zip(copies.rows(events), matcher.owners(copies.reads(events)), strict=True):
        found[row] |= more
    return found


def _files(db: Connection, number: int) -> Iterator[Attached]:
    for standing in outbox.standings(db, incident=number):
        for attempt in outbox.attempts(db, standing.key):
            yield Attached(
                name=f"{standing.key}-{attempt.number}.eml"
                if standing.channel == "email"
                else f"{standing.key}-{attempt.number}.txt",
                what=f"{standing.purpose} by {standing.channel}, attempt {attempt.number}, "
                f"{attempt.outcome}",
                content=attempt.content,
                customer=standing.customer,
            )
        # Both bodies are of the whole bundle alone: so are the entries that name their hashes.
        yield Attached(
            name=f"{standing.key}.json",
            what=f"message {standing.key} as it lay in the outbox",
            content=outbox.stored(db, standing.key),
        )
    for body in _manifests(db, number):
        yield Attached(name="manifest.json", what="a manifest", content=body.encode())
        for one in notices.Manifest.parse(body).notices:
            for name, digest in one.files.items():
                yield Attached(
                    name=name,
                    what=f"notice {one.version} as it was rendered",
                    content=notices.file_of(db, digest),
                    customer=one.customer,
                )


def _manifests(db: Connection, number: int) -> Sequence[str]:
    return db.scalars(select(manifest.c.body).where(manifest.c.incident == number)).all()


def _json(one: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(msgspec.json.encode(one))
    return found
