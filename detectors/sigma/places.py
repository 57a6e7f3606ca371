"""Which part of a batch's rows decides a field.

The layout of a batch says which names lie in which group. Looked for in the raw record, a name
lies where the layout says; unlisted, with the row. Normalised, it lies where the layout says, or
with the row if it is a field of an event at all.

``event.…`` is the exception: a record with an ``event`` of its own is rare, so the name stands
for the normalised field alone, unless the layout lists ``event`` among the roots. A decoder of
records that have one (ECS) lists it, with any word that is no group if it lies with the row.
"""

from collections.abc import Iterable
from typing import Final

from detectors.sigma.reading import Name
from tocsin.model.events import NUMBERS, WORDS
from tocsin.model.rows import GROUPS, Layout

ROW: Final = "row"
"""What decides a field that no single group can decide."""

EVENT_FIELDS = frozenset((*WORDS, *NUMBERS))


class Places:
    """Where names lie, by one layout."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._known: dict[Name, str] = {}

    def of(self, name: Name) -> str:
        """Return the group that decides ``name``, or ``ROW``."""
        place = self._known.get(name)
        if place is None:
            place = self._known[name] = _one(self._find(name))
        return place

    def of_all(self, names: Iterable[Name]) -> str:
        """Return the one group that decides all of ``names``, or ``ROW``."""
        return _one({self.of(name) for name in names})

    def _find(self, name: Name) -> set[str]:
        roots, event = self._layout.roots, self._layout.event
        listed = {roots[root] for root in name.roots if root in roots}
        if not listed and not (name.asks_event and name.normalised in event):
            return {ROW}
        if name.normalised in event:
            listed.add(event[name.normalised])
        elif name.asks_event or name.normalised in EVENT_FIELDS:
            listed.add(ROW)
        return listed


def _one(places: set[str]) -> str:
    # A name that may lie in one of two groups can only be judged when both are at hand.
    place = places.pop() if len(places) == 1 else ROW
    return place if place in GROUPS else ROW
