"""What a credential in the wrong hands goes on to do: all of it belongs to the incident.

Once a finding says that a credential is used by somebody else, every act from the same network by
the same actor is part of the attack, and so is whatever it brings into being: the sessions it
takes, the keys and users it makes. A session in which a person takes far too much is such a
credential from that instant on, and so is a machine's by which somebody does by hand what a finding
is about, for as long as that session lives. The acts are gathered by hour, in findings that say
nothing new themselves but carry the events.
"""

from collections.abc import Iterable

import msgspec
import numpy as np
import numpy.typing as npt

from detectors.base import said
from detectors.elsewhere import NEW_ELSEWHERE
from detectors.first_seen import ELSEWHERE
from detectors.guessing import Guessing
from detectors.outsiders import OPENED_THEN_TAKEN, TAKEN_BY_STRANGER
from detectors.twice import TWO_NETWORKS
from detectors.view import View
from detectors.volume import Volume
from tocsin.lineage import KEY, named
from tocsin.model.columns import Bools
from tocsin.model.events import DAY_US, HOUR_US, ActorKind
from tocsin.model.findings import Finding, Level

Rows = npt.NDArray[np.intp]

HAULS = frozenset(f"{Volume.id}-{level}" for level in Level)
"""Findings that a person takes far too much; the rest of that session belongs to it."""

ALARMS = frozenset({ELSEWHERE, NEW_ELSEWHERE, TWO_NETWORKS, Guessing.id})
"""Findings which say that somebody else holds a credential; below medium they only wonder."""

INTRUSIONS = frozenset({OPENED_THEN_TAKEN, TAKEN_BY_STRANGER})
"""Findings that another account comes in; what it takes in the next days belongs to it."""

GUEST = "guest"

WATCHED_US, GUEST_US = 30 * DAY_US, 3 * DAY_US
"""So long a credential is watched, and an account: a supplier may take a session every minute."""


class Watch(msgspec.Struct):
    """One thing that is watched: since when, the last act, and what this hour brought.

    Attributes:
        since: Instant from which its acts belong to the attack, µs.
        hour: The event hour that is being gathered.
        first: Instant of that hour's first act.
        ids: That hour's acts.
    """

    since: int
    hour: int = -1
    first: int = 0
    ids: list[str] = []


class Watches(msgspec.Struct):
    """What is watched: ``pair:actor network``, ``key:…``, ``actor:…`` or ``guest:…``."""

    watched: dict[str, Watch] = {}


