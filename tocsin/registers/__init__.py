"""The registers: customers, contracts, contacts, staff, exceptions, inventory.

    fields     what one cell may hold
    entries    what each register holds
    customer   a customer put together, with its contract and contacts
    reading    files into entries, all errors at once
    imports    a file's difference to what holds, and taking it
    views      the registers as of a version or an instant
    writing    a register as a CSV file
    checks     what is missing or old in them

Every import is a version; nothing of an older one is lost.
"""

from tocsin.registers.customer import Contact, Contract, Customer
from tocsin.registers.entries import HOURS, ExceptionEntry, Holding, StaffEntry
from tocsin.registers.imports import Change, Diff, plan_import, take_import
from tocsin.registers.views import (
    Version,
    customers,
    exceptions,
    inventory,
    origin,
    staff,
    version_at,
    versions,
)

__all__ = [
    "HOURS",
    "Change",
    "Contact",
    "Contract",
    "Customer",
    "Diff",
    "ExceptionEntry",
    "Holding",
    "StaffEntry",
    "Version",
    "customers",
    "exceptions",
    "inventory",
    "origin",
    "plan_import",
    "staff",
    "take_import",
    "version_at",
    "versions",
]
