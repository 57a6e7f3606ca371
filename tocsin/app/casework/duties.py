"""What people do about what is owed: take, decide, explain, waive, file, begin again.

As in :mod:`tocsin.app.casework.acts`: one transaction each, who asks and ``now`` are given, and a
refusal leaves everything as it was.
"""

from collections.abc import Sequence
from datetime import datetime

from incidents import assessment, obligations
from incidents.assessment import Assessment, Case
from incidents.assessment.deciding import a_person
from incidents.obligations import Obligation, Standing
from incidents.obligations.customers import Answer
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal
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
        obligations.follow(db, number, desk.duties(db), principal=principal, now=now)
        return assessment.show(db, number).case


def reopen(desk: Desk, number: int, *, why: str, principal: Principal, now: datetime) -> Case:
    """Record that a closed incident, or one judged no breach, begins again.

    Raises:
        Refusal: It is open, no reason is given, or no person asks; nothing was changed.
    """
    with desk.store.begin() as db:
        a_person(principal)
        assessment.reopen(db, number, why=why, principal=principal, now=now)
        obligations.follow(db, number, desk.duties(db), principal=principal, now=now)
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
        for customer in dict.fromkeys(customers):
            obligations.decide(
                db, number, customer, answer, why=why, until=until, principal=principal, now=now
            )
        return obligations.follow(db, number, desk.duties(db), principal=principal, now=now)
