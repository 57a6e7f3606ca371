"""What is missing or old in the registers, so that it is known before the night it is needed."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from tocsin.registers.customer import Customer
from tocsin.registers.entries import ExceptionEntry, Holding
from tocsin.registers.views import customers, exceptions, inventory

VERIFIED = timedelta(days=183)
"""A contact is asked again every six months."""

FRESH = timedelta(days=35)
"""How old an inventory may be."""

EXAMPLES = 5
"""So many customers stand on one line."""


class Gap(NamedTuple):
    """Something a person should see to.

    Attributes:
        kind: ``contacts``, ``inventory``, ``exception``.
        subject: The customer, store or exception; of several customers the first.
        text: What is wrong.
        hint: What to do.
    """

    kind: str
    subject: str
    text: str
    hint: str


def gaps(db: Connection, *, now: datetime) -> list[Gap]:
    """Return what is missing or old in the registers that hold now."""
    today = now.date()
    bound = [one for one in customers(db).values() if one.contract.runs_on(today)]
    held = inventory(db)
    return [
        *_contacts(bound, today),
        *_inventory(bound, held, today),
        *_exceptions(exceptions(db).values(), today),
    ]


def _contacts(bound: Iterable[Customer], today: date) -> Iterable[Gap]:
    """Return what contacts lack, the customers that nobody can reach first."""
    hint = "Import a breach contact with e-mail and phone, and verify it with a mail it answers."
    lacking = list[tuple[int, Gap]]()
    for customer in bound:
        contacts = customer.contacts_for("breach")
        verified = [c for c in contacts if c.verified_on and c.verified_on >= today - VERIFIED]
        if not contacts:
            worst, text = 0, f"customer {customer.id} has no breach contact"
        elif not verified:
            worst = 1
            text = f"no breach contact of customer {customer.id} was verified in the last 6 months"
        elif not any(c.email for c in verified):
            worst = 2
            text = f"no verified breach contact of customer {customer.id} has an e-mail address"
        elif not any(c.phone for c in verified):
            worst = 3
            text = f"no verified breach contact of customer {customer.id} has a phone number"
        else:
            continue
        lacking.append((worst, Gap("contacts", customer.id, text, hint)))
    return [gap for _, gap in sorted(lacking, key=lambda one: one[0])]


def _inventory(bound: Sequence[Customer], held: Iterable[Holding], today: date) -> Iterable[Gap]:
    """Return what is old in the inventory, and whom it counts nowhere."""
    newest, oldest = dict[str, date](), dict[tuple[str, str], date]()
    for one in held:
        newest[one.store] = max(one.on, newest.get(one.store, one.on))
        place = (one.store, one.customer)
        oldest[place] = min(one.on, oldest.get(place, one.on))
    counted = {customer for _, customer in oldest}
    hint = "Count again and import the inventory: it bounds what a breach can have touched."
    for store, on in sorted(newest.items()):
        if on < today - FRESH:
            age = f"{(today - on).days} days old; {FRESH.days} are allowed"
            text = f"the inventory of store {store} is of {on.isoformat()}, {age}"
            yield Gap("inventory", store, text, hint)
            continue
        old = [
            one.id
            for one in bound
            if (own := oldest.get((store, one.id))) is not None
            and (own < today - FRESH or own < one.contract.signed_on)
        ]
        if old:
            text = f"store {store} was counted more than {FRESH.days} days ago, or before the "
            yield Gap("inventory", store, f"{text}contract, for {some(old)}", hint)
    if silent := [one.id for one in bound if one.id not in counted]:
        text = f"the inventory counts nothing of {some(silent)}"
        yield Gap("inventory", silent[0], text, hint)


def some(ids: Sequence[str]) -> str:
    """Return customers in words: how many they are, and the first of them."""
    if len(ids) == 1:
        return f"customer {ids[0]}"
    more = f" and {len(ids) - EXAMPLES:,} more" if len(ids) > EXAMPLES else ""
    return f"{len(ids):,} customers: {', '.join(ids[:EXAMPLES])}{more}"


def _exceptions(held: Iterable[ExceptionEntry], today: date) -> Iterable[Gap]:
    for one in held:
        if one.expires_on < today:
            text = f"exception {one.id} expired on {one.expires_on.isoformat()}"
            yield Gap(
                "exception", one.id, text, f"{one.owner} renews it with a reason, or drops it."
            )
