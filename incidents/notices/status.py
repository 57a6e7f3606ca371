"""How the notices of an incident stand: rendered, approved, handed over."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from incidents.notices.approval import approvals
from incidents.notices.tables import notice
from tocsin.model.instants import from_us


class NoticeState(NamedTuple):
    """One notice: its newest rendering.

    Attributes:
        customer: Id.
        version: Number of the notice.
        manifest: SHA-256 of the manifest it stands in.
        approved_by: Who said yes to that manifest.
        handed_over_at: When it went into the outbox, or None; what became of it is there.
    """

    customer: str
    version: int
    manifest: str
    approved_by: tuple[str, ...]
    handed_over_at: datetime | None


def status(db: Connection, incident: int) -> list[NoticeState]:
    """Return every notice of an incident, by customer and version."""
    n = notice.c
    rows = db.execute(
        select(n.customer, n.version, n.manifest, n.handed_over_at)
        .where(n.incident == incident)
        .order_by(n.customer, n.version, n.render)
    )
    newest = {(row.customer, row.version): row for row in rows}
    return [
        NoticeState(
            row.customer,
            row.version,
            row.manifest,
            tuple(each.principal for each in approvals(db, row.manifest)),
            None if row.handed_over_at is None else from_us(row.handed_over_at),
        )
        for row in newest.values()
    ]


def next_version(db: Connection, incident: int, customer: str) -> int:
    """Return the number the next notice to a customer has: one more than was handed over."""
    states = status(db, incident)
    told = [s.version for s in states if s.customer == customer and s.handed_over_at is not None]
    return max(told, default=0) + 1
