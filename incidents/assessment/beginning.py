"""When an incident began, and that nobody was aware of it before that without a reason.

A mistyped year would put every clock where no law holds, or years overdue.
"""

from datetime import datetime

from sqlalchemy import Connection, select

from incidents.assessment.case import Case
from tocsin.errors import Refusal
from tocsin.model.instants import from_us
from tocsin.store.tables import incident


def began_at(db: Connection, case: Case) -> datetime:
    """Return the first event of an incident, or the receipt of a report, whichever was first."""
    opened_at = db.scalar(select(incident.c.opened_at).where(incident.c.number == case.number))
    first = case.known_at if opened_at is None else from_us(opened_at)
    return min([first, *(report.received_at for report in case.reports)])


def not_before(db: Connection, case: Case, aware_at: datetime, earlier_because: str) -> str:
    """Return the reason why awareness lies before the incident itself; "" where it does not.

    Args:
        db: A transaction.
        case: As it stands.
        aware_at: Awareness, in UTC.
        earlier_because: The reason, if one is given.

    Raises:
        Refusal: It does, and no reason is given.
    """
    began = began_at(db, case)
    if aware_at >= began:
        return ""
    if not earlier_because.strip():
        raise Refusal(
            f"incident {case.number}: aware at {aware_at.isoformat()}, before its first event and "
            f"every report of it ({began.isoformat()})",
            hint="Give the right instant, the year may be mistyped; or say with --earlier-because "
            "how it was known before.",
        )
    return earlier_because.strip()
