"""What a register holds: its entries as they stand in a file, and customers put together.

An entry is one row of a CSV file or one table of a TOML file; both have the same names.

Source: the processor's DPA (data categories, hours, language); RFC 5321 for addresses; ITU-T E.164
for phone numbers; ISO 3166 for countries; the IANA time zone database.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Annotated, Literal, NamedTuple
from zoneinfo import available_timezones

import phonenumbers
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from tocsin.model.categories import Category

HOURS = 48
"""Notice to a customer is due so many hours after awareness, where its contract says no other."""

Language = Literal["fr", "en"]


def _zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("expected a time zone of the IANA database, like Europe/Paris")
    return name


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _phone(text: str) -> str:
    if not text:
        return text
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise ValueError("expected a phone number that exists, with +country, like +33142685300")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _day(value: object) -> object:
    """Let through what is a day: pydantic would take a number for seconds since 1970."""
    if isinstance(value, datetime) or not (
        isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value.strip()))
    ):
        raise ValueError("expected a day like 2026-03-31")
    return value.strip() if isinstance(value, str) else value


def _several(value: object) -> object:
    """Take one cell for several words, as CSV has no lists."""
    return re.split(r"[\s,;|]+", value.strip()) if isinstance(value, str) else value


_DAY = re.compile(r"\d{4}-\d\d-\d\d")

Day = Annotated[date, BeforeValidator(_day)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
Maybe = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)]
Id = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\s/\\]{1,80}$")]
Country = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Z]{2}$")]
Zone = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_zone)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_phone)]
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        max_length=254,
        pattern=r"^([^\s@<>,;:\"()\[\]\\]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
        r"[A-Za-z0-9-]{2,63})?$",
    ),
]


class Entry(BaseModel):
    """One entry of a register."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def key(self) -> str:
        """Return what tells it from every other entry of its register."""
        raise NotImplementedError


class CustomerEntry(Entry):
    """A customer and its contract.

    Attributes:
        id: As it stands in the logs.
        name: Of the company.
        language: Of its notices.
        time_zone: In which instants are shown to it.
        sector: What it does.
        country: Where it is established.
        hours: Elapsed hours from awareness to notice, by contract.
        signed_on: First day of the contract.
        ends_on: Last day of it; None while nobody has ended it.
    """

    id: Id
    name: Text
    language: Language
    time_zone: Zone
    sector: Maybe = ""
    country: Country | None = None
    hours: Annotated[int, Field(ge=1, le=720)] = HOURS
    signed_on: Day
    ends_on: Day | None = None

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> "CustomerEntry":
        if self.ends_on is not None and self.ends_on < self.signed_on:
            raise ValueError("ends_on: expected a day on or after signed_on")
        return self

    @property
    def key(self) -> str:
        """Return its id."""
        return self.id


class ContactEntry(Entry):
    """Somebody at a customer.

    Attributes:
        customer: The customer's id.
        role: ``breach``, ``dpo``, ``security`` or any other word.
        name: Of the person or desk.
        email: Where notices go.
        phone: E.164; "" where none is known.
        language: None: the customer's.
        verified_on: The day somebody there answered; None if nobody has.
    """

    customer: Id
    role: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[a-z][a-z-]{1,30}$")]
    name: Text
    email: Email = ""
    phone: Phone = ""
    language: Language | None = None
    verified_on: Day | None = None

    @model_validator(mode="after")
    def _can_be_reached(self) -> "ContactEntry":
        if not self.email and not self.phone:
            raise ValueError("email: expected an e-mail address, or a phone number beside it")
        return self

    @property
    def key(self) -> str:
        """Return customer, role and address."""
        return f"{self.customer} {self.role} {self.email or self.phone}"


class StaffEntry(Entry):
    """A colleague and what they may do.

    Attributes:
        id: As it stands in the logs.
        name: Never shown to customers.
        pseudonym: What stands for the name in documents: ``operator 3``.
        country: From where they work.
        roles: What they are authorised for, e.g. ``support``.
        since: First day of the authorisation.
        until: Last day of it; None while it goes on.
    """

    id: Id
    name: Text
    pseudonym: Text
    country: Country
    roles: Annotated[tuple[Id, ...], BeforeValidator(_several)] = ()
    since: Day
    until: Day | None = None

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> "StaffEntry":
        if self.until is not None and self.until < self.since:
            raise ValueError("until: expected a day on or after since")
        return self

    @property
    def key(self) -> str:
        """Return the id."""
        return self.id

    def authorised_on(self, day: date) -> bool:
        """Return whether the authorisation holds on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


class ExceptionEntry(Entry):
    """What a rule may not be raised for.

    Attributes:
        id: Its name.
        rule: The rule's id.
        field: Field of an event: ``actor``, ``resource``, ``account`` …
        value: The word it has.
        owner: Who answers for it.
        reason: Why.
        expires_on: Last day it holds.
    """

    id: Id
    rule: Text
    field: Annotated[str, StringConstraints(pattern=r"^[a-z_]+$")]
    value: Text
    owner: Text
    reason: Text
    expires_on: Day

    @property
    def key(self) -> str:
        """Return the id."""
        return self.id


class Holding(Entry):
    """How much of a customer's data of one category a store holds: the inventory's entry.

    Attributes:
        store: As the data map names it.
        customer: Whose data.
        category: One of the contract's.
        records: How many.
        subjects: People in them; None when nobody counted.
        on: The day it was counted.
    """

    store: Id
    customer: Id
    category: Category
    records: Annotated[int, Field(ge=0)]
    subjects: Annotated[int, Field(ge=0)] | None = None
    on: Day

    @property
    def key(self) -> str:
        """Return store, customer and category."""
        return f"{self.store} {self.customer} {self.category}"


REGISTERS: Mapping[str, type[Entry]] = {
    "customer": CustomerEntry,
    "contact": ContactEntry,
    "staff": StaffEntry,
    "exception": ExceptionEntry,
    "inventory": Holding,
}
"""Every register: the name of its tables in TOML → its entries. A CSV file holds one of them."""

STEMS = {
    "customers": "customer",
    "contacts": "contact",
    "staff": "staff",
    "exceptions": "exception",
    "inventory": "inventory",
}
"""Name of a CSV file without its ending → the register in it."""


class Contract(NamedTuple):
    """The terms that bind us to a customer; see :class:`CustomerEntry`."""

    hours: int
    signed_on: Day
    ends_on: date | None

    def runs_on(self, day: date) -> bool:
        """Return whether it binds on a day."""
        return self.signed_on <= day and (self.ends_on is None or day <= self.ends_on)


class Contact(NamedTuple):
    """Somebody at a customer; see :class:`ContactEntry`. The language is never missing."""

    role: str
    name: str
    email: str
    phone: str
    language: Language
    verified_on: date | None


class Customer(NamedTuple):
    """A controller we process for, with its contract and contacts."""

    id: str
    name: str
    language: Language
    time_zone: str
    sector: str
    country: str
    contract: Contract
    contacts: tuple[Contact, ...]

    def contacts_for(self, role: str) -> tuple[Contact, ...]:
        """Return its contacts in one role, in the register's order."""
        return tuple(contact for contact in self.contacts if contact.role == role)
