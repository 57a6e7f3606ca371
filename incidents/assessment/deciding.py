"""Judging an incident: each a person's decision, with reasons, written before anything follows.

A refused decision changes nothing: everything is asked before the first row is written.

Source: GDPR Art. 4(12), 33(2); EDPB Guidelines 9/2022: a reasonable degree of certainty.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from incidents.assessment.beginning import not_before
from incidents.assessment.bodies import Added, Closed, Confirmed, Dismissed, Reopened, Taken
from incidents.assessment.case import Case, fold
from incidents.assessment.entries import entries, say
from incidents.assessment.states import Move, after, open_moves
from tocsin.errors import Refusal
from tocsin.model.principals import Principal
from tocsin.store.tables import incident

COMMANDS = {Move.VOID: "correct --void"}
"""The command of a move, where it is not called like it."""

NOT_PEOPLE = frozenset({"service", "link"})
"""Ways of principals that never judge: ourselves, and whoever follows a link in a mail."""


def take(db: Connection, number: int, *, why: str, principal: Principal, now: datetime) -> Case:
    """Record that a person looks into it.

    Raises:
        Refusal: It is no longer open, or no person asks; nothing was changed.
    """
    _may(case_of(db, number), Move.TAKE, why, principal)
    say(db, number, Taken(why.strip()), principal=principal, now=now)
    return case_of(db, number)


def confirm(
    db: Connection,
    number: int,
    *,
    aware_at: datetime,
    why: str,
    customers: Sequence[str] = (),
    later_because: str = "",
    earlier_because: str = "",
    principal: Principal,
    now: datetime,
) -> Case:
    """Record that an incident is a breach, and when we became aware.

    Args:
        db: A transaction.
        number: Of the incident.
        aware_at: With a time zone; before now, perhaps before anything was detected.
        why: What was known then, and why that is a breach.
        customers: Customers known to be affected, whatever the logs say.
        later_because: Why not from the receipt of a report that said itself that data were
            breached.
        earlier_because: Why from before the incident's first event and every report of it.
        principal: A person.
        now: When it is written down.

    Raises:
        Refusal: Nothing was changed.
    """
    case = case_of(db, number)
    _may(case, Move.CONFIRM, why, principal)
    aware_at = past(aware_at, now)
    proposed = proposed_awareness(case)
    if proposed is not None and aware_at > proposed and not later_because.strip():
        raise Refusal(
            f"incident {number}: a report received at {proposed.isoformat()} said itself that "
            f"personal data were breached; {aware_at.isoformat()} is later",
            hint="Give that instant, or say with --later-because why it does not count.",
        )
    earlier = not_before(db, case, aware_at, earlier_because)
    body = Confirmed(aware_at, why.strip(), later_because.strip(), earlier)
    say(db, number, body, principal=principal, now=now)
    for customer in dict.fromkeys(customers):
        say(db, number, Added(customer, "confirmed", None), principal=principal, now=now)
    return case_of(db, number)


def dismiss(db: Connection, number: int, *, why: str, principal: Principal, now: datetime) -> Case:
    """Record that an incident is no breach.

    Raises:
        Refusal: It was judged already, or no person asks; nothing was changed. A breach is
            withdrawn by two people; see :func:`incidents.assessment.correct`.
    """
    case = case_of(db, number)
    _may(case, Move.DISMISS, why, principal)
    say(db, number, Dismissed(why.strip(), case.findings), principal=principal, now=now)
    return case_of(db, number)


def close(
    db: Connection,
    number: int,
    *,
    why: str,
    unsettled: Sequence[str],
    settled_by: Sequence[str] = (),
    principal: Principal,
    now: datetime,
) -> Case:
    """Record that nothing is left to do, by somebody else than who judged it.

    Args:
        db: A transaction.
        number: Of the incident.
        why: What was learned.
        unsettled: What is still owed, as :func:`incidents.obligations.unsettled` says.
        settled_by: How a person settles that, one line each.
        principal: A second person.
        now: When.

    Raises:
        Refusal: Nothing was changed.
    """
    case = case_of(db, number)
    _may(case, Move.CLOSE, why, principal)
    if case.proposals:
        raise Refusal(
            f"incident {number}: a correction waits for a second person",
            hint=f"Agree to entry {case.proposals[0].entry} or let another correct it first.",
        )
    if unsettled:
        raise Refusal(
            f"incident {number} cannot be closed: {'; '.join(unsettled)}",
            hint="\n  ".join(settled_by)
            or "Meet what is owed, give the reasons of what is late, or waive it with reasons.",
        )
    if principal.is_same_person(case.decided_by):
        raise Refusal(
            f"incident {number} was judged by {case.decided_by}; closing takes a second person",
            hint=principal.second_person("close it"),
        )
    say(db, number, Closed(why.strip(), case.findings), principal=principal, now=now)
    return case_of(db, number)


def reopen(db: Connection, number: int, *, why: str, principal: Principal, now: datetime) -> Case:
    """Record that it begins again: a late finding, a bounce, a reply, a new customer.

    The service may do this by itself: it judges nothing.

    Raises:
        Refusal: It is open; nothing was changed.
    """
    _allowed(case_of(db, number), Move.REOPEN, why)
    say(db, number, Reopened(why.strip()), principal=principal, now=now)
    return case_of(db, number)


def proposed_awareness(case: Case) -> datetime | None:
    """Return the receipt of the first report that established the breach by itself, or None."""
    received = [report.received_at for report in case.reports if report.establishes]
    return min(received, default=None)


def case_of(db: Connection, number: int) -> Case:
    """Return the case as it stands.

    Raises:
        Refusal: There is no such incident, or nobody has opened its case yet.
    """
    case = fold(entries(db, number))
    if case is None:
        known = db.scalar(select(func.max(incident.c.number))) or 0
        raise Refusal(
            f"no incident {number}; the last one is {known}" if known else f"no incident {number}",
            hint="`tocsin incident list` shows those there are.",
        )
    return case


def past(at: datetime, now: datetime) -> datetime:
    """Return an instant in UTC.

    Raises:
        Refusal: It has no time zone, or is still to come.
    """
    if at.tzinfo is None:
        raise Refusal(
            f"{at.isoformat()}: which time zone?", hint="Write it like 2026-11-24T10:15+01:00."
        )
    if at > now:
        raise Refusal(
            f"{at.astimezone(UTC).isoformat()} is still to come",
            hint="Give an instant that has passed; its zone may be wrong.",
        )
    return at.astimezone(UTC)


def a_person(principal: Principal) -> None:
    """Return if it is a person who asks.

    Raises:
        Refusal: It is not: software proposes, computes and reminds; it never decides.
    """
    if principal.way in NOT_PEOPLE:
        raise Refusal(
            f"{principal} decides nothing: a person does",
            hint="Sign in, or run the command from a shell.",
        )


def said(why: str, *, option: str = "why") -> str:
    """Return a reason without the space around it.

    Raises:
        Refusal: There is none.
    """
    if not why.strip():
        what = "no reason" if option == "why" else "nothing"
        raise Refusal(f"--{option}: {what} given", hint=f"Say it with `--{option}`.")
    return why.strip()


def _may(case: Case, move: Move, why: str, principal: Principal) -> None:
    a_person(principal)
    _allowed(case, move, why)


def _allowed(case: Case, move: Move, why: str) -> None:
    said(why)
    aware = case.awareness is not None
    if case.merged_into is not None and move in (Move.TAKE, Move.CONFIRM, Move.DISMISS):
        raise Refusal(
            f"incident {case.number} is part of incident {case.merged_into} now",
            hint="Judge that one: it has the findings of both.",
        )
    if after(case.assessment, move, aware=aware) is None:
        moves = open_moves(case.assessment, aware=aware)
        there_are = ", ".join(COMMANDS.get(one, one) for one in moves)
        raise Refusal(
            f"incident {case.number} is {case.assessment!s}: it cannot be moved by {move!s}",
            hint=f"From here: {there_are}.",
        )
