"""How the notices of an incident stand: rendered, approved, handed over."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from incidents.notices.approval import approvals
from incidents.notices.tables import manifest, notice
from tocsin.model.instants import from_us, to_us


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


def status(db: Connection, incident: int, as_of: datetime | None = None) -> list[NoticeState]:
    """Return every notice of an incident, by customer and version.

    Args:
        db: A transaction.
        incident: Number.
        as_of: As they stood at this instant; None: now.
    """
    n = notice.c
    rows = db.execute(
        select(n.customer, n.version, n.manifest, n.handed_over_at, manifest.c.made_at)
        .join(manifest, manifest.c.sha256 == n.manifest)
        .where(n.incident == incident)
        .order_by(n.customer, n.version, n.render)
    )
    until = None if as_of is None else to_us(as_of)
    newest = {
        (row.customer, row.version): row for row in rows if until is None or row.made_at <= until
    }
    return [
        NoticeState(
            row.customer,
            row.version,
            row.manifest,
            tuple(
                each.principal
                for each in approvals(db, row.manifest)
                if as_of is None or each.at <= as_of
            ),
            None
            if row.handed_over_at is None or (until is not None and row.handed_over_at > until)
            else from_us(row.handed_over_at),
        )
        for row in newest.values()
    ]


def next_version(db: Connection, incident: int, customer: str) -> int:
    """Return the number the next notice to a customer has: one more than was handed over."""
    states = status(db, incident)
    told = [s.version for s in states if s.customer == customer and s.handed_over_at is not None]
    return max(told, default=0) + 1
