"""What an impact run says: whose data an incident touched, how much of it, and how we know.

A run is a computation from events, a version of the data map and one of the registers; it can be
made again from its ``query`` and then says the same. It is kept, never changed.

Source: GDPR Art. 33(3)(a): categories and approximate numbers of people and of records, where
possible.
"""

from enum import StrEnum

import msgspec


class Standing(StrEnum):
    """Whether a customer's data was touched."""

    CONFIRMED = "confirmed"
    POSSIBLE = "possible"
    EXCLUDED = "excluded"


class Reason(StrEnum):
    """Why a customer stands where it stands, the strongest first; texts are made of it."""

    TOUCHED = "touched"  # events of the attack touched its data
    OPEN_AND_READ = "open-and-read"  # its data stood open and somebody from outside fetched it
    WHOLE_STORE = "whole-store"  # a whole store with its data in it was taken or changed
    OUTCOME_UNKNOWN = "outcome-unknown"  # it was asked for; whether it was given is not logged
    LOOSELY_TIED = "loosely-tied"  # a credential did that only a common role ties to the attack
    SHARED_CREDENTIAL = "shared-credential"  # the credential did, perhaps in its owner's hands
    OPEN = "open"  # its data stood open, and logs cannot show that nobody read it
    UNATTRIBUTED = "unattributed"  # data of nobody in particular was taken where its data lies
    UNMAPPED = "unmapped"  # the attack did there what the data map does not know
    NOT_COVERED = "not-covered"  # the attack worked where its data lies, and logs are missing
    NAMED = "named"  # a person names it
    SUSPECTED = "suspected"  # a person names it as possible, beside what events confirm
    REFUSED = "refused"  # it was asked for and refused
    OPEN_UNREAD = "open-unread"  # its data stood open, and logs show that nobody read it
    UNTOUCHED = "untouched"  # nothing in the logs touches it


class Range(msgspec.Struct, frozen=True):
    """A number as well as it is known.

    Attributes:
        min: At least so many.
        best: Most likely; None: no ground for a guess.
        max: At most; None: nothing bounds it.
        basis: How that is known, in words.
    """

    min: int
    best: int | None
    max: int | None
    basis: str


class CategoryImpact(msgspec.Struct, frozen=True, kw_only=True):
    """What was touched of one category of a customer's data.

    Attributes:
        category: In the contract's words.
        records: How many records.
        subjects: How many people are in them.
        confidentiality: They were read, exported or stood open.
        integrity: They were changed.
        availability: They were deleted.
        stores: Where they lie.
        people: What sort of people they are.
        reason: Why it counts as touched, or possibly touched, as a word; None: as its customer.
        why: Why, as a sentence; "" where it is its customer's.
    """

    category: str
    records: Range
    subjects: Range
    confidentiality: bool
    integrity: bool
    availability: bool
    stores: tuple[str, ...]
    people: tuple[str, ...]
    reason: Reason | None = None
    why: str = ""

    @property
    def effects(self) -> frozenset[str]:
        """Return what it met with: confidentiality, integrity, availability."""
        names = ("confidentiality", "integrity", "availability")
        return frozenset(name for name in names if getattr(self, name))

    def standing(self, customer: Standing) -> Standing:
        """Return where it stands, beside where its customer stands."""
        if self.reason is None or customer is not Standing.CONFIRMED:
            return customer
        proved = self.reason in (Reason.TOUCHED, Reason.OPEN_AND_READ, Reason.NAMED)
        return Standing.CONFIRMED if proved else Standing.POSSIBLE


class Negative(msgspec.Struct, frozen=True):
    """What can be said of a store with a customer's data that nothing is known to have touched.

    Attributes:
        store: Which.
        accessed: False: not accessed, in the hours named. None: unknown.
        basis: The coverage behind it, in words.
    """

    store: str
    accessed: bool | None
    basis: str


class CustomerImpact(msgspec.Struct, frozen=True, kw_only=True):
    """What the incident means for one customer.

    Attributes:
        customer: Its id.
        known: Whether the register of customers has it.
        standing: Confirmed, possible, excluded.
        reason: Why, as a word.
        why: Why, as a sentence.
        categories: What was touched, or may have been; () where excluded.
        subjects: People across all categories and stores, each once.
        events: Events of the incident that touched its data.
        lineage: Further ones: of credentials the attack made, and from outside while it stood open.
        shared: Further ones that may be an owner's honest work; see ``reach``.
        refused: Events that asked for its data and were refused.
        first_at: The first of those that touched, µs since 1970 UTC; None without. What may be
            an owner's honest work counts only where nothing else does.
        last_at: The last of them.
        possibly_first_at: The first of those beside them that may have touched its data; None
            without.
        possibly_last_at: The last of those.
        negatives: Stores with its data that were not touched.
    """

    customer: str
    known: bool
    standing: Standing
    reason: Reason
    why: str
    categories: tuple[CategoryImpact, ...] = ()
    subjects: Range = Range(0, 0, 0, "no data touched")
    events: int = 0
    lineage: int = 0
    shared: int = 0
    refused: int = 0
    first_at: int | None = None
    last_at: int | None = None
    possibly_first_at: int | None = None
    possibly_last_at: int | None = None
    negatives: tuple[Negative, ...] = ()


