"""Which customers an incident touches, and since when that was shown.

The instant at which an impact run first showed a customer is what counts, not when somebody
looked at the run. A run never takes a customer away again: a person excludes it, with evidence.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec
from sqlalchemy import Connection

from incidents.assessment.bodies import Added
from incidents.assessment.deciding import a_person, case_of, past, reopen, said
from incidents.assessment.entries import Entry, entries, say, write
from incidents.assessment.states import Assessment
from tocsin.errors import Refusal
from tocsin.model.principals import Principal

DECIDED = "customer.decided"

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
        suspected_at: When it was first decided to notify it as suspected; saying so again, or a run
            that confirms it, starts no later period.
        until: How long one waits.
    """

    customer: str
    possible_at: datetime | None = None
    confirmed_at: datetime | None = None
    is_known: bool = False
    answer: Answer | None = None
    answered_at: datetime | None = None
    suspected_at: datetime | None = None
    until: datetime | None = None

    @property
    def is_confirmed(self) -> bool:
        """A run or a person says that it was touched."""
        return self.is_known or self.confirmed_at is not None


def touched(of: Iterable[Entry]) -> dict[str, Touched]:
    """Return the customers of a case, by id, in the order they were shown. Pure.

    Args:
        of: All entries of the incident.
    """
    found = dict[str, Touched]()
    for entry in of:
        added = entry.read()
        if isinstance(added, Added):
            old = found.get(added.customer, Touched(customer=added.customer))
            found[added.customer] = _with(old, added)
        elif entry.kind == DECIDED:
            decided = msgspec.json.decode(entry.body, type=Decided)
            old = found[decided.customer]
            told = entry.at if decided.answer == "notify" else None
            found[decided.customer] = msgspec.structs.replace(
                old,
                answer=decided.answer,
                answered_at=entry.at,
                suspected_at=old.suspected_at or told,
                until=decided.until,
            )
    return found


def _with(before: Touched, added: Added) -> Touched:
    if added.at is None:
        return msgspec.structs.replace(before, is_known=True)
    if added.standing == "confirmed":
        return msgspec.structs.replace(before, confirmed_at=added.at)
    return msgspec.structs.replace(before, possible_at=added.at)


def take_run(
    db: Connection, number: int, shown: Iterable[Shown], *, principal: Principal, now: datetime
) -> list[str]:
    """Write down which customers a run shows for the first time as confirmed or possible.

    Called in the transaction that keeps the run; again, it changes nothing. A closed incident with
    further customers begins again.

    Returns:
        Ids of the customers of which there was something new.

    Raises:
        Refusal: There is no such incident, or an instant is in the future or has no zone; nothing
            was changed.
    """
    case = case_of(db, number)
    known = touched(entries(db, number))
    new = []
    # Asked of all before the first is written.
    for one in [one._replace(at=past(one.at, now)) for one in shown]:
        before = known.get(one.customer, Touched(customer=one.customer))
        if before.is_confirmed or (one.standing == "possible" and before.possible_at is not None):
            continue
        added = Added(one.customer, one.standing, one.at, one.run)
        say(db, number, added, principal=principal, now=now)
        known[one.customer] = _with(before, added)
        new.append(one.customer)
    if new and case.assessment == Assessment.CLOSED:
        reopen(db, number, why="a run shows further customers", principal=principal, now=now)
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
    case_of(db, number)
    a_person(principal)
    reasons = said(why)
    before = touched(entries(db, number)).get(customer)
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
            hint="`--wait-until` names the instant, and goes with nothing else.",
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
        customer=customer,
        principal=principal,
        now=now,
    )
    return touched(entries(db, number))[customer]
