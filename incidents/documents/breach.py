"""What happened to one customer's data: when, what kind, how much, and how we know.

Source: GDPR Art. 33(3)(a); EDPB common template, fields 44 to 73.
"""

from datetime import date
from typing import Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from incidents.documents.fact import Frozen, Known, Missing, NotYet, Words
from incidents.documents.safe import Line

Category = Literal["identification", "contact", "work", "billing", "conversations"]
Effect = Literal["confidentiality", "integrity", "availability"]
Subjects = Literal["customers", "employees", "suppliers"]
ShownBy = Literal[
    "object_log",
    "query_log",
    "whole_store",
    "outcome_unknown",
    "common_role",
    "shared_credential",
    "stood_open",
    "unattributed",
    "unmapped",
    "not_covered",
    "person",
    "stated",
    "report",
]
"""What shows that data were touched, or may have been; ``stated``: a person does, and no event."""


CountedBy = Literal[
    "nothing",
    "counted",
    "stated",
    "distinct",
    "volume",
    "mixed",
    "several",
    "expected",
    "records",
    "inventory",
    "sum",
    "estimate",
    "report",
]
"""Where a number comes from; see :func:`incidents.impact.ground`."""


class Correction(Frozen):
    """Awareness was put at another instant before."""

    former_at: AwareDatetime
    corrected_at: AwareDatetime


class Clock(Frozen):
    """What we owe this customer by when; see :mod:`incidents.obligations`.

    Attributes:
        hours: Of the contract.
        known_at: First detection, or receipt of a report.
        known_by: Which of the two.
        aware_at: When we became aware: a person's decision. None in a suspected notice that
            precedes it.
        starts_at: When this customer's period starts; later than awareness for a customer that
            an impact run showed later.
        starts_by: What started it where it starts later: a run that showed the customer, a
            person's decision to tell it as suspected, or that we learned then of the customer.
        due_at: By the contract, counted from ``starts_at``.
        aware_due_at: The same counted from awareness, where the period starts later; else None.
        strict_due_at: The same counted from what was first: detection, report or awareness.
        corrections: Earlier instants of awareness.
        late_reason: Why, if the customer is told first after ``due_at``.
    """

    hours: int = Field(gt=0)
    known_at: AwareDatetime
    known_by: Literal["detection", "report"]
    aware_at: AwareDatetime | None
    starts_at: AwareDatetime | None
    starts_by: Literal["run", "decision", "known"] = "run"
    due_at: AwareDatetime | None
    aware_due_at: AwareDatetime | None = None
    strict_due_at: AwareDatetime
    corrections: tuple[Correction, ...] = ()
    late_reason: Words = Words()

    @model_validator(mode="after")
    def _together(self) -> Self:
        if len({self.aware_at is None, self.starts_at is None, self.due_at is None}) > 1:
            raise ValueError("aware_at, starts_at and due_at go together")
        return self


class Period(Frozen):
    """When the breach happened.

    Attributes:
        begun_at: First event of it.
        ended_at: Last event of it; None, or left out: it goes on.
        estimated: The instants are estimates.
        method: How they were found.
        possible_from: First event beside it that may have touched this customer's data; None
            without.
        possible_until: The last one.
    """

    begun_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    estimated: bool = False
    method: Literal["log_events", "report", "stated", "estimate"] = "log_events"
    possible_from: AwareDatetime | None = None
    possible_until: AwareDatetime | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        first, last = self.possible_from, self.possible_until
        if (first is None) != (last is None) or (first and last and last < first):
            raise ValueError("possible_from: expected with possible_until, and not after it")
        return self

    @property
    def looked_at_from(self) -> AwareDatetime:
        """From when on a customer looks through its own logs."""
        return min(self.begun_at, self.possible_from or self.begun_at)


class Nature(Frozen):
    """What kind of breach it is, in codes; the words are the documents'.

    Attributes:
        effects: At least one of the three.
        incident_type: EDPB field 60, a to y.
        cause: EDPB field 61, a to f.
        exfiltration: EDPB field 56, in words.
        intelligibility: EDPB field 57, in words.
        integrity_state: EDPB field 58, in words; None if data were not changed.
        availability_state: EDPB field 59, in words; None if data could always be reached.
        contained_at: When access was stopped; None while it is not.
        accessed_by: Who had access, in words; None where nobody said so. It is never told from
            the cause: mail is mis-sent by one person and read by another.
    """

    effects: tuple[Effect, ...] = Field(min_length=1)
    incident_type: str = Field(pattern="^[a-y]$")
    cause: str = Field(pattern="^[a-f]$")
    exfiltration: Literal[
        "exfiltrated", "likely", "not_exfiltrated_evidence", "not_assessable", "tbd"
    ] = "tbd"
    intelligibility: Literal[
        "protected_intact", "protection_subvertible", "not_protected", "not_assessable", "tbd"
    ] = "tbd"
    integrity_state: (
        Literal["altered_no_misuse", "misused_recoverable", "misused_unrecoverable"] | None
    ) = None
    availability_state: Literal["temporary", "permanent", "undetermined"] | None = None
    contained_at: AwareDatetime | None = None
    accessed_by: Literal["recipient", "insider", "unknown", "nobody_known"] | None = None


