"""What touched customers' data, how it comes to count, and what all customers are judged by.

Whose data a store may hold: everybody's under contract, unless an inventory that is fresh says that
nothing of theirs lies there. What nobody counted, or nobody counted again, is not nothing.

Pure.

Source: the processor's DPA, "Fate of personal data": destroyed within 30 days of its end.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from incidents.impact.counting import Held
from incidents.impact.result import Unmapped
from incidents.impact.unmapped import NAME
from tocsin.datamap import ALL, UNKNOWN, Store, Touch
from tocsin.model.categories import Category
from tocsin.model.events import Outcome
from tocsin.model.instants import day_of
from tocsin.registers import Contract, Holding

FRESH = timedelta(days=35)
"""An inventory counted so long before the window, or later, bounds what the logs allow."""

KEPT = timedelta(days=30)
"""So long after the end of its contract a customer's data may still lie in the stores."""


class Via(StrEnum):
    """How an event comes to count."""

    INCIDENT = "incident"  # it is one of the incident's
    LINEAGE = "lineage"  # a credential or address of the attack did it
    OUTSIDE = "outside"  # somebody from outside did it while the store stood open
    LOOSE = "loose"  # it is one of the incident's, but only a common role ties it to the attack
    SHARED = "shared"  # a credential of the attack did it, perhaps in its owner's hands
    UNMAPPED = "unmapped"  # the attack did it, and the data map does not know what that is

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
            and self.via != Via.UNMAPPED
            and touch.outcome == Outcome.SUCCESS
            and touch.customer not in {ALL, UNKNOWN}
            and touch.action.effect != "exposed"
        )


@dataclass(frozen=True)
class World:
    """What all customers are judged by.

    Attributes:
        stores: The data map's, by name.
        of_operator: Stores in which nothing but the operator's own data is ever touched.
        of_persons: Stores in which each record is one person.
        complete: Stores all of whose reads are logged for every hour of the window.
        said: Store → its coverage in words.
        inventory: What the stores hold.
        contracts: The register's, by customer.
        since: First day of the window.
        until: Last day of it.
        evidence: All of it.
        unmapped: Acts of the attack, or perhaps of it, that the data map does not know.
        doubted: Stores in which those of them may have been that name nothing → when first, µs.
    """

    stores: Mapping[str, Store]
    of_operator: frozenset[str]
    of_persons: frozenset[str]
    complete: frozenset[str]
    said: Mapping[str, str]
    inventory: Sequence[Holding]
    contracts: Mapping[str, Contract]
    since: date
    until: date
    evidence: Sequence[Evidence]
    unmapped: Sequence[Unmapped] = ()
    doubted: Mapping[str, int] = field(default_factory=dict)

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
    def proved(self) -> frozenset[tuple[str, str]]:
        """Return whose data was surely touched where: (customer, store)."""
        return frozenset(
            (one.touch.customer, one.touch.action.store) for one in self.evidence if one.sure
        )

    @cached_property
    def emptied(self) -> Mapping[str, date]:
        """Return since when counts may lack what was deleted, by store.

        What nobody describes may have been a deletion, whoever did it.
        """
        found = {store: day_of(at) for store, at in self.doubted.items()}
        for one in self.evidence:
            touch = one.touch
            may_delete = touch.action.effect == "deleted" or touch.action.name == NAME
            if may_delete and touch.outcome != Outcome.FAILURE:
                store, day = touch.action.store, day_of(touch.first_at)
                found[store] = min(day, found.get(store, day))
        return found

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
            if not one.via.doubtful
            and one.via != Via.UNMAPPED
            and one.touch.outcome != Outcome.FAILURE
        )

    def of(self, customer: str) -> list[Evidence]:
        """Return the evidence that names a customer, or nobody, or all."""
        return [one for who in (customer, ALL, UNKNOWN) for one in self.by_customer.get(who, ())]

    def is_bound(self, customer: str) -> bool:
        """Return whether a contract let a customer have data with us within the window."""
        contract = self.contracts.get(customer)
        return (
            contract is not None
            and contract.signed_on <= self.until
            and (contract.ends_on is None or contract.ends_on + KEPT >= self.since)
        )

    def holds(self, customer: str, store: str) -> bool:
        """Return whether a store may hold data of a customer."""
        if store not in self.holders or customer in self.holders[store]:
            return True
        categories = self.stores[store].categories if store in self.stores else ()
        return any(self.may_hold(customer, store, category) for category in categories)

    def may_hold(self, customer: str, store: str, category: Category) -> bool:
        """Return whether a store may hold data of one category of a customer.

        It may where nobody ever counted, where the inventory has some, where some was surely
        touched, and, of everybody under contract, where the inventory says nothing that holds for
        the window. Of a name that no register knows nothing else says what there is.
        """
        holding = self.holdings.get((customer, store, category))
        if (holding is not None and holding.records) or (customer, store) in self.proved:
            return True
        if holding is not None and self._speaks(holding):
            return False
        if store not in self.holders:
            return True
        return store not in self.of_operator and self.is_bound(customer)

    def held(self, customer: str, store: str, category: str) -> Held:
        """Return what the inventory says."""
        holding = self.holdings.get((customer, store, category))
        bounds = holding is not None and self._speaks(holding)
        return Held(holding, bounds, store in self.of_persons)

    def _speaks(self, holding: Holding) -> bool:
        """Return whether a count holds for the window: fresh, of this contract, and whole."""
        contract = self.contracts.get(holding.customer)
        if holding.on < self.since - FRESH or (contract and holding.on < contract.signed_on):
            return False
        if holding.on >= self.emptied.get(holding.store, date.max):
            return False
        ended = contract.ends_on if contract else None
        # Nothing is left long after, or once a contract has ended; there may have been something.
        return holding.records > 0 or not (
            holding.on > self.until + FRESH or (ended and self.since <= ended < holding.on)
        )
