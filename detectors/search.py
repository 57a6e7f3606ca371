"""Somebody tries which doors are open: many different calls refused within a short time.

One refusal is a slip, a handful is a wrong role. A program that is refused a dozen different things
one after the other is looking for what a credential is good for. A console page asks for much that
its reader may not see, so browsers do not count, nor do deployment tools. A scanner that is refused
the same dozens every night has that habit after a few nights; then only far more says something.

Source: MITRE ATT&CK T1580, T1526; the error rate as a sign as in Elastic's and KESTREL's rules.
"""

import msgspec
import numpy as np

from detectors.base import said
from detectors.usual import REMEMBERED_DAYS, Past
from detectors.view import View
from tocsin.model.events import DAY_US, HOUR_US
from tocsin.model.findings import Finding, Level

QUIET_US = HOUR_US
"""After so long without a refusal a search is over."""

KINDS = {Level.LOW: 8, Level.MEDIUM: 20}
"""So many different actions refused in one search say so much."""

NOT_SEARCHING = ("console", "browser", "terraform", "cloudformation", "service")

ASSUME = "sts:AssumeRole"

MOST_IDS = 1_000

TIMES = 2
"""So many times what is usual."""


class Tries(msgspec.Struct):
    """One chain's refusals in a row.

    Attributes:
        began: Instant of the first, µs.
        last: Instant of the last, µs.
        actions: What was refused.
        ids: The events.
        crossed: Level → the instant at which it was enough for it.
        past: How many different ones there were on earlier days.
    """

    began: int
    last: int
    actions: list[str] = []
    ids: list[str] = []
    crossed: dict[int, int] = {}
    past: Past = msgspec.field(default_factory=Past)

    def end(self, at: int) -> None:
        """Write down what there was, and begin anew at an instant (µs)."""
        if self.actions:
            self.past.add(self.began // DAY_US, len(self.actions))
        self.began, self.actions, self.ids, self.crossed = at, [], [], {}


class Searches(msgspec.Struct):
    """Chain → refusals."""

    chains: dict[str, Tries] = {}


class Search:
    """Finds chains that are refused many different things in a row."""

    id = "search-for-rights"
    state = Searches

    def follow(self, state: Searches, view: View) -> list[Finding]:
        """See :class:`detectors.base.Detector`."""
        e = view.events
        hands, hand = view.hand
        programs = np.fromiter((word not in NOT_SEARCHING for word in hands), np.bool_)
        rows = np.flatnonzero(
            e.rows_with("reason", ("denied",))
            & view.in_cloud
            & view.of_somebody
            & (programs[hand] if len(programs) else False)
        )
        found = dict[str, Finding]()
        for row in rows.tolist():
            chain, at = view.origin(row), int(e.at[row])
            tries = state.chains.get(chain)
            if tries is None:
                tries = state.chains[chain] = Tries(at, at)
            if at - tries.last > QUIET_US:
                tries.end(at)
            tries.last = at
            action = f"{e.text('service', row)}:{e.text('action', row)}"
            if action == ASSUME:  # every role is a door of its own
                action = f"{action} {e.text('resource', row)}".rstrip()
            if action not in tries.actions:
                tries.actions.append(action)
            earlier = tuple(tries.ids)
            if len(earlier) < MOST_IDS:
                tries.ids.append(e.event_id(row))
            usual = tries.past.usual(tries.began // DAY_US)
            for level, kinds in KINDS.items():
                if len(tries.actions) >= max(kinds, TIMES * usual):
                    tries.crossed.setdefault(level, at)
                    finding = self._say(view, row, level, tries, earlier)
                    found[finding.id] = finding
        return list(found.values())

    def _say(
        self, view: View, row: int, level: Level, tries: Tries, earlier: tuple[str, ...]
    ) -> Finding:
        shown = ", ".join(tries.actions[:3])
        return said(
            view,
            [row],
            rule=f"{self.id}-{level}",
            title="Many different calls refused in a row",
            level=level,
            tactics=("discovery",),
            earlier=earlier,
            since=tries.crossed[level],
            why=f"{view.events.text('actor', row)} was refused {len(tries.actions)} different "
            f"things in a row, {shown} among them.",
        )


def forget(state: Searches, at: int) -> None:
    """Drop what counts no more at an instant (µs)."""
    old = at - REMEMBERED_DAYS * DAY_US
    for chain in [chain for chain, tries in state.chains.items() if tries.last < old]:
        del state.chains[chain]
    for tries in state.chains.values():
        if tries.last < at - QUIET_US:
            tries.end(tries.last)
