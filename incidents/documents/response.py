"""What may follow, and what is done about it.

Source: GDPR Art. 33(3)(c) and (d); EDPB common template, fields 79 to 95; ENISA, "Recommendations
for a methodology of the assessment of severity of personal data breaches".
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from incidents.documents.fact import Frozen, Source, Words
from incidents.documents.safe import Line


class Consequences(Frozen):
    """What may follow for people: suggested by us, decided by the controller.

    Attributes:
        confidentiality: EDPB field 79, codes.
        integrity: EDPB field 81, codes.
        availability: EDPB field 83, codes.
        impacts: EDPB field 85, codes.
        note: What a person adds.
    """

    confidentiality: tuple[Annotated[str, Field(pattern="^[a-e]$")], ...] = ()
    integrity: tuple[Annotated[str, Field(pattern="^[a-d]$")], ...] = ()
    availability: tuple[Annotated[str, Field(pattern="^[a-d]$")], ...] = ()
    impacts: tuple[Annotated[str, Field(pattern="^[a-o]$")], ...] = Field(min_length=1)
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


class TimelineEntry(Frozen):
    """One instant of the incident, as this customer may read it: facts, nobody's name."""

    at: AwareDatetime
    what: Words
    source: Source


class Checkpoint(Frozen):
    """The state of our ledger the documents were made at."""

    number: int = Field(gt=0)
    entry_hash: Line

    @property
    def grouped(self) -> str:
        """The hash in groups of four, as people compare it."""
        return " ".join(self.entry_hash[at : at + 4] for at in range(0, len(self.entry_hash), 4))
