"""Which notice a code belongs to: each notice that was handed over carries one."""

import json
from typing import Literal, NamedTuple

from sqlalchemy import Connection, select

from incidents.notices.tables import notice


class Coded(NamedTuple):
    """A notice that was handed over, and its code.

    Attributes:
        incident: Number.
        customer: Id.
        version: Number of the notice.
        code: With it a reply acknowledges.
        status: What it says of the breach: ``suspected`` or ``established``.
    """

    incident: int
    customer: str
    version: int
    code: str
    status: Literal["suspected", "established"]


def coded(db: Connection) -> list[Coded]:
    """Return every notice that was handed over, the newest version of a customer last."""
    n = notice.c
    rows = db.execute(
        select(n.incident, n.customer, n.version, n.facts)
        .where(n.handed_over_at.is_not(None))
        .order_by(n.incident, n.customer, n.version, n.render)
    )
    said = [(row, json.loads(row.facts)) for row in rows]
    found = [
        Coded(row.incident, row.customer, row.version, facts[_FACT], facts["status"])
        for row, facts in said
    ]
    return list(dict.fromkeys(found))


_FACT = "acknowledgement_code"
