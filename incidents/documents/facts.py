"""Everything a notice and a dossier say about one incident to one customer.

Software fills what it can compute, people the rest; nothing here reads a database or a clock.

Source: GDPR Art. 33(3) and 33(4); Commission Implementing Decision (EU) 2021/915, clause 9.2.
"""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from incidents.documents.breach import (
    Affected,
    Clock,
    Coverage,
    Nature,
    NegativeFinding,
    Period,
    Range,
    Standing,
    Subjects,
    System,
)
from incidents.documents.fact import Frozen, Known, Language, Missing, NotYet, Words
from incidents.documents.response import (
    Action,
    Checkpoint,
    Consequences,
    Measure,
    OpenPoint,
    Severity,
    TimelineEntry,
)
from incidents.documents.safe import Line


class Contact(Frozen):
    """A person or desk that can be asked.

    Attributes:
        name: Of the person or desk.
        function: In the languages of the documents.
        email: Address; "" where our register of the customer's people has but a number.
        phone: International form, with spaces or without; "" where it has but an address.
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
        signing_key: Fingerprint of our signing key; "" if none.
        key_in_contract: Whether the annex of the contract names it.
    """

    name: Line
    address: Line = ""
    contact: Known[Contact] | Missing
    dpo: Known[Contact] | Missing | None
    signing_key: Line = ""
    key_in_contract: bool = False


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
        dpo: Its data protection officer, if our register names one.
        contact: Whom its authority may ask, if our register names one.
    """

    id: Line
    name: Line
    language: Language
    time_zone: str
    accounts: tuple[Line, ...] = ()
    address: Line = ""
    sector: Line = ""
    authority: Literal["cnil", "ico", ""] = ""
    dpo: Contact | None = None
    contact: Contact | None = None


class Party(Frozen):
    """Another company involved: our sub-processor, for one."""

    role: Literal["subprocessor", "processor", "joint_controller", "other"]
    name: Line
    location: Line
    contact: Line = ""


class Versions(Frozen):
    """What the numbers were made of.

    Attributes:
        run: Number of the impact run.
        data_map: Version of the data map.
        registers: Version of the registers, the inventory among them.
    """

    run: int = Field(gt=0)
    data_map: int = Field(ge=0)
    registers: int = Field(ge=0)


class Told(Frozen):
    """A notice that went out to this customer and did not come back.

    Attributes:
        version: Its number.
        at: When the other side took it: received then at the earliest.
        status: What it said of the breach.
    """

    version: int = Field(gt=0)
    at: AwareDatetime
    status: Literal["suspected", "established", "withdrawn"]


def law_of(customer: Customer) -> Literal["gdpr", "uk"]:
    """Return whose law on data protection a customer answers to."""
    return "uk" if customer.authority == "ico" else "gdpr"


def reference_of(opened_at: datetime, incident: int) -> str:
    """Return an incident as documents name it, e.g. ``BREACH-2026-0007``."""
    return f"BREACH-{opened_at:%Y}-{incident:04d}"


class NoticeFacts(Frozen):
    """Everything a notice and a dossier need for one customer.

    Attributes:
        possible_subjects: Further people, whose data were only possibly touched.
        versions: What the numbers were made of; None where they were made of nothing of ours.
        coverage: What the logs behind it cover; None where a person states the impact and no log
            tells it.
        negative_findings: Stores with data of this customer that no log shows to have been reached.
        kind: First notice, update or last one. An initial notice may be suspected or confirmed.
        status: Whether a breach is suspected or established.
        version: Number of the notice to this customer, from 1.
        exercise: An exercise: says so everywhere.
        incident: Number of the incident.
        opened_at: When the incident was opened; its year is in the reference.
        prepared_at: When these facts were put together: the date of the documents.
        told: The notice that told the customer first; None: this one does, or of one before it is
            not known whether it went out.
        changes: What is new since the notice before; asked of updates and last notices.
        calls: Whether we telephone if nobody acknowledges: we can, and know a number.
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
    told: Told | None = None

    processor: Processor
    customer: Customer
    clock: Known[Clock] | Missing
    standing: Known[Standing] | Missing
    period: Known[Period] | NotYet | Missing
    nature: Known[Nature] | Missing
    narrative: Known[Words] | Missing
    systems: Known[tuple[System, ...]] | NotYet | Missing
    affected: Known[tuple[Affected, ...]] | Missing
    subject_categories: Known[tuple[Subjects, ...]] | Missing
    possible_subjects: tuple[Subjects, ...] = ()
    subjects: Known[Range] | NotYet | Missing
    records: Known[Range] | NotYet | Missing
    versions: Versions | None = None
    coverage: Known[tuple[Coverage, ...]] | Missing | None
    negative_findings: tuple[NegativeFinding, ...] = ()
    consequences: Known[Consequences] | Missing
    severity: Known[Severity] | NotYet | Missing | None = None
    measures: Known[tuple[Measure, ...]] | Missing
    measures_before: Known[tuple[str, ...]] | NotYet | Missing | None = None
    actions: Known[tuple[Action, ...]] | Missing
    open_points: tuple[OpenPoint, ...] = ()
    next_update_at: Known[AwareDatetime] | Missing
    parties: tuple[Party, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()
    changes: Words = Words()
    checkpoint: Checkpoint | None = None
    calls: bool = False
    acknowledgement_code: str = Field(pattern="^[A-Z0-9-]{4,20}$")
    reply_to: Line

    @property
    def law(self) -> Literal["gdpr", "uk"]:
        """Whose law on data protection the customer answers to."""
        return law_of(self.customer)

    @property
    def first_at(self) -> datetime:
        """When the customer is told first: by the notice that did so, else by this one."""
        return self.told.at if self.told else self.prepared_at

    @property
    def is_told_late(self) -> bool:
        """Whether that is after our limit: what comes after a first notice in time is not late."""
        due_at = self.clock.value.due_at if self.clock.state == "known" else None
        return due_at is not None and self.first_at > due_at

    @property
    def reference(self) -> str:
        """The incident as documents name it, e.g. ``BREACH-2026-0007``."""
        return reference_of(self.opened_at, self.incident)