class Aftermath:
    """Gathers what watched credentials do."""

    id = "aftermath"

    def follow(
        self, state: Watches, view: View, findings: Iterable[Finding], stolen: Iterable[int]
    ) -> list[Finding]:
        """Return the acts of what is watched, and watch what these findings are about.

        Args:
            state: What is watched so far.
            view: The step's events.
            findings: What the other detectors said of this step.
            stolen: Rows that a rule called the use of a stolen credential.
        """
        self._begin(state, view, findings, stolen)
        waiting = set(state.watched)
        while waiting:
            waiting = self._spread(state, view, self._rows(state, view, waiting.pop())) | waiting
        return [
            finding
            for name, watch in sorted(state.watched.items())
            for finding in self._gather(watch, view, self._rows(state, view, name), name)
        ]

    def _take_up(self, state: Watches, view: View, row: int, finding: Finding) -> None:
        e, at = view.events, int(view.events.at[row])
        kind, credential = e.text("actor_kind", row), e.text("credential", row)
        if finding.rule in ALARMS:
            self._watch(state, self._pair(view, row), at)
        elif finding.rule in INTRUSIONS:
            self._watch(state, f"{GUEST}:{e.text('actor', row)}", at)
        elif not credential:
            return
        elif finding.rule in HAULS:
            if kind == ActorKind.PERSON:
                self._watch(state, f"{KEY}{credential}", at)
        elif kind == ActorKind.WORKLOAD and view.by_hand[row]:
            self._watch(state, f"{KEY}{credential}", at)

    def _rows(self, state: Watches, view: View, name: str) -> Rows:
        since, at = state.watched[name].since, view.events.at
        within = (at >= since) & (at <= since + _span(name))
        return np.flatnonzero(self._acts(view, name) & within)

    def _begin(
        self, state: Watches, view: View, findings: Iterable[Finding], stolen: Iterable[int]
    ) -> None:
        e = view.events
        for row in stolen:
            credential = e.text("credential", row)
            name = f"{KEY}{credential}" if credential else self._pair(view, row)
            self._watch(state, name, int(e.at[row]))
        for finding in findings:
            if finding.level < Level.MEDIUM or finding.disposition:
                continue
            first = np.searchsorted(e.at, finding.since)
            for row in range(int(first), int(np.searchsorted(e.at, finding.since, "right"))):
                if e.text("actor", row) == finding.actor:
                    self._take_up(state, view, row, finding)
                    break

    def _watch(self, state: Watches, name: str, since: int) -> bool:
        """Watch something from an instant on; return whether that is news."""
        known = state.watched.get(name)
        if known is not None and known.since <= since <= known.since + _span(name):
            return False
        state.watched[name] = Watch(since)
        return True

    def _pair(self, view: View, row: int) -> str:
        return f"pair:{view.events.text('actor', row)} {view.network_of(row)}"

    def _acts(self, view: View, name: str) -> Bools:
        """Return (n,) bool: the rows in which this acts."""
        e = view.events
        sort, _, rest = name.partition(":")
        if sort == "key":
            return e.rows_with("credential", (rest,))
        if sort in ("actor", GUEST):
            return e.rows_with("actor", view.spelled.get(named(rest), ()))
        actor, _, network = rest.rpartition(" ")
        words, codes = view.network
        if network not in words:
            return np.zeros(len(view), np.bool_)
        there: Bools = codes == words.index(network)
        return e.rows_with("actor", (actor,)) & there

    def _spread(self, state: Watches, view: View, rows: Rows) -> set[str]:
        """Watch what these acts brought into being; return what is newly watched."""
        e, new = view.events, set[str]()
        for row in rows[view.succeeded[rows]].tolist():
            if issued := e.text("issued", row):
                name = issued if issued.startswith(KEY) else f"actor:{named(issued)}"
                if self._watch(state, name, int(e.at[row])):
                    new.add(name)
        return new

    def _gather(self, watch: Watch, view: View, rows: Rows, name: str) -> list[Finding]:
        e, found = view.events, list[Finding]()
        hours = (e.at[rows] // HOUR_US).astype(np.int64)
        for hour in np.unique(hours).tolist():
            part = rows[hours == hour].tolist()
            if watch.hour != hour:
                watch.hour, watch.first, watch.ids = hour, int(e.at[part[0]]), []
            earlier = tuple(watch.ids)
            watch.ids = [*earlier, *e.event_ids(part)]
            ties = (name,) if not name.startswith(("pair:", GUEST)) else ()
            found.append(
                said(
                    view,
                    part,
                    rule=self.id,
                    title="Further acts of a credential in the wrong hands",
                    level=Level.INFORMATIONAL,
                    entities=ties,
                    earlier=earlier,
                    since=watch.first,
                    why=f"{e.text('actor', part[-1])} did {_things(len(watch.ids))} in this hour"
                    f", from {e.text('ip', part[-1]) or 'an unknown address'}.",
                )
            )
        return found


def _span(name: str) -> int:
    return GUEST_US if name.startswith(GUEST) else WATCHED_US


def _things(number: int) -> str:
    return "one thing more" if number == 1 else f"{number} more things"


def forget(state: Watches, at: int) -> None:
    """Drop what counts no more at an instant (µs)."""
    for name in [name for name, watch in state.watched.items() if watch.since < at - WATCHED_US]:
        del state.watched[name]
