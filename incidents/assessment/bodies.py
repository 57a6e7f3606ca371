"""What an entry of a case says, one class per kind; ``Body`` is all of them.

An entry is written once and never changed; a correction is a further entry. Instants are UTC.
"""

from datetime import datetime
from typing import Literal

import msgspec

NoteClass = Literal["fact", "working", "privileged"]
FactKind = Literal["contained", "restored", "notified"]
Reporter = Literal["person", "customer", "supplier", "researcher", "authority", "press"]
Channel = Literal["email", "phone", "letter", "portal", "in person", "other"]


class Original(msgspec.Struct, frozen=True):
    """What was sent with a report.

    Attributes:
        sha256: Of its bytes; they are kept under it.
        name: Of the file.
        media_type: As its sender called it.
        size: Bytes.
    """

    sha256: str
    name: str
    media_type: str
    size: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody told us.

    Attributes:
        what: What they said, in short.
        received_at: When it reached us: not when it was typed in.
        reporter: Who they are to us.
        name: Their name or company.
        channel: How it reached us.
        establishes: It says itself that personal data were breached, so that its receipt is the
            proposed instant of awareness.
        originals: What was attached.
    """

    what: str
    received_at: datetime
    reporter: Reporter
    name: str
    channel: Channel
    establishes: bool = False
    originals: tuple[Original, ...] = ()


class Opened(msgspec.Struct, frozen=True):
    """An incident is there.

    Attributes:
        title: In a few words.
        level: How urgent.
        detected_at: When the first of its findings was said; None for a report.
        findings: How many findings it has.
        report: What was reported; None from detection.
    """

    title: str
    level: str
    detected_at: datetime | None = None
    findings: int = 0
    report: Report | None = None


class Reported(msgspec.Struct, frozen=True):
    """Somebody told us about an incident that is there already."""

    report: Report


class Grown(msgspec.Struct, frozen=True):
    """Detection knows more: a higher level, or an earlier finding.

    Attributes:
        level: As it stands now.
        detected_at: As it stands now.
        findings: How many now.
    """

    level: str
    detected_at: datetime | None
    findings: int


class Merged(msgspec.Struct, frozen=True):
    """Detection found that it is part of another incident, which has its findings now.

    Attributes:
        into: Number of that incident. This one keeps its number, and what is owed by it already.
    """

    into: int


class Taken(msgspec.Struct, frozen=True):
    """A person has taken the incident and looks into it."""

    why: str


class Confirmed(msgspec.Struct, frozen=True):
    """A person judged it a breach.

    Attributes:
        aware_at: When we became aware.
        why: What was known, and why that is a breach.
        later_because: Why not at the receipt of a report that said so itself.
        earlier_because: Why before the incident's first event and every report of it.
    """

    aware_at: datetime
    why: str
    later_because: str = ""
    earlier_because: str = ""


class Added(msgspec.Struct, frozen=True):
    """A customer is shown to be touched: an entry for each, as each may see only its own.

    Attributes:
        customer: Its id.
        standing: Confirmed, or possible.
        at: When the impact run that showed it was made; None: known to the person who judged,
            together with the awareness.
        run: Number of the run; 0 where a person says so without one.
        stated: The run is a person's statement: no event showed it, somebody knew it.
        known_at: Since when that was known, as the statement says; None: with the awareness.
        again: The run says more than what a person decided or waived upon: both are asked again.
        anew: It counts from this run, as if none had shown it before: what was waived was waived
            upon one that did not show it so, or was a decision.
    """

    customer: str
    standing: Literal["confirmed", "possible"]
    at: datetime | None
    run: int = 0
    stated: bool = False
    known_at: datetime | None = None
    again: bool = False
    anew: bool = False


class Counted(msgspec.Struct, frozen=True):
    """An impact run says whose data was touched; a person's statement is one too.

    Attributes:
        run: Its number.
        at: When it was made.
    """

    run: int
    at: datetime


class Dismissed(msgspec.Struct, frozen=True):
    """A person judged it no breach; ``findings`` is how many that judgement knew."""

    why: str
    findings: int = 0


class Closed(msgspec.Struct, frozen=True):
    """Nothing is left to do; ``findings`` is how many were known then."""

    why: str
    findings: int = 0


class Reopened(msgspec.Struct, frozen=True):
    """It begins again."""

    why: str


class Proposed(msgspec.Struct, frozen=True):
    """One person asks that awareness be later (``aware_at``) or void (None); it waits for another.

    Attributes:
        former_at: The instant it would replace.
        aware_at: The instant proposed.
        why: Reasons.
        earlier_because: Why before the incident's first event and every report of it.
    """

    former_at: datetime
    aware_at: datetime | None
    why: str
    earlier_because: str = ""


class Corrected(msgspec.Struct, frozen=True):
    """Awareness stands at another instant from here on.

    Attributes:
        former_at: The instant before.
        aware_at: The instant now; None: void.
        why: Reasons.
        proposal: Number of the entry that asked for it; None where one person sufficed.
        earlier_because: Why before the incident's first event and every report of it.
    """

    former_at: datetime
    aware_at: datetime | None
    why: str
    proposal: int | None = None
    earlier_because: str = ""


class Noted(msgspec.Struct, frozen=True):
    """A note.

    Attributes:
        note: Its class; only facts leave the house.
        text: Of a fact; "" otherwise.
        sha256: Salted, of the text of a working or privileged note.
    """

    note: NoteClass
    text: str = ""
    sha256: str = ""


class Recorded(msgspec.Struct, frozen=True):
    """Contained, restored or notified, or no longer so.

    Attributes:
        what: Which.
        where: Which system, or which customer; "" for the incident as a whole.
        at: Since when; None takes it back.
        why: How that is known.
    """

    what: FactKind
    where: str
    at: datetime | None
    why: str


Body = (
    Opened
    | Reported
    | Grown
    | Merged
    | Taken
    | Confirmed
    | Added
    | Counted
    | Dismissed
    | Closed
    | Reopened
    | Proposed
    | Corrected
    | Noted
    | Recorded
)

KINDS: dict[str, type[Body]] = {
    "incident.opened": Opened,
    "report.received": Reported,
    "incident.grown": Grown,
    "incident.merged": Merged,
    "assessment.taken": Taken,
    "breach.confirmed": Confirmed,
    "customer.added": Added,
    "customers.counted": Counted,
    "breach.dismissed": Dismissed,
    "incident.closed": Closed,
    "incident.reopened": Reopened,
    "correction.proposed": Proposed,
    "awareness.corrected": Corrected,
    "note.taken": Noted,
    "fact.recorded": Recorded,
}
"""Entries of other kinds belong to other rooms, e.g. obligations."""


KIND_OF = {body: kind for kind, body in KINDS.items()}
