"""The evidence of an attack, gathered from the archive: what it did, and what that touched.

    1. the incident's own events
    2. the lineage over the window: everything its credentials did, and those they made
    3. where a store stood open: what was done there from outside

Of a copy within S3 what it read counts beside what it wrote. This reads, and writes nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection

from incidents.impact import copies, unmapped
from incidents.impact.evidence import Evidence, Via
from incidents.impact.reach import FROM_OUTSIDE, Reach
from incidents.impact.result import Unmapped
from tocsin.archive.archive import Archive
from tocsin.datamap import Matcher
from tocsin.errors import Refusal
from tocsin.model.columns import Bools, Columns
from tocsin.model.events import Outcome

DEEPEST = 16
"""How often credentials are followed to those they made."""


class Window(NamedTuple):
    """From when until when (excluded), µs since 1970 UTC."""

    since: int
    until: int


class Look(NamedTuple):
    """What of the archive is looked at, as it was when the run began."""

    db: Connection
    archive: Archive
    window: Window
    upto: int

    def events(self, where: Mapping[str, Iterable[str]], *, since: int | None = None) -> Columns:
        """Return events of the window."""
        return self.archive.events(
            self.db,
            where=where,
            since_us=since or self.window.since,
            until_us=self.window.until,
            upto=self.upto,
        )


class Gathered:
    """What of an attack's acts is evidence.

    Attributes:
        reach: Whose acts count.
        evidence: What they touched, or may have touched.
        doubted: Stores in which unmapped acts may have been that name nothing → when first, µs
            since 1970 UTC.
    """

    def __init__(self, matcher: Matcher, look: Look, own: set[str]) -> None:
        """Begin.

        Args:
            matcher: The data map.
            look: What is looked at.
            own: Ids of the incident's events.
        """
        self.reach, self.evidence, self.doubted = Reach(), list[Evidence](), dict[str, int]()
        self._matcher, self._look, self._own = matcher, look, own
        self._acts = list[tuple[Unmapped, ...]]()

    @property
    def unmapped(self) -> tuple[Unmapped, ...]:
        """Return the acts of the attack, or perhaps of it, that the data map does not know."""
        return unmapped.together(self._acts)

    def take(self, events: Columns, named: Collection[str] = ()) -> None:
        """Take the incident's own events, and all that follows from them.

        Args:
            events: The incident's own.
            named: Identities and keys that are the attack's, as a person says.

        Raises:
            Refusal: Nothing happened under one of these names.
            ArchiveError: A segment is missing or damaged.
        """
        self.reach.begin(events)
        self.reach.belongs(named)
        doubtful = self.reach.loosely(events)
        self._add(_rows(events, ~doubtful), Via.INCIDENT)
        self._add(_rows(events, doubtful), Via.LOOSE)
        self._add_lineage()
        self._add_from_outside()

    def _add(self, events: Columns, via: Via) -> None:
        for seen in (events, copies.reads(events)):
            self._add_seen(seen, via)

    def _add_seen(self, events: Columns, via: Via) -> None:
        self.evidence += [Evidence(touch, via) for touch in self._matcher.touches(events)]
        found = unmapped.look(self._matcher, events, doubtful=via.doubtful)
        # What somebody else may have done stays doubtful, whatever it was.
        doubt = via if via.doubtful else Via.UNMAPPED
        self.evidence += [Evidence(touch, doubt) for touch in found.touches]
        self._acts.append(found.acts)
        for store, at in found.doubted.items():
            self.doubted[store] = min(at, self.doubted.get(store, at))

    def _add_lineage(self) -> None:
        """Add what credentials of the attack did; those they made are followed too."""
        look, reach = self._look, self.reach
        theirs = look.events({"actor": reach.named})
        reach.learn(theirs, reach.certain(theirs))
        for _ in range(DEEPEST):
            found = look.events({"credential": reach.credentials()})
            if not reach.learn(found, reach.certain(found)):
                break
        _must_have_acted(reach.named, theirs, found)
        rest = ~self._known(theirs) & ~theirs.rows_with("credential", reach.credentials())
        self._add(_rows(theirs, rest), Via.LINEAGE)
        rest = ~self._known(found)
        self._add(_rows(found, reach.certain(found) & rest), Via.LINEAGE)
        self._add(_rows(found, reach.perhaps(found) & rest), Via.SHARED)
        if reach.nameless:
            addresses = set().union(*reach.nameless.values())
            nameless = look.events({"credential": ("",), "actor": reach.nameless, "ip": addresses})
            rest = reach.certain(nameless) & ~self._known(nameless)
            self._add(_rows(nameless, rest), Via.LINEAGE)

    def _add_from_outside(self) -> None:
        """Add what was done from outside to stores that stood open."""
        opened = dict[str, int]()
        for one in self.evidence:
            touch = one.touch
            if touch.action.effect == "exposed" and touch.outcome != Outcome.FAILURE:
                store = touch.action.store
                opened[store] = min(touch.first_at, opened.get(store, touch.first_at))
        if not opened:
            return
        found = self._look.events({"actor_kind": FROM_OUTSIDE}, since=min(opened.values()))
        found = _rows(found, ~(self._known(found) | self.reach.certain(found)))
        for seen in (found, copies.reads(found)):
            touches = [(touch, Via.OUTSIDE) for touch in self._matcher.touches(seen)]
            unknown = unmapped.look(self._matcher, seen).touches
            touches += [(touch, Via.UNMAPPED) for touch in unknown]
            for touch, via in touches:
                since = opened.get(touch.action.store)
                if since is not None and touch.last_at >= since:
                    self.evidence.append(Evidence(touch, via))

    def _known(self, events: Columns) -> Bools:
        found = events.event_ids(range(len(events)))
        return np.fromiter((one in self._own for one in found), np.bool_, len(events))


def _must_have_acted(names: Iterable[str], by_actor: Columns, by_credential: Columns) -> None:
    acted = {*by_actor.word["actor"], *by_credential.word["credential"]}
    if missing := sorted(set(names) - acted):
        raise Refusal(
            f"no event of {', '.join(missing)} is in the window",
            hint="Name the identity or key whole, as the logs have it: `tocsin incident show` has "
            "those it knows; --since and --until widen the window.",
        )


def _rows(events: Columns, chosen: Bools) -> Columns:
    return events.take(np.flatnonzero(chosen))
