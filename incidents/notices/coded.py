"""Which notice a code belongs to: each notice that was handed over carries one."""

import json
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, select, true

from incidents.notices.tables import notice


class Coded(NamedTuple):
    """A notice that was handed over, and its code.

    Attributes:
        incident: Number.
        customer: Id.
        version: Number of the notice.
        code: With it a reply acknowledges.
        status: What it says of the breach: ``suspected``, ``established``, or that there is none.
    """

    incident: int
    customer: str
    version: int
    code: str
    status: Literal["suspected", "established", "withdrawn"]


def coded(db: Connection) -> list[Coded]:
    """Return every notice that was handed over, the newest version of a customer last."""
    return _coded(db, true())


def withdrawals(db: Connection) -> list[Coded]:
    """Return those that take earlier ones back."""
    return _coded(db, notice.c.facts.like('%"kind":"withdrawn"%'))


def rendered(db: Connection, incident: int, fingerprint: str) -> dict[tuple[str, int], str]:
    """Return the codes of notices that wait to be handed over, by customer and version.

    A notice keeps the code it was rendered with while it is signed by the same key, so that one
    that was approved goes out though the key was lost since.

    Args:
        db: A transaction.
        incident: Number.
        fingerprint: Of our key. One that was made with another is not kept: it may be known.
    """
    n = notice.c
    rows = db.execute(
        select(n.customer, n.version, n.facts)
        .where(n.incident == incident, n.handed_over_at.is_(None))
        .order_by(n.render)
    )
    newest = {(row.customer, row.version): row.facts for row in rows}
    said = {one: json.loads(facts) for one, facts in newest.items()}
    return {
        one: facts[_FACT]
        for one, facts in said.items()
        if facts["processor"]["signing_key"] == fingerprint
    }


def _coded(db: Connection, chosen: ColumnElement[bool]) -> list[Coded]:
    n = notice.c
    rows = db.execute(
        select(n.incident, n.customer, n.version, n.facts)
        .where(n.handed_over_at.is_not(None), chosen)
        .order_by(n.incident, n.customer, n.version, n.render)
    )
    said = [(row, json.loads(row.facts)) for row in rows]
    found = [
        Coded(row.incident, row.customer, row.version, facts[_FACT], facts["status"])
        for row, facts in said
    ]
    return list(dict.fromkeys(found))


WITHDRAWN = "withdrawn"
"""Status of a notice that takes back what those before it said."""

_FACT = "acknowledgement_code"