class SourceCoverage(msgspec.Struct, frozen=True):
    """Of which hours of the window the archive holds events of a source.

    Attributes:
        source: Its name in events.
        hours: Hours of the window.
        covered: Those with events.
        quiet: Those without, in silences no longer than the source has on most days.
        missing: Other runs of hours without, as (since, until) in µs since 1970 UTC.
        unread: Records and files that were taken and could not be read; any may be of the window.
    """

    source: str
    hours: int
    covered: int
    quiet: int
    missing: tuple[tuple[int, int], ...]
    unread: int = 0


class StoreCoverage(msgspec.Struct, frozen=True):
    """Who would have seen that a store is read.

    Attributes:
        store: Which.
        logged_by: Sources that log each read of it; () where nobody does.
        complete: Whether all of them are there for every hour of the window, and could be read.
    """

    store: str
    logged_by: tuple[str, ...]
    complete: bool


class Unmapped(msgspec.Struct, frozen=True):
    """Acts of the attack that the data map does not know.

    Attributes:
        source: Of their events.
        service: Whose action it is.
        action: The source's own word.
        resource: What was acted on; "" where no record says.
        events: How many.
        doubtful: Whether somebody else may have done them.
    """

    source: str
    service: str
    action: str
    resource: str
    events: int
    doubtful: bool = False

    def __str__(self) -> str:
        """Return it in words."""
        of = f" of {self.service}" if self.service != self.source else ""
        return f"{self.action}{of} in {self.source}{f' on {self.resource}' * bool(self.resource)}"


class Coverage(msgspec.Struct, frozen=True):
    """What the claims of a run rest on."""

    sources: tuple[SourceCoverage, ...]
    stores: tuple[StoreCoverage, ...]


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked, so that it can be asked again.

    Attributes:
        since: Window in which everything the tainted credentials did was looked at, µs.
        until: Its end, excluded.
        upto_segment: No segment with a higher number.
        watched_until: Up to here, a margin after the incident, further events make a run outdated.
        segments: How many segments have events from ``since`` until then.
        segments_sha256: Of their numbers and hashes.
        incident_events: How many event ids the incident has.
        incident_events_sha256: Of these ids.
        credentials: Whose every act counts: those the attack made.
        shared: Credentials it used beside their owners, each with the addresses it came from.
        loose: Credentials in the incident that only a common role ties to it: not followed.
        datamap: Version of the data map.
        registers: Version of the registers, the inventory among them.
        unread: How much could not be read, by :func:`unread.of_window`.
    """

    since: int
    until: int
    upto_segment: int
    watched_until: int
    segments: int
    segments_sha256: str
    incident_events: int
    incident_events_sha256: str
    credentials: tuple[str, ...]
    shared: tuple[tuple[str, tuple[str, ...]], ...]
    loose: tuple[str, ...]
    datamap: int
    registers: int
    unread: int = 0


class Scope(msgspec.Struct, frozen=True):
    """How much further than usual a run looked, because a person said so; see ``scope``.

    Attributes:
        since: From here on at least, µs since 1970 UTC; None: as usual.
        until: Up to here at least, excluded; None: as usual.
        actors: Identities and keys whose every act in the window is the attack's.
        why: The reasons, in people's words; "" where nothing was widened.
    """

    since: int | None = None
    until: int | None = None
    actors: tuple[str, ...] = ()
    why: str = ""


class ImpactRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run.

    Attributes:
        number: 1, 2, 3 … over all incidents.
        incident: The incident's number.
        at: When it was made, µs since 1970 UTC.
        principal: Who asked for it.
        customers: Confirmed first, then possible, then excluded; by id.
        coverage: What it rests on.
        query: What was asked.
        first_at: First event that touched data, µs; None without. As with customers, what may be
            honest work counts only where nothing else does.
        last_at: The last one.
        began_at: First event of the attack, whatever it touched, µs; None: no event tells of it.
        ended_at: Its last one.
        unattributed: Events that touched data of nobody in particular.
        unmapped: Acts of the attack, or perhaps of it, that the data map does not know: they may
            have touched anything that they do not name.
        scope: How much further than usual it looked.
        stated: What a person stated beside the events, as it was stated; runs of before have it in
            ``customers`` alone, by the reason ``named``.
        told: What the events alone tell of those customers, where they tell anything.
    """

    number: int
    incident: int
    at: int
    principal: str
    customers: tuple[CustomerImpact, ...]
    coverage: Coverage
    query: Query
    first_at: int | None
    last_at: int | None
    began_at: int | None = None
    ended_at: int | None = None
    unattributed: int
    unmapped: tuple[Unmapped, ...] = ()
    scope: Scope = Scope()
    stated: tuple[CustomerImpact, ...] = ()
    told: tuple[CustomerImpact, ...] = ()

    def with_standing(self, standing: Standing) -> tuple[CustomerImpact, ...]:
        """Return the customers that stand so."""
        return tuple(one for one in self.customers if one.standing == standing)

    def of(self, customer: str) -> CustomerImpact | None:
        """Return what it means for one customer; None if it says nothing of it."""
        return next((one for one in self.customers if one.customer == customer), None)
