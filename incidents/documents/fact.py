"""What a fact is: known, not known yet, or missing.

    Known     a value, where it comes from, and since when a person stands behind it
    NotYet    a person's statement that it is not known yet: the law allows phases
    Missing   nobody said anything: whose it is, and the command that gives it

Source: GDPR Art. 33(4).
"""

from typing import Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict

from incidents.documents.safe import Line, Prose

T = TypeVar("T")

Language = Literal["fr", "en"]
SourceKind = Literal[
    "impact",
    "inventory",
    "data_map",
    "register",
    "processor",
    "decision",
    "log",
    "report",
    "person",
    "ledger",
]


class Frozen(BaseModel):
    """Base of all facts."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Frozen):
    """Where a fact comes from.

    Attributes:
        kind: What it rests on; ``processor``: what we say of ourselves.
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


class Words(Frozen):
    """What a person wrote, in the languages it was written in."""

    fr: Prose = ""
    en: Prose = ""

    def read(self, language: Language) -> str:
        """Return the text in one language, "" if nobody wrote it."""
        return self.fr if language == "fr" else self.en
