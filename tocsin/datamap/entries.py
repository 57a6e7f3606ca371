"""What a data map says.

A **store** is a place that holds customers' data of one kind: a table, part of a bucket. An
**action** is something in the logs that touches a store, and how its records are counted.

    customer    whose data it is
      event     the record names the customer
      named     the group ``customer`` of the object's or resource's pattern does
      all       everybody with data in the store
      operator  the operator itself
      unknown   the record does not say

    count       how many records one event touches
      object    the object it names is one record; objects are told apart by the group ``record``
                of their pattern, or else by all of their name
      event     as many as the record says (``event.count``)
      bytes     the bytes it moved, divided by what a record takes; see ``bytes_per_record``
      store     all the customer has in the store, by the inventory

    effect      read, exported, changed, deleted; exposed: the store stood open from then on;
                none: no customer's data in it, and ``why``
"""

import re
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from tocsin.model.categories import Category

CUSTOMER, RECORD, SUBJECT = "customer", "record", "subject"
GROUPS = frozenset({CUSTOMER, RECORD, SUBJECT})
"""Named groups that mean something in a pattern."""

Effect = Literal["read", "exported", "changed", "deleted", "exposed", "none"]


def _pattern(text: str) -> str:
    try:
        groups = re.compile(text).groupindex
    except re.error as error:
        raise ValueError(f"expected a regular expression: {error}") from None
    if odd := sorted(set(groups) - GROUPS):
        known = ", ".join(sorted(GROUPS))
        raise ValueError(f"expected only groups named {known}, got {', '.join(odd)}")
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]
Name = Annotated[str, StringConstraints(pattern=r"^[^\s/\\]{1,80}$")]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Words = Annotated[tuple[str, ...], Field(min_length=1)]


class Table(BaseModel):
    """One table of a data map."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Store(Table):
    """A place that holds customers' data.

    Attributes:
        name: As the inventory names it.
        title: For people, by language: ``{en = "call recordings", fr = "…"}``.
        categories: What data is in it.
        people: Whose it is, in the contract's words: "customers and prospects".
        reads_logged_by: Sources that log each read of it, object by object; () where none does.
    """

    name: Name
    title: dict[str, str] = {}
    categories: Annotated[tuple[Category, ...], Field(min_length=1)]
    people: tuple[str, ...] = ()
    reads_logged_by: tuple[str, ...] = ()


class Action(Table):
    """Something in the logs that touches a store.

    Attributes:
        name: Its own, for texts and differences.
        source: Source of the events.
        service: Their service.
        actions: Their actions, any of these.
        resource: Regular expression that their whole resource fits; None: any.
        object: The same for their object.
        store: The store it touches; "" only beside effect ``none``.
        customer: Whose data; see the module.
        categories: What data; (): all categories of the store.
        effect: What is done.
        count: How records are counted; see the module.
        bytes_per_record: The fewest, usual and most bytes a record takes.
        overlapping: Its objects may hold the same records, as weekly lists do.
        subjects: ``record``: each record is one person; ``some``: a person may be in several.
        why: Why there is no customer's data in it.
    """

    name: Title
    source: str
    service: str
    actions: Words
    resource: Pattern | None = None
    object: Pattern | None = None
    store: str = ""
    customer: Literal["event", "named", "all", "operator", "unknown"] = "unknown"
    categories: tuple[Category, ...] = ()
    effect: Effect
    count: Literal["object", "event", "bytes", "store"] = "object"
    bytes_per_record: tuple[int, int, int] | None = None
    overlapping: bool = False
    subjects: Literal["record", "some"] = "record"
    why: str = ""

    @model_validator(mode="after")
    def _fits_together(self) -> "Action":
        if self.effect == "none":
            if not self.why:
                raise ValueError("why: expected the reason why no data is touched")
            return self
        if not self.store:
            raise ValueError("store: expected the name of the store that is touched")
        patterns = [p for p in (self.resource, self.object) if p is not None]
        if self.customer == "named" and not any(
            CUSTOMER in re.compile(p).groupindex for p in patterns
        ):
            raise ValueError("customer: expected a group (?P<customer>…) in resource or object")
        sizes = self.bytes_per_record
        if self.count == "bytes" and (sizes is None or not 0 < sizes[0] <= sizes[1] <= sizes[2]):
            raise ValueError(
                "bytes_per_record: expected the fewest, usual and most bytes, like [150, 190, 400]"
            )
        if self.effect == "exposed" and self.customer != "all":
            raise ValueError('customer: expected "all" beside effect "exposed"')
        return self


class DataMap(Table):
    """All of it, in the file's order."""

    store: tuple[Store, ...] = ()
    action: tuple[Action, ...] = ()

    def stores(self) -> dict[str, Store]:
        """Return the stores by name."""
        return {store.name: store for store in self.store}

    def of_operator(self) -> frozenset[str]:
        """Return the stores in which every action touches the operator's own data."""
        whose: dict[str, set[str]] = {}
        for action in self.action:
            whose.setdefault(action.store, set()).add(action.customer)
        return frozenset(store for store, who in whose.items() if who == {"operator"})

    def of_persons(self) -> frozenset[str]:
        """Return the stores in which to every action each record is one person."""
        several = {action.store for action in self.action if action.subjects != "record"}
        touched = {action.store for action in self.action if action.store}
        return frozenset(touched - several)

    def categories_of(self, action: Action) -> tuple[Category, ...]:
        """Return what data an action touches."""
        return action.categories or self.stores()[action.store].categories
