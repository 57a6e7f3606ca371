"""What still keeps an incident from being closed."""

from datetime import datetime

from sqlalchemy import Connection

from incidents.assessment.case import Case
from incidents.assessment.deciding import case_of
from incidents.obligations.keep import name_of, obligations
from incidents.obligations.law import IMPACT


def is_uncounted(case: Case) -> bool:
    """Return whether it is a breach of which nobody has said whose data it touched."""
    return case.awareness is not None and case.counted_at is None


def unsettled(db: Connection, number: int, now: datetime) -> list[str]:
    """Return what still keeps an incident from being closed, each in a few words."""
    found = []
    if is_uncounted(case_of(db, number)):
        found.append("nobody has computed or stated whose data it touched")
    for one in obligations(db, number):
        if one.clause == IMPACT:
            continue  # said above, whatever the law in force says of its clock
        if one.is_open:
            known = ", and no register knows it" if one.is_unregistered else ""
            found.append(f"{name_of(one)} is {one.standing(now)!s}{known}")
        elif one.lacks_reason(now):
            found.append(f"{name_of(one)} was late and nobody said why")
    return found
