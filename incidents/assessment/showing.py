"""A case as it stands, or as it was known at an instant."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from incidents.assessment.case import Case, fold
from incidents.assessment.entries import Entry, entries
from tocsin.errors import Refusal


class History(NamedTuple):
    """A case and how it came to be so.

    Attributes:
        case: After the last of the entries.
        entries: All of them, other rooms' too, in the order they were written.
    """

    case: Case
    entries: tuple[Entry, ...]


def show(db: Connection, number: int, as_of: datetime | None = None) -> History:
    """Return a case, replayed from its entries.

    Args:
        db: A transaction.
        number: Of the incident.
        as_of: What was known at this instant, and nothing that came later; None: now.

    Raises:
        Refusal: It did not exist then, or does not at all.
    """
    if as_of is not None and as_of.tzinfo is None:
        raise Refusal(
            f"as of {as_of.isoformat()}: which time zone?",
            hint="Write it like 2026-11-24T10:15+01:00.",
        )
    found = entries(db, number, as_of)
    case = fold(found)
    if case is None:
        raise Refusal(
            f"no incident {number}" + (f" was known at {as_of.isoformat()}" if as_of else ""),
            hint="`tocsin incident list` shows those there are.",
        )
    return History(case, tuple(found))
