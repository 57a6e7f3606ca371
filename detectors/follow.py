"""FOLLOW: what is judged in the order of events, over columns.

One step takes the next events of a stream and says what there is to say of them. The table below
is everything that runs, in its order: what comes later may look at what came before.

    lineage       who became whom
    matches       what the rules said of single events, with regard to habit and to
                  what known deployments do
    first_seen    what an actor does for the first time
    elsewhere     what is new and used from elsewhere than where it was made
    twice         one temporary credential in two places
    rights        denied, then allowed; granted to oneself, then used
    search        many different calls refused in a row
    many          many different secrets read, stores or records destroyed, in a row
    volume        far more data taken than ever
    machines      the same of machines of the house, by what they read from
    guessing      a sign-in after many failed ones
    outsiders     roles taken by other accounts
    passed        functions that run with a stronger role than their maker's
    aftermath     what a credential in the wrong hands goes on to do

Pure: the caller gives the events and keeps the state. The result does not depend on how the stream
is cut into steps, as long as no cut falls within an instant.
"""

from collections.abc import Iterable, Sequence

import msgspec

from detectors import (
    aftermath,
    deployments,
    elsewhere,
    first_seen,
    guessing,
    guests,
    kept,
    machines,
    many,
    matches,
    outsiders,
    passed,
    rights,
    search,
    twice,
    volume,
)
from detectors.sigma.rule import Rule
from detectors.view import View
from tocsin.geo import Geo
from tocsin.lineage import Lineage
from tocsin.model.columns import Columns
from tocsin.model.events import DAY_US
from tocsin.model.findings import Finding, Hit

VERSION = 5
"""Raised when the state's meaning changes: an older one is learned anew."""


class State(msgspec.Struct):
    """All that FOLLOW remembers, and nothing else does.

    Attributes:
        version: Of the state's meaning.
        swept: The day up to which old things were dropped.
    """

    version: int = VERSION
    swept: int = 0
    lineage: Lineage = msgspec.field(default_factory=Lineage)
    habits: matches.Habits = msgspec.field(default_factory=matches.Habits)
    tools: deployments.Deployments = msgspec.field(default_factory=deployments.Deployments)
    profiles: first_seen.Profiles = msgspec.field(default_factory=first_seen.Profiles)
    places: elsewhere.Places = msgspec.field(default_factory=elsewhere.Places)
    sessions: twice.Sessions = msgspec.field(default_factory=twice.Sessions)
    denials: rights.Rights = msgspec.field(default_factory=rights.Rights)
    searches: search.Searches = msgspec.field(default_factory=search.Searches)
    rounds: many.Rounds = msgspec.field(default_factory=many.Rounds)
    amounts: volume.Amounts = msgspec.field(default_factory=volume.Amounts)
    workloads: machines.Machines = msgspec.field(default_factory=machines.Machines)
    guesses: guessing.Guesses = msgspec.field(default_factory=guessing.Guesses)
    outside: guests.Outside = msgspec.field(default_factory=guests.Outside)
    functions: passed.Functions = msgspec.field(default_factory=passed.Functions)
    watches: aftermath.Watches = msgspec.field(default_factory=aftermath.Watches)


class Settings(msgspec.Struct, frozen=True):
    """How long an actor is learned before something is new to it, and which accounts are ours.

    Attributes:
        learning_days: Days since it was first seen.
        active_days: Days on which it was active before.
        own_accounts: Accounts of the house, whether their logs are read or not.
        own_organizations: Organisations of the house.
    """

    learning_days: int = 7
    active_days: int = 3
    own_accounts: tuple[str, ...] = ()
    own_organizations: tuple[str, ...] = ()


class Follow:
    """Judges a stream of events, step by step."""

    def __init__(
        self, rules: Iterable[Rule], geo: Geo | None = None, settings: Settings | None = None
    ) -> None:
        """Take what does not change from step to step.

        Args:
            rules: Those whose hits are handed to ``step``.
            geo: What is known of addresses.
            settings: Learning periods, own accounts.
        """
        self._rules = {rule.id: rule for rule in rules}
        self._geo = geo or Geo()
        self._settings = settings or Settings()

    def start(self) -> State:
        """Return the state before the first event."""
        return State()

    def step(
        self, state: State, events: Columns, hits: Sequence[Hit], *, late: bool = False
    ) -> tuple[list[Finding], State]:
        """Judge the next events.

        Args:
            state: As the last step left it; it is changed in place and handed back.
            events: In judging order, each id once; see ``tocsin.model.columns.in_order``.
            hits: What the rules said of them, by row.
            late: They came after the lateness had passed; findings are marked so.

        Returns:
            Findings in the order of their first events, those of earlier steps that have grown
            among them under the id they had; and the state.
        """
        if not len(events):
            return [], state
        state.lineage.learn(events)
        view = View(events, self._geo, state.lineage)
        known = self._settings
        ordered = sorted(hits, key=lambda hit: hit.row)
        seen = first_seen.FirstSeen(known.learning_days, known.active_days)
        found = seen.follow(state.profiles, view)
        found += matches.judge(state.habits, state.tools, view, ordered, self._rules)
        found += elsewhere.Elsewhere(state.profiles).follow(state.places, view)
        found += twice.Twice(state.profiles).follow(state.sessions, view)
        found += rights.RightsUsed(state.profiles).follow(state.denials, view)
        found += search.Search().follow(state.searches, view)
        learned = {"learning_days": known.learning_days, "active_days": known.active_days}
        found += many.Many(state.profiles, **learned).follow(state.rounds, view)
        found += volume.Volume().follow(state.amounts, view)
        found += machines.MachineVolume().follow(state.workloads, view)
        found += guessing.Guessing(state.profiles).follow(state.guesses, view)
        own = outsiders.House(frozenset(known.own_accounts), frozenset(known.own_organizations))
        strangers = outsiders.Outsiders(state.profiles, known.learning_days, own)
        found += strangers.follow(state.outside, view)
        found += passed.PassedRole(state.profiles, **learned).follow(state.functions, view)
        stolen = matches.stolen_rows(ordered, self._rules)
        found += aftermath.Aftermath().follow(state.watches, view, found, stolen)
        if late:
            found = [msgspec.structs.replace(finding, late=True) for finding in found]
        self._sweep(state, int(events.at[-1]))
        return sorted(found, key=lambda finding: (finding.since, finding.id)), state

    def _sweep(self, state: State, at: int) -> None:
        """Once a day, drop what counts no more."""
        if at // DAY_US <= state.swept:
            return
        state.swept = at // DAY_US
        state.lineage.forget(at)
        for module, part in (
            (deployments, state.tools),
            (first_seen, state.profiles),
            (elsewhere, state.places),
            (twice, state.sessions),
            (rights, state.denials),
            (search, state.searches),
            (many, state.rounds),
            (volume, state.amounts),
            (machines, state.workloads),
            (guessing, state.guesses),
            (guests, state.outside),
            (passed, state.functions),
            (aftermath, state.watches),
        ):
            module.forget(part, at)


def encode(state: State) -> bytes:
    """Return a state as bytes, to be stored with the position."""
    return msgspec.msgpack.encode(state, enc_hook=kept.to_plain)


def decode(stored: bytes) -> State:
    """Return a stored state; a new one if its meaning has changed since."""
    version = msgspec.msgpack.decode(stored).get("version")
    if version != VERSION:
        return State()
    return msgspec.msgpack.decode(stored, type=State, dec_hook=kept.from_plain)