class Range(Frozen):
    """How many: never less than ``least``, never more than ``most``.

    Attributes:
        least: What the logs prove.
        best: Our best estimate; None where there is no better guess than the range.
        most: What was within reach at most.
        least_by: Where ``least`` comes from.
        best_by: Where ``best`` comes from; None without it.
        most_by: Where ``most`` comes from.
        as_of: Day of the inventory in them, where there is one.
    """

    least: int = Field(ge=0)
    best: int | None = Field(ge=0)
    most: int = Field(ge=0)
    least_by: CountedBy
    best_by: CountedBy | None = None
    most_by: CountedBy
    as_of: date | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.least <= (self.least if self.best is None else self.best) <= self.most:
            raise ValueError(f"not in order: {self.least}, {self.best}, {self.most}")
        return self


class Affected(Frozen):
    """One category of data, and how much of it.

    Attributes:
        category: One of the five of the contract.
        effects: What happened to it.
        records: Records.
        subjects: People.
        standing: Touched for sure, or only possibly, whatever is sure of the customer's others.
        shown_by: What shows it; None: what shows that the customer is touched.
    """

    category: Category
    effects: tuple[Effect, ...] = Field(min_length=1)
    records: Known[Range] | NotYet | Missing
    subjects: Known[Range] | NotYet | Missing
    standing: Literal["confirmed", "possible"] = "confirmed"
    shown_by: ShownBy | None = None


class System(Frozen):
    """A store or service that was touched.

    Attributes:
        name: As in the data map.
        kind: What it is.
        location: Where its data are.
        object_log: Its single reads are logged.
        standing: Touched for sure, or only possibly.
    """

    name: Line
    kind: Literal["database", "bucket", "search", "application", "backup", "device", "other"]
    location: Line
    object_log: bool
    standing: Literal["confirmed", "possible"] = "confirmed"


class Coverage(Frozen):
    """What one source of logs can say about the period.

    Attributes:
        source: Name.
        since: From.
        until: To.
        hours: How many hours that is.
        present: For how many of them the archive holds the source.
        object_level: It logs each read of every store with data of this customer, and all of it is
            there to be read.
        only_some: It logs each read of some of these stores, and not of all.
        reads_of: Which, where ``only_some``; () where they cannot be named yet.
        partly_unread: It logs single reads, and part of its logs could not be read.
    """

    source: Line
    since: AwareDatetime
    until: AwareDatetime
    hours: int = Field(ge=0)
    present: int = Field(ge=0)
    object_level: bool
    only_some: bool = False
    reads_of: tuple[Line, ...] = ()
    partly_unread: bool = False


Finding = Literal["not_accessed", "not_logged", "hours_missing", "partly_unread", "unmapped"]


class Log(Frozen):
    """A log of each read of a store: its source, and how many of the hours are held of it."""

    source: Line
    hours: int = Field(ge=0)
    present: int = Field(ge=0)


class NegativeFinding(Frozen):
    """A store with data of this customer that no log shows to have been reached.

    Attributes:
        store: As in the data map.
        finding: Not accessed, as the logs of each read show; else why that cannot be told.
        logs: Those that record each read of it; () where none does.
        may_hold: Which data it is for; this customer's there may be less.
    """

    store: Line
    finding: Finding
    logs: tuple[Log, ...] = ()
    may_hold: tuple[Category, ...] = ()


class Standing(Frozen):
    """Why this customer gets a notice.

    Attributes:
        standing: Confirmed, or only possible.
        shown_by: What shows it.
        first_shown_at: When an impact run first showed it so.
        run: Number of that run.
        possible_at: When an earlier run first showed it as possible; None: none did.
        possible_run: Number of that run.
        excluded: Categories of this customer's data that the logs exclude.
    """

    standing: Literal["confirmed", "possible"]
    shown_by: ShownBy
    first_shown_at: AwareDatetime
    run: int = Field(gt=0)
    possible_at: AwareDatetime | None = None
    possible_run: int | None = None
    excluded: tuple[Category, ...] = ()
