"""Customers that a kept run shows and the case does not know: versions of before passed them over.

They wrote down nobody whom no register knew. Each is taken into the case as of the run that first
showed it, with the service's next tick and with each import, so that its clock runs without a
person asking for a new run. Of what is closed, only customers that a register knows come up again.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from incidents import assessment, impact, obligations
from incidents.assessment import Assessment
from incidents.assessment.entries import entries
from incidents.obligations import Shown
from tocsin import registers
from tocsin.app.casework import impacts
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal
from tocsin.model.principals import SERVICE, Principal
from tocsin.store.cases import incidents as stored


def behind(db: Connection) -> Mapping[int, tuple[Shown, ...]]:
    """Return whom the last run of an incident shows and its case does not know, by number."""
    known = registers.customers(db)
    found = dict[int, tuple[Shown, ...]]()
    for number in (one.number for one in stored(db)):
        last = impact.last(db, number)
        if last is None:
            continue
        try:
            case = assessment.show(db, number).case
        except Refusal:
            continue  # its case opens with the next pass
        if case.assessment is Assessment.NO_BREACH:
            continue
        there = obligations.touched(entries(db, number))
        missing = [
            one
            for one in impacts.touched(last)
            if one.customer not in there
            and (case.assessment is not Assessment.CLOSED or one.customer in known)
        ]
        if missing:
            first = impact.first_shown(impact.runs(db, number))
            found[number] = tuple(impacts.shown(one, first[one.customer], last) for one in missing)
    return found


def catch_up(
    desk: Desk, db: Connection, *, principal: Principal = SERVICE, now: datetime
) -> list[int]:
    """Take them into their cases, and start their clocks.

    Returns:
        Numbers of the incidents whose cases were changed.
    """
    found = behind(db)
    for number, shown in found.items():
        obligations.take_run(db, number, shown, principal=principal, now=now)
        obligations.follow(db, number, desk.duties(db), principal=principal, now=now)
    return sorted(found)
