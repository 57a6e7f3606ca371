"""What really happened, kept apart from the logs.

``truth.json`` lies beside the logs and never among them. For each planted attack it says which
records it consists of, under which identities and credentials it ran, and what it really touched:
per customer and store the records and the people, and how. Nothing in the logs is marked.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tocsin.app.demo.company import Company

CATEGORIES = {
    "recordings": ("telephone conversations",),
    "contacts": ("identification", "contact", "work-related"),
    "invoices": ("billing",),
}
"""Store → categories of personal data in it, in the contract's words."""


class Step(msgspec.Struct, frozen=True):
    """One record that belongs to an attack: its id, its log, and when it happened (UTC)."""

    id: str
    source: str
    at: str


class Touched(msgspec.Struct, frozen=True, kw_only=True):
    """What an attack took from one customer in one store.

    Attributes:
        customer: Whose data.
        store: recordings, contacts or invoices.
        categories: Categories of personal data, in the contract's words.
        how: downloaded, exported or read.
        records: Distinct records.
        subjects: Distinct people.
    """

    customer: str
    store: str
    categories: tuple[str, ...]
    how: str
    records: int
    subjects: int


class Attack(msgspec.Struct, kw_only=True):
    """One planted attack.

    Attributes:
        id: Its name among the choices of ``generate``.
        title: What happened, in a line.
        kind: external, insider, abuse or exposure.
        actors: Who acts, as an event's ``actor`` would name them.
        credentials: Access keys, sessions and tokens it used or made.
        networks: Addresses it came from.
        first: Instant of its first record.
        last: Instant of its last record.
        events: Its records, in order of time.
        related: Records it caused elsewhere, or that ended it: neither right nor wrong to include.
        touched: What it really took.
    """

    id: str
    title: str
    kind: str
    actors: list[str]
    credentials: list[str]
    networks: list[str]
    first: str = ""
    last: str = ""
    events: list[Step] = []
    related: list[str] = []
    touched: list[Touched] = []

    def settle(self, cloud: Iterable[tuple[float, str]], app: Iterable[tuple[float, str]]) -> None:
        """Fill in the events, given as pairs of instant and id per log, and their bounds."""
        both = [(at, "cloudtrail", id_) for at, id_ in cloud] + [(at, "crm", i) for at, i in app]
        self.events = [Step(id_, source, _iso(at)) for at, source, id_ in sorted(both)]
        self.first, self.last = self.events[0].at, self.events[-1].at


def touch(customer: str, store: str, how: str, records: int, subjects: int) -> Touched:
    """Return what was taken from one customer in one store."""
    return Touched(
        customer=customer,
        store=store,
        categories=CATEGORIES[store],
        how=how,
        records=records,
        subjects=subjects,
    )


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """How much the stores hold of one customer at the end of the month."""

    id: str
    name: str
    contacts: int
    recordings: int
    users: int


class Truth(msgspec.Struct, kw_only=True):
    """Everything that ``truth.json`` says."""

    seed: int
    start: str
    end: str
    attacks: list[Attack]
    customers: list[Holding]


def truth_of(company: Company, attacks: list[Attack]) -> Truth:
    """Return the truth of a month: its attacks, and each customer's size at its end."""
    held = [
        Holding(
            id=customer.id,
            name=customer.name,
            contacts=customer.contacts,
            recordings=company.stored_recordings(customer, company.end),
            users=len(customer.users),
        )
        for customer in company.customers
    ]
    return Truth(
        seed=company.seed,
        start=company.start.isoformat(),
        end=company.end.isoformat(),
        attacks=attacks,
        customers=held,
    )


def write(path: Path, truth: Truth) -> None:
    """Write the truth to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(truth), indent=1) + b"\n")


def read(path: Path) -> Truth:
    """Return the truth written to a file."""
    return msgspec.json.decode(path.read_bytes(), type=Truth)


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
