"""What a person states beside what an incident's events tell: both stand in the same run.

A customer that writes to us, or that was named when the breach was judged, need be none that a log
shows. A statement holds for a customer as long as it says more than its events do: confirmed is
more than possible, possible more than excluded. Each later run is made with it again.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from incidents import impact
from incidents.impact import CustomerImpact, ImpactRun, Reason, Standing
from incidents.impact.runs import NOT_KEPT
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal
from tocsin.model.findings import Incident
from tocsin.model.instants import to_us
from tocsin.model.principals import Principal

ORDER = list(Standing)


def counted(
    desk: Desk, db: Connection, found: Incident, number: int, *, principal: Principal, now: datetime
) -> ImpactRun | None:
    """Return what the events of an incident tell now.

    Where it cannot be counted again, it is what was counted last; None where nothing ever was, e.g.
    because its logs were lost before anybody did.
    """
    last = impact.last(db, number)
    scope = last.scope if last is not None else impact.Scope()
    try:
        return impact.compute(
            db, desk.archive, found, number, principal=principal, now=now, scope=scope
        )
    except Refusal:
        if last is None:
            return None
    told = tuple(one for one in last.customers if one.reason != Reason.NAMED)
    return msgspec.structs.replace(
        last, number=NOT_KEPT, at=to_us(now), principal=str(principal), customers=told
    )


def stated(run: ImpactRun | None) -> tuple[CustomerImpact, ...]:
    """Return what a person stated in a run; () before the first."""
    return tuple(one for one in run.customers if one.reason == Reason.NAMED) if run else ()


def together(told: ImpactRun, said: Iterable[CustomerImpact]) -> ImpactRun:
    """Return a run of what events tell with what a person stated in it, where that says more."""
    found = {one.customer: one for one in told.customers}
    for one in said:
        if _is_more(one, found.get(one.customer)):
            found[one.customer] = one
    return msgspec.structs.replace(
        told,
        customers=tuple(
            sorted(found.values(), key=lambda one: (ORDER.index(one.standing), one.customer))
        ),
    )


def faults(
    told: ImpactRun | None, said: Iterable[CustomerImpact], before: ImpactRun | None
) -> Iterator[str]:
    """Yield what is stated of customers of which the events of the incident tell as much.

    What was stated before can be taken back: then its events count again.
    """
    again = {one.customer for one in stated(before)}
    for one in said:
        there = told.of(one.customer) if told else None
        if there is not None and one.customer not in again and not _is_more(one, there):
            yield (
                f"customer {one.customer}: the incident was detected, and its events tell that it "
                f"is {there.standing}; state only those of whom you know more"
            )


def _is_more(said: CustomerImpact, told: CustomerImpact | None) -> bool:
    return told is None or ORDER.index(said.standing) < ORDER.index(told.standing)
