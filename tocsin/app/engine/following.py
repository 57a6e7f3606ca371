"""The events of a window in their order → findings and incidents.

What FOLLOW and grouping remember is kept here between windows; ``run`` stores it as bytes.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from detectors import follow
from detectors.sigma.rule import Rule
from incidents import grouping
from tocsin.app.config import Config
from tocsin.geo import Geo
from tocsin.model.columns import Bools, Columns, in_order
from tocsin.model.findings import Finding, Hit, Incident

OWN = ("own_accounts", "own_organizations")
"""What belongs to the house, as ``[rules.placeholders]`` names it."""


class Judge:
    """FOLLOW and grouping, with what they remember."""

    def __init__(self, rules: Sequence[Rule], geo: Geo, config: Config) -> None:
        """Begin before the first event."""
        own = {name: config.rules.placeholders.get(name, ()) for name in OWN}
        learned = msgspec.structs.replace(config.follow.learned, **own)
        self._follow = follow.Follow(rules, geo, learned)
        self._grouping = grouping.Grouping(config.grouping)
        self._rules = frozenset(rule.id for rule in rules)
        self._known = self._follow.start()
        self._groups = self._grouping.start()

    def step(
        self, events: Columns, hits: Sequence[Hit], *, late: bool = False
    ) -> tuple[list[Finding], list[Incident]]:
        """Judge the next events.

        Args:
            events: In judging order, each once.
            hits: Of these rows. Those of a rule that is no longer there say nothing.
            late: They came after the lateness had passed.

        Returns:
            Findings and incidents that are new or have changed.
        """
        found = self._followed(events, hits, late=late)
        changed, self._groups = self._grouping.step(self._groups, found)
        return found, changed

    def learn(self, events: Columns, hits: Sequence[Hit]) -> None:
        """Learn what is usual from events that are not to be judged.

        Args:
            events: In judging order, each once, before all that are judged.
            hits: Of these rows.
        """
        self._followed(events, hits, late=False)

    def _followed(self, events: Columns, hits: Sequence[Hit], *, late: bool) -> list[Finding]:
        hits = [hit for hit in hits if hit.rule in self._rules]
        found, self._known = self._follow.step(self._known, events, hits, late=late)
        return found

    def encode(self) -> dict[str, bytes]:
        """Return what is remembered, by name."""
        return {"follow": follow.encode(self._known), "grouping": grouping.encode(self._groups)}

    def restore(self, stored: dict[str, bytes]) -> None:
        """Go on from what was remembered; begin anew where nothing was."""
        known, groups = stored.get("follow"), stored.get("grouping")
        self._known = follow.decode(known) if known else self._follow.start()
        self._groups = grouping.decode(groups) if groups else self._grouping.start()


def ordered(
    columns: Columns, hits: Sequence[Hit], among: Bools | None = None
) -> tuple[Columns, list[Hit], int]:
    """Return events in judging order, each once, their hits, and how many were copies.

    Args:
        columns: Events in any order.
        hits: Of these rows.
        among: (n,) bool: only these rows; None for all.
    """
    chosen = np.flatnonzero(among) if among is not None else np.arange(len(columns))
    rows, copies = in_order(columns.at[chosen], columns.id[chosen])
    rows = chosen[rows]
    place = np.full(len(columns), -1, np.int64)
    place[rows] = np.arange(len(rows))
    kept = [hit._replace(row=int(place[hit.row])) for hit in hits if place[hit.row] >= 0]
    kept.sort(key=lambda hit: hit.row)
    return columns.take(rows), kept, copies
