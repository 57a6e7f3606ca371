"""Somebody goes through many different things of one kind: reads each secret, deletes each store.

One secret read is work, a dozen buckets deleted by a pipeline is a test environment going down.
What counts is how many *different* ones a chain takes one after the other, beside what it usually
does. A program of the house reads its list of secrets at every start: of a role that speaks through
an SDK, and of a deployment, little is said before its habit is known. That is so when it did the
like on several days; and when it was at work for long and did not, unless as a deployment: those
make and take down all sorts of things. What cleans up once a month has no habit, so what it
destroyed before is its measure; a theft of yesterday excuses none of today.

Source: MITRE ATT&CK T1555.006, T1485, T1490; Elastic's rule of 20 distinct secrets of one user.
"""

from hashlib import blake2b

import msgspec
import numpy as np
import numpy.typing as npt

from detectors.base import said
from detectors.deeds import Deed
from detectors.first_seen import Profiles
from detectors.grants import DEPLOYS
from detectors.kinds import BATCHES, KINDS, RECORDS, Kind
from detectors.usual import HABIT_DAYS, REMEMBERED_DAYS, Past
from detectors.view import View
from tocsin.model.columns import Bools, Columns
from tocsin.model.events import DAY_US, HOUR_US, ActorKind
from tocsin.model.findings import Finding, Level

Rows = npt.NDArray[np.intp]

QUIET_HOURS, LONGEST_HOURS = 6, 24
"""After so long without any, and after so long in all, a round is over."""

TIMES, TIMES_WORKLOAD, TIMES_HIGH = 5, 10, 20
"""So many times the usual."""

MOST = 10_000
"""So many different things of one round are told apart."""

PUBLIC = "/aws/service/"
"""Parameters that AWS publishes for everybody are no secrets."""


TITLES = {
    "credential-access": "Many different secrets read in a row",
    "collection": "Much read through in a row",
    "impact": "Many different things destroyed in a row",
}


