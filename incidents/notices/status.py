"""How the notices of an incident stand: rendered, approved, handed over."""

from collections import defaultdict
from collections.abc import Mapping
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
    until, given = None if as_of is None else to_us(as_of), dict[str, tuple[str, ...]]()
    newest = {
        (row.customer, row.version): row for row in rows if until is None or row.made_at <= until
    }
    for sha256 in {row.manifest for row in newest.values()}:  # few, of many notices each
        said = approvals(db, sha256)
        given[sha256] = tuple(one.principal for one in said if as_of is None or one.at <= as_of)
    return [
        NoticeState(
            row.customer,
            row.version,
            row.manifest,
            given[row.manifest],
            None
            if row.handed_over_at is None or (until is not None and row.handed_over_at > until)
            else from_us(row.handed_over_at),
        )
        for row in newest.values()
    ]


def next_versions(db: Connection, incident: int) -> Mapping[str, int]:
    """Return the number the next notice to each customer has: one more than was handed over.

    Of a customer that was handed none it is 1.
    """
    found = defaultdict[str, int](lambda: 1)
    for one in status(db, incident):
        if one.handed_over_at is not None:
            found[one.customer] = max(found[one.customer], one.version + 1)
    return found
