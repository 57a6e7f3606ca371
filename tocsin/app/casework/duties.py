"""What people do about what is owed: take, decide, explain, waive, file, begin again.

As in :mod:`tocsin.app.casework.acts`: one transaction each, who asks and ``now`` are given, and a
refusal leaves everything as it was.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from incidents import assessment, obligations
from incidents.assessment import Assessment, Case
from incidents.assessment.deciding import a_person, said
from incidents.documents import Words
from incidents.obligations import NOTICE, OWN_FILING, Obligation, Receipt, Standing
from incidents.obligations.customers import Answer
from tocsin.app.casework import recalling
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal
from tocsin.model.categories import OPERATOR
from tocsin.model.principals import Principal

LATE = (Standing.LATE, Standing.OVERDUE)


def take(desk: Desk, number: int, *, why: str, principal: Principal, now: datetime) -> Case:
    """Record that a person looks into an incident; its clocks run on.

    Raises:
        Refusal: Somebody has it, it was judged already, or no person asks; nothing was changed.
    """
    with desk.store.begin() as db:
        case = assessment.show(db, number).case
        if case.assessment == Assessment.UNDER_ASSESSMENT and case.owner:
            raise Refusal(
                f"incident {number} was taken by {case.owner} already",
                hint=f"Speak to them; `tocsin incident show {number}` says since when.",
            )
        assessment.take(db, number, why=why, principal=principal, now=now)
        recalling.follow(desk, db, number, principal=principal, now=now)
        return assessment.show(db, number).case


def reopen(desk: Desk, number: int, *, why: str, principal: Principal, now: datetime) -> Case:
    """Record that a closed incident, or one judged no breach, begins again.

    Raises:
        Refusal: It is open, no reason is given, or no person asks; nothing was changed.
    """
    with desk.store.begin() as db:
        a_person(principal)
        assessment.reopen(db, number, why=why, principal=principal, now=now)
        recalling.follow(desk, db, number, principal=principal, now=now)
        return assessment.show(db, number).case


def decide(
    desk: Desk,
    number: int,
    customers: Sequence[str],
    answer: Answer,
    *,
    why: str,
    until: datetime | None = None,
    principal: Principal,
    now: datetime,
) -> list[Obligation]:
    """Record one decision on customers that are only possibly touched.

    Args:
        desk: The desk.
        number: Of the incident.
        customers: Their ids.
        answer: ``notify`` starts the clock of a notice to each; ``exclude`` starts none; ``wait``
            asks again at ``until``.
        why: Reasons, the same for all of them.
        until: With a time zone; only for ``wait``.
        principal: A person.
        now: When.

    Returns:
        What is owed now.

    Raises:
        Refusal: One of them is not possible, or see :func:`incidents.obligations.decide`; nothing
            was changed of any.
    """
    with desk.store.begin() as db:
        owing = desk.duties(db)
        for customer in dict.fromkeys(customers):
            obligations.decide(
                db,
                number,
                customer,
                answer,
                why=why,
                until=until,
                duties=owing,
                principal=principal,
                now=now,
            )
        return recalling.follow(desk, db, number, principal=principal, now=now)


def explain(
    desk: Desk,
    number: int,
    clause: str,
    customer: str = "",
    *,
    why: str,
    principal: Principal,
    now: datetime,
) -> list[Obligation]:
    """Record why something is late.

    Args:
        desk: The desk.
        number: Of the incident.
        clause: Which duty.
        customer: Towards whom; "" for everything of that clause that is late without a reason.
        why: Reasons.
        principal: A person.
        now: When.

    Returns:
        What is owed now.

    Raises:
        Refusal: Nothing is late, or see :func:`incidents.obligations.explain`; nothing was
            changed.
    """
    with desk.store.begin() as db:
        found = _of_clause(db, number, clause, customer)
        late = found if customer else [one for one in found if _is_unexplained(one, now)]
        if not late:
            raise Refusal(
                f"incident {number}: no {clause} is late without a reason",
                hint=f"`tocsin incident show {number}` shows what is owed, and until when.",
            )
        for one in late:
            obligations.explain(
                db, number, clause, one.customer, why=why, principal=principal, now=now
            )
        return obligations.obligations(db, number)


def explain_notices(
    db: Connection, number: int, reason: Words, *, principal: Principal, now: datetime
) -> None:
    """Take the reason that a late notice gives for what it is: why that notice is late.

    Notices that are not late, or whose reason is on record, are left as they are.
    """
    why = reason.en or reason.fr or ""
    if not why.strip():
        return
    for one in obligations.obligations(db, number):
        if one.clause == NOTICE and _is_unexplained(one, now):
            obligations.explain(
                db, number, NOTICE, one.customer, why=why, principal=principal, now=now
            )


def waive(
    desk: Desk,
    number: int,
    clause: str,
    customer: str = "",
    *,
    why: str,
    principal: Principal,
    now: datetime,
) -> list[Obligation]:
    """Record a person's judgement that nothing is owed.

    Args:
        desk: The desk.
        number: Of the incident.
        clause: Which duty.
        customer: Towards whom; "" where only one is still owed.
        why: Reasons.
        principal: A person.
        now: When.

    Returns:
        What is owed now.

    Raises:
        Refusal: It is not clear which is meant, or see :func:`incidents.obligations.waive`;
            nothing was changed.
    """
    with desk.store.begin() as db:
        found = _of_clause(db, number, clause, customer)
        chosen = [one for one in found if one.is_open] or found[:1]
        if len(chosen) > 1:
            raise Refusal(
                f"incident {number} owes {clause} to {', '.join(one.customer for one in chosen)}",
                hint="Say which is meant with `--customer`.",
            )
        obligations.waive(
            db, number, clause, chosen[0].customer, why=why, principal=principal, now=now
        )
        recalling.recall(db, number, principal=principal, now=now)
        return obligations.obligations(db, number)


def filed(
    desk: Desk,
    number: int,
    *,
    reference: str,
    at: datetime,
    authority: str = "",
    principal: Principal,
    now: datetime,
) -> list[Obligation]:
    """Record that the operator has notified a supervisory authority itself.

    Args:
        desk: The desk.
        number: Of the incident.
        reference: By which the authority knows it.
        at: When it was filed, with a time zone.
        authority: Which; "" where there is but one.
        principal: A person.
        now: When it is written down.

    Returns:
        What is owed now.

    Raises:
        Refusal: No filing is owed, it is on record already, or the instant cannot be; nothing was
            changed.

    Source: GDPR Art. 33(1) and 33(5).
    """
    with desk.store.begin() as db:
        a_person(principal)
        name = said(reference, option="reference")
        case = assessment.show(db, number).case
        (before,) = _of_clause(db, number, OWN_FILING, OPERATOR)
        if at < min(case.known_at, before.starts_at):
            raise Refusal(
                f"incident {number}: filed at {at.isoformat()}, before anything was known of it",
                hint="Give the instant at which it was filed; its zone may be wrong.",
            )
        proof = f"{authority.strip()}, {name}" if authority.strip() else name
        receipt = Receipt(kind="filed", at=at, key=proof, proof=proof)
        after = obligations.take_receipt(
            db, number, OWN_FILING, OPERATOR, receipt, principal=principal, now=now
        )
        if after == before:
            raise Refusal(
                f"incident {number}: the filing {proof} is on record already",
                hint=f"`tocsin incident show {number}` says when it was made.",
            )
        return obligations.obligations(db, number)


def _of_clause(db: Connection, number: int, clause: str, customer: str) -> list[Obligation]:
    """Return what an incident owes by a clause, to one or to all.

    Raises:
        Refusal: There is no such incident, or it owes nothing of the kind.
    """
    assessment.show(db, number)
    owed = [one for one in obligations.obligations(db, number) if not one.is_void]
    found = [one for one in owed if one.clause == clause and customer in ("", one.customer)]
    if not found:
        there_are = ", ".join(sorted({one.clause for one in owed})) or "nothing"
        raise Refusal(
            f"incident {number} owes no {clause}" + (f" to {customer}" if customer else ""),
            hint=f"It owes {there_are}; `tocsin incident show {number}` says to whom.",
        )
    return found


def _is_unexplained(one: Obligation, now: datetime) -> bool:
    return one.standing(now) in LATE and not one.late_reason
