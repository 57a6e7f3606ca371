"""The company's registers, as it would keep them: written beside the logs, never from the truth.

``out/registers``: customers with contracts and contacts, staff, inventory (CSV), and the data map
(TOML). Addresses end in ``.example``; phone numbers are those that the French regulator keeps for
films (RFC 2606; ARCEP, décision 2018-0881).
"""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from tocsin.app.demo.company import Company
from tocsin.app.demo.dice import roll
from tocsin.app.demo.hours import ISRAEL
from tocsin.app.demo.identities import SEED
from tocsin.app.demo.office import last_day
from tocsin.app.demo.people import LEAVER, Customer
from tocsin.model.categories import OPERATOR, Category
from tocsin.registers.entries import ContactEntry, CustomerEntry, Entry, Holding, StaffEntry
from tocsin.registers.writing import to_csv

DATAMAP = Path(__file__).with_name("datamap.toml")

PEOPLE = (Category.IDENTIFICATION, Category.CONTACT, Category.WORK)
"""What contact books hold."""

INVOICES = 24
"""Monthly invoices that are kept of each customer."""

UNVERIFIED = "c-0038"
"""The customer whose breach contact nobody has verified yet."""


def write(out: Path, company: Company) -> Path:
    """Write the registers below ``out`` and return their folder."""
    folder = out / "registers"
    folder.mkdir(parents=True, exist_ok=True)
    registers: dict[str, tuple[str, Iterator[Entry]]] = {
        "customers": ("customer", _customers(company)),
        "contacts": ("contact", _contacts(company)),
        "staff": ("staff", _staff(company)),
        "inventory": ("inventory", _inventory(company)),
    }
    for stem, (register, entries) in registers.items():
        (folder / f"{stem}.csv").write_bytes(to_csv(register, entries))
    (folder / DATAMAP.name).write_bytes(DATAMAP.read_bytes())
    return folder


def _signed(company: Company, customer: Customer) -> date:
    days = roll(SEED, "contract", customer.id).randrange(90, 1_500)
    return company.start - timedelta(days=days)


def _customers(company: Company) -> Iterator[CustomerEntry]:
    for customer in company.customers:
        yield CustomerEntry(
            id=customer.id,
            name=customer.name,
            language="fr" if customer.language == "fr" else "en",
            time_zone=customer.week.zone,
            sector=customer.sector,
            country=customer.country,
            hours=24 if customer.sector == "finance" else 48,
            signed_on=_signed(company, customer),
        )


def _contacts(company: Company) -> Iterator[ContactEntry]:
    for number, customer in enumerate(company.customers):
        french = customer.language == "fr"
        verified = company.start - timedelta(days=roll(SEED, "verified", customer.id).randrange(90))
        yield ContactEntry(
            customer=customer.id,
            role="breach",
            name="Astreinte sécurité" if french else "Security desk",
            email=f"security@{customer.domain}",
            phone=f"+3319900{number:04d}",
            verified_on=None if customer.id == UNVERIFIED else verified,
        )
        yield ContactEntry(
            customer=customer.id,
            role="dpo",
            name="Délégué à la protection des données" if french else "Data protection officer",
            email=f"dpo@{customer.domain}",
            phone=f"+3326191{number:04d}",
            verified_on=None if customer.id == UNVERIFIED else verified,
        )


def _staff(company: Company) -> Iterator[StaffEntry]:
    for number, person in enumerate(company.staff, 1):
        yield StaffEntry(
            id=person.id,
            name=person.name,
            pseudonym=f"operator {number}",
            country="IL" if person.week is ISRAEL else "FR",
            roles=(person.team,),
            since=company.start - timedelta(days=400),
            until=last_day(company) if person.id == LEAVER else None,
        )


def _inventory(company: Company) -> Iterator[Holding]:
    """Yield what the stores hold at the end of the month."""
    day = company.end
    for customer in company.customers:
        recordings = company.stored_recordings(customer, day)
        listed = customer.contacts if customer.exports else 0
        stores = {
            "contacts": customer.contacts,
            "crm-database": customer.contacts,
            "contact-lists": listed,
        }
        held = [(store, category, n) for store, n in stores.items() for category in PEOPLE]
        for store, category, people in held:
            yield Holding(
                store=store,
                customer=customer.id,
                category=category,
                records=people,
                subjects=people,
                on=day,
            )
        yield Holding(
            store="recordings",
            customer=customer.id,
            category=Category.CONVERSATIONS,
            records=recordings,
            subjects=min(recordings, customer.contacts),
            on=day,
        )
        for store in ("invoices", "billing-database"):
            yield Holding(
                store=store,
                customer=customer.id,
                category=Category.BILLING,
                records=INVOICES,
                subjects=1,
                on=day,
            )
    users = sum(len(customer.users) for customer in company.customers)
    yield Holding(
        store="accounts",
        customer=OPERATOR,
        category=Category.IDENTIFICATION,
        records=users,
        subjects=users,
        on=day,
    )
