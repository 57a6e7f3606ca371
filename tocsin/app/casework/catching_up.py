"""Customers that a kept run shows and the case does not know: versions of before passed them over.

They wrote down nobody whom no register knew. Each is taken into the case as of the run that first
showed it, once when the service starts and with each import, so that its clock runs without a
person asking for a new run. Of what is closed, only customers that a register knows come up again.

It reads every case there is: no tick does it. This version leaves nobody behind.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from incidents import assessment, impact, obligations
from incidents.assessment import Assessment
from incidents.assessment.entries import entries
from incidents.obligations import Shown
from tocsin import registers
from tocsin.app.casework import impacts, recalling
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal
from tocsin.model.principals import SERVICE, Principal
from tocsin.store.cases import incidents as stored


def catch_up_each(desk: Desk, *, now: datetime) -> dict[int, Refusal]:
    """Take them into their cases, and start their clocks: each case in a transaction of its own.

    Returns:
        Incidents whose case cannot take them, and why; nothing was changed of these, and the
        others have theirs.
    """
    with desk.store.read() as db:
        known = registers.customers(db)
        numbers = [one.number for one in stored(db) if _behind(db, one.number, known)]
    refused = dict[int, Refusal]()
    for number in numbers:
        try:
            with desk.store.begin() as db:
                _take(desk, db, number, principal=SERVICE, now=now)
        except Refusal as error:
            refused[number] = error
    return refused


def catch_up(desk: Desk, db: Connection, *, principal: Principal, now: datetime) -> None:
    """Take them into their cases, and start their clocks, all in the caller's transaction.

    Raises:
        Refusal: A case cannot take them.
    """
    for one in stored(db):
        _take(desk, db, one.number, principal=principal, now=now)


def _take(desk: Desk, db: Connection, number: int, *, principal: Principal, now: datetime) -> None:
    if shown := _behind(db, number, registers.customers(db)):
        obligations.take_run(db, number, shown, principal=principal, now=now)
        recalling.follow(desk, db, number, principal=principal, now=now)


def _behind(db: Connection, number: int, known: Collection[str]) -> list[Shown]:
    """Return whom the last run of an incident shows and its case does not know.

    Args:
        db: A transaction.
        number: Of the incident.
        known: Ids in the register.
    """
    last = impact.last(db, number)
    if last is None:
        return []
    try:
        case = assessment.show(db, number).case
    except Refusal:
        return []  # its case opens with the next pass
    if case.assessment is Assessment.NO_BREACH:
        return []
    there = obligations.touched(entries(db, number))
    missing = [
        one
        for one in impacts.touched(last)
        if one.customer not in there
        and (case.assessment is not Assessment.CLOSED or one.customer in known)
    ]
    if not missing:
        return []
    first = impact.first_shown(impact.runs(db, number))
    return [impacts.shown(one, first[one.customer], last) for one in missing]
