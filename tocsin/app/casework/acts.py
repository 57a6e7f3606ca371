"""Commands on incidents: list, show, report, judge, assess, note, contain, close.

Each takes who asks and ``now``, works in one transaction, and leaves everything as it was when it
refuses. Case first, then what is owed because of it, in the same transaction.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from incidents import assessment, obligations
from incidents.assessment import Case, Told
from incidents.assessment.bodies import NoteClass
from incidents.obligations import Obligation
from notifiers import outbox
from tocsin import registers
from tocsin.app.casework import (
    duties,
    outlook,
    overview,
    people,
    recalling,
    settling,
    telling,
    withdrawing,
)
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.known import detected
from tocsin.app.casework.overview import Overview
from tocsin.app.casework.people import PeoplesFacts
from tocsin.errors import Refusal
from tocsin.model.instants import from_us
from tocsin.model.principals import Principal
from tocsin.store.cases import StoredIncident
from tocsin.store.cases import incidents as stored


def listed(desk: Desk) -> list[tuple[StoredIncident, Case | None]]:
    """Return all incidents with their cases, by number."""
    with desk.store.read() as db:
        return [(one, _case(db, one.number)) for one in stored(db)]


def show(
    desk: Desk, number: int, *, as_of: datetime | None = None, now: datetime | None = None
) -> Overview:
    """Return one incident, as it is or as it was known at an instant.

    Args:
        desk: The desk.
        number: Of the incident.
        as_of: What was known then; None: as it is.
        now: When it is asked; None: without the commands that settle what is owed.

    Raises:
        Refusal: There is none, or there was none then.
    """
    with desk.store.read() as db:
        stands = outlook.NOTHING
        if now is not None and as_of is None:
            stands = outlook.outlook(desk, db, number, now=now)
        return overview.look(db, desk.archive, number, as_of=as_of, now=now, outlook=stands)


def report(desk: Desk, told: Told, *, principal: Principal, now: datetime) -> Case:
    """Open an incident because somebody told us, and alert the team.

    Raises:
        Refusal: See :func:`incidents.assessment.open_report`, or no law holds on the day of its
            receipt; nothing was changed.
    """
    with desk.store.begin() as db:
        case = assessment.open_report(db, told, principal=principal, now=now)
        desk.law.must_hold(told.received_at, what="received")
        recalling.follow(desk, db, case.number, now=now)
        for message in telling.reported(desk.config, case, case.reports[0], now):
            outbox.put(db, message, principal=principal, now=now)
        return case


def confirm(
    desk: Desk,
    number: int,
    *,
    aware_at: datetime,
    why: str,
    customers: Sequence[str] = (),
    later_because: str = "",
    earlier_because: str = "",
    principal: Principal,
    now: datetime,
) -> list[Obligation]:
    """Record that an incident is a breach, and start the clocks.

    Returns:
        What is owed now.

    Raises:
        Refusal: See :func:`incidents.assessment.confirm`, or no law holds on the day of awareness;
            nothing was changed.
    """
    with desk.store.begin() as db:
        unknown = set(customers) - registers.customers(db).keys()
        if unknown:
            raise Refusal(
                f"no customer {', '.join(sorted(unknown))} in the register",
                hint="`tocsin customer list` shows those there are.",
            )
        case = assessment.confirm(
            db,
            number,
            aware_at=aware_at,
            why=why,
            customers=customers,
            later_because=later_because,
            earlier_because=earlier_because,
            principal=principal,
            now=now,
        )
        _by_law(desk, case)
        return recalling.follow(desk, db, number, principal=principal, now=now)


def dismiss(
    desk: Desk, number: int, *, why: str, principal: Principal, now: datetime
) -> list[Obligation]:
    """Record that an incident is no breach. Returns what is owed now."""
    with desk.store.begin() as db:
        assessment.dismiss(db, number, why=why, principal=principal, now=now)
        return recalling.follow(desk, db, number, principal=principal, now=now)


def correct(
    desk: Desk,
    number: int,
    *,
    aware_at: datetime | None,
    why: str,
    earlier_because: str = "",
    principal: Principal,
    now: datetime,
) -> list[Obligation]:
    """Put awareness elsewhere, or ask for it where two are needed. Returns what is owed now."""
    with desk.store.begin() as db:
        case = assessment.correct(
            db,
            number,
            aware_at=aware_at,
            why=why,
            earlier_because=earlier_because,
            principal=principal,
            now=now,
        )
        _by_law(desk, case)
        return recalling.follow(desk, db, number, principal=principal, now=now)


def agree(
    desk: Desk, number: int, *, entry: int, principal: Principal, now: datetime
) -> list[Obligation]:
    """Agree to a correction that another asked for. Returns what is owed now."""
    with desk.store.begin() as db:
        _by_law(desk, assessment.agree(db, number, entry=entry, principal=principal, now=now))
        return recalling.follow(desk, db, number, principal=principal, now=now)


def note(
    desk: Desk,
    number: int,
    *,
    text: str,
    kind: NoteClass,
    principal: Principal,
    now: datetime,
) -> Case:
    """Take a note: fact, working or privileged."""
    with desk.store.begin() as db:
        return assessment.note(db, number, text=text, note=kind, principal=principal, now=now)


def contain(
    desk: Desk,
    number: int,
    *,
    at: datetime,
    where: str,
    why: str,
    principal: Principal,
    now: datetime,
) -> Case:
    """Record that an incident is contained since an instant."""
    with desk.store.begin() as db:
        return assessment.record(
            db, number, "contained", at=at, where=where, why=why, principal=principal, now=now
        )


def close(
    desk: Desk,
    number: int,
    *,
    why: str,
    untold: bool = False,
    principal: Principal,
    now: datetime,
) -> Case:
    """Record that nothing is left to do, by somebody else than who judged it.

    Args:
        desk: The desk.
        number: Of the incident.
        why: What was learned.
        untold: Though customers that were told of a breach get no notice that for them there was
            none; they are named beside ``why``, on record.
        principal: A second person.
        now: When.

    Raises:
        Refusal: Something is owed, or on its way to a customer, or see
            :func:`incidents.assessment.close`; nothing was changed.
    """
    with desk.store.begin() as db:
        stands = outlook.outlook(desk, db, number, now=now)
        to_tell = withdrawing.unsettled(stands.untold)
        on_their_way = recalling.on_their_way(db, number)
        if untold and to_tell and why.strip():
            why, to_tell = f"{why.strip()} ({'; '.join(to_tell)})", []
        return assessment.close(
            db,
            number,
            why=why,
            unsettled=[*obligations.unsettled(db, number, now), *on_their_way, *to_tell],
            settled_by=[*stands.ready.values(), *settling.settled_by(db, number, now, stands)],
            principal=principal,
            now=now,
        )


def assess(
    desk: Desk, number: int, facts: PeoplesFacts, *, principal: Principal, now: datetime
) -> None:
    """Keep what a person says about an incident.

    Raises:
        Refusal: There is no such incident, or another instant is recorded at which access was
            stopped; nothing was changed.
    """
    with desk.store.begin() as db:
        case = assessment.show(db, number).case
        if facts.nature is not None:
            people.contained(facts.nature, case.where("contained").get(""), number)
        found = detected(db, number)
        seen_at = from_us(found.opened_at) if found else None
        people.give(db, number, facts, seen_at=seen_at, principal=principal, now=now)
        if facts.late_reason is not None:
            duties.explain_notices(db, number, facts.late_reason, principal=principal, now=now)


def _by_law(desk: Desk, case: Case) -> None:
    """Make sure that law holds on the day of awareness, and of each that is asked for.

    Raises:
        Refusal: None does: that is never "nothing is owed". The transaction is rolled back.
    """
    for one in (*case.proposals, case.awareness):
        if one is not None and one.aware_at is not None:
            desk.law.must_hold(one.aware_at)


def _case(db: Connection, number: int) -> Case | None:
    try:
        return assessment.show(db, number).case
    except Refusal:
        return None  # detection has stored it, its case opens with the next pass
