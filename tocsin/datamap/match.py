"""A data map over columns: what events touched, put together by customer and object.

Patterns are asked once per distinct word, not once per event.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.datamap.entries import CUSTOMER, RECORD, SUBJECT, Action, DataMap
from tocsin.model.categories import ALL, OPERATOR
from tocsin.model.columns import ABSENT, Columns, Int32s, Interner
from tocsin.model.events import Outcome

Rows = npt.NDArray[np.intp]
_Named = Mapping[int, Mapping[str, str]]

UNKNOWN = ""
"""In place of a customer: the record does not say."""


class Touch(NamedTuple):
    """Events of one action on one object of one customer, put together.

    Attributes:
        action: Which action of the data map.
        customer: Whose data; ``ALL``, ``UNKNOWN``, ``OPERATOR`` or an id.
        thing: What tells the object from others; "" where none is named.
        subject: The person it is about; "" where none is named.
        outcome: Success, failure or unknown.
        events: How many.
        most: The largest count one of them gave; ``ABSENT`` where none did.
        sum: All counts together.
        uncounted: Events that gave none.
        bytes: The most bytes one of them moved; ``ABSENT`` where none says.
        first_at: The first of them, µs since 1970 UTC.
        last_at: The last.
    """

    action: Action
    customer: str
    thing: str
    subject: str
    outcome: Outcome
    events: int
    most: int
    sum: int
    uncounted: int
    bytes: int
    first_at: int
    last_at: int


class Place(NamedTuple):
    """Where something lies, as one action of the data map has it.

    Attributes:
        store: In which store.
        customer: Whose it is; ``OPERATOR`` or an id, ``UNKNOWN`` where nothing says.
        is_told: Whether the words of the event say whose, and not the action for all it fits.
        fits_object: Whether a pattern for objects fits.
    """

    store: str
    customer: str
    is_told: bool
    fits_object: bool


class Matcher:
    """A data map, ready to be asked."""

    def __init__(self, datamap: DataMap) -> None:
        self.datamap = datamap
        self._actions = [_Compiled(action) for action in datamap.action]

    def touches(self, events: Columns) -> list[Touch]:
        """Return what these events touch; each event counts for every action it fits."""
        return [
            touch
            for compiled in self._actions
            if compiled.action.effect != "none"
            for touch in compiled.touches(events)
        ]

    def owners(self, events: Columns) -> list[frozenset[str]]:
        """Return whose data each event touches: ids, ``ALL``, ``OPERATOR``, ``UNKNOWN``."""
        found = [frozenset[str]()] * len(events)
        for compiled in self._actions:
            if compiled.action.effect != "none":
                for row, owner in compiled.owners(events):
                    found[row] |= {owner}
        return found

    def knows(self, source: str, service: str, action: str, resource: str) -> bool | None:
        """Return whether some action fits; None where that depends on the object."""
        fitting = [c for c in self._actions if c.fits(source, service, action, resource)]
        if any(compiled.object is None for compiled in fitting):
            return True
        return None if fitting else False

    def knows_object(
        self, source: str, service: str, action: str, resource: str, name: str
    ) -> bool:
        """Return whether some action fits an object too."""
        return any(
            c.fits(source, service, action, resource) and c.fits_object(name) for c in self._actions
        )

    def places(self, source: str, service: str, resource: str, name: str) -> frozenset[Place]:
        """Return where a resource lies, whatever was done there.

        Where patterns for objects fit its object, it lies where they say; else it may lie anywhere
        in the resource.

        Args:
            source: Of the event.
            service: Of the event.
            resource: Of the event; only patterns that name a resource are asked.
            name: Of its object; "" where none is named.
        """
        found = [
            place
            for compiled in self._actions
            if (place := compiled.place(source, service, resource, name)) is not None
        ]
        return frozenset([place for place in found if place.fits_object] or found)

    def stores_of(self, source: str, service: str | None = None) -> set[str]:
        """Return the stores that actions of a source touch, or of one service of it."""
        return {
            action.store
            for action in self.datamap.action
            if action.source == source
            and service in {None, action.service}
            and action.effect != "none"
        }


class _Compiled:
    """One action with its patterns."""

    def __init__(self, action: Action) -> None:
        self.action = action
        self.resource = re.compile(action.resource) if action.resource is not None else None
        self.object = re.compile(action.object) if action.object is not None else None

    def fits(self, source: str, service: str, action: str, resource: str) -> bool:
        return (
            source == self.action.source
            and service == self.action.service
            and _named(self.action.actions, action)
            and (self.resource is None or self.resource.fullmatch(resource) is not None)
        )

    def fits_object(self, name: str) -> bool:
        return self.object is None or self.object.fullmatch(name) is not None

    def place(self, source: str, service: str, resource: str, name: str) -> Place | None:
        mine = (self.action.source, self.action.service) == (source, service)
        if not mine or self.action.effect == "none" or self.resource is None:
            return None
        found = self.resource.fullmatch(resource)
        if found is None:
            return None
        thing = self.object.fullmatch(name) if self.object is not None and name else None
        fits = thing is not None
        if self.action.customer == "operator":
            return Place(self.action.store, OPERATOR, is_told=fits, fits_object=fits)
        groups = found.groupdict("") | (thing.groupdict("") if thing else {})
        customer = groups.get(CUSTOMER) or UNKNOWN
        return Place(self.action.store, customer, is_told=bool(customer), fits_object=fits)

    def touches(self, events: Columns) -> list[Touch]:
        rows, resources, objects = self._fitting(events)
        return self._grouped(events, rows, resources, objects) if len(rows) else []

    def owners(self, events: Columns) -> Iterator[tuple[int, str]]:
        rows, resources, objects = self._fitting(events)
        if len(rows):
            names, owners = self._owners(events, rows, resources, objects)
            yield from zip(rows.tolist(), (names[one] for one in owners.tolist()), strict=True)

    def _fitting(self, events: Columns) -> tuple[Rows, _Named, _Named]:
        """Return the rows this action fits, and what its patterns name, by the word's number."""
        actions = [word for word in events.word["action"] if _named(self.action.actions, word)]
        if not actions:
            return np.zeros(0, np.intp), {}, {}
        rows = np.flatnonzero(
            events.rows_with("action", actions)
            & events.rows_with("service", (self.action.service,))
            & events.rows_with("source", (self.action.source,))
        )
        rows, resources = _fitting(self.resource, events, "resource", rows)
        rows, objects = _fitting(self.object, events, "object", rows)
        return rows, resources, objects

    def _owners(
        self, events: Columns, rows: Rows, resources: _Named, objects: _Named
    ) -> tuple[list[str], npt.NDArray[np.int64]]:
        """Return whose data these rows touch: all owners there are, and each row's by number."""
        names, owners = Interner(), np.zeros(len(rows), np.int64)
        object_codes = events.code["object"][rows].astype(np.int64)
        resource_codes = events.code["resource"][rows].astype(np.int64)
        if self.action.customer == "event":
            table = np.fromiter((names[word] for word in events.word["customer"]), np.int64)
            owners = table[events.code["customer"][rows]]
        elif self.action.customer == "named":
            pairs = resource_codes * len(events.word["object"]) + object_codes
            distinct, inverse = np.unique(pairs, return_inverse=True)
            found = [divmod(int(pair), len(events.word["object"])) for pair in distinct]
            table = np.fromiter(
                (
                    names[
                        objects.get(o, {}).get(CUSTOMER) or resources.get(r, {}).get(CUSTOMER, "")
                    ]
                    for r, o in found
                ),
                np.int64,
            )
            owners = table[inverse]
        else:
            names[{"all": ALL, "operator": OPERATOR}.get(self.action.customer, UNKNOWN)]
        return list(names), owners

    def _grouped(
        self, events: Columns, rows: Rows, resources: _Named, objects: _Named
    ) -> list[Touch]:
        words, owners = self._owners(events, rows, resources, objects)
        object_codes = events.code["object"][rows].astype(np.int64)
        resource_codes = events.code["resource"][rows].astype(np.int64)
        outcomes = events.code["outcome"][rows].astype(np.int64)
        wide = len(events.word["object"]), len(events.word["resource"]), len(events.word["outcome"])
        keys = ((owners * wide[0] + object_codes) * wide[1] + resource_codes) * wide[2] + outcomes
        groups = _Groups(events, rows, keys)
        made = []
        for number, row in enumerate(groups.first_row.tolist()):
            owner = words[int(owners[groups.first[number]])]
            resource, name = events.text("resource", row), events.text("object", row)
            said = objects.get(int(events.code["object"][row]), {})
            made.append(
                Touch(
                    action=self.action,
                    customer=owner,
                    thing=said.get(RECORD) or (f"{resource}/{name}" if name else ""),
                    subject=said.get(SUBJECT, ""),
                    outcome=Outcome(events.text("outcome", row)),
                    **groups.numbers(number),
                )
            )
        return made


