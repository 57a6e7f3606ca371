"""What a person decides on a customer that is only possibly touched: notify, wait, exclude.

To wait is no way out of the clock: it ends when notice would be due, had the customer been
confirmed when it was shown.

Source: legal reference, possible customers.
"""

from datetime import datetime

from sqlalchemy import Connection

from incidents.assessment.deciding import a_person, case_of, said
from incidents.assessment.entries import entries, write
from incidents.obligations.customers import DECIDED, Answer, Decided, Touched, touched
from incidents.obligations.owed import Duties, latest_wait
from tocsin.errors import Refusal
from tocsin.model.principals import Principal


def decide(
    db: Connection,
    number: int,
    customer: str,
    answer: Answer,
    *,
    why: str,
    until: datetime | None = None,
    duties: Duties,
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
        until: With a time zone and in the future, and not after notice would be due; only for
            ``wait``.
        duties: Law and contracts.
        principal: A person.
        now: When.

    Raises:
        Refusal: Nothing was changed.
    """
    case = case_of(db, number)
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
    if until is not None and until > (latest := latest_wait(case, before, duties)):
        over = "is over" if latest <= now else f"ends {latest.isoformat()}"
        raise Refusal(
            f"incident {number}, customer {customer}: waiting until {until.isoformat()} is too "
            f"long; the time in which a notice to it would be due {over}",
            hint="Wait no longer than that; then notify it as suspected, or exclude it.",
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
