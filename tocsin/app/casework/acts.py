"""Commands on incidents and notices: what ``tocsin incident …`` and ``tocsin notice …`` do.

Each takes who asks and ``now``, works in one transaction, and leaves everything as it was when it
refuses. Case first, then what is owed because of it, in the same transaction.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

import runbooks
from incidents import assessment, impact, notices, obligations
from incidents.assessment import Case, History, Told
from incidents.assessment.bodies import NoteClass
from incidents.impact import ImpactRun
from incidents.notices import Addressed, Approval, Manifest
from incidents.obligations import Obligation
from notifiers import outbox
from tocsin import datamap, ledger, registers
from tocsin.app.casework import duties, filling, impacts, letters, people, settling
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.people import PeoplesFacts
from tocsin.errors import Refusal
from tocsin.model.findings import Incident
from tocsin.model.instants import from_us
from tocsin.model.principals import Principal
from tocsin.store.cases import StoredIncident, findings
from tocsin.store.cases import incidents as stored


class Shown_(NamedTuple):  # noqa: N801 - Shown is obligations' own
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


def show(desk: Desk, number: int, *, as_of: datetime | None = None) -> Shown_:
    """Return one incident, as it is or as it was known at an instant.

    Raises:
        Refusal: There is none, or there was none then.
    """
    with desk.store.read() as db:
        history = assessment.show(db, number, as_of)
        runs = [one for one in impact.runs(db, number) if _by(one.at, as_of)]
        found = detected(db, number)
        said = findings(db, found.finding_ids) if found else []
        return Shown_(
            history,
            found,
            runs[-1] if runs else None,
            tuple(obligations.obligations(db, number, as_of)),
            tuple(outbox.standings(db, incident=number, as_of=as_of)),
            runbooks.find((one.rule, one.tactics) for one in said if not one.disposition),
        )


def report(desk: Desk, told: Told, *, principal: Principal, now: datetime) -> Case:
    """Open an incident because somebody told us. See :func:`incidents.assessment.open_report`."""
    with desk.store.begin() as db:
        case = assessment.open_report(db, told, principal=principal, now=now)
        obligations.follow(db, case.number, desk.duties(db), now=now)
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


# ---- notices ------------------------------------------------------------------------------------


def preview(
    desk: Desk,
    number: int,
    folder: Path | None,
    *,
    customers: Sequence[str] = (),
    principal: Principal,
    now: datetime,
) -> Manifest:
    """Render the notices of an incident, keep the bytes, and write them out to be looked at.

    Args:
        desk: The desk.
        number: Of the incident.
        folder: Where the files are written, one folder a customer; None writes none.
        customers: Only these; () for all to whom a notice is owed.
        principal: Who asks.
        now: When.

    Raises:
        MissingFacts: Facts are missing; all are named, and nothing was changed.
        Refusal: There is nothing to render; nothing was changed.
    """
    with desk.store.begin() as db:
        found = _letters(desk, db, number, customers, now=now)
        made = notices.preview(db, found, principal=principal, now=now)
        files = {
            (one.customer, name): notices.file_of(db, digest)
            for one in made.notices
            for name, digest in one.files.items()
        }
    if folder is not None:
        for (customer, name), content in files.items():
            path = folder / customer / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return made


def approve(desk: Desk, sha256: str, *, principal: Principal, now: datetime) -> Approval:
    """Say yes to exactly these bytes and recipients."""
    with desk.store.begin() as db:
        return notices.approve(db, sha256, principal=principal, now=now)


def send(desk: Desk, sha256: str, *, principal: Principal, now: datetime) -> list[str]:
    """Put approved notices into the outbox, a call beside each: decided in one transaction.

    Where no phone is configured, no call is put there.

    Returns:
        Keys of the messages.

    Raises:
        Refusal: Not approved by enough people, something changed since, or no channel carries a
            notice; nothing was changed.
    """
    letters.check_channels(desk)
    with desk.store.begin() as db:
        made = notices.approval.current(db, sha256)
        versions = {one.customer: one.version for one in made.notices}
        found = _letters(desk, db, made.incident, list(versions), versions, now=now)
        approvers = desk.config.notifiers.approvers
        plan = notices.send_plan(db, sha256, found, now=now, approvers=approvers)
        messages = letters.messages(desk, made, plan, registers.customers(db))
        for message in messages:
            outbox.put(db, message, principal=principal, now=now)
        return [message.key for message in messages]


def standings(desk: Desk, number: int) -> list[outbox.Standing]:
    """Return how the messages of an incident stand."""
    with desk.store.read() as db:
        assessment.show(db, number)
        return list(outbox.standings(db, incident=number))


def world(desk: Desk, db: Connection, number: int) -> filling.World:
    """Return everything known of an incident, as one transaction sees it.

    Raises:
        Refusal: There is no such incident, or nobody has computed its impact yet.
    """
    case = assessment.show(db, number).case
    run = impact.last(db, number)
    if run is None:
        raise Refusal(
            f"incident {number}: nobody has computed yet whose data it touched",
            hint=f"tocsin incident impact {number}"
            if detected(db, number)
            else f"Say whose: tocsin incident declare {number} FILE.toml",
        )
    return filling.World(
        case=case,
        run=run,
        owed=tuple(obligations.obligations(db, number)),
        given=people.given(db, number),
        customers=dict(registers.customers(db)),
        data_map=datamap.load(db).datamap,
        operator=desk.config.operator,
        checkpoint=ledger.newest(db),
        key=desk.key(db).public.fingerprint,
    )


def detected(db: Connection, number: int) -> Incident | None:
    """Return what detection knows of an incident; None for a person's report."""
    found = next((one.incident for one in stored(db) if one.number == number), None)
    return found if found is not None and found.event_ids else None


def _letters(
    desk: Desk,
    db: Connection,
    number: int,
    customers: Sequence[str],
    versions: Mapping[str, int] | None = None,
    *,
    now: datetime,
) -> list[Addressed]:
    known = world(desk, db, number)
    owed = filling.told(known)
    chosen = [one for one in owed if not customers or one in customers]
    strangers = sorted(set(customers) - set(owed))
    if strangers or not chosen:
        raise Refusal(
            f"incident {number} owes no notice to {', '.join(strangers) or 'anybody'}",
            hint=f"`tocsin incident show {number}` shows what is owed to whom.",
        )
    return letters.addressed(db, known, chosen, versions, now=now)


def _case(db: Connection, number: int) -> Case | None:
    try:
        return assessment.show(db, number).case
    except Refusal:
        return None  # detection has stored it, its case opens with the next pass


def _by(at: int, as_of: datetime | None) -> bool:
    return as_of is None or from_us(at) <= as_of
