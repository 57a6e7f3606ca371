"""What touched customers' data, how it comes to count, and what all customers are judged by.

Pure.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from incidents.impact.counting import Held
from tocsin.datamap import ALL, UNKNOWN, Store, Touch
from tocsin.model.events import Outcome
from tocsin.registers import Holding

FRESH = timedelta(days=35)
"""An inventory counted so long before the window, or later, bounds what the logs allow."""


class Via(StrEnum):
    """How an event comes to count."""

    INCIDENT = "incident"  # it is one of the incident's
    LINEAGE = "lineage"  # a credential or address of the attack did it
    OUTSIDE = "outside"  # somebody from outside did it while the store stood open
    LOOSE = "loose"  # it is one of the incident's, but only a common role ties it to the attack
    SHARED = "shared"  # a credential of the attack did it, perhaps in its owner's hands

    @property
    def doubtful(self) -> bool:
        """Return whether somebody else may have done it."""
        return self in {Via.LOOSE, Via.SHARED}


class Evidence(NamedTuple):
    """A touch and how it comes to count."""

    touch: Touch
    via: Via

    @property
    def sure(self) -> bool:
        """Return whether it proves that this customer's data was touched."""
        touch = self.touch
        return (
            not self.via.doubtful
            and touch.outcome == Outcome.SUCCESS
            and touch.customer not in {ALL, UNKNOWN}
            and touch.action.effect != "exposed"
        )


@dataclass(frozen=True)
class World:
    """What all customers are judged by.

    Attributes:
        stores: The data map's, by name.
        complete: Stores all of whose reads are logged for every hour of the window.
        said: Store → its coverage in words.
        inventory: What the stores hold.
        bounding_from: Inventory counted before this day bounds nothing.
        evidence: All of it.
    """

    stores: Mapping[str, Store]
    complete: frozenset[str]
    said: Mapping[str, str]
    inventory: Sequence[Holding]
    bounding_from: date
    evidence: Sequence[Evidence]

    @cached_property
    def holdings(self) -> Mapping[tuple[str, str, str], Holding]:
        """Return the inventory by customer, store and category."""
        return {(one.customer, one.store, one.category): one for one in self.inventory}

    @cached_property
    def holders(self) -> Mapping[str, frozenset[str]]:
        """Return, per store that was ever counted, the customers with data in it."""
        found: dict[str, set[str]] = {one.store: set() for one in self.inventory}
        for one in self.inventory:
            if one.records:
                found[one.store].add(one.customer)
        return {store: frozenset(who) for store, who in found.items()}

    @cached_property
    def by_customer(self) -> Mapping[str, Sequence[Evidence]]:
        """Return the evidence by the customer it names."""
        found = defaultdict[str, list[Evidence]](list)
        for one in self.evidence:
            found[one.touch.customer].append(one)
        return found

    @cached_property
    def worked(self) -> frozenset[str]:
        """Return the stores in which the attack itself did something."""
        return frozenset(
            one.touch.action.store
            for one in self.evidence
            if not one.via.doubtful and one.touch.outcome != Outcome.FAILURE
        )

    def of(self, customer: str) -> list[Evidence]:
        """Return the evidence that names a customer, or nobody, or all."""
        return [one for who in (customer, ALL, UNKNOWN) for one in self.by_customer.get(who, ())]

    def holds(self, customer: str, store: str) -> bool:
        """Return whether a store may hold data of a customer: it does, or nobody ever counted."""
        return store not in self.holders or customer in self.holders[store]

    def held(self, customer: str, store: str, category: str) -> Held:
        """Return what the inventory says."""
        holding = self.holdings.get((customer, store, category))
        return Held(holding, holding is not None and holding.on >= self.bounding_from)
