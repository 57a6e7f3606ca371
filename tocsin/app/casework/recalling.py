"""Notices that wait and are not to go out any more: taken back before anything of them leaves.

What waits was approved on what was judged then. Where a person judges since that there was no
breach, that a customer's data were not touched, or that nothing is owed to it, its notice and the
calls beside it must not go out; nor one that takes notices back where the breach is one after all.
Nor must an earlier notice arrive after a later one, which says all that is known: the later one
takes its place. What is being sent at the moment of the judgement cannot be taken back: if it stays
here, the next pass takes it back, and if it left, its customer is one to be told.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, func, select

from incidents import assessment, impact, obligations
from incidents.assessment import Case
from incidents.impact import ImpactRun, Standing
from incidents.impact.result import Reason
from incidents.notices.coded import withdrawals
from incidents.obligations import NOTICE, Obligation
from notifiers import outbox
from notifiers.base import Purpose
from notifiers.tables import outbox as box
from tocsin.app.casework import reaching, withdrawing
from tocsin.app.casework.desk import Desk
from tocsin.app.rendering import many
from tocsin.model.instants import to_us
from tocsin.model.principals import SERVICE, Principal

TO_CUSTOMERS = (Purpose.NOTICE, Purpose.CALL)
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
    """Take back what waits to be sent and must not leave any more. Returns keys of messages."""
    return [
        key
        for key, why in _to_recall(db, number)
        if outbox.recall(db, key, why=why, principal=principal, now=now)
    ]


def recall_all(desk: Desk, now: datetime) -> list[Exception]:
    """Take back what a judgement found under way, and what stays here all the same.

    Only what is about to be tried again is looked at: what never was under way is taken back with
    the judgement itself.

    Returns:
        What went wrong, for the caller to raise when everything else is sent: one incident whose
        messages cannot be read holds up no other.
    """
    o = box.c
    was_under_way = (o.attempts > 0) | (o.leased_until > 0)
    again = (
        select(o.incident)
        .where(o.state == "waiting", o.purpose.in_(TO_CUSTOMERS), o.due_at <= to_us(now))
        .where(was_under_way, o.incident.is_not(None))
        .distinct()
        .order_by(o.incident)
    )
    with desk.store.read() as db:
        numbers = list(db.scalars(again))
    faults = list[Exception]()
    for number in numbers:
        try:
            with desk.store.read() as db:
                there_is = next(_to_recall(db, number), None)
            if there_is is not None:
                with desk.store.begin() as db:
                    recall(db, number, principal=SERVICE, now=now)
        except Exception as fault:  # noqa: BLE001 - raised by the caller
            faults.append(fault)
    return faults


def _to_recall(db: Connection, number: int) -> Iterator[tuple[str, str]]:
    """Yield the keys of what waits, or could be sent again, and must not leave; and why."""
    o = box.c
    to_customers = (o.incident == number) & o.purpose.in_(TO_CUSTOMERS)
    rows = db.execute(
        select(o.key, o.customer, o.purpose, o.state, o.queued_at, o.message)
        .where(to_customers, o.state.in_(("waiting", "failed")))
        .order_by(o.key)
    ).all()
    case = assessment.show(db, number).case if rows else None
    if case is None or case.merged_into is not None:
        return
    out_or_waiting = to_customers & (o.purpose == Purpose.NOTICE) & (o.state != "cancelled")
    newest: dict[str, int] = dict(
        db.execute(
            select(o.customer, func.max(o.queued_at))
            .where(out_or_waiting, o.state != "failed")
            .group_by(o.customer)
        ).all()
    )
    owed = {
        one.customer: one for one in obligations.obligations(db, number) if one.clause == NOTICE
    }
    out = _ruled_out(impact.last(db, number))
    codes = [(one.customer, one.code) for one in withdrawals(db) if one.incident == number]
    for row in rows:
        who = row.customer
        if row.state == "waiting" and row.queued_at < newest.get(who, 0):
            why = "a later notice takes its place"
        elif any(who == whose and code in row.message for whose, code in codes):
            is_right = who in withdrawing.grounds(db, case, [who])
            why = "" if is_right else "it is judged no more that there was no breach of its data"
        else:
            why = NOT_TOUCHED if who in out else _why_not(case, owed.get(who))
        if why:
            yield row.key, why


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
