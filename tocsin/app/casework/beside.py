"""What a person states beside what an incident's events tell: both stand in the same run.

A customer that writes to us, or that was named when the breach was judged, need be none that a log
shows. A statement is kept as it was stated, whatever events tell since, and each later run is made
with it again: ``joining`` says how, customer by customer.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from incidents import impact
from incidents.impact import CustomerImpact, ImpactRun, Reason
from incidents.impact.runs import NOT_KEPT
from tocsin.app.casework import joining
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal
from tocsin.model.findings import Incident
from tocsin.model.instants import to_us
from tocsin.model.principals import Principal


class Counted(NamedTuple):
    """What the events of an incident tell.

    Attributes:
        run: As a run that nobody has kept; None where nothing was ever counted, e.g. because its
            logs were lost before anybody did.
        refused: Why they could not be counted again, so that ``run`` is what was counted last; "".
    """

    run: ImpactRun | None
    refused: str = ""

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return what must not be missed, a line each."""
        if not self.refused:
            return ()
        stands = "what was counted last stands" if self.run else "what is stated stands alone"
        return (f"! its events were not counted: {self.refused}; {stands}",)


def counted(
    desk: Desk, db: Connection, found: Incident, number: int, *, principal: Principal, now: datetime
) -> Counted:
    """Return what the events of an incident tell now, as far as a person has runs look.

    Where they cannot be counted again, it is what was counted last, and why.
    """
    last = impact.last(db, number)
    scope = last.scope if last is not None else impact.Scope()
    try:
        return Counted(
            impact.compute(
                db, desk.archive, found, number, principal=principal, now=now, scope=scope
            )
        )
    except Refusal as error:
        # A run that no source stands behind was stated, and nothing of it was counted.
        if last is None or not last.coverage.sources:
            return Counted(None, str(error))
        return Counted(_alone(last, principal=principal, now=now), str(error))


def _alone(last: ImpactRun, *, principal: Principal, now: datetime) -> ImpactRun:
    """Return a run without what a person stated in it."""
    of_events = {one.customer: one for one in last.told}
    told = [of_events.get(one.customer, one) for one in last.customers]
    customers = tuple(one for one in told if one.reason != Reason.NAMED)
    return msgspec.structs.replace(
        last,
        number=NOT_KEPT,
        at=to_us(now),
        principal=str(principal),
        customers=customers,
        stated=(),
        told=(),
    )


def stated(run: ImpactRun | None) -> tuple[CustomerImpact, ...]:
    """Return what a person stated beside a run's events; () before the first.

    It outlives a run whose events tell as much: a later one, e.g. of a corrected data map, may not.
    """
    if run is None:
        return ()
    return run.stated or tuple(one for one in run.customers if one.reason == Reason.NAMED)


def together(told: ImpactRun, said: Iterable[CustomerImpact]) -> ImpactRun:
    """Return a run of what events tell with what a person stated joined to it."""
    statement = tuple(said)
    found = {one.customer: one for one in told.customers}
    of_both = tuple(found[one.customer] for one in statement if one.customer in found)
    for one in statement:
        found[one.customer] = joining.joined(found.get(one.customer), one)
    return msgspec.structs.replace(
        told,
        customers=tuple(sorted(found.values(), key=joining.place)),
        stated=statement,
        told=of_both,
    )


def faults(
    told: ImpactRun | None, said: Iterable[CustomerImpact], before: ImpactRun | None
) -> Iterator[str]:
    """Yield what is stated of customers of which the events of the incident tell as much.

    What was stated before can be stated again, or taken back: then its events count alone.
    """
    again = {one.customer for one in stated(before)}
    for one in said:
        there = told.of(one.customer) if told else None
        if there is None or one.customer in again:
            continue
        if joining.says_the_same(joining.joined(there, one), there):
            yield (
                f"customer {one.customer}: the incident was detected, and its events tell that it "
                f"is {there.standing}, and no less of it; state only those of whom you know more"
            )
