"""The registers as of a version or an instant."""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, TypeVar

from sqlalchemy import Connection, func, select

from tocsin.model.instants import to_us
from tocsin.registers.customer import Contact, Contract, Customer
from tocsin.registers.entries import (
    REGISTERS,
    ContactEntry,
    CustomerEntry,
    Entry,
    ExceptionEntry,
    Holding,
    StaffEntry,
)
from tocsin.registers.fields import STORED
from tocsin.registers.tables import register_content, register_version

E = TypeVar("E", bound=Entry)
As = int | datetime | None
"""As of a version's number, of an instant, or of now."""


class Version(NamedTuple):
    """One import that was taken.

    Attributes:
        number: 1, 2, 3 … without gaps.
        at: When it was taken, µs since 1970 UTC.
        principal: Who took it.
        source: Name of the file or folder.
        sha256: Of its bytes.
    """

    number: int
    at: int
    principal: str
    source: str
    sha256: str


_ROW = [register_version.c[name] for name in Version._fields]


def versions(db: Connection) -> list[Version]:
    """Return all versions, the first one first."""
    return [Version(*row) for row in db.execute(select(*_ROW).order_by(register_version.c.number))]


def version_at(db: Connection, at: As = None) -> int:
    """Return the number of the version that held; 0 before the first import."""
    number = register_version.c.number
    query = select(func.max(number))
    if isinstance(at, datetime):
        query = query.where(register_version.c.at <= to_us(at))
    elif at is not None:
        query = query.where(number <= at)
    return db.scalar(query) or 0


def origin(db: Connection, register: str) -> Version | None:
    """Return the import that a register is from as it holds now; None where nobody gave it."""
    c = register_content.c
    number = db.scalar(select(func.max(c.version)).where(c.register == register))
    return next((one for one in versions(db) if one.number == number), None)


def entries(db: Connection, register: str, at: As = None) -> tuple[Entry, ...]:
    """Return the entries of one register, in the order of its file.

    Args:
        db: Any transaction.
        register: A name of ``REGISTERS``.
        at: As of when.
    """
    c = register_content.c
    stored = db.scalar(
        select(c.entries)
        .where(c.register == register, c.version <= version_at(db, at))
        .order_by(c.version.desc())
        .limit(1)
    )
    kind = REGISTERS[register]
    return tuple(
        kind.model_validate_json(json.dumps(one), context=STORED)
        for one in json.loads(stored or "[]")
    )


def _of(db: Connection, register: str, kind: type[E], at: As) -> tuple[E, ...]:
    return tuple(entry for entry in entries(db, register, at) if isinstance(entry, kind))


def customers(db: Connection, at: As = None) -> Mapping[str, Customer]:
    """Return all customers by id, with contracts and contacts, those whose contract ended too."""
    contacts = defaultdict[str, list[ContactEntry]](list)
    for contact in _of(db, "contact", ContactEntry, at):
        contacts[contact.customer].append(contact)
    return {
        one.id: _customer(one, contacts[one.id]) for one in _of(db, "customer", CustomerEntry, at)
    }


def staff(db: Connection, at: As = None) -> Mapping[str, StaffEntry]:
    """Return all colleagues by id, those whose authorisation ended too."""
    return {one.id: one for one in _of(db, "staff", StaffEntry, at)}


def exceptions(db: Connection, at: As = None) -> Mapping[str, ExceptionEntry]:
    """Return all exceptions by id, expired ones too."""
    return {one.id: one for one in _of(db, "exception", ExceptionEntry, at)}


def inventory(db: Connection, at: As = None) -> tuple[Holding, ...]:
    """Return what the stores hold."""
    return _of(db, "inventory", Holding, at)


def _customer(one: CustomerEntry, contacts: list[ContactEntry]) -> Customer:
    return Customer(
        id=one.id,
        name=one.name,
        language=one.language,
        time_zone=one.time_zone,
        sector=one.sector,
        country=one.country or "",
        contract=Contract(one.hours, one.signed_on, one.ends_on),
        contacts=tuple(
            Contact(
                role=contact.role,
                name=contact.name,
                email=contact.email,
                phone=contact.phone,
                language=contact.language or one.language,
                verified_on=contact.verified_on,
            )
            for contact in contacts
        ),
    )
