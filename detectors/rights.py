"""Rights that were missing, then were there: denied, then allowed; given to oneself, then used.

Somebody tries what it may not, finds a way, and does it. Each step alone is daily work. A right
that another person gives is daily work as well; one that a chain of identities gives itself and
then uses is how accounts are taken over.

Source: MITRE ATT&CK T1098, T1078; AWS IAM User Guide, "Policies and permissions in IAM".
"""

import msgspec
import numpy as np
import numpy.typing as npt

from detectors.base import said
from detectors.deeds import CLOUD, Deed
from detectors.view import NOBODY, View
from tocsin.model.columns import Bools
from tocsin.model.events import DAY_US
from tocsin.model.findings import Finding, Level

Rows = npt.NDArray[np.intp]

DENIED_THEN_ALLOWED = "denied-then-allowed"
GRANTED_THEN_USED = "self-granted-then-used"

WITHIN_US = DAY_US
MOST_IDS = 50
"""So many denials are named in a finding; what an attacker's loop adds says nothing new."""

WEIGHTY = (Deed.TAKE, Deed.GRANT, Deed.DESTROY, Deed.CHANGE)


class Denials(msgspec.Struct):
    """One chain's refusals of one action: the last instant (µs), and the events' ids."""

    last: int
    ids: list[str]


class Grant(msgspec.Struct):
    """A right that a chain gave: to whom (a name), when, and the event."""

    chain: str
    name: str
    at: int
    id: str


class Rights(msgspec.Struct):
    """What was refused (chain → what → refusals), and what was given (name → grant)."""

    denied: dict[str, dict[str, Denials]] = {}
    granted: dict[str, Grant] = {}


class RightsUsed:
    """Finds the use of a right that was missing before."""

    id = "rights"
    state = Rights

    def follow(self, state: Rights, view: View) -> list[Finding]:
        """See :class:`detectors.base.Detector`."""
        e = view.events
        people = ~view.by_service & ~e.rows_with("actor_kind", NOBODY)
        refused = np.flatnonzero(people & e.rows_with("reason", ("denied",)))
        given = np.flatnonzero(
            people & view.succeeded & view.with_deed(Deed.GRANT) & e.rows_with("service", ("iam",))
        )
        acts = {int(row): "done" for row in self._uses(state, view, people, refused, given)}
        acts.update((row, "refused") for row in refused.tolist())
        acts.update((row, "given") for row in given.tolist())
        found = list[Finding]()
        for row, act in sorted(acts.items()):
            if act == "refused":
                self._refuse(state, view, row)
                continue
            found.extend(self._use(state, view, row))
            if act == "given":
                self._give(state, view, row)
        return found

    def _uses(
        self, state: Rights, view: View, people: Bools, refused: Rows, given: Rows
    ) -> list[int]:
        """Return the rows that may be the use of a right: few, so that they can be looked at."""
        e, done = view.events, view.succeeded & people
        known = {what for refusals in state.denied.values() for what in refusals}
        known.update(_what(view, row) for row in refused.tolist())
        parts = [what.partition(":")[2].partition("#") for what in known]
        actions = {action for action, _, _ in parts}
        things = {thing for _, of_application, thing in parts if of_application}
        chains = {*state.denied, *(view.origin(row) for row in refused.tolist())}
        rows = list[int]()
        in_cloud = e.rows_with("source", (CLOUD,))
        tried = np.flatnonzero(
            done & e.rows_with("action", actions) & (in_cloud | e.rows_with("object", things))
        )
        for group in view.groups(tried, e.code["actor"], e.code["credential"]):
            rows.extend(row for row in group.tolist() if view.origin(row) in chains)
        names = {name_of(e.text("resource", row)) for row in given.tolist()} | set(state.granted)
        actors = [actor for actor in e.word["actor"] if not names.isdisjoint(names_of(actor))]
        rows.extend(np.flatnonzero(done & e.rows_with("actor", actors) & view.with_deed(*WEIGHTY)))
        return rows

    def _refuse(self, state: Rights, view: View, row: int) -> None:
        e, at = view.events, int(view.events.at[row])
        of_chain, what = state.denied.setdefault(view.origin(row), {}), _what(view, row)
        known = of_chain.get(what)
        if known is None or at - known.last > WITHIN_US:
            known = of_chain[what] = Denials(at, [])
        known.last = at
        if len(known.ids) < MOST_IDS:
            known.ids.append(e.event_id(row))

    def _give(self, state: Rights, view: View, row: int) -> None:
        name = name_of(view.events.text("resource", row))
        if name:
            at, chain = int(view.events.at[row]), view.origin(row)
            state.granted[name] = Grant(chain, name, at, view.events.event_id(row))

    def _use(self, state: Rights, view: View, row: int) -> list[Finding]:
        e, at, chain = view.events, int(view.events.at[row]), view.origin(row)
        what, actor = _what(view, row), e.text("actor", row)
        of_chain = state.denied.get(chain, {})
        denied = of_chain.get(what)
        if denied is not None and not denied.last < at <= denied.last + WITHIN_US:
            denied = None
        grant = next((g for n in names_of(actor) if (g := state.granted.get(n))), None)
        self_made = (
            grant is not None
            and grant.chain == chain
            and grant.at < at <= grant.at + WITHIN_US
            and view.deed_of(row) in WEIGHTY
        )
        if denied is not None:
            del of_chain[what]
        if self_made and grant is not None:
            del state.granted[grant.name]
            return [
                said(
                    view,
                    [row],
                    rule=GRANTED_THEN_USED,
                    title="Right granted to oneself, then used",
                    level=Level.MEDIUM if denied is not None else Level.LOW,
                    tactics=("privilege-escalation",),
                    earlier=(*(denied.ids if denied is not None else ()), grant.id),
                    why=f"{actor} did {what} with a right that {chain} had given "
                    f"{'itself' if chain == actor else 'to an identity of its own'}"
                    + (f", denied {_times(len(denied.ids))} before." if denied else "."),
                )
            ]
        if denied is None:
            return []
        return [
            said(
                view,
                [row],
                rule=DENIED_THEN_ALLOWED,
                title="Denied, then allowed",
                level=Level.LOW,
                tactics=("privilege-escalation",),
                earlier=tuple(denied.ids),
                why=f"{actor} did {what.rstrip('#')}, which had been denied "
                f"{_times(len(denied.ids))} before.",
            )
        ]


def forget(state: Rights, at: int) -> None:
    """Drop what counts no more at an instant (µs)."""
    for chain, refusals in list(state.denied.items()):
        for what in [what for what, one in refusals.items() if one.last < at - WITHIN_US]:
            del refusals[what]
        if not refusals:
            del state.denied[chain]
    for name in [name for name, grant in state.granted.items() if grant.at < at - WITHIN_US]:
        del state.granted[name]


def _what(view: View, row: int) -> str:
    """Return what was asked. In an application, what one may not see is a matter of the object."""
    e = view.events
    thing = f"#{e.text('object', row)}" if e.text("source", row) != CLOUD else ""
    return f"{e.text('service', row)}:{e.text('action', row)}{thing}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def name_of(resource: str) -> str:
    """Return the bare name of a user, role or group."""
    return resource.rpartition("/")[2]


def names_of(actor: str) -> tuple[str, ...]:
    """Return the names an actor's right may have been granted under: its own, its role's."""
    _, _, path = actor.partition(":user/") if ":user/" in actor else actor.partition(":role/")
    return tuple(path.split("/")[-2:]) if path else ()
