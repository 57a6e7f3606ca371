"""The facts of one customer's notice, from everything that is known.

What can be computed is: impact, clock, coverage, standing. What people say comes from their facts
(``people``). What nobody said is ``Missing``, with whose it is and how to give it: nothing is
guessed, and nothing renders without it.
"""

import base64
import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from incidents import obligations
from incidents.assessment import Case
from incidents.documents import Known, Missing, NoticeFacts, NotYet, Source, Words
from incidents.documents import breach as docs
from incidents.documents.facts import Contact, Customer, Processor
from incidents.documents.missing import missing
from incidents.documents.response import Checkpoint
from incidents.impact import CategoryImpact, CustomerImpact, ImpactRun, Range, Reason, Standing
from tocsin import registers
from tocsin.app.casework.people import Given, PeoplesFacts
from tocsin.app.casework.settings import ContactSettings, OperatorSettings
from tocsin.datamap import DataMap
from tocsin.ledger import Checkpoint as Ledgered
from tocsin.model.categories import Category
from tocsin.model.instants import from_us

CATEGORIES: dict[str, docs.Category] = {
    Category.IDENTIFICATION: "identification",
    Category.CONTACT: "contact",
    Category.WORK: "work",
    Category.BILLING: "billing",
    Category.CONVERSATIONS: "conversations",
}
PEOPLE: dict[str, docs.Subjects] = {
    "customers and prospects": "customers",
    "customers": "customers",
    "prospects": "customers",
    "employees": "employees",
    "suppliers": "suppliers",
}
ANNEX = {"FR": "cnil", "GB": "ico"}
"""Country of a customer → whose form the annex of its dossier follows."""

NUMBERS = ("affected", "records", "subjects")
"""Facts that are counted, or stated where nothing can be counted."""

SHOWN_BY: dict[str, str] = {
    "touched": "object_log",
    "open-and-read": "object_log",
    "outcome-unknown": "query_log",
    "loosely-tied": "object_log",
    "shared-credential": "object_log",
    "named": "report",
}
"""Why a customer stands where it stands → what shows it; everything else is within reach."""


class World(BaseModel, arbitrary_types_allowed=True, frozen=True):
    """Everything known of an incident, as it was read in one transaction.

    Attributes:
        case: What people judged.
        run: The newest impact run.
        owed: What is owed to whom.
        given: What people said.
        customers: The register.
        data_map: Which store holds what.
        operator: Us.
        checkpoint: The state of the ledger.
        key: Fingerprint of our signing key.
    """

    case: Case
    run: ImpactRun
    owed: tuple[obligations.Obligation, ...]
    given: Given
    customers: dict[str, registers.Customer]
    data_map: DataMap
    operator: OperatorSettings
    checkpoint: Ledgered
    key: str


def told(world: World) -> list[str]:
    """Return the customers that get a notice: to whom one is owed."""
    return sorted(
        one.customer
        for one in world.owed
        if one.clause == obligations.NOTICE and one.customer and not one.is_void and not one.waived
    )


def facts(
    world: World, customer: str, *, version: int, before: datetime | None = None, now: datetime
) -> NoticeFacts:
    """Return the facts of the notice to one customer.

    Args:
        world: Everything known.
        customer: Its id; one of ``told``.
        version: Number of the notice.
        before: When the notice before it was sent; None for the first. What is new is asked for
            anew after each.
        now: When it is prepared.
    """
    return _Filling(world, customer, now).facts(version, before)


def recipients(customer: registers.Customer) -> tuple[str, ...]:
    """Return the addresses that a notice goes to: the contacts for breaches, or else all."""
    breach = [one.email for one in customer.contacts if one.role == "breach" and one.email]
    return tuple(sorted({*breach} or {one.email for one in customer.contacts if one.email}))


def code(incident: int, customer: str, opened_at: datetime, version: int = 1) -> str:
    """Return the code with which a reply acknowledges: stable, and not guessed by counting.

    Each version has its own: a code that is said shows which notice a person has.
    """
    told = f"{incident}\0{customer}\0{opened_at.isoformat()}"
    if version > 1:
        told += f"\0{version}"
    digest = hashlib.sha256(told.encode()).digest()
    letters = base64.b32encode(digest).decode()
    return f"{letters[:4]}-{letters[4:8]}"


