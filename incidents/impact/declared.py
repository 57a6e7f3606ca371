"""An impact that a person states, where no event tells it: a mis-sent mail, a supplier's breach.

It is kept as a run like any other, so that clocks and documents need not know the difference. It
speaks of the customers that were named and of nobody else.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from incidents.impact.result import (
    CategoryImpact,
    Coverage,
    CustomerImpact,
    ImpactRun,
    Query,
    Range,
    Reason,
    Standing,
)
from incidents.impact.runs import NOT_KEPT, keep
from tocsin import datamap, registers
from tocsin.errors import Refusal
from tocsin.model.categories import OPERATOR, Category
from tocsin.model.instants import to_us
from tocsin.model.principals import Principal


class Named(NamedTuple):
    """What a person says of one customer.

    Attributes:
        customer: Its id.
        standing: Where it stands.
        why: On what ground, in a sentence.
        categories: What was touched of its data; () only beside excluded.
        subjects: How many people in all.
        first_at: When it began, µs since 1970 UTC; None: not known.
        last_at: When it ended; None: not known, or it goes on.
    """

    customer: str
    standing: Standing
    why: str
    categories: tuple[CategoryImpact, ...] = ()
    subjects: Range = Range(0, None, None, "not known")
    first_at: int | None = None
    last_at: int | None = None


def declare(
    db: Connection,
    number: int,
    named: Sequence[Named],
    *,
    query: Query | None = None,
    principal: Principal,
    now: datetime,
) -> ImpactRun:
    """Keep what a person says an incident touched.

    Args:
        db: The caller's transaction.
        number: The incident's number.
        named: Each customer once.
        query: What makes the run outdated; None: nothing does, as no event tells of it.
        principal: Who says so.
        now: When.

    Raises:
        Refusal: What is said cannot be kept; all faults are named, and nothing was changed.
    """
    customers = stated(db, named)
    made = ImpactRun(
        number=NOT_KEPT,
        incident=number,
        at=to_us(now),
        principal=str(principal),
        customers=customers,
        coverage=Coverage((), ()),
        query=query or _nothing(db),
        first_at=min((one.first_at for one in named if one.first_at is not None), default=None),
        last_at=max((one.last_at for one in named if one.last_at is not None), default=None),
        unattributed=0,
        stated=customers,
    )
    return keep(db, made, principal=principal, now=now)


def _nothing(db: Connection) -> Query:
    """Return that nothing was asked."""
    return Query(
        since=0,
        until=0,
        upto_segment=0,
        watched_until=0,
        segments=0,
        segments_sha256="",
        incident_events=0,
        incident_events_sha256="",
        credentials=(),
        shared=(),
        loose=(),
        datamap=datamap.version_at(db),
        registers=registers.version_at(db),
    )


def stated(db: Connection, named: Sequence[Named]) -> tuple[CustomerImpact, ...]:
    """Return what a person says of customers as a run has it; those that are confirmed first.

    Raises:
        Refusal: What is said cannot be kept; all faults are named.
    """
    if faults := _faults(db, named):
        raise Refusal("\n".join(faults), hint="Correct these and state the impact again.")
    order = list(Standing)
    return tuple(
        CustomerImpact(
            customer=one.customer,
            known=one.customer != OPERATOR,
            standing=one.standing,
            reason=Reason.NAMED,
            why=one.why,
            categories=one.categories,
            subjects=one.subjects,
            first_at=one.first_at,
            last_at=one.last_at,
        )
        for one in sorted(named, key=lambda one: (order.index(one.standing), one.customer))
    )


def _faults(db: Connection, named: Sequence[Named]) -> list[str]:
    known, seen, faults = {*registers.customers(db), OPERATOR}, set[str](), list[str]()
    if not named:
        faults.append("expected at least one customer")
    for one in named:
        if one.customer not in known:
            faults.append(f"customer {one.customer}: no register knows it; import it first")
        if one.customer in seen:
            faults.append(f"customer {one.customer}: named twice; name it once")
        seen.add(one.customer)
        if not one.why.strip():
            faults.append(f"customer {one.customer}, why: expected a sentence")
        if bool(one.categories) == (one.standing == Standing.EXCLUDED):
            faults.append(f"customer {one.customer}, categories: expected some unless excluded")
        faults += [
            f"customer {one.customer}, categories: {category.category} is none of the contract's"
            for category in one.categories
            if category.category not in list(Category)
        ]
    return faults