class Round(msgspec.Struct):
    """What one chain did to things of one kind, one after the other.

    Attributes:
        began: The hour it began in, counted from 1970.
        last: The hour of the last.
        seen: The things, each as a number made of its name.
        amount: How many they are.
        ids: The events that brought another one, from where it was more than usual.
        crossed: Level → the instant (µs) at which it was enough for it.
        past: Earlier days.
    """

    began: int
    last: int
    seen: set[int] = set()
    amount: int = 0
    ids: list[str] = []
    crossed: dict[int, int] = {}
    past: Past = msgspec.field(default_factory=Past)

    def is_over(self, hour: int) -> bool:
        """Return whether what is done in an hour belongs to another round."""
        return hour - self.last > QUIET_HOURS or hour - self.began >= LONGEST_HOURS

    def turn(self, hour: int) -> None:
        """Begin a new round."""
        self.past.add(self.began * HOUR_US // DAY_US, self.amount)
        self.began, self.amount = hour, 0
        self.seen, self.ids, self.crossed = set(), [], {}


class Rounds(msgspec.Struct):
    """Chain, kind and sort of client → round."""

    rounds: dict[str, Round] = {}


class Many:
    """Finds chains that go through many different things of one kind."""

    id = "many"
    state = Rounds

    def __init__(self, profiles: Profiles, *, learning_days: int = 7, active_days: int = 3) -> None:
        """Take what is known of actors, already brought up to date.

        Args:
            profiles: It.
            learning_days: Days since an actor was first seen before its habits are known.
            active_days: Days on which it was active before.
        """
        self._profiles = profiles
        self._learning_days, self._active_days = learning_days, active_days

    def follow(self, state: Rounds, view: View) -> list[Finding]:
        """See :class:`detectors.base.Detector`."""
        e, found = view.events, list[Finding]()
        people = view.succeeded & view.of_somebody
        for kind in KINDS:
            among = np.zeros(len(view), np.bool_)
            for service, actions in kind.by_service().items():
                among |= e.rows_with("service", (service,)) & e.rows_with("action", actions)
            if kind.by_hand:
                among &= view.by_hand
            found += self._follow(state, view, kind, np.flatnonzero(people & view.in_cloud & among))
        destroyed = people & ~view.in_cloud & view.with_deed(Deed.DESTROY)
        return found + self._follow(state, view, RECORDS, np.flatnonzero(destroyed))

    def _follow(self, state: Rounds, view: View, kind: Kind, rows: Rows) -> list[Finding]:
        found, grown = list[Finding](), dict[str, int]()
        for row in self._telling(view, rows).tolist():
            key, hour = self._key(view, kind, row), int(view.events.at[row]) // HOUR_US
            its = state.rounds.get(key)
            if its is None:
                its = state.rounds[key] = Round(hour, hour)
            if its.is_over(hour):
                if key in grown:
                    found += self._say(view, grown.pop(key), kind, its)
                its.turn(hour)
            its.last = hour
            if self._add(view, kind, row, its):
                grown[key] = row
        for key, row in grown.items():
            found += self._say(view, row, kind, state.rounds[key])
        return found

    def _telling(self, view: View, rows: Rows) -> Rows:
        """Return the rows that may tell of another thing: of equal ones the first of the hour."""
        e = view.events
        if not len(rows):
            return rows
        nameless = _is_empty(e, "resource", rows) & _is_empty(e, "object", rows)
        named = ~(nameless | e.rows_with("action", BATCHES)[rows])
        hour = (e.at // HOUR_US - e.at[0] // HOUR_US).astype(np.int32)
        fields = ("actor", "credential", "service", "action", "resource", "object")
        codes = (*(e.code[field] for field in fields), view.hand[1], hour)
        return np.union1d(view.firsts(rows[named], *codes), rows[~named])

    def _key(self, view: View, kind: Kind, row: int) -> str:
        program = "program" if _is_program(view, row) else "hand"
        return f"{kind.name} {program} {view.origin(row)}"

    def _add(self, view: View, kind: Kind, row: int, its: Round) -> bool:
        """Take one row in; return whether it brought another thing into what is to be said."""
        e = view.events
        named = f"{e.text('resource', row)}#{e.text('object', row)}"
        call = f"{e.text('service', row)}:{e.text('action', row)}"
        alone = named == "#" or call in kind.batches
        thing = e.event_id(row) if alone else f"{e.text('service', row)} {named}"
        digest = int.from_bytes(blake2b(thing.encode(), digest_size=8).digest(), "big")
        if PUBLIC in named or digest in its.seen or len(its.seen) >= MOST:
            return False
        its.seen.add(digest)
        its.amount += kind.batches.get(call, 1)
        day = its.began * HOUR_US // DAY_US
        usual = its.past.usual(day)
        if its.amount <= usual:
            return False
        its.ids.append(e.event_id(row))
        for level, amount in self._steps(view, kind, row, its).items():
            if its.amount >= amount:
                its.crossed.setdefault(level, int(e.at[row]))
        return True

    def _steps(self, view: View, kind: Kind, row: int, its: Round) -> dict[int, float]:
        """Return from how many on what is said."""
        usual = its.past.usual(its.began * HOUR_US // DAY_US)
        if not _is_program(view, row):
            high = max(kind.high, TIMES_HIGH * usual)
            return {Level.MEDIUM: max(kind.medium, TIMES * usual), Level.HIGH: high}
        day = its.began * HOUR_US // DAY_US
        is_workload = view.events.text("actor_kind", row) == ActorKind.WORKLOAD
        times = TIMES_WORKLOAD if is_workload else TIMES
        if its.past.known(day) >= HABIT_DAYS:
            return {Level.MEDIUM: max(kind.medium, times * usual)}
        if not self._has_other_habits(view, row):
            return {Level.LOW: kind.medium}
        before = its.past.most(day) if kind.tactic == "impact" else 0
        medium = max(kind.medium, times * before)
        noted: dict[int, float] = {Level.LOW: kind.medium} if medium > kind.medium else {}
        return {**noted, Level.MEDIUM: medium}

    def _has_other_habits(self, view: View, row: int) -> bool:
        """Return whether a program was at work for long, and not as a deployment."""
        actor, hand = view.events.text("actor", row), view.hand_of(row)
        at, profile = int(view.events.at[row]), self._profiles.actors.get(actor)
        if profile is None or (hand in DEPLOYS and self._profiles.knew("hand", actor, hand, at)):
            return False
        return profile.is_learned(at // DAY_US, self._learning_days, self._active_days)

    def _say(self, view: View, row: int, kind: Kind, its: Round) -> list[Finding]:
        actor, usual = view.events.text("actor", row), its.past.usual(its.began * HOUR_US // DAY_US)
        beside = f"usual are {usual}" if usual else "that is not its habit"
        return [
            said(
                view,
                [row],
                rule=f"{self.id}-{kind.name}-{Level(level)}",
                title=TITLES[kind.tactic],
                level=Level(level),
                tactics=(kind.tactic,),
                earlier=tuple(its.ids[:-1]),
                since=since,
                why=f"{actor} {kind.what.format(its.amount)} in a row; {beside}.",
            )
            for level, since in its.crossed.items()
        ]


def _is_empty(events: Columns, field: str, rows: Rows) -> Bools:
    """Return for each of some rows whether its word is empty; there may be very many words."""
    words = events.word[field]
    empty: Bools = events.code[field][rows] == (words.index("") if "" in words else -1)
    return empty


def _is_program(view: View, row: int) -> bool:
    """Return whether a program of the house speaks, or says that it does."""
    hand = view.hand_of(row)
    lent = view.events.text("actor_kind", row) in (ActorKind.ROLE, ActorKind.WORKLOAD)
    return hand in DEPLOYS or (lent and hand.startswith("sdk"))


def forget(state: Rounds, at: int) -> None:
    """Drop what counts no more at an instant (µs)."""
    old = at // HOUR_US - REMEMBERED_DAYS * DAY_US // HOUR_US
    for key in [key for key, its in state.rounds.items() if its.last < old]:
        del state.rounds[key]
