"""Notices that wait and are not to go out any more: taken back before anything of them leaves.

What waits was approved on what was judged then. Where a person judges since that there was no
breach, that a customer's data were not touched, or that nothing is owed to it, its notice and the
calls beside it must not go out; nor one that takes notices back where the breach is one after all.
Nor must an earlier notice arrive after a later one, which says all that is known: the later one
takes its place. What is being sent at the moment of the judgement cannot be taken back: if it stays
here, the next pass takes it back, and if it left, its customer is one to be told.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from incidents import assessment, impact, obligations
from incidents.assessment import Case
from incidents.impact import ImpactRun, Standing
from incidents.impact.result import Reason
from incidents.obligations import NOTICE, Obligation
from notifiers import outbox
from notifiers.base import Purpose
from notifiers.tables import outbox as box
from tocsin.app.casework import reaching, withdrawing
from tocsin.app.casework.desk import Desk
from tocsin.app.rendering import many
from tocsin.model.principals import SERVICE, Principal

TO_CUSTOMERS = (Purpose.NOTICE, Purpose.CALL)
STAYS_HERE = (*reaching.WAITS, "failed")
NOT_TOUCHED = "its data are judged not to be touched"


def follow(
    desk: Desk, db: Connection, number: int, *, principal: Principal = SERVICE, now: datetime
) -> list[Obligation]:
    """Bring what is owed in line with a case, and take back what waits and is judged otherwise.

    Returns:
        What is owed now.
    """
    owed = obligations.follow(db, number, desk.duties(db), principal=principal, now=now)
    recall(db, number, principal=principal, now=now)
    return owed


def recall(db: Connection, number: int, *, principal: Principal, now: datetime) -> list[str]:
    """Take back what waits to be sent and is judged otherwise. Returns keys of messages."""
    to_customers = [
        one for one in outbox.standings(db, incident=number) if one.purpose in TO_CUSTOMERS
    ]
    here = [one for one in to_customers if one.word in STAYS_HERE]
    case = assessment.show(db, number).case if here else None
    if case is None or case.merged_into is not None:
        return []
    owed = {
        one.customer: one for one in obligations.obligations(db, number) if one.clause == NOTICE
    }
    withdrawals = {mail.key for _, mail in reaching.withdrawals(db, number)}
    out, newest = _ruled_out(impact.last(db, number)), _newest(to_customers)
    found = list[str]()
    for one in here:
        if one.word in reaching.WAITS and one.queued_at < newest[one.customer]:
            why = "a later notice takes its place"
        elif one.key in withdrawals:
            is_right = one.customer in withdrawing.grounds(db, case, [one.customer])
            why = "" if is_right else "it is judged no more that there was no breach of its data"
        else:
            why = NOT_TOUCHED if one.customer in out else _why_not(case, owed.get(one.customer))
        if why and outbox.recall(db, one.key, why=why, principal=principal, now=now):
            found.append(one.key)
    return found


def recall_all(desk: Desk, now: datetime) -> list[Exception]:
    """Take back what a judgement found under way, and what stays here all the same.

    Returns:
        What went wrong, for the caller to raise when everything else is sent: one incident whose
        messages cannot be read holds up no other.
    """
    waiting = (
        select(box.c.incident)
        .where(box.c.state == "waiting", box.c.purpose.in_(TO_CUSTOMERS))
        .distinct()
    )
    with desk.store.read() as db:
        numbers = [one for one in db.scalars(waiting) if one is not None]
    faults = list[Exception]()
    for number in sorted(numbers):
        try:
            with desk.store.begin() as db:
                recall(db, number, principal=SERVICE, now=now)
        except Exception as fault:  # noqa: BLE001 - raised by the caller
            faults.append(fault)
    return faults


def on_their_way(db: Connection, number: int) -> list[str]:
    """Return what of an incident is still on its way to customers, each in a few words."""
    found = dict.fromkeys(
        (one.purpose, one.customer)
        for one in outbox.standings(db, incident=number)
        if one.purpose in TO_CUSTOMERS and one.word in reaching.WAITS
    )
    return [f"a {purpose} to {customer} is on its way" for purpose, customer in found]


def taken_back(desk: Desk, number: int, at: datetime) -> list[str]:
    """Return, in a line, what was taken back at an instant; [] where nothing was."""
    with desk.store.read() as db:
        found = [
            one
            for one in outbox.standings(db, incident=number)
            if one.purpose in TO_CUSTOMERS and one.word == "cancelled" and one.at == at
        ]
    whose = ", ".join(sorted({one.customer for one in found}))
    said = f"! taken back, as it was not out yet: {many(len(found), 'message')} to {whose}"
    return [f"{said}; see tocsin notice status {number}"] * bool(found)


def _newest(standings: Iterable[outbox.Standing]) -> Mapping[str, datetime]:
    """Return when the newest notice of each customer was put that is out, or on its way."""
    found = defaultdict[str, datetime](lambda: datetime.min.replace(tzinfo=UTC))
    for one in standings:
        if one.purpose == Purpose.NOTICE and one.word not in ("cancelled", "failed"):
            found[one.customer] = max(found[one.customer], one.queued_at)
    return found


def _ruled_out(run: ImpactRun | None) -> set[str]:
    """Return whom a person states not to be touched; what only logs tell takes nothing back."""
    return {
        one.customer
        for one in (run.customers if run is not None else ())
        if one.standing is Standing.EXCLUDED and one.reason is Reason.NAMED
    }


def _why_not(case: Case, owed: Obligation | None) -> str:
    """Return why a notice of a breach must not go to a customer; "" where it may."""
    if case.awareness is None:
        return f"incident {case.number} is judged to be a breach no more"
    if owed is None or owed.is_void:
        return NOT_TOUCHED
    return f"no notice is owed to it: {owed.waived}" if owed.waived else ""
