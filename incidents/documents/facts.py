"""What a notice and a dossier say: everything about one incident for one customer.

Each fact is one of three:

    Known     a value, where it comes from, and since when a person stands behind it
    NotYet    a person's statement that it is not known yet: the law allows phases
    Missing   nobody said anything: whose it is, and the command that gives it

A missing fact does not render. Software fills what it can compute, people the rest; nothing here
reads a database or a clock.

Source: GDPR Art. 33(3) and 33(4); Commission Implementing Decision (EU) 2021/915, clause 9.2;
EDPB common template (codes of incident types, causes, subjects and data).
"""

from datetime import date
from typing import Annotated, Generic, Literal, Self, TypeVar

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from incidents.documents.safe import Line, Prose

T = TypeVar("T")

Language = Literal["fr", "en"]
Category = Literal["identification", "contact", "work", "billing", "conversations"]
Effect = Literal["confidentiality", "integrity", "availability"]
Subjects = Literal["customers", "employees", "suppliers"]
SourceKind = Literal[
    "impact", "inventory", "data_map", "register", "decision", "log", "report", "person", "ledger"
]


class Frozen(BaseModel, extra="forbid", frozen=True):
    """Base of all facts."""


class Source(Frozen):
    """Where a fact comes from.

    Attributes:
        kind: What it rests on.
        reference: Which one: number of the impact run, name of the register and its version.
        at: When it was computed, imported, decided or said.
    """

    kind: SourceKind
    reference: Line = ""
    at: AwareDatetime | None = None


class Known(Frozen, Generic[T]):
    """A fact and where it comes from.

    Attributes:
        value: The fact.
        source: Where from.
        confirmed_at: When a person confirmed it; None while software alone says so. Who is in
            the ledger: colleagues' names are not for customers.
    """

    state: Literal["known"] = "known"
    value: T
    source: Source
    confirmed_at: AwareDatetime | None = None


class NotYet(Frozen):
    """Said by a person: this is not known yet, and is being looked into.

    Attributes:
        source: Where the statement comes from.
    """

    state: Literal["not_yet"] = "not_yet"
    source: Source


class Missing(Frozen):
    """Nobody gave this fact.

    Attributes:
        fact: Name of the fact, as in :class:`NoticeFacts`.
        whose: Who can give it.
        how: The command or file that gives it.
    """

    state: Literal["missing"] = "missing"
    fact: str
    whose: str
    how: str


Must = Annotated[Known[T] | Missing, Field(discriminator="state")]
"""A fact without which nothing is sent."""

May = Annotated[Known[T] | NotYet | Missing, Field(discriminator="state")]
"""A fact of which a first notice may say that it is not known yet."""


class Words(Frozen):
    """What a person wrote, in the languages it was written in."""

    fr: Prose = ""
    en: Prose = ""

    def read(self, language: Language) -> str:
        """Return the text in one language, "" if nobody wrote it."""
        return self.fr if language == "fr" else self.en


class Contact(Frozen):
    """A person or desk that can be asked.

    Attributes:
        name: Of the person or desk.
        function: In the languages of the documents.
        email: Address.
        phone: International form, with spaces or without.
        always: Answers day and night.
    """

    name: Line
    function: Words = Words()
    email: Line
    phone: Line
    always: bool = False


class Processor(Frozen):
    """Us.

    Attributes:
        name: As in the contract.
        address: Postal, on one line; "" if not configured.
        contact: Whom to call about this breach, day and night.
        dpo: Data protection officer; None if none is designated.
        signing_key: Fingerprint of our signing key, as in the annex of the contract; "" if none.
    """

    name: Line
    address: Line = ""
    contact: Must[Contact]
    dpo: Must[Contact] | None
    signing_key: Line = ""


