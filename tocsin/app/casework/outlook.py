"""What of an incident's notices can be approved or sent as it stands, and who was told otherwise.

It asks what ``approve`` and ``send`` ask, so that no command is named that would be refused.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from incidents import notices
from tocsin.app.casework import letters, sending
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.known import told, world
from tocsin.errors import Refusal


class Outlook(NamedTuple):
    """How the notices of an incident stand beside what is known now.

    Attributes:
        ready: Manifests that a person can say yes to, or that can be sent: by SHA-256, the command.
        waiting: Customers whose notice stands in one of those.
        otherwise: Customers whose last notice says other than holds now: by id, which facts.
    """

    ready: Mapping[str, str] = {}
    waiting: frozenset[str] = frozenset()
    otherwise: Mapping[str, tuple[str, ...]] = {}


NOTHING = Outlook()


def outlook(desk: Desk, db: Connection, number: int, *, now: datetime) -> Outlook:
    """Return how the notices of an incident stand.

    Args:
        desk: The desk.
        db: A transaction.
        number: Of the incident.
        now: When it is asked: what is late by now lacks its reason.
    """
    found = notices.status(db, number)
    if not found:
        return NOTHING
    unsent = [one for one in found if one.handed_over_at is None]
    enough = desk.config.notifiers.approvers
    ready = {
        one.manifest: "send" if len(one.approved_by) >= enough else "approve"
        for one in {each.manifest: each for each in unsent}.values()
        if sending.holds(desk, db, one.manifest, now=now)
    }
    waiting = frozenset(one.customer for one in unsent if one.manifest in ready)
    return Outlook(ready, waiting, _otherwise(desk, db, number, now=now))


def _otherwise(
    desk: Desk, db: Connection, number: int, *, now: datetime
) -> dict[str, tuple[str, ...]]:
    last = dict[str, int]()
    for customer, version in letters.reached(db, number):
        last[customer] = max(version, last.get(customer, 0))
    try:
        known = world(desk, db, number)
    except Refusal:  # its runs say nothing any more: nobody can be told otherwise
        return {}
    still = [one for one in told(known) if one in last and one in known.customers]
    found = dict[str, tuple[str, ...]]()
    for letter in letters.addressed(db, known, still, now=now):
        customer = letter.facts.customer.id
        if facts := notices.changed(db, number, customer, last[customer], letter.facts):
            found[customer] = tuple(facts)
    return found
