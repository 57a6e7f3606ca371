"""What is said to a customer that was told of a breach which, for its data, was none.

No notice before is changed; this one refers to the last that reached the customer, and takes back
that its data were touched. Why is a person's text. What the customer makes of it, towards its
authority too, is the customer's.

Source: GDPR Art. 33(4) and (5); EDPB Guidelines 9/2022, on notifications that turn out not to have
been needed.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, TypeAdapter

from incidents.documents.fact import Frozen, Known, Language, Missing, Words
from incidents.documents.facts import (
    Customer,
    NoticeFacts,
    Processor,
    Told,
    law_of,
    reference_of,
)
from incidents.documents.response import Checkpoint
from incidents.documents.safe import Line

Ground = Literal["no_breach", "excluded"]
"""Whether there was no breach at all, or one that did not touch this customer's data."""


class WithdrawalFacts(Frozen):
    """Everything a withdrawal says to one customer.

    Attributes:
        kind: Beside those of :class:`NoticeFacts`.
        status: The same: nothing is suspected or established any more.
        ground: What is judged now.
        version: Number of the notice to this customer; the one it withdraws has a lower one.
        exercise: An exercise: says so everywhere.
        incident: Number of the incident.
        opened_at: When the incident was opened; its year is in the reference.
        prepared_at: When these facts were put together: the date of the documents.
        told: The last notice that reached the customer.
        withdrawal: Why, in a person's words.
        calls: Nobody is telephoned for it.
        acknowledgement_code: The reply that carries it acknowledges this message.
        reply_to: Where the reply goes.
    """

    kind: Literal["withdrawn"] = "withdrawn"
    status: Literal["withdrawn"] = "withdrawn"
    ground: Ground
    version: int = Field(gt=0)
    exercise: bool = False
    incident: int = Field(gt=0)
    opened_at: AwareDatetime
    prepared_at: AwareDatetime
    told: Told
    processor: Processor
    customer: Customer
    withdrawal: Known[Words] | Missing
    checkpoint: Checkpoint | None = None
    calls: Literal[False] = False
    acknowledgement_code: str = Field(pattern="^[A-Z0-9-]{4,20}$")
    reply_to: Line

    @property
    def law(self) -> Literal["gdpr", "uk"]:
        """Whose law on data protection the customer answers to."""
        return law_of(self.customer)

    @property
    def reference(self) -> str:
        """The incident as documents name it, e.g. ``BREACH-2026-0007``."""
        return reference_of(self.opened_at, self.incident)


Facts = NoticeFacts | WithdrawalFacts
"""What any notice is made from."""

_READER: TypeAdapter[Facts] = TypeAdapter(Annotated[Facts, Field(discriminator="kind")])


def read(kept: str) -> Facts:
    """Return the facts of a notice from JSON, as they were kept.

    Raises:
        ValidationError: Another version of this program kept what this one cannot read.
    """
    return _READER.validate_json(kept)


def lacking(facts: WithdrawalFacts, language: Language) -> Iterator[str | Missing]:
    """Yield what it cannot be rendered without: what says how to give it, or the fact's name."""
    for value in (facts.withdrawal, facts.processor.contact, facts.processor.dpo):
        if isinstance(value, Missing):
            yield value
    if isinstance(facts.withdrawal, Known) and not facts.withdrawal.value.read(language):
        yield "withdrawal"
    if not facts.processor.name:
        yield "processor.name"