class _Groups:
    """Rows put together by a key, and what is counted of each group."""

    def __init__(self, events: Columns, rows: Rows, keys: npt.NDArray[np.int64]) -> None:
        _, self.first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        self.first_row = rows[self.first]
        size = len(self.first)
        at, count, moved = (
            events.at[rows],
            events.number["count"][rows],
            events.number["bytes"][rows],
        )
        self.events = np.bincount(inverse, minlength=size)
        self.uncounted = np.bincount(inverse, count == ABSENT, size).astype(np.int64)
        self.sum = np.zeros(size, np.int64)
        np.add.at(self.sum, inverse, np.maximum(count, 0))
        self.most, self.bytes = (np.full(size, ABSENT, np.int64) for _ in range(2))
        np.maximum.at(self.most, inverse, count)
        np.maximum.at(self.bytes, inverse, moved)
        self.first_at = np.full(size, np.iinfo(np.int64).max)
        self.last_at = np.zeros(size, np.int64)
        np.minimum.at(self.first_at, inverse, at)
        np.maximum.at(self.last_at, inverse, at)

    def numbers(self, group: int) -> dict[str, int]:
        names = ("events", "most", "sum", "uncounted", "bytes", "first_at", "last_at")
        return {name: int(getattr(self, name)[group]) for name in names}


def _fitting(
    pattern: re.Pattern[str] | None, events: Columns, field: str, rows: Rows
) -> tuple[Rows, dict[int, dict[str, str]]]:
    """Return the rows whose word fits, and by the word's number the groups it gives."""
    if pattern is None or not len(rows):
        return rows, {}
    codes: Int32s = events.code[field][rows]
    words: Sequence[str] = events.word[field]
    found = {
        int(code): match.groupdict("")
        for code in np.unique(codes)
        if (match := pattern.fullmatch(words[int(code)])) is not None
    }
    return rows[np.isin(codes, np.fromiter(found, codes.dtype))], found


@lru_cache(maxsize=65_536)
def _named(patterns: tuple[str, ...], action: str) -> bool:
    return any(fnmatchcase(action, pattern) for pattern in patterns)