class Customer(Frozen):
    """The controller the notice is for.

    Attributes:
        id: In our register.
        name: As in the contract.
        language: Of its documents.
        time_zone: Name in the IANA database; times are shown in it, with UTC beside.
        accounts: Its accounts with us.
        address: Postal, on one line; "" if not in the register.
        sector: As in the register; "" if not.
        authority: Whose form the annex follows.
    """

    id: Line
    name: Line
    language: Language
    time_zone: str
    accounts: tuple[Line, ...] = ()
    address: Line = ""
    sector: Line = ""
    authority: Literal["cnil", "ico", ""] = ""


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
        due_at: By the contract, counted from ``starts_at``.
        strict_due_at: By the strict reading.
        corrections: Earlier instants of awareness.
        late_reason: Why, if the notice is prepared after ``due_at``.
    """

    hours: int = Field(gt=0)
    known_at: AwareDatetime
    known_by: Literal["detection", "report"]
    aware_at: AwareDatetime | None
    starts_at: AwareDatetime | None
    due_at: AwareDatetime | None
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
        ended_at: Last event of it; None while it goes on.
        estimated: The instants are estimates.
        method: How they were found.
    """

    begun_at: AwareDatetime
    ended_at: AwareDatetime | None
    estimated: bool = False
    method: Literal["log_events", "report", "estimate"] = "log_events"


class Nature(Frozen):
    """What kind of breach it is, in codes; the words are the documents'.

    Attributes:
        effects: At least one of the three.
        incident_type: EDPB field 60, a to y.
        cause: EDPB field 61, a to f.
        exfiltration: EDPB field 56, in words.
        intelligibility: EDPB field 57, in words.
        contained_at: When access was stopped; None while it is not.
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
    contained_at: AwareDatetime | None = None


class Range(Frozen):
    """How many: never less than ``least``, never more than ``most``.

    Attributes:
        least: What the logs prove.
        best: Our best estimate; None where there is no better guess than the range.
        most: What was within reach at most.
        method: How it was counted.
        as_of: Date of the inventory behind ``most``, where there is one.
    """

    least: int = Field(ge=0)
    best: int | None = Field(ge=0)
    most: int = Field(ge=0)
    method: Literal["counted", "distinct", "inventory", "estimate"]
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
    """

    category: Category
    effects: tuple[Effect, ...] = Field(min_length=1)
    records: May[Range]
    subjects: May[Range]


class System(Frozen):
    """A store or service that was touched.

    Attributes:
        name: As in the data map.
        kind: What it is.
        location: Where its data are.
        object_log: Its single reads are logged.
    """

    name: Line
    kind: Literal["database", "bucket", "search", "application", "backup", "device", "other"]
    location: Line
    object_log: bool


class Coverage(Frozen):
    """What one source of logs can say about the period.

    Attributes:
        source: Name.
        since: From.
        until: To.
        hours: How many hours that is.
        present: For how many of them the archive holds the source.
        object_level: It logs single reads.
    """

    source: Line
    since: AwareDatetime
    until: AwareDatetime
    hours: int = Field(ge=0)
    present: int = Field(ge=0)
    object_level: bool


class Standing(Frozen):
    """Why this customer gets a notice.

    Attributes:
        standing: Confirmed, or only possible.
        shown_by: What shows it.
        first_shown_at: When an impact run showed it first.
        run: Number of the impact run.
        excluded: Categories of this customer's data that the logs exclude.
    """

    standing: Literal["confirmed", "possible"]
    shown_by: Literal["object_log", "query_log", "within_reach", "report"]
    first_shown_at: AwareDatetime
    run: int = Field(gt=0)
    excluded: tuple[Category, ...] = ()


class Consequences(Frozen):
    """What may follow for people: suggested by us, decided by the controller.

    Attributes:
        confidentiality: EDPB field 79, codes.
        integrity: EDPB field 81, codes.
        availability: EDPB field 83, codes.
        impacts: EDPB field 85, codes.
        note: What a person adds.
    """

    confidentiality: tuple[str, ...] = ()
    integrity: tuple[str, ...] = ()
    availability: tuple[str, ...] = ()
    impacts: tuple[str, ...] = Field(min_length=1)
    note: Words = Words()


