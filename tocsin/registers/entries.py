"""What each register holds: its entries as they stand in a file.

An entry is one row of a CSV file or one table of a TOML file; both have the same names.

To add a register: write its entry here, and enter it in ``REGISTERS`` and ``STEMS``.

Source: the processor's DPA (data categories, hours, language).
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

from tocsin.model.categories import Category
from tocsin.registers.fields import (
    STORED,
    Country,
    Day,
    Email,
    Id,
    Language,
    Maybe,
    Phone,
    Text,
    Words,
    Zone,
)

HOURS = 48
"""Notice to a customer is due so many hours after awareness, where its contract says no other."""


_WORD = re.compile(r"[^\W_]+")
_TELLING = 3
"""Words so long tell who somebody is; shorter ones are initials and particles."""


class Entry(BaseModel, ABC):
    """One entry of a register."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    @abstractmethod
    def key(self) -> str:
        """Return what tells it from every other entry of its register."""


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
    roles: Words = ()
    since: Day
    until: Day | None = None

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> "StaffEntry":
        if self.until is not None and self.until < self.since:
            raise ValueError("until: expected a day on or after since")
        return self

    @model_validator(mode="after")
    def _is_hidden(self, info: ValidationInfo) -> "StaffEntry":
        pseudonym = self.pseudonym.casefold()
        shown = {*pseudonym.split(), *_WORD.findall(pseudonym)}
        told = {self.id.casefold(), *_WORD.findall(self.name.casefold())} & shown
        named = sorted(one for one in told if len(one) >= _TELLING)
        if named and info.context != STORED:
            raise ValueError(
                f"pseudonym: expected words that tell nothing of the person, like 'operator 3', "
                f"and not {named[0]!r}"
            )
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
