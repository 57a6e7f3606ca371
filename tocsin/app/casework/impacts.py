"""What follows from an impact run in the transaction that keeps it: customers and their clocks."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from incidents import impact, obligations
from incidents.impact import ImpactRun, Reason, Standing
from incidents.obligations import Shown
from tocsin.app.casework.desk import Desk
from tocsin.model.instants import from_us
from tocsin.model.principals import Principal


class Impacted(NamedTuple):
    """An impact run, and what it says differently from the one before."""

    run: ImpactRun
    changes: tuple[impact.Change, ...]


def take(
    desk: Desk,
    db: Connection,
    made: ImpactRun,
    before: ImpactRun | None,
    *,
    known_at: Mapping[str, datetime] | None = None,
    principal: Principal,
    now: datetime,
) -> Impacted:
    """Write down the customers a run shows for the first time, and start their clocks.

    Args:
        desk: The desk.
        db: The transaction that keeps the run.
        made: The run.
        before: The one before it; None before the first.
        known_at: Since when customers are known, where a statement says so, by id.
        principal: Who asked for it.
        now: When.
    """
    shown = [
        Shown(
            one.customer,
            "confirmed" if one.standing is Standing.CONFIRMED else "possible",
            from_us(made.at),
            made.number,
            stated=one.reason == Reason.NAMED,
            known_at=(known_at or {}).get(one.customer),
        )
        for one in made.customers
        if one.standing is not Standing.EXCLUDED and one.known
    ]
    at = from_us(made.at)
    obligations.take_count(db, made.incident, made.number, at, principal=principal, now=now)
    obligations.take_run(db, made.incident, shown, principal=principal, now=now)
    obligations.follow(db, made.incident, desk.duties(db), now=now)
    return Impacted(made, tuple(impact.difference(before, made)) if before else ())
