"""A case as it would be had the impact run said something else, and the notice that comes of it."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec

from incidents.documents import NoticeFacts, render
from incidents.impact import CategoryImpact, Range, Reason, Standing
from tests.casework.office import HOUR, MORNING
from tocsin.app.casework import known
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.known import World
from tocsin.model.instants import to_us

At = Callable[..., Desk]
DAY = timedelta(days=1)
CALLS = "telephone conversations"
NONE = Range(0, None, 1, "1 objects named; inventory of 2026-03-01: 100")


def world(desk: Desk, number: int = 1) -> World:
    with desk.store.read() as db:
        return known.world(desk, db, number)


def category(name: str = CALLS, records: Range = NONE, **more: Any) -> CategoryImpact:
    said: dict[str, Any] = {
        "category": name,
        "records": records,
        "subjects": records,
        "confidentiality": True,
        "integrity": False,
        "availability": False,
        "stores": ("recordings",),
        "people": ("customers and prospects",),
    }
    return CategoryImpact(**{**said, **more})


def with_impact(base: World, customer: str, **fields: Any) -> World:
    """Return the world as it would be had the run said this of a customer."""
    customers = tuple(
        msgspec.structs.replace(one, **fields) if one.customer == customer else one
        for one in base.run.customers
    )
    run = msgspec.structs.replace(base.run, customers=customers)
    return base.model_copy(update={"run": run})


def loosely_tied(base: World, customer: str) -> World:
    """Return the world with a customer that a common role alone ties to the attack."""
    at = to_us(MORNING - 15 * HOUR)
    return with_impact(
        base,
        customer,
        standing=Standing.POSSIBLE,
        reason=Reason.LOOSELY_TIED,
        categories=(category(),),
        subjects=NONE,
        shared=1,
        first_at=at,
        last_at=at,
        negatives=(),
    )


def words(facts: NoticeFacts, name: str = "body.txt") -> str:
    return re.sub(r"\s+", " ", render(facts)[name].decode())


def dossier(facts: NoticeFacts) -> dict[str, Any]:
    (text,) = (content for name, content in render(facts).items() if name.endswith(".json"))
    entries: dict[str, Any] = json.loads(text)["entries"]
    return entries


def in_english(facts: NoticeFacts) -> NoticeFacts:
    customer = facts.customer.model_copy(update={"language": "en"})
    return facts.model_copy(update={"customer": customer})
