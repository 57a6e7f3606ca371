"""What a person judged not to be owed, and what takes that back. Pure: entries of a case in.

A waive holds for what was known then, like every other answer: a run that says more of the customer
asks again, and what was waived towards it is owed again.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from incidents.assessment.bodies import Added
from incidents.assessment.entries import Entry
from incidents.obligations.obligation import Change
from incidents.obligations.owed import Key

WAIVED = "obligation.waived"

UNDOING = frozenset(f"obligation.{what}" for what in ("started", "changed", "voided", "reopened"))
"""Kinds of entries after which an obligation may stand waived no more."""


def waived(of: Iterable[Entry]) -> dict[Key, datetime]:
    """Return what stands waived, by clause and customer, and when that was written down.

    In the order of entries, not of instants: what a run took back stays so whenever it was made.

    Args:
        of: All entries of the incident.
    """
    found = dict[Key, datetime]()
    for entry in of:
        if entry.kind == WAIVED or (found and entry.kind in UNDOING):
            one = msgspec.json.decode(entry.body, type=Change).obligation
            key = one.clause, one.customer
            if entry.kind == WAIVED:
                found[key] = entry.at
            elif one.is_void or not one.waived:
                found.pop(key, None)
        elif found and isinstance(added := entry.read(), Added) and added.again:
            found = {key: at for key, at in found.items() if key[1] != added.customer}
    return found
