"""What an impact run, or a person's statement in place of one, shows of customers: written down.

In the transaction that keeps the run: that somebody counted, and whom it shows for the first time.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import Connection

from incidents.assessment.bodies import Added, Counted
from incidents.assessment.case import Case
from incidents.assessment.deciding import case_of, past, reopen
from incidents.assessment.entries import entries, say
from incidents.assessment.states import Assessment
from incidents.obligations.customers import Touched, touched, with_shown
from incidents.obligations.waiving import waived
from tocsin.errors import Refusal
from tocsin.model.principals import Principal


class Shown(NamedTuple):
    """What an impact run shows of one customer.

    Attributes:
        customer: Its id.
        standing: Confirmed or possible; an excluded one owes nothing.
        at: When the run was made, with a time zone.
        run: Its number; 0 where a person says so without one.
        stated: A person states it, as no event tells it.
        known_at: Since when it is known, as the statement says; None: with the awareness.
        is_more: It says more than what a person decided or waived upon.
        is_anew: What was waived was waived upon a run that did not confirm it, or none.
    """

    customer: str
    standing: Literal["confirmed", "possible"]
    at: datetime
    run: int
    stated: bool = False
    known_at: datetime | None = None
    is_more: bool = False
    is_anew: bool = False


def take_run(
    db: Connection, number: int, shown: Iterable[Shown], *, principal: Principal, now: datetime
) -> list[str]:
    """Write down which customers a run shows for the first time as confirmed or possible.

    Called in the transaction that keeps the run; again, it changes nothing. A closed incident with
    further customers begins again. What was decided on a possible one, or waived, is asked again by
    a run that says more than it was decided upon. A statement that puts what was stated before to
    an earlier instant is new: the earlier one counts.

    Returns:
        Ids of the customers of which there was something new.

    Raises:
        Refusal: There is no such incident, an instant is in the future or has no zone, or one does
            not know a customer since the instant that is said; nothing was changed.
    """
    case = case_of(db, number)
    there = entries(db, number)
    known, whose = touched(there), {customer for _, customer in waived(there)}
    new = []
    # Asked of all before the first is written.
    asked = [one._replace(at=past(one.at, now)) for one in shown]
    if faults := [
        fault for one in asked if (fault := since_fault(case, known.get(one.customer), one, now))
    ]:
        raise Refusal("\n".join(faults), hint="Leave known_at out: awareness counts then.")
    for one in asked:
        before = known.get(one.customer, Touched(customer=one.customer))
        is_waived = one.customer in whose
        again = one.is_more and (is_waived or _asks_again(one, before))
        if one.standing == "possible" and not again and _is_shown(before):
            continue
        if before.is_confirmed and not again and not _is_earlier(one, before):
            continue
        anew = again and is_waived and one.is_anew
        since = None if one.known_at is None else past(one.known_at, now)
        added = Added(one.customer, one.standing, one.at, one.run, one.stated, since, again, anew)
        say(db, number, added, principal=principal, now=now)
        known[one.customer] = with_shown(before, added)
        new.append(one.customer)
    if new and case.assessment == Assessment.CLOSED:
        reopen(
            db, number, why="a run shows further customers, or more", principal=principal, now=now
        )
    return new


def take_count(
    db: Connection, number: int, run: int, at: datetime, *, principal: Principal, now: datetime
) -> None:
    """Write down that a run says whose data an incident touched, be it nobody's.

    Called in the transaction that keeps the run, before :func:`take_run`.

    Raises:
        Refusal: There is no such incident; nothing was changed.
    """
    case_of(db, number)
    say(db, number, Counted(run, past(at, now)), principal=principal, now=now)


def _is_shown(before: Touched) -> bool:
    return before.is_confirmed or before.possible_at is not None


def _asks_again(one: Shown, before: Touched) -> bool:
    """Return whether a decision on a possible customer was made upon less than is known now.

    Who is to be notified is notified: there is nothing to ask.
    """
    if one.standing != "possible" or before.is_confirmed:
        return False
    return before.answer in ("wait", "exclude")


def _is_earlier(one: Shown, before: Touched) -> bool:
    """Return whether a statement says of a confirmed customer that it counts from earlier on."""
    if not one.stated or before.found_at is None:
        return False
    return one.known_at is None or one.known_at < before.found_at


def since_fault(case: Case, before: Touched | None, one: Shown, now: datetime) -> str:
    """Return why a customer cannot be known since the instant that is said; "" when it can.

    Args:
        case: As it stands.
        before: What is known of the customer; None: nothing.
        one: What is said now.
        now: When.
    """
    at = one.known_at
    if at is None:
        return ""
    why = ""
    if not one.stated or one.standing != "confirmed":
        why = "is only said of one that is stated as confirmed"
    elif at.tzinfo is None:
        why = "has no time zone"
    elif at > now:
        why = "is still to come"
    elif case.awareness is None:
        why = (
            "is too much: nobody has judged it a breach yet, so the customer counts from awareness"
        )
    elif at < case.awareness.aware_at:
        why = f"is before awareness, {case.awareness.aware_at.isoformat()}"
    elif before is not None and before.is_confirmed and before.found_at is None:
        why = "is too late: it was known before, and counts from awareness"
    elif before is not None and before.found_at is not None and at > before.found_at:
        why = f"is too late: it counts from {before.found_at.isoformat()} already"
    return why and f"customer {one.customer}: known_at {at.isoformat()} {why}"
