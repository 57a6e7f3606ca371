"""Commands on incidents: list, show, report, judge, measure, assess, note, contain, close.

Each takes who asks and ``now``, works in one transaction, and leaves everything as it was when it
refuses. Case first, then what is owed because of it, in the same transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

import runbooks
from incidents import assessment, impact, obligations
from incidents.assessment import Case, History, Told
from incidents.assessment.bodies import NoteClass
from incidents.impact import ImpactRun
from incidents.obligations import Obligation
from notifiers import outbox
from tocsin import registers
from tocsin.app.casework import duties, impacts, people, settling, telling
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.known import detected
from tocsin.app.casework.people import PeoplesFacts
from tocsin.errors import Refusal
from tocsin.model.findings import Incident
from tocsin.model.instants import from_us
from tocsin.model.principals import Principal
from tocsin.store.cases import StoredIncident, findings
from tocsin.store.cases import incidents as stored


class Overview(NamedTuple):
    """One incident, as it stands or stood.

    Attributes:
        history: The case and the entries that make it.
        detected: What detection knows of it; None for a person's report.
        run: The newest impact run; None before the first.
        owed: What is owed to whom.
        messages: How its messages stand.
        runbooks: Names of those its findings ask for, the one to begin with first.
    """

    history: History
    detected: Incident | None
    run: ImpactRun | None
    owed: tuple[Obligation, ...]
    messages: tuple[outbox.Standing, ...]
    runbooks: tuple[str, ...]


def listed(desk: Desk) -> list[tuple[StoredIncident, Case | None]]:
    """Return all incidents with their cases, by number."""
    with desk.store.read() as db:
        return [(one, _case(db, one.number)) for one in stored(db)]


def show(desk: Desk, number: int, *, as_of: datetime | None = None) -> Overview:
    """Return one incident, as it is or as it was known at an instant.

    Raises:
        Refusal: There is none, or there was none then.
    """
    with desk.store.read() as db:
        history = assessment.show(db, number, as_of)
        runs = [one for one in impact.runs(db, number) if _by(one.at, as_of)]
        found = detected(db, number)
        said = findings(db, found.finding_ids) if found else []
        return Overview(
            history,
            found,
            runs[-1] if runs else None,
            tuple(obligations.obligations(db, number, as_of)),
            tuple(outbox.standings(db, incident=number, as_of=as_of)),
            runbooks.find((one.rule, one.tactics) for one in said if not one.disposition),
        )


def report(desk: Desk, told: Told, *, principal: Principal, now: datetime) -> Case:
    """Open an incident because somebody told us, and alert the team.

    See :func:`incidents.assessment.open_report`.
    """
    with desk.store.begin() as db:
        case = assessment.open_report(db, told, principal=principal, now=now)
        obligations.follow(db, case.number, desk.duties(db), now=now)
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
    principal: Principal,
    now: datetime,
) -> list[Obligation]:
    """Record that an incident is a breach, and start the clocks.

    Returns:
        What is owed now.

    Raises:
        Refusal: See :func:`incidents.assessment.confirm`; nothing was changed.
    """
    with desk.store.begin() as db:
        unknown = set(customers) - registers.customers(db).keys()
        if unknown:
            raise Refusal(
                f"no customer {', '.join(sorted(unknown))} in the register",
                hint="`tocsin customer list` shows those there are.",
            )
        assessment.confirm(
            db,
            number,
            aware_at=aware_at,
            why=why,
            customers=customers,
            later_because=later_because,
            principal=principal,
            now=now,
        )
        return obligations.follow(db, number, desk.duties(db), principal=principal, now=now)


def dismiss(
    desk: Desk, number: int, *, why: str, principal: Principal, now: datetime
) -> list[Obligation]:
    """Record that an incident is no breach. Returns what is owed now."""
    with desk.store.begin() as db:
        assessment.dismiss(db, number, why=why, principal=principal, now=now)
        return obligations.follow(db, number, desk.duties(db), principal=principal, now=now)


def correct(
    desk: Desk,
    number: int,
    *,
    aware_at: datetime | None,
    why: str,
    principal: Principal,
    now: datetime,
) -> list[Obligation]:
    """Put awareness elsewhere, or ask for it where two are needed. Returns what is owed now."""
    with desk.store.begin() as db:
        assessment.correct(db, number, aware_at=aware_at, why=why, principal=principal, now=now)
        return obligations.follow(db, number, desk.duties(db), principal=principal, now=now)


def agree(
    desk: Desk, number: int, *, entry: int, principal: Principal, now: datetime
) -> list[Obligation]:
    """Agree to a correction that another asked for. Returns what is owed now."""
    with desk.store.begin() as db:
        assessment.agree(db, number, entry=entry, principal=principal, now=now)
        return obligations.follow(db, number, desk.duties(db), principal=principal, now=now)


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


def close(desk: Desk, number: int, *, why: str, principal: Principal, now: datetime) -> Case:
    """Record that nothing is left to do, by somebody else than who judged it."""
    with desk.store.begin() as db:
        return assessment.close(
            db,
            number,
            why=why,
            unsettled=obligations.unsettled(db, number, now),
            settled_by=settling.settled_by(db, number, now),
            principal=principal,
            now=now,
        )


def measure(desk: Desk, number: int, *, principal: Principal, now: datetime) -> impacts.Impacted:
    """Compute whose data an incident touched, keep it, and start the clocks it shows.

    Raises:
        Refusal: There is no such incident, no event of it or no data map; nothing was changed.
    """
    with desk.store.begin() as db:
        assessment.show(db, number)
        found = detected(db, number)
        if found is None:
            raise Refusal(
                f"incident {number} was reported by a person: no event of it is known",
                hint=f"Say whose data it touched: tocsin incident declare {number} FILE.toml",
            )
        before = impact.last(db, number)
        made = impact.run(db, desk.archive, found, number, principal=principal, now=now)
        return impacts.take(desk, db, made, before, principal=principal, now=now)


def assess(
    desk: Desk, number: int, facts: PeoplesFacts, *, principal: Principal, now: datetime
) -> None:
    """Keep what a person says about an incident.

    Raises:
        Refusal: There is no such incident; nothing was changed.
    """
    with desk.store.begin() as db:
        assessment.show(db, number)
        people.give(db, number, facts, principal=principal, now=now)
        if facts.late_reason is not None:
            duties.explain_notices(db, number, facts.late_reason, principal=principal, now=now)


def _case(db: Connection, number: int) -> Case | None:
    try:
        return assessment.show(db, number).case
    except Refusal:
        return None  # detection has stored it, its case opens with the next pass


def _by(at: int, as_of: datetime | None) -> bool:
    return as_of is None or from_us(at) <= as_of
