"""What follows from an impact run in the transaction that keeps it: customers and their clocks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import Connection

from incidents import impact, obligations
from incidents.assessment.entries import entries
from incidents.impact import CustomerImpact, ImpactRun, Standing
from incidents.obligations import Shown
from tocsin import registers
from tocsin.app.casework import asking, recalling, unregistered
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal
from tocsin.model.categories import OPERATOR
from tocsin.model.instants import from_us
from tocsin.model.principals import Principal

TRIES = 3
"""How often a run is computed when others keep one of the same incident meanwhile."""


class Impacted(NamedTuple):
    """An impact run, and what is to be said beside it.

    Attributes:
        run: The run.
        before: Number of the one before it of the same incident; None: it is the first.
        changes: What it says differently from the one before.
        warnings: What must not be missed, a line each: customers that no register knows, or that
            are to be decided on again, or told though that was waived.
        asked_again: How many are to be decided on again.
        owed_again: To how many something is owed that a person had waived.
    """

    run: ImpactRun
    before: int | None
    changes: tuple[impact.Change, ...]
    warnings: tuple[str, ...] = ()
    asked_again: int = 0
    owed_again: int = 0


def take(
    desk: Desk,
    db: Connection,
    made: ImpactRun,
    before: ImpactRun | None,
    *,
    stated: Mapping[str, datetime | None] | None = None,
    principal: Principal,
    now: datetime,
) -> Impacted:
    """Write down the customers a run shows for the first time, and start their clocks.

    Args:
        desk: The desk.
        db: The transaction that keeps the run.
        made: The run.
        before: The one before it; None before the first.
        stated: Customers that a person states now, and since when each is known; None: with
            awareness.
        principal: Who asked for it.
        now: When.
    """
    said = stated or {}
    there = entries(db, made.incident)
    known, waived = obligations.touched(there), obligations.waived(there)
    fresh = [one.customer for one in touched(made) if one.customer not in known]
    decided = any(one.answer for one in known.values()) or bool(waived)
    made_before = impact.runs(db, made.incident)[:-1] if before and (fresh or decided) else []
    # Who was shown by runs that wrote nothing down of it counts from the first of them.
    first = impact.first_shown([*made_before, made])
    again = asking.overtaken(made, made_before, known, waived)
    # What the operator owes itself is no notice; its filing may have been waived all the same.
    own = made.of(OPERATOR) if OPERATOR in again else None
    showing = [
        shown(one, first[one.customer] if one.customer in fresh else None, made)._replace(
            # What was stated before stands in the run as well, and is not stated anew by it.
            stated=one.customer in said,
            known_at=said.get(one.customer),
            is_more=one.customer in again,
            is_anew=one.customer in again and again[one.customer].is_anew,
        )
        for one in (*touched(made), *([own] if own else []))
    ]
    at = from_us(made.at)
    obligations.take_count(db, made.incident, made.number, at, principal=principal, now=now)
    obligations.take_run(db, made.incident, showing, principal=principal, now=now)
    recalling.follow(desk, db, made.incident, now=now)
    found = impacted(db, made, before)
    warnings = (*found.warnings, *asking.lines(made.incident, again))
    decisions = sum(one.clause == obligations.POSSIBLE for one in again.values())
    return found._replace(
        warnings=warnings, asked_again=decisions, owed_again=len(again) - decisions
    )


def impacted(db: Connection, made: ImpactRun, before: ImpactRun | None) -> Impacted:
    """Return a run with what is to be said beside it."""
    changes = tuple(impact.difference(before, made)) if before else ()
    warnings = tuple(unregistered.of_run(made, registers.customers(db)))
    return Impacted(made, before.number if before else None, changes, warnings)


def touched(made: ImpactRun) -> list[CustomerImpact]:
    """Return whom a run shows, in a register or not: what the operator owes itself is no notice."""
    return [
        one
        for one in made.customers
        if one.standing is not Standing.EXCLUDED and one.customer != OPERATOR
    ]


def shown(one: CustomerImpact, first: impact.Shown | None, made: ImpactRun) -> Shown:
    """Return how a run shows a customer, and since when.

    Args:
        one: The customer.
        first: The runs that first showed it; None: this one counts.
        made: The run.
    """
    sure = one.standing is Standing.CONFIRMED
    since = (first.confirmed if sure else first.possible) if first else None
    run = since or made
    standing: Literal["confirmed", "possible"] = "confirmed" if sure else "possible"
    return Shown(one.customer, standing, from_us(run.at), run.number)


def is_same(read: ImpactRun | None, there: ImpactRun | None) -> bool:
    """Return whether the last run is still the one that a computation began beside.

    Else that one may have been made from more than the computation saw: it is computed again.
    """
    return (read.number if read else None) == (there.number if there else None)


def outrun(number: int) -> Refusal:
    """Return the refusal where each try found a newer run than it began beside."""
    return Refusal(
        f"incident {number}: others kept impact runs of it while this one was computed, "
        f"{TRIES} times",
        hint="Nothing was changed; run it again.",
    )
