"""What ends an obligation besides a letter's delivery: a person's decision, filing or reason.

Each takes who asks and ``now``, works in one transaction, and leaves everything as it was when it
refuses.
"""

from datetime import datetime

from incidents import obligations
from incidents.obligations import NOTICE, OWN_FILING, POSSIBLE, Obligation, Receipt
from incidents.obligations.customers import Answer
from tocsin.app.casework.desk import Desk
from tocsin.errors import ConfigError, Refusal
from tocsin.model.categories import OPERATOR
from tocsin.model.principals import Principal

CLAUSES = {"notice": NOTICE, "filing": OWN_FILING, "decision": POSSIBLE}
"""What a person types → the clause."""


def decide(
    desk: Desk,
    number: int,
    customer: str,
    answer: Answer,
    *,
    why: str,
    until: datetime | None = None,
    principal: Principal,
    now: datetime,
) -> list[Obligation]:
    """Decide on a customer that is only possibly touched. Returns what is owed now."""
    with desk.store.begin() as db:
        obligations.decide(
            db, number, customer, answer, why=why, until=until, principal=principal, now=now
        )
        return obligations.follow(db, number, desk.duties(db), principal=principal, now=now)


def waive(
    desk: Desk,
    number: int,
    what: str,
    customer: str,
    *,
    why: str,
    principal: Principal,
    now: datetime,
) -> list[Obligation]:
    """Record a person's judgement that something is not owed. Returns what is owed now."""
    clause, whom = _clause(what, customer)
    with desk.store.begin() as db:
        obligations.waive(db, number, clause, whom, why=why, principal=principal, now=now)
        return obligations.obligations(db, number)


def explain(
    desk: Desk,
    number: int,
    what: str,
    customer: str,
    *,
    why: str,
    principal: Principal,
    now: datetime,
) -> list[Obligation]:
    """Record why something is late. Returns what is owed now."""
    clause, whom = _clause(what, customer)
    with desk.store.begin() as db:
        obligations.explain(db, number, clause, whom, why=why, principal=principal, now=now)
        return obligations.obligations(db, number)


def filed(
    desk: Desk, number: int, *, at: datetime, reference: str, principal: Principal, now: datetime
) -> list[Obligation]:
    """Record that our own filing lies with the authority, under its reference."""
    if not reference.strip():
        raise Refusal(
            f"incident {number}: a filing without a reference",
            hint="Give the one on the authority's confirmation.",
        )
    receipt = Receipt(kind="filed", at=at, key=reference.strip(), proof=reference.strip())
    with desk.store.begin() as db:
        obligations.take_receipt(
            db, number, OWN_FILING, OPERATOR, receipt, principal=principal, now=now
        )
        return obligations.obligations(db, number)


def _clause(what: str, customer: str) -> tuple[str, str]:
    clause = CLAUSES.get(what)
    if clause is None:
        raise ConfigError(f"{what}: expected one of {', '.join(CLAUSES)}")
    if (clause == OWN_FILING) == bool(customer):
        raise ConfigError(
            f"{what}: " + ("it is no customer's" if customer else "whose? Give --customer")
        )
    return clause, customer or OPERATOR