class _Filling:
    def __init__(self, world: World, customer: str, now: datetime) -> None:
        self.world, self.now = world, now
        self.entry = world.customers[customer]
        self.impact = world.run.of(customer)
        self.stated = self.impact is not None and self.impact.reason == Reason.NAMED
        self.people: PeoplesFacts = world.given.facts
        self.run = Source(kind="impact", reference=str(world.run.number), at=from_us(world.run.at))

    def facts(self, version: int, before: datetime | None) -> NoticeFacts:
        world, people, case = self.world, self.people, self.world.case
        return NoticeFacts(
            kind="initial" if version == 1 else "update",
            status="established" if case.awareness is not None else "suspected",
            version=version,
            incident=case.number,
            opened_at=case.opened_at,
            prepared_at=self.now,
            processor=self._processor(),
            customer=self._customer(),
            clock=self._clock(),
            standing=self._standing(),
            period=self._said("period", people.period) or self._period(),
            nature=self._said("nature", people.nature) or self._missing("nature"),
            narrative=self._said("narrative", people.narrative) or self._missing("narrative"),
            systems=self._systems(),
            affected=self._affected(),
            subject_categories=self._subject_categories(),
            subjects=self._subjects(),
            records=self._records(),
            coverage=self._coverage(),
            consequences=self._said("consequences", people.consequences)
            or self._missing("consequences"),
            severity=self._said("severity", people.severity),
            measures=self._said("measures", people.measures) or self._missing("measures"),
            measures_before=self._configured(world.operator.measures_before)
            if world.operator.measures_before
            else None,
            actions=self._said("actions", people.actions) or self._missing("actions"),
            open_points=people.open_points,
            next_update_at=self._said("next_update_at", people.next_update_at)
            or self._missing("next_update_at"),
            parties=people.parties,
            timeline=people.timeline,
            changes=self._changes(before),
            checkpoint=Checkpoint(
                number=world.checkpoint.number, entry_hash=world.checkpoint.entry_hash
            )
            if world.checkpoint.number
            else None,
            acknowledgement_code=code(case.number, self.entry.id, case.opened_at, version),
            reply_to=world.operator.contact.email if world.operator.contact else "",
        )

    def _changes(self, before: datetime | None) -> Words:
        """Return what is new since the notice before, if it was said after that was sent."""
        given = self.world.given
        if before is None or given.changes_at is None or given.changes_at <= before:
            return Words()
        return self.people.changes or Words()

    # ---- who ----------------------------------------------------------------------------------

    def _processor(self) -> Processor:
        operator = self.world.operator
        dpo: Any = None
        if operator.dpo is None:
            dpo = self._missing("processor.dpo")
        elif operator.dpo:
            dpo = self._configured(_contact(operator.dpo))
        return Processor(
            name=operator.name,
            address=operator.address,
            contact=self._configured(_contact(operator.contact))
            if operator.contact
            else self._missing("processor.contact"),
            dpo=dpo,
            signing_key=self.world.key,
        )

    def _customer(self) -> Customer:
        entry = self.entry
        return Customer(
            id=entry.id,
            name=entry.name,
            language=entry.language,
            time_zone=entry.time_zone,
            sector=entry.sector,
            authority=ANNEX.get(entry.country, ""),  # type: ignore[arg-type] # of these two
            dpo=_registered(entry, "dpo"),
            contact=_registered(entry, "breach"),
        )

    # ---- when ---------------------------------------------------------------------------------

    def _clock(self) -> Known[docs.Clock] | Missing:
        case, owed = self.world.case, self._owed()
        if owed is None:
            return self._missing("clock")
        source = Source(kind="decision", at=case.decided_at or case.opened_at)
        return Known(
            value=docs.Clock(
                hours=int(owed.window / timedelta(hours=1)),
                known_at=case.known_at,
                known_by="detection" if case.detected_at == case.known_at else "report",
                aware_at=owed.aware_at,
                starts_at=owed.starts_at if owed.aware_at else None,
                due_at=owed.due_at if owed.aware_at else None,
                strict_due_at=owed.strict_due_at,
                corrections=tuple(
                    docs.Correction(former_at=one.former_at, corrected_at=one.at)
                    for one in case.corrections
                ),
                # Of those that are late alone: the others' readers would have nothing to excuse.
                late_reason=(self.now > owed.due_at and self.people.late_reason) or Words(),
            ),
            source=source,
            confirmed_at=case.decided_at,
        )

    def _period(self) -> Known[docs.Period] | Missing:
        begun, ended = self.world.run.first_at, self.world.run.last_at
        if self.stated:
            begun = ended = None  # what was said of another customer dates nothing here
        if self.impact and self.impact.first_at is not None and self.impact.last_at is not None:
            begun, ended = self.impact.first_at, self.impact.last_at
        if begun is None or ended is None:
            return self._missing("period")
        return Known(
            value=docs.Period(
                begun_at=from_us(begun),
                ended_at=from_us(ended),
                method="report" if self.stated else "log_events",
            ),
            source=self.run,
        )

    # ---- what ---------------------------------------------------------------------------------

    def _standing(self) -> Known[docs.Standing] | Missing:
        if self.impact is None or self.impact.standing == Standing.EXCLUDED:
            return self._missing("standing")
        touched = {CATEGORIES[one.category] for one in self.impact.categories}
        stores = self.world.data_map.stores()
        ruled_out = {
            CATEGORIES[category]
            for one in self.impact.negatives
            if one.accessed is False and one.store in stores
            for category in stores[one.store].categories
        } - touched
        return Known(
            value=docs.Standing(
                standing="confirmed" if self.impact.standing == Standing.CONFIRMED else "possible",
                shown_by=SHOWN_BY.get(self.impact.reason, "within_reach"),  # type: ignore[arg-type] # these
                first_shown_at=from_us(self.world.run.at),
                run=self.world.run.number,
                excluded=tuple(sorted(ruled_out)),
            ),
            source=self.run,
        )

    def _systems(self) -> Known[tuple[docs.System, ...]] | NotYet | Missing:
        if "systems" in self.people.not_yet:
            return self._not_yet()
        stores = self.world.data_map.stores()
        named = sorted({name for one in self._categories() for name in one.stores})
        if not named or not self.world.operator.location:
            return self._missing("systems")
        language = self.entry.language
        logged = {one.store for one in self.world.run.coverage.stores if one.logged_by}
        systems = tuple(
            docs.System(
                name=stores[name].title.get(language, name) if name in stores else name,
                kind="other",
                location=self.world.operator.location,
                object_log=name in logged,
            )
            for name in named
        )
        return Known(value=systems, source=self.run if self.stated else self._map())

    def _affected(self) -> Known[tuple[docs.Affected, ...]] | Missing:
        rows = tuple(
            docs.Affected(
                category=CATEGORIES[one.category],
                effects=_effects(one),
                records=self._range(one.records, f"affected.records.{CATEGORIES[one.category]}"),
                subjects=self._range(one.subjects, f"affected.subjects.{CATEGORIES[one.category]}"),
            )
            for one in self._categories()
        )
        return Known(value=rows, source=self.run) if rows else self._missing("affected")

    def _subject_categories(self) -> Known[tuple[docs.Subjects, ...]] | Missing:
        found = {
            PEOPLE[word] for one in self._categories() for word in one.people if word in PEOPLE
        }
        if not found:
            return self._missing("subject_categories")
        source = self.run if self.stated else self._map()
        return Known(value=tuple(sorted(found)), source=source)

    def _subjects(self) -> Known[docs.Range] | NotYet | Missing:
        if self.impact is None:
            return self._missing("subjects")
        return self._range(self.impact.subjects, "subjects")

    def _records(self) -> Known[docs.Range] | NotYet | Missing:
        """Return the records of all categories; a record counts once, in its largest category."""
        ranges = [one.records for one in self._categories()]
        by_store = dict[tuple[str, ...], Range]()
        for one in self._categories():
            known = by_store.get(one.stores)
            if known is None or one.records.min > known.min:
                by_store[one.stores] = one.records
        if not ranges:
            return self._missing("records")
        found = list(by_store.values())
        # Where nothing is proved and there is no ground for a guess, nothing is added to it.
        best = [one.best for one in found if one.best is not None or one.min]
        most = [one.max for one in found]
        whole = Range(
            sum(one.min for one in found),
            None if None in best or not best else sum(filter(None, best)),
            None if None in most else sum(filter(None, most)),
            found[0].basis,
        )
        return self._range(whole, "records")

    def _coverage(self) -> Known[tuple[docs.Coverage, ...]] | Missing | None:
        if self.stated:
            return None
        since, until = from_us(self.world.run.query.since), from_us(self.world.run.query.until)
        logs_objects = {s for one in self.world.run.coverage.stores for s in one.logged_by}
        rows = tuple(
            docs.Coverage(
                source=one.source,
                since=since,
                until=until,
                hours=one.hours,
                present=one.covered + one.quiet,
                object_level=one.source in logs_objects,
            )
            for one in self.world.run.coverage.sources
        )
        return Known(value=rows, source=self.run) if rows else self._missing("coverage")

    # ---- how it is said -----------------------------------------------------------------------

    def _owed(self) -> obligations.Obligation | None:
        for one in self.world.owed:
            if one.clause == obligations.NOTICE and one.customer == self.entry.id:
                return one
        return None

    def _categories(self) -> tuple[CategoryImpact, ...]:
        found: CustomerImpact | None = self.impact
        return found.categories if found is not None else ()

    def _range(self, found: Range, fact: str) -> Known[docs.Range] | NotYet | Missing:
        name = fact.partition(".")[2].partition(".")[0] or fact
        if found.max is None:
            return self._not_yet() if name in self.people.not_yet else self._missing(fact)
        method = "inventory" if "inventory" in found.basis else "counted"
        method = "report" if self.stated else method
        best = None if found.best is None else min(max(found.best, found.min), found.max)
        return Known(
            value=docs.Range(least=found.min, best=best, most=found.max, method=method),  # type: ignore[arg-type] # these two
            source=self.run,
        )

    def _said(self, name: str, value: Any) -> Any:
        """Return what people said, that they do not know yet, or None: they said nothing."""
        if name in self.people.not_yet:
            return self._not_yet()
        if value in (None, ()):
            return None
        at = self.world.given.at
        return Known(value=value, source=Source(kind="person", at=at), confirmed_at=at)

    def _not_yet(self) -> NotYet:
        return NotYet(source=Source(kind="person", at=self.world.given.at))

    def _missing(self, fact: str) -> Missing:
        asked = missing(
            fact,
            incident=self.world.case.number,
            customer=self.entry.id,
            language=self.entry.language,
        )
        if not self.stated or fact.partition(".")[0] not in NUMBERS:
            return asked
        how = f"its number in a file, `tocsin incident declare {self.world.case.number} FILE.toml`"
        return asked.model_copy(update={"whose": "who knows what was reported", "how": how})

    def _configured(self, value: Any) -> Known[Any]:
        return Known(value=value, source=Source(kind="register", reference="config.toml"))

    def _map(self) -> Source:
        return Source(kind="data_map", reference=str(self.world.run.query.datamap))


def _contact(settings: ContactSettings) -> Contact:
    return Contact(
        name=settings.name,
        function=Words(**settings.function),
        email=settings.email,
        phone=settings.phone,
        always=settings.always,
    )


def _registered(customer: registers.Customer, role: str) -> Contact | None:
    for one in customer.contacts:
        if one.role == role and one.email and one.phone:
            return Contact(name=one.name, email=one.email, phone=one.phone)
    return None


def _effects(one: CategoryImpact) -> tuple[docs.Effect, ...]:
    found: Iterable[tuple[docs.Effect, bool]] = (
        ("confidentiality", one.confidentiality),
        ("integrity", one.integrity),
        ("availability", one.availability),
    )
    return tuple(name for name, touched in found if touched)
