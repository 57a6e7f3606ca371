"""One incident, read whole in one transaction: found, reported, counted, decided, owed, sent."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

import runbooks
from incidents import assessment, impact, notices, obligations
from incidents.assessment import History
from incidents.impact import ImpactRun
from incidents.obligations import Obligation
from notifiers import outbox
from tocsin import ledger, registers
from tocsin.app.casework.course import Step, course
from tocsin.app.casework.known import detected
from tocsin.app.casework.outlook import NOTHING, Outlook
from tocsin.app.casework.settling import settled_by
from tocsin.archive.archive import Archive
from tocsin.errors import TocsinError
from tocsin.lineage import named
from tocsin.model.findings import Finding, Incident
from tocsin.model.instants import from_us
from tocsin.store.cases import findings


class Who(NamedTuple):
    """Who acted: of the events behind the findings, the most frequent first.

    Attributes:
        actors: Identities.
        credentials: Keys and sessions; those that the attack brought into being too.
        addresses: They came from.
        made: Identities that the attack brought into being and that did not act.
        is_whole: Whether the archive could be asked; else only what findings name is here.
    """

    actors: tuple[str, ...]
    credentials: tuple[str, ...]
    addresses: tuple[str, ...]
    made: tuple[str, ...]
    is_whole: bool = True


class Overview(NamedTuple):
    """One incident, as it stands or stood.

    Attributes:
        history: The case and the entries that make it.
        detected: What detection knows of it; None for a person's report.
        run: The newest impact run; None before the first.
        owed: What is owed to whom.
        registered: Ids in the register as it is now; None of the past.
        messages: How its messages stand.
        runbooks: Names of those its findings ask for, the one to begin with first; all where
            nothing says which it is: a person told us, or no rule of theirs names its tactics.
        findings: Those that were known, in event time.
        who: Who acted in them; None for a person's report.
        course: What was done, in order.
        notes: Text of each note by its entry; one that was erased is not in it.
        notices: The newest rendering of each notice.
        outlook: Which notices can be approved or sent, and who was told otherwise; of the past, and
            where nobody asked, none.
        settled_by: Commands that settle what is still owed; () of the past, and where nobody asked.
        is_settled: Whether nothing owed keeps it from being closed; not of the past either.
    """

    history: History
    detected: Incident | None
    run: ImpactRun | None
    owed: tuple[Obligation, ...]
    registered: frozenset[str] | None
    messages: tuple[outbox.Standing, ...]
    runbooks: tuple[str, ...]
    findings: tuple[Finding, ...]
    who: Who | None
    course: tuple[Step, ...]
    notes: dict[int, str]
    notices: tuple[notices.NoticeState, ...]
    outlook: Outlook
    settled_by: tuple[str, ...]
    is_settled: bool


def look(
    db: Connection,
    archive: Archive,
    number: int,
    *,
    as_of: datetime | None = None,
    now: datetime | None = None,
    outlook: Outlook = NOTHING,
) -> Overview:
    """Return one incident, as it is or as it was known at an instant.

    Args:
        db: A transaction.
        archive: Where the events are.
        number: Of the incident.
        as_of: What was known at this instant, and nothing that came later; None: now.
        now: When it is asked; None: what settles it is not asked for.
        outlook: How its notices stand beside what is known now.

    Raises:
        Refusal: There is none, or there was none then.
    """
    history = assessment.show(db, number, as_of)
    found, made = detected(db, number), runs(db, number, as_of)
    said = findings(db, found.finding_ids, seen_by=as_of) if found else []
    noted = list(ledger.entries(db, about=number))
    if as_of is not None:
        # Up to the last one written by then, as the case's own entries are read.
        written = (one.number for one in noted if datetime.fromisoformat(one.at) <= as_of)
        last = max(written, default=0)
        noted = [one for one in noted if one.number <= last]
    asked = now if as_of is None else None
    texts = {one.entry: one.text for one in assessment.note_texts(db, number)}
    return Overview(
        history=history,
        detected=found,
        run=made[-1] if made else None,
        owed=tuple(obligations.obligations(db, number, as_of)),
        registered=frozenset(registers.customers(db)) if as_of is None else None,
        messages=tuple(outbox.standings(db, incident=number, as_of=as_of)),
        runbooks=runbooks.find((one.rule, one.tactics) for one in said if not one.disposition)
        or runbooks.names(),
        findings=tuple(said),
        who=_who(db, archive, said) if found else None,
        course=tuple(course(noted)),
        notes={one.entry: one.text or texts.get(one.entry, "") for one in history.case.notes},
        notices=tuple(notices.status(db, number, as_of)),
        outlook=outlook,
        settled_by=tuple(settled_by(db, number, asked, outlook)) if asked else (),
        is_settled=asked is not None
        and not outlook.untold
        and not obligations.unsettled(db, number, asked),
    )


def runs(db: Connection, number: int, as_of: datetime | None = None) -> list[ImpactRun]:
    """Return the impact runs that were made, or had been made by then; the first one first."""
    made = impact.runs(db, number)
    return [one for one in made if as_of is None or from_us(one.at) <= as_of]


def _who(db: Connection, archive: Archive, said: Sequence[Finding]) -> Who:
    ids = {one for finding in said for one in finding.event_ids}
    try:
        events = archive.events(db, ids=ids)
    except TocsinError:  # a case can be looked at without its logs
        actors = dict.fromkeys(one.actor for one in said if one.actor)
        keys, networks = _named(said, "key:"), _named(said, "network:")
        made = _named(said, "actor:", but=actors)
        return Who(tuple(actors), tuple(keys), tuple(networks), tuple(made), is_whole=False)

    def often(field: str) -> list[str]:
        seen: dict[str, int] = {}
        for row in range(len(events)):
            word = events.text(field, row)
            seen[word] = seen.get(word, 0) + 1
        seen.pop("", None)
        return sorted(seen, key=lambda word: (-seen[word], word))

    who, credentials = often("actor"), often("credential")
    credentials += _named(said, "key:", but=credentials)
    made = _named(said, "actor:", but=who)
    return Who(tuple(who), tuple(credentials), tuple(often("ip")), tuple(made))


def _named(said: Sequence[Finding], kind: str, but: Iterable[str] = ()) -> list[str]:
    """Return what findings name of a kind, but for these."""
    entities = dict.fromkeys(entity for one in said for entity in one.entities)
    those = (one.removeprefix(kind) for one in entities if one.startswith(kind))
    known = set(map(named, but))
    return [one for one in those if named(one) not in known]
