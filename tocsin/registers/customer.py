"""A customer put together: with its contract and its contacts.

Made of the entries of two registers; see :mod:`tocsin.registers.views`.
"""

from datetime import date
from typing import NamedTuple

from tocsin.registers.fields import Day, Language


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
