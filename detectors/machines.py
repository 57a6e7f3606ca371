"""A machine of the house takes far more than ever, or takes from where it never read.

An instance or function reads all day, and what it reads comes from few places. Its measure is taken
for each bucket or table: many times the most of any day there, or from a new one more than what it
reads elsewhere. What it reads every day is no theft: events are kept from where it is more.

Source: MITRE ATT&CK T1530, T1552.005; GuardDuty's profiles are kept per principal and bucket.
"""

import msgspec
import numpy as np
import numpy.typing as npt

from detectors.base import said
from detectors.deeds import Deed
from detectors.kept import Ids
from detectors.usual import HABIT_DAYS, Past
from detectors.view import View
from detectors.volume import MOST_IDS, Volume
from tocsin.model.events import DAY_US, ActorKind
from tocsin.model.findings import Finding, Level

Rows = npt.NDArray[np.intp]

LEAST = 2_000
"""So much is nothing to speak of for a machine."""

TIMES, TIMES_NEW = 10, 2
"""So many times the most of any day; in a new place, of any day in any place."""

FORGOTTEN_DAYS = 90

PLACES = ("s3", "dynamodb")
"""Services in which what is read from is one of few: a bucket, a table."""


class Place(msgspec.Struct):
    """What a machine took from one place.

    Attributes:
        day: The day that is being counted.
        amount: What was taken on it so far.
        ids: Its events, from where it was more than ever.
        crossed: The instant (µs) at which it was far more; 0 if it was not.
        peak: The most of any day before on which it was not.
        past: Earlier days.
    """

    day: int
    amount: int = 0
    ids: Ids = msgspec.field(default_factory=Ids)
    crossed: int = 0
    peak: int = 0
    past: Past = msgspec.field(default_factory=Past)

    def turn(self, day: int) -> None:
        """Begin a new day."""
        self.past.add(self.day, self.amount)
        self.peak = self.peak if self.crossed else max(self.peak, self.amount)
        self.day, self.amount, self.ids, self.crossed = day, 0, Ids(), 0

    def most(self, day: int) -> int:
        """Return the most that is in order on a day."""
        return max(self.peak, self.past.usual(day))

    def is_old(self, day: int) -> bool:
        """Return whether nothing was taken for so long that it is new again."""
        return max(self.past.days, default=day) < day - FORGOTTEN_DAYS


class Machine(msgspec.Struct):
    """What one machine took of one service: its last day, the days before it, and its places."""

    day: int
    days: int = 0
    places: dict[str, Place] = {}

    def turn(self, day: int) -> None:
        """Begin a new day."""
        self.day, self.days = day, self.days + 1
        for place in self.places.values():
            if place.day < day and place.amount:
                place.turn(day)
        for name in [n for n, place in self.places.items() if place.is_old(day)]:
            del self.places[name]


class Machines(msgspec.Struct):
    """Machine and service → what it took."""

    machines: dict[str, Machine] = {}


class MachineVolume:
    """Finds days on which a machine took far more than before."""

    id = "volume"
    state = Machines

    def follow(self, state: Machines, view: View) -> list[Finding]:
        """See :class:`detectors.base.Detector`."""
        e, found = view.events, list[Finding]()
        rows = np.flatnonzero(
            view.succeeded
            & view.with_deed(Deed.TAKE)
            & ~view.by_service
            & e.rows_with("actor_kind", (ActorKind.WORKLOAD,))
        )
        place = np.where(e.rows_with("service", PLACES), e.code["resource"] + 1, 0).astype(np.int32)
        day = (view.day - (view.day[0] if len(view) else 0)).astype(np.int32)
        for group in view.groups(rows, e.code["actor"], e.code["service"], place, day):
            name = e.text("resource", int(group[0])) if place[group[0]] else ""
            found += self._day(state, view, group, name)
        return found

    def _day(self, state: Machines, view: View, rows: Rows, name: str) -> list[Finding]:
        e, first = view.events, int(rows[0])
        actor, service, day = e.text("actor", first), e.text("service", first), int(view.day[first])
        machine = state.machines.get(key := f"{actor} {service}")
        if machine is None:
            machine = state.machines[key] = Machine(day)
        if machine.day < day:
            machine.turn(day)
        place = machine.places.get(name)
        if place is None:
            place = machine.places[name] = Place(day)
        place.day = max(place.day, day)
        own, before = place.most(day), place.amount
        place.amount += len(rows)
        if machine.days < HABIT_DAYS:
            return []
        anywhere = max(other.most(day) for other in machine.places.values())
        enough = max(LEAST, TIMES * own if own else TIMES_NEW * anywhere)
        more = rows[max(0, own - before) :]  # what it takes every day is no theft
        if not place.crossed and place.amount >= enough:
            place.crossed = int(e.at[rows[enough - before - 1]])
        earlier = tuple(place.ids.texts()) if place.crossed else ()
        place.ids.add(e, more[: MOST_IDS - len(place.ids)])
        if not place.crossed or not len(more):
            return []
        where = f"{service} {name}".rstrip()
        usual = f"the most on a day before was {own:,}" if own else "it never read there before"
        return [
            said(
                view,
                more.tolist(),
                rule=f"{Volume.id}-{Level.MEDIUM}",
                title="Machine takes far more data than ever before",
                level=Level.MEDIUM,
                tactics=("collection", "exfiltration"),
                earlier=earlier,
                since=place.crossed,
                why=f"{actor} took {place.amount:,} from {where} in a day; {usual}.",
            )
        ]


def forget(state: Machines, at: int) -> None:
    """Drop what counts no more at an instant (µs), and the ids of days that are over."""
    day = at // DAY_US
    for key in [key for key, m in state.machines.items() if m.day < day - FORGOTTEN_DAYS]:
        del state.machines[key]
    for machine in state.machines.values():
        for place in machine.places.values():
            if place.day < day - 1:
                place.ids = Ids()
