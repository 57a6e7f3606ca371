"""Which customers an incident touches, and since when that was shown.

The instant at which an impact run first showed a customer is what counts, not when somebody
looked at the run. A run never takes a customer away again: a person excludes it, with evidence.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec
from sqlalchemy import Connection

from incidents.assessment.case import Case
from incidents.assessment.deciding import a_person, case_of, past, said
from incidents.assessment.entries import Entry, entries, write
from tocsin.errors import Refusal
from tocsin.model.principals import Principal

ADDED, DECIDED = "customer.added", "customer.decided"

Answer = Literal["notify", "wait", "exclude"]


class Shown(NamedTuple):
    """What an impact run shows of one customer.

    Attributes:
        customer: Its id.
        standing: Confirmed or possible; an excluded one owes nothing.
        at: When the run was made, with a time zone.
        run: Its number; 0 where a person says so without one.
    """

    customer: str
    standing: Literal["confirmed", "possible"]
    at: datetime
    run: int


class Added(msgspec.Struct, frozen=True):
    """A customer is shown as confirmed or possible for the first time."""

    customer: str
    standing: Literal["confirmed", "possible"]
    at: datetime
    run: int


class Decided(msgspec.Struct, frozen=True):
    """A person's decision on a possible customer.

    Attributes:
        customer: Its id.
        answer: Notify it as suspected, wait until an instant, or exclude it.
        why: For what one waits, or the evidence.
        until: How long one waits.
    """

    customer: str
    answer: Answer
    why: str
    until: datetime | None = None


class Touched(msgspec.Struct, frozen=True, kw_only=True):
    """One customer of an incident.

    Attributes:
        customer: Its id.
        possible_at: When it was first shown as possible; None if never.
        confirmed_at: When it was first shown as confirmed; None if never by a run.
        is_known: A person named it when judging: it counts from awareness.
        answer: What was decided while it was possible; None while nothing was.
        answered_at: When that was written down.
        until: How long one waits.
    """

    customer: str
    possible_at: datetime | None = None
    confirmed_at: datetime | None = None
    is_known: bool = False
    answer: Answer | None = None
    answered_at: datetime | None = None
    until: datetime | None = None

    @property
    def is_confirmed(self) -> bool:
        """A run or a person says that it was touched."""
        return self.is_known or self.confirmed_at is not None


def touched(case: Case, of: Iterable[Entry]) -> dict[str, Touched]:
    """Return the customers of a case, by id, in the order they were shown. Pure.

    Args:
        case: After these entries.
        of: All entries of the incident.
    """
    found = {one: Touched(customer=one, is_known=True) for one in case.customers}
    for entry in of:
        if entry.kind == ADDED:
            added = msgspec.json.decode(entry.body, type=Added)
            old = found.get(added.customer, Touched(customer=added.customer))
            at = {f"{added.standing}_at": added.at}
            found[added.customer] = msgspec.structs.replace(old, **at)
        elif entry.kind == DECIDED:
            decided = msgspec.json.decode(entry.body, type=Decided)
            found[decided.customer] = msgspec.structs.replace(
                found[decided.customer],
                answer=decided.answer,
                answered_at=entry.at,
                until=decided.until,
            )
    return found


def take_run(
    db: Connection, number: int, shown: Iterable[Shown], *, principal: Principal, now: datetime
) -> list[str]:
    """Write down which customers a run shows for the first time as confirmed or possible.

    Called in the transaction that keeps the run; again, it changes nothing.

    Returns:
        Ids of the customers of which there was something new.

    Raises:
        Refusal: There is no such incident, or an instant is in the future or has no zone; nothing
            was changed.
    """
    case = case_of(db, number)
    known = touched(case, entries(db, number))
    new = []
    # Asked of all before the first is written.
    for one in [one._replace(at=past(one.at, now)) for one in shown]:
        before = known.get(one.customer, Touched(customer=one.customer))
        if before.is_confirmed or (one.standing == "possible" and before.possible_at is not None):
            continue
        added = Added(one.customer, one.standing, one.at, one.run)
        write(db, number, ADDED, added, principal=principal, now=now)
        at = {f"{one.standing}_at": one.at}
        known[one.customer] = msgspec.structs.replace(before, **at)
        new.append(one.customer)
    return new


def decide(
    db: Connection,
    number: int,
    customer: str,
    answer: Answer,
    *,
    why: str,
    until: datetime | None = None,
    principal: Principal,
    now: datetime,
) -> Touched:
    """Record what is done about a customer that is possibly touched.

    Args:
        db: A transaction.
        number: Of the incident.
        customer: Its id.
        answer: ``notify`` it as suspected; ``wait`` until an instant; ``exclude`` it.
        why: Reasons: for what one waits, or the evidence.
        until: With a time zone and in the future; only for ``wait``.
        principal: A person.
        now: When.

    Raises:
        Refusal: Nothing was changed.
    """
    case = case_of(db, number)
    a_person(principal)
    reasons = said(why)
    before = touched(case, entries(db, number)).get(customer)
    if before is None or before.is_confirmed:
        stands = "confirmed" if before else "not shown by any impact run"
        raise Refusal(
            f"incident {number}: customer {customer} is {stands}; there is nothing to decide",
            hint="Only possible customers are decided on; `tocsin incident show` lists them.",
        )
    if (answer == "wait") != (until is not None):
        raise Refusal(
            f"incident {number}, customer {customer}: {answer} "
            + ("needs an instant" if answer == "wait" else "has no instant"),
            hint="`--until` goes with wait, and with nothing else.",
        )
    if until is not None and (until.tzinfo is None or until <= now):
        raise Refusal(
            f"incident {number}, customer {customer}: waiting until {until.isoformat()} "
            + ("has no time zone" if until.tzinfo is None else "is over already"),
            hint="Give an instant to come, like 2026-11-25T10:00+01:00.",
        )
    write(
        db,
        number,
        DECIDED,
        Decided(customer, answer, reasons, until),
        principal=principal,
        now=now,
    )
    return touched(case, entries(db, number))[customer]
