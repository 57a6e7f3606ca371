"""What ends an obligation besides a letter's delivery: a person's decision, filing, reason or word.

Each takes who asks and ``now``, works in one transaction, and leaves everything as it was when it
refuses.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from incidents import obligations
from incidents.obligations import NOTICE, OWN_FILING, POSSIBLE, Obligation, Receipt
from incidents.obligations.customers import Answer
from notifiers import outbox
from notifiers.base import Kind, News
from notifiers.following import receive, take_mail
from notifiers.mail import address_of
from tocsin.app.casework import ticking
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


def received(
    desk: Desk, mails: Sequence[Path], *, principal: Principal, now: datetime
) -> list[bool]:
    """Take delivery reports that came in by mail.

    Returns:
        Of each whether it told something new of a message of ours.

    Raises:
        ConfigError: A file cannot be read, or no channel sends mail; nothing was changed.
    """
    domain = _domain(desk)
    try:
        raw = [path.read_bytes() for path in mails]
    except OSError as error:
        raise ConfigError(f"{error.filename}: cannot be read: {error.strerror}") from error
    with desk.store.begin() as db:
        news = [take_mail(db, one, domain=domain, principal=principal, now=now) for one in raw]
        ticking.settle(db, now)
    return news


def acknowledged(
    desk: Desk, key: str, *, name: str, principal: Principal, now: datetime
) -> outbox.Standing:
    """Record that a named person at the customer said to have a message.

    Raises:
        Refusal: There is no such message to a customer, it never left, or no name was given;
            nothing was changed.
    """
    if not name.strip():
        raise Refusal(
            f"message {key}: who has it?", hint="Give the name of the person who said so."
        )
    with desk.store.begin() as db:
        tried = _tried(db, key)
        news = News(Kind.ACKNOWLEDGED, f"{name.strip()} says so")
        receive(db, key, tried, news, principal=principal, now=now)
        ticking.settle(db, now)
        return outbox.standing(db, key)


def _tried(db: Connection, key: str) -> int:
    """Return the number of a message's newest attempt that was not refused."""
    standing = outbox.standing(db, key)
    tries = [one.number for one in outbox.attempts(db, key) if one.outcome != "refused"]
    if not standing.customer or not tries:
        why = "has not left yet" if standing.customer else "is the team's own"
        raise Refusal(
            f"message {key} {why}: nobody at a customer can have it",
            hint="`tocsin notice status INCIDENT` shows the messages and how they stand.",
        )
    return tries[-1]


def _clause(what: str, customer: str) -> tuple[str, str]:
    clause = CLAUSES.get(what)
    if clause is None:
        raise ConfigError(f"{what}: expected one of {', '.join(CLAUSES)}")
    if (clause == OWN_FILING) == bool(customer):
        raise ConfigError(
            f"{what}: " + ("it is no customer's" if customer else "whose? Give --customer")
        )
    return clause, customer or OPERATOR


def _domain(desk: Desk) -> str:
    settings = desk.config.notifiers
    sender = settings.email or settings.files
    if sender is None:
        raise ConfigError(
            "no channel sends mail: no report can be about a message of ours",
            hint="Configure [notifiers.email].",
        )
    return address_of(sender.sender).domain
