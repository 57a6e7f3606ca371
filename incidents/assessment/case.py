"""What a case is after its entries, one after the other. Pure: entries in, case out."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from incidents.assessment.bodies import (
    Added,
    Closed,
    Confirmed,
    Corrected,
    Counted,
    Dismissed,
    FactKind,
    Grown,
    Merged,
    NoteClass,
    Noted,
    Opened,
    Proposed,
    Recorded,
    Reopened,
    Report,
    Reported,
    Taken,
)
from incidents.assessment.entries import Entry
from incidents.assessment.states import Assessment, Move, after

CAP = timedelta(hours=24)
"""Breach or no breach is to be decided so long after the first detection or receipt."""


class Awareness(msgspec.Struct, frozen=True):
    """When we became aware.

    Attributes:
        aware_at: The instant that stands.
        why: Reasons of the decision.
        principal: Who decided.
        recorded_at: When the decision was written down.
        entry: Number of its entry.
    """

    aware_at: datetime
    why: str
    principal: str
    recorded_at: datetime
    entry: int


class Correction(msgspec.Struct, frozen=True):
    """Awareness was put elsewhere; both instants are shown wherever it is.

    Attributes:
        former_at: Before.
        aware_at: After; None: void.
        why: Reasons.
        principals: Who asked for it, and who agreed where two are needed.
        at: When it took effect.
        entries: Numbers of the entries that make it.
    """

    former_at: datetime
    aware_at: datetime | None
    why: str
    principals: tuple[str, ...]
    at: datetime
    entries: tuple[int, ...]


class Proposal(msgspec.Struct, frozen=True):
    """A correction that waits for a second person."""

    entry: int
    former_at: datetime
    aware_at: datetime | None
    why: str
    principal: str
    at: datetime
    earlier_because: str = ""


class Standing(msgspec.Struct, frozen=True):
    """A fact with its instant, e.g. contained."""

    what: FactKind
    where: str
    at: datetime
    why: str
    principal: str
    entry: int


class Note(msgspec.Struct, frozen=True):
    """A note; the text of a working or privileged one is asked for by its entry."""

    entry: int
    note: NoteClass
    text: str
    principal: str
    at: datetime


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an incident.

    Attributes:
        number: Of the incident.
        title: In a few words.
        level: How urgent.
        assessment: What people have judged it to be.
        opened_at: When it was opened.
        detected_at: When the first of its findings was said; None without any.
        reports: What was reported, the first that opened it first; () from detection.
        findings: How many are known.
        judged_findings: How many the last judgement or closing knew.
        begun_again_at: When it was reopened, or its awareness withdrawn, last; None if never.
        decided_at: When it was judged last, as written down; None while it is not.
        counted_at: When a run, or a statement, first said whose data was touched; None while none.
        merged_into: Number of the incident it turned out to be part of; None while it stands alone.
        owner: Who took it, "" while nobody has.
        decided_by: Who judged it last.
        awareness: None while there is none.
        corrections: Of awareness, oldest first.
        proposals: Corrections that wait for a second person.
        facts: Contained, restored, notified, as they stand.
        notes: In the order they were taken.
        last_entry: Number of the last entry.
    """

    number: int
    title: str
    level: str
    assessment: Assessment
    opened_at: datetime
    detected_at: datetime | None
    reports: tuple[Report, ...] = ()
    findings: int = 0
    judged_findings: int = 0
    begun_again_at: datetime | None = None
    decided_at: datetime | None = None
    counted_at: datetime | None = None
    merged_into: int | None = None
    owner: str = ""
    decided_by: str = ""
    awareness: Awareness | None = None
    corrections: tuple[Correction, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    facts: tuple[Standing, ...] = ()
    notes: tuple[Note, ...] = ()
    last_entry: int = 0

    @property
    def known_at(self) -> datetime:
        """First detection or receipt of a report, whichever was first: the strict reading's start.

        A report counts from its receipt, whenever it was typed in.
        """
        received = [report.received_at for report in self.reports]
        return min([*received, *([] if self.detected_at is None else [self.detected_at])])

    @property
    def known_by(self) -> Literal["detection", "report"]:
        """Which of the two it was."""
        return "detection" if self.detected_at == self.known_at else "report"

    @property
    def decision_due_at(self) -> datetime:
        """When breach or no breach is to be decided; nothing decides by itself."""
        return self.known_at + CAP

    @property
    def is_undecided(self) -> bool:
        """Nobody has judged it yet, or it is to be judged again, for itself."""
        open_states = (Assessment.SUSPECTED, Assessment.UNDER_ASSESSMENT, Assessment.REOPENED)
        return (
            self.merged_into is None and self.awareness is None and self.assessment in open_states
        )

    def where(self, what: FactKind) -> dict[str, datetime]:
        """Return since when a fact stands, by system or customer."""
        return {fact.where: fact.at for fact in self.facts if fact.what == what}


def fold(entries: Iterable[Entry]) -> Case | None:
    """Return the case after these entries, or None before the first.

    Args:
        entries: Of one incident, in the order they were written; other rooms' kinds are passed by.
    """
    case: Case | None = None
    for entry in entries:
        body = entry.read()
        if isinstance(body, Opened) and case is None:
            case = Case(
                number=entry.incident,
                title=body.title,
                level=body.level,
                assessment=Assessment.SUSPECTED,
                opened_at=entry.at,
                detected_at=body.detected_at,
                reports=() if body.report is None else (body.report,),
                findings=body.findings,
            )
        elif case is not None and body is not None:
            case = _step(case, entry, body)
        if case is not None:
            case = msgspec.structs.replace(case, last_entry=entry.number)
    return case


def _step(case: Case, entry: Entry, body: object) -> Case:
    change = msgspec.structs.replace
    match body:
        case Grown():
            return change(
                case, level=body.level, detected_at=body.detected_at, findings=body.findings
            )
        case Merged():
            return change(case, merged_into=body.into)
        case Reported():
            return change(case, reports=(*case.reports, body.report))
        case Taken():
            return change(_moved(case, Move.TAKE), owner=entry.principal)
        case Confirmed():
            awareness = Awareness(body.aware_at, body.why, entry.principal, entry.at, entry.number)
            return change(
                _moved(case, Move.CONFIRM),
                awareness=awareness,
                decided_by=entry.principal,
                decided_at=entry.at,
                judged_findings=case.findings,
            )
        case Counted():
            return change(case, counted_at=case.counted_at or body.at)
        case Added() if body.run:  # of runs before they had an entry of their own
            return change(case, counted_at=case.counted_at or body.at)
        case Dismissed():
            moved = _moved(case, Move.DISMISS)
            return change(
                moved,
                decided_by=entry.principal,
                decided_at=entry.at,
                judged_findings=body.findings,
            )
        case Closed():
            return change(_moved(case, Move.CLOSE), judged_findings=body.findings)
        case Reopened():
            return change(_moved(case, Move.REOPEN), begun_again_at=entry.at)
        case Proposed():
            asked = Proposal(
                entry.number,
                body.former_at,
                body.aware_at,
                body.why,
                entry.principal,
                entry.at,
                body.earlier_because,
            )
            return change(case, proposals=(*case.proposals, asked))
        case Corrected():
            return _corrected(case, entry, body)
        case Noted():
            note = Note(entry.number, body.note, body.text, entry.principal, entry.at)
            return change(case, notes=(*case.notes, note))
        case Recorded():
            others = tuple(f for f in case.facts if (f.what, f.where) != (body.what, body.where))
            if body.at is None:
                return change(case, facts=others)
            fact = Standing(body.what, body.where, body.at, body.why, entry.principal, entry.number)
            return change(case, facts=(*others, fact))
        case _:
            return case


def _corrected(case: Case, entry: Entry, body: Corrected) -> Case:
    asked = next((one for one in case.proposals if one.entry == body.proposal), None)
    correction = Correction(
        body.former_at,
        body.aware_at,
        body.why,
        (entry.principal,) if asked is None else (asked.principal, entry.principal),
        entry.at,
        (entry.number,) if asked is None else (asked.entry, entry.number),
    )
    # Proposals speak of the instant that stood when they were made: none outlives it.
    changed = msgspec.structs.replace(
        case, corrections=(*case.corrections, correction), proposals=()
    )
    if body.aware_at is None:
        return msgspec.structs.replace(
            _moved(changed, Move.VOID), awareness=None, begun_again_at=entry.at
        )
    assert case.awareness is not None, f"entry {entry.number} corrects what was never said"
    awareness = msgspec.structs.replace(case.awareness, aware_at=body.aware_at)
    return msgspec.structs.replace(changed, awareness=awareness)


def _moved(case: Case, move: Move) -> Case:
    to = after(case.assessment, move, aware=case.awareness is not None)
    assert to is not None, f"the entries of incident {case.number} make a forbidden move: {move}"
    return msgspec.structs.replace(case, assessment=to)