class Measure(Frozen):
    """Something done or planned against the breach.

    Attributes:
        kind: Which; ``other`` is described by ``note``.
        at: When done, or when planned.
        done: Done, or planned.
        note: What a person adds.
    """

    kind: Literal[
        "access_revoked",
        "credentials_rotated",
        "sessions_ended",
        "exposure_closed",
        "data_restored",
        "evidence_secured",
        "monitoring_raised",
        "permissions_reviewed",
        "mfa_enforced",
        "other",
    ]
    at: AwareDatetime
    done: bool
    note: Words = Words()


class Action(Frozen):
    """Something we ask the customer to do now.

    Attributes:
        kind: Which; ``other`` is described by ``note``.
        note: What a person adds.
    """

    kind: Literal[
        "rotate_keys",
        "review_users",
        "review_logs",
        "preserve",
        "warn_staff",
        "assess_33",
        "assess_34",
        "other",
    ]
    note: Words = Words()


class OpenPoint(Frozen):
    """Something not known yet.

    Attributes:
        kind: Which; ``other`` is described by ``note``.
        note: What a person adds.
    """

    kind: Literal["exfiltration", "entry", "numbers", "period", "other_data", "purpose", "other"]
    note: Words = Words()


class Severity(Frozen):
    """ENISA's measure, indicative: the controller's own assessment prevails.

    Attributes:
        dpc: Data processing context, 1 to 4.
        ei: Ease of identification, 0.25 to 1.
        cb: Circumstances of the breach, 0 to 2.
    """

    dpc: int = Field(ge=1, le=4)
    ei: float = Field(ge=0.25, le=1)
    cb: float = Field(ge=0, le=2)


class Party(Frozen):
    """Another company involved: our sub-processor, for one."""

    role: Literal["subprocessor", "processor", "joint_controller", "other"]
    name: Line
    location: Line
    contact: Line = ""


class TimelineEntry(Frozen):
    """One instant of the incident, as this customer may read it: facts, nobody's name."""

    at: AwareDatetime
    what: Words
    source: Source


class Checkpoint(Frozen):
    """The state of our ledger the documents were made at."""

    number: int = Field(gt=0)
    entry_hash: Line


class NoticeFacts(Frozen):
    """Everything a notice and a dossier need for one customer.

    Attributes:
        kind: First notice, update or last one. An initial notice may be suspected or confirmed.
        status: Whether a breach is suspected or established.
        version: Number of the notice to this customer, from 1.
        exercise: An exercise: says so everywhere.
        incident: Number of the incident.
        opened_at: When the incident was opened; its year is in the reference.
        prepared_at: When these facts were put together: the date of the documents.
        changes: What is new since the notice before; asked of updates and last notices.
        acknowledgement_code: The reply that carries it acknowledges the notice.
        reply_to: Where the reply goes.
    """

    kind: Literal["initial", "update", "final"]
    status: Literal["suspected", "established"]
    version: int = Field(gt=0)
    exercise: bool = False
    incident: int = Field(gt=0)
    opened_at: AwareDatetime
    prepared_at: AwareDatetime

    processor: Processor
    customer: Customer
    clock: Must[Clock]
    standing: Must[Standing]
    period: May[Period]
    nature: Must[Nature]
    narrative: Must[Words]
    systems: May[tuple[System, ...]]
    affected: Must[tuple[Affected, ...]]
    subject_categories: Must[tuple[Subjects, ...]]
    subjects: May[Range]
    records: May[Range]
    coverage: Must[tuple[Coverage, ...]]
    consequences: Must[Consequences]
    severity: May[Severity]
    measures: Must[tuple[Measure, ...]]
    measures_before: May[tuple[str, ...]]
    actions: Must[tuple[Action, ...]]
    open_points: tuple[OpenPoint, ...] = ()
    next_update_at: Must[AwareDatetime]
    parties: tuple[Party, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()
    changes: Words = Words()
    checkpoint: Checkpoint | None = None
    acknowledgement_code: str = Field(pattern="^[A-Z0-9-]{4,20}$")
    reply_to: Line

    @property
    def reference(self) -> str:
        """The incident as documents name it, e.g. ``BREACH-2026-0007``."""
        return f"BREACH-{self.opened_at:%Y}-{self.incident:04d}"
