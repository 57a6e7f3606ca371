"""Somebody takes far more data in a day than ever before.

Every actor has its own measure: the most it took in a day, per kind of thing. Several times that,
and not little, is a finding; it grows with the rest of the day, so that in the end it holds all
that was taken. Without history only large amounts count, and they say less.

An application's export that says how many records it held counts by them; everything else, a
download one by one too, by its objects or requests. Machines have a measure of their own
(``detectors.machines``). Somebody unknown who reads by hand and not by a program of the house, with
a role or after asking what buckets there are, has said more than somebody unknown who reads.

Source: MITRE ATT&CK T1530, T1213, T1567; Splunk ESCU and GuardDuty compare with an own baseline.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from detectors.base import said
from detectors.deeds import Deed, carries_off
from detectors.kept import Ids
from detectors.view import View
from tocsin.model.columns import ABSENT
from tocsin.model.events import DAY_US, ActorKind
from tocsin.model.findings import Finding, Level

TIMES = 5.0
"""So many times the most of any day before."""

KNOWN_DAYS = 3
"""On so many days something was taken before; fewer are no history."""

VERY, SEVERAL = 4.0, 2
"""So many times that again, taken from several customers, is no accident."""

FADES = 0.99
"""How much of an old peak is left a day later: half of it after ten weeks."""

SKIPPED = (ActorKind.SERVICE, ActorKind.WORKLOAD, ActorKind.UNKNOWN)
"""Who has no measure here."""

LISTS = ("ListBuckets", "ListTables", "ListSecrets", "ListUsers", "GetAccountAuthorizationDetails")
"""What somebody asks first who does not know what there is."""

ASKED_AMOUNT = 250
"""So much is enough of somebody unknown who has asked that within a day before."""

MOST_IDS = 50_000
"""So many events are kept of one actor, kind and day."""


Rows = npt.NDArray[np.intp]


class Floor(NamedTuple):
    """From how much on something counts: with history, and without."""

    known: float
    unknown: float
    huge: float


class Step(NamedTuple):
    """What is said from how much on.

    Attributes:
        level: Of the finding.
        amount: From so much.
        customers: Taken from at least so many.
        by_hand: What is asked of the client: nothing, that it is used by hand, or that its user
            has asked what there is as well.
    """

    level: Level
    amount: float
    customers: int = 0
    by_hand: Literal["", "hand", "asked"] = ""


OBJECTS, RECORDS = Floor(100, 150, 1_000), Floor(5_000, 10_000, 50_000)


class Taken(msgspec.Struct):
    """What one actor took of one kind.

    Attributes:
        day: The day that is being counted.
        amount: What was taken on it so far.
        ids: The day's events.
        customers: The customers whose data it was.
        peak: The most of any day before, fading.
        days: On how many days before.
        crossed: Level → the instant (µs) at which the day's amount was enough for it.
    """

    day: int
    amount: float = 0.0
    ids: Ids = msgspec.field(default_factory=Ids)
    customers: list[str] = []
    peak: float = 0.0
    days: int = 0
    crossed: dict[int, int] = {}

    def add_customers(self, customers: Iterable[str]) -> None:
        """Add those whose data it was."""
        for customer in customers:
            if customer and customer not in self.customers:
                self.customers.append(customer)

    def turn(self, day: int) -> None:
        """Begin a new day."""
        if max(self.crossed, default=-1) < Level.MEDIUM:  # what was an attack is no habit
            self.peak = max(self.peak, self.amount)
        self.peak *= FADES ** (day - self.day)
        self.days += 1
        self.day, self.amount = day, 0.0
        self.ids, self.customers, self.crossed = Ids(), [], {}


class Amounts(msgspec.Struct):
    """What was taken, by actor and kind, and who asked what there is: day → first instant, µs."""

    taken: dict[str, Taken] = {}
    asked: dict[str, dict[int, int]] = {}


class Volume:
    """Finds days on which far more was taken than before."""

    id = "volume"
    state = Amounts

    def follow(self, state: Amounts, view: View) -> list[Finding]:
        """See :class:`detectors.base.Detector`."""
        e = view.events
        done = view.succeeded & ~view.by_service & ~e.rows_with("actor_kind", SKIPPED)
        asked = np.flatnonzero(done & e.rows_with("action", LISTS))
        for row in view.firsts(asked, e.code["actor"]).tolist():
            days = state.asked.setdefault(e.text("actor", row), {})
            days.setdefault(int(view.day[row]), int(e.at[row]))
        rows = np.flatnonzero(done & view.with_deed(Deed.TAKE))
        exports = e.rows_with("action", [a for a in e.word["action"] if carries_off(a)])
        exports &= ~view.in_cloud & (e.number["count"] != ABSENT)
        day = (view.day - (view.day[0] if len(view) else 0)).astype(np.int32)
        found = list[Finding]()
        codes = (e.code["actor"], e.code["service"], exports.astype(np.int32), day)
        for group in view.groups(rows, *codes):
            found += self._day(state, view, group, exports=bool(exports[group[0]]))
        return found

    def _day(self, state: Amounts, view: View, rows: Rows, *, exports: bool) -> list[Finding]:
        e, first = view.events, int(rows[0])
        actor, service, day = e.text("actor", first), e.text("service", first), int(view.day[first])
        key = f"{actor} {service}{' exports' if exports else ''}"
        taken = state.taken.get(key)
        if taken is None:
            taken = state.taken[key] = Taken(day)
        if taken.day < day:
            taken.turn(day)
        steps = _steps(taken, RECORDS if exports else OBJECTS, e.text("actor_kind", first))
        amounts = e.number["count"][rows].tolist() if exports else [1] * len(rows)
        total, words = float(sum(amounts)), e.word["customer"]
        if taken.amount + total < min(step.amount for step in steps):
            taken.amount += total
            codes = sorted(set(e.code["customer"][rows].tolist()))
            taken.add_customers(words[code] for code in codes)
        else:
            for row, amount in zip(rows.tolist(), amounts, strict=True):
                taken.amount += amount
                taken.add_customers([e.text("customer", row)])
                for step in steps:
                    enough = taken.amount >= step.amount and len(taken.customers) >= step.customers
                    if enough and step.level not in taken.crossed and _fits(state, view, row, step):
                        taken.crossed[step.level] = int(e.at[row])
        before = tuple(taken.ids.texts()) if taken.crossed else ()
        taken.ids.add(e, rows[: MOST_IDS - len(taken.ids)])
        if not taken.crossed:
            return []
        what = "records in exports" if exports else f"reads of {service}"
        usual = f"the most on a day before was {taken.peak:,.0f}" if taken.days else "never before"
        several = "s" if len(taken.customers) > 1 else ""
        spread = f" of {len(taken.customers)} customer{several}" if taken.customers else ""
        return [
            said(
                view,
                rows.tolist(),
                rule=f"{self.id}-{Level(level)}",
                title="Far more data taken than ever before",
                level=Level(level),
                tactics=("collection", "exfiltration"),
                earlier=before,
                since=since,
                why=f"{actor} took {taken.amount:,.0f} {what}{spread} in a day; {usual}.",
            )
            for level, since in taken.crossed.items()
        ]


def _steps(taken: Taken, floor: Floor, kind: str) -> list[Step]:
    """Return from how much on the day's amount says what."""
    if taken.days >= KNOWN_DAYS:
        much = max(floor.known, TIMES * taken.peak)
        return [
            Step(Level.MEDIUM, much),
            Step(Level.HIGH, max(floor.unknown, VERY * much), SEVERAL),
        ]
    return [
        Step(Level.LOW, floor.unknown),
        Step(Level.MEDIUM, floor.huge, by_hand="hand" if kind == ActorKind.ROLE else ""),
        Step(Level.MEDIUM, max(floor.unknown, ASKED_AMOUNT), by_hand="asked"),
    ]


def _fits(state: Amounts, view: View, row: int, step: Step) -> bool:
    """Return whether a row is done in the way that a step asks for."""
    if not step.by_hand:
        return True
    if not view.by_hand[row]:
        return False
    at = int(view.events.at[row])
    days = state.asked.get(view.events.text("actor", row), {})
    return step.by_hand == "hand" or any(then <= at <= then + DAY_US for then in days.values())


def forget(state: Amounts, at: int) -> None:
    """Drop what counts no more at an instant (µs), and the ids of days that are over."""
    day = at // DAY_US
    for key in [key for key, taken in state.taken.items() if taken.day < day - 90]:
        del state.taken[key]
    for taken in state.taken.values():
        if taken.day < day - 1:
            taken.ids = Ids()
    for actor, days in list(state.asked.items()):
        for old in [then for then in days if then < day - 2]:
            del days[old]
        if not days:
            del state.asked[actor]
