"""Somebody takes far more data in a day than ever before.

Every actor has its own measure: the most it took in a day, per kind of thing. Several times that,
and not little, is a finding; it grows with the rest of the day, so that in the end it holds all
that was taken. Without history only large amounts count, and they say less.

An application's export counts by its records, everything else by its objects or requests.

Source: MITRE ATT&CK T1530, T1213, T1567; Splunk ESCU and GuardDuty compare with an own baseline.
"""

from typing import NamedTuple

import msgspec
import numpy as np

from detectors.base import said
from detectors.deeds import CLOUD, Deed, carries_off
from detectors.view import View
from tocsin.model.columns import ABSENT
from tocsin.model.events import DAY_US, ActorKind
from tocsin.model.findings import Finding, Level

TIMES = 5.0
"""So many times the most of any day before."""

KNOWN_DAYS = 3
"""On so many days something was taken before; fewer are no history."""

FADES = 0.98
"""How much of an old peak is left a day later."""

SKIPPED = (ActorKind.SERVICE, ActorKind.WORKLOAD, ActorKind.UNKNOWN)
"""Machines of the house read all day; what they are misused for shows elsewhere."""

MOST_IDS = 50_000
"""So many events are kept of one actor, kind and day."""


class Floor(NamedTuple):
    """From how much on something counts: with history, and without."""

    known: float
    unknown: float
    huge: float


OBJECTS, RECORDS = Floor(40, 120, 1_000), Floor(1_000, 10_000, 50_000)


class Taken(msgspec.Struct):
    """What one actor took of one kind.

    Attributes:
        day: The day that is being counted.
        amount: What was taken on it so far.
        since: Instant of the day's first event, µs.
        ids: The day's events.
        customers: The customers whose data it was.
        peak: The most of any day before, fading.
        days: On how many days before.
        found: Level of the day's finding; -1 while there is none.
        learned_since: The first day of all.
    """

    day: int
    amount: float = 0.0
    since: int = 0
    ids: list[str] = []
    customers: list[str] = []
    peak: float = 0.0
    days: int = 0
    found: int = -1

    def turn(self, day: int) -> None:
        """Begin a new day."""
        if self.found < Level.MEDIUM:  # what was an attack is no habit
            self.peak = max(self.peak, self.amount)
        self.peak *= FADES ** (day - self.day)
        self.days += 1
        self.day, self.amount, self.since, self.found = day, 0.0, 0, -1
        self.ids, self.customers = [], []


class Amounts(msgspec.Struct):
    """Actor and kind → what was taken."""

    taken: dict[str, Taken] = {}


class Volume:
    """Finds days on which far more was taken than before."""

    id = "volume"
    state = Amounts

    def follow(self, state: Amounts, view: View) -> list[Finding]:
        """See :class:`detectors.base.Detector`."""
        e = view.events
        rows = np.flatnonzero(
            view.succeeded
            & view.with_deed(Deed.TAKE)
            & ~view.by_service
            & ~e.rows_with("actor_kind", SKIPPED)
        )
        exports = e.rows_with("action", [a for a in e.word["action"] if carries_off(a)])
        exports &= ~e.rows_with("source", (CLOUD,))
        day = (view.day - (view.day[0] if len(view) else 0)).astype(np.int32)
        found = list[Finding]()
        codes = (e.code["actor"], e.code["service"], exports.astype(np.int32), day)
        for group in view.groups(rows, *codes):
            finding = self._day(state, view, group, exports=bool(exports[group[0]]))
            found.extend([finding] if finding is not None else ())
        return found

    def _day(
        self, state: Amounts, view: View, rows: np.typing.NDArray[np.intp], *, exports: bool
    ) -> Finding | None:
        e, first = view.events, int(rows[0])
        actor, service, day = e.text("actor", first), e.text("service", first), int(view.day[first])
        key = f"{actor} {service}{' exports' if exports else ''}"
        taken = state.taken.setdefault(key, Taken(day))
        if taken.day < day:
            taken.turn(day)
        counts = e.number["count"][rows]
        amounts = np.where((counts == ABSENT) | (not exports), 1, counts).astype(np.float64)
        before = taken.ids
        taken.since = taken.since or int(e.at[first])
        taken.amount += float(amounts.sum())
        new = e.event_ids(rows[: MOST_IDS - len(before)].tolist())
        customers = {e.text("customer", row) for row in rows.tolist()} - {""}
        taken.customers = sorted(customers.union(taken.customers))
        level = self._level(taken, RECORDS if exports else OBJECTS, e.text("actor_kind", first))
        taken.ids = [*before, *new]
        if level is None:
            return None
        taken.found = max(taken.found, level)
        what = "records in exports" if exports else f"reads of {service}"
        usual = f"the most on a day before was {taken.peak:,.0f}" if taken.days else "never before"
        spread = f" of {len(taken.customers)} customers" if taken.customers else ""
        return said(
            view,
            rows.tolist(),
            rule=self.id,
            title="Far more data taken than ever before",
            level=Level(taken.found),
            tactics=("collection", "exfiltration"),
            earlier=tuple(before),
            since=taken.since,
            why=f"{actor} took {taken.amount:,.0f} {what}{spread} in a day; {usual}.",
        )

    def _level(self, taken: Taken, floor: Floor, kind: str) -> Level | None:
        if taken.days >= KNOWN_DAYS:
            if taken.amount < max(floor.known, TIMES * taken.peak):
                return None
            huge = taken.amount >= max(floor.unknown, 4 * TIMES * taken.peak)
            return Level.HIGH if huge and len(taken.customers) > 1 else Level.MEDIUM
        if taken.amount < floor.unknown:
            return None
        sharp = taken.amount >= floor.huge and kind != ActorKind.ROLE
        return Level.MEDIUM if sharp else Level.LOW


def forget(state: Amounts, at: int) -> None:
    """Drop what counts no more at an instant (µs), and the ids of days that are over."""
    day = at // DAY_US
    for key in [key for key, taken in state.taken.items() if taken.day < day - 90]:
        del state.taken[key]
    for taken in state.taken.values():
        if taken.day < day - 1:
            taken.ids = []
