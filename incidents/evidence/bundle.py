"""What goes into a bundle of evidence: plain data, filled by the caller.

A bundle for everybody concerned with the whole incident takes all of it. A bundle for one customer
takes what belongs to that customer, and what is marked as shared because it holds nothing of any
customer.
"""

import hashlib
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, model_validator

from tocsin.ledger import Checkpoint

Section = Literal["impact", "notices"]

_MODEL = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Belonging(BaseModel):
    """Whose something is.

    Attributes:
        customer: Id of the only customer whose data it holds; "" for none or several.
        shared: It holds nothing of any customer, and no colleague's name: any customer may see it.
    """

    model_config = _MODEL

    customer: str = ""
    shared: bool = False

    def visible_to(self, customer: str) -> bool:
        """Return whether a bundle for this customer, or for the whole incident (""), has it."""
        return not customer or self.shared or self.customer == customer


class Moment(Belonging):
    """One line of the timeline.

    Attributes:
        at: When.
        kind: What happened, as the ledger calls it; ``finding`` for what detection said.
        what: What happened, in words.
        principal: Who did it, and how we know; "" where nobody did, or where it is not shown.
        source: How that is known.
        entry: Number of the ledger's entry that says so; None where none does.
    """

    at: AwareDatetime
    kind: str = ""
    what: str
    principal: str = ""
    source: str
    entry: int | None = None


class Item(Belonging):
    """One finding or impact run.

    Attributes:
        data: It, as JSON.
    """

    data: dict[str, JsonValue]


class Event(Item):
    """One event; its ``data`` has its ``id``."""

    @model_validator(mode="after")
    def _named(self) -> "Event":
        if not isinstance(self.data.get("id"), str):
            raise ValueError("an event needs its id")  # noqa: TRY004 - pydantic wants this one
        return self


class Attached(Belonging):
    """A file: a raw message, what a channel answered, a dossier.

    Attributes:
        section: The folder it goes to.
        name: What it was called; only its ending is used, if it is a known one.
        what: What it is, in words.
        content: Its bytes.
    """

    section: Section = "notices"
    name: str
    what: str
    content: bytes


class Original(Belonging):
    """What came with a report, byte for byte as it was taken in.

    Attributes:
        name: Of the file, as it was given; only its ending is used, if it is a known one.
        media_type: As it was given.
        entry: Number of the ledger's entry that names its SHA-256.
        content: Its bytes.
    """

    name: str
    media_type: str
    entry: int
    content: bytes

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes, hex."""
        return hashlib.sha256(self.content).hexdigest()


class Bundle(BaseModel):
    """The sections of a bundle beside ledger and raw records, which come from where they are kept.

    Attributes:
        incident: Its number.
        made_at: When the bundle is made.
        timeline: In any order.
        events: The events behind the incident.
        findings: What detection said.
        impact: Impact runs.
        files: Notices and what became of them, dossiers.
        originals: What came with reports; only those that an entry shown in the bundle names.
        earlier: States of the ledger that notices or earlier bundles named, as they went out to
            whom this one is for.
        written: What people and logs wrote in the letters among the files: place, field and text.
    """

    model_config = _MODEL

    incident: Annotated[int, Field(ge=1)]
    made_at: AwareDatetime
    timeline: tuple[Moment, ...] = ()
    events: tuple[Event, ...] = ()
    findings: tuple[Item, ...] = ()
    impact: tuple[Item, ...] = ()
    files: tuple[Attached, ...] = ()
    originals: tuple[Original, ...] = ()
    earlier: tuple[Checkpoint, ...] = ()
    written: tuple[tuple[str, str, str], ...] = ()
