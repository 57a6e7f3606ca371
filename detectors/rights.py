"""Rights that were missing, then were there: denied, then allowed; given to oneself, then used.

Somebody tries what it may not, finds a way, and does it. Each step alone is daily work. A right
that another person gives is daily work as well; one that a chain of identities gives itself and
then uses is how accounts are taken over.

``Itself`` is the identity that gave, whoever it came from, and a group it is a member of. Whether
it is one was seen, or shows when it takes or destroys what it never did before. What a chain makes
and gives rights to (a role, a new colleague's user) is another thing: it says little, unless what
is then done was denied before.

Source: MITRE ATT&CK T1098, T1078; AWS IAM User Guide, "Policies and permissions in IAM".
"""

from bisect import bisect_left, insort
from collections.abc import Iterator

import msgspec
import numpy as np

from detectors.base import said
from detectors.deeds import CLOUD, Deed
from detectors.first_seen import Profiles
from detectors.grants import (
    GROUP,
    JOINS,
    LEAVES,
    OWN_SIGN_IN,
    WEIGHTY,
    WITHIN_US,
    Grant,
    Members,
    Uses,
    grant_of,
    membership,
    move,
    names_of,
    rows_after,
    said_of,
    together,
)
from detectors.grants import forget as forget_members
from detectors.view import Rows, View
from tocsin.model.columns import Bools
from tocsin.model.events import ActorKind
from tocsin.model.findings import Finding, Level

DENIED_THEN_ALLOWED = "denied-then-allowed"
GRANTED_THEN_USED = "self-granted-then-used"

TITLES = {
    True: "Right granted to oneself, then used",
    False: "Right given to what one made or took, then used",
}
WAY_IN = "Key or password made for somebody, who then acts"

APART = "\0"
"""Between the parts of what was asked: names of actions have colons and hashes in them."""

MOST_IDS = 50
"""So many denials are named in a finding; what an attacker's loop adds says nothing new."""

MOST_USES = {Level.LOW: 1, Level.MEDIUM: 1_000}
"""So many uses of one right are kept; of what may well be in order, the first."""


class Denials(msgspec.Struct):
    """One chain's refusals of one action: the last instant (µs), and the events' ids."""

    last: int
    ids: list[str]


class Rights(msgspec.Struct):
    """What was refused and given, and who is in which group.

    Attributes:
        denied: Chain → what → refusals.
        granted: Name → grant.
        members: Who is in which group, as far as that was seen.
    """

    denied: dict[str, dict[str, Denials]] = {}
    granted: dict[str, Grant] = {}
    members: Members = {}


class RightsUsed:
    """Finds the use of a right that was missing before."""

    id = "rights"
    state = Rights

    def __init__(self, profiles: Profiles) -> None:
        """Take what is known of actors, already brought up to date."""
        self._profiles = profiles

    def follow(self, state: Rights, view: View) -> list[Finding]:
        """See :class:`detectors.base.Detector`."""
        e = view.events
        people = view.of_somebody
        in_iam = view.succeeded & e.rows_with("service", ("iam",))
        refused = np.flatnonzero(people & e.rows_with("reason", ("denied",)))
        given = np.flatnonzero(people & in_iam & view.with_deed(Deed.GRANT))
        moved = np.flatnonzero(in_iam & e.rows_with("action", (JOINS, LEAVES)))
        moves, done = set(moved.tolist()), view.succeeded & people
        acts = dict.fromkeys(moves, "moved")
        acts.update((row, "done") for row in self._after_refusals(state, view, done, refused))
        acts.update((row, "done") for row in rows_after(state.granted.values(), view, done, given))
        acts.update((row, "refused") for row in refused.tolist())
        acts.update((row, "given") for row in given.tolist())
        found = dict[str, Finding]()
        for row, act in sorted(acts.items()):
            if act == "refused":
                self._refuse(state, view, row)
                continue
            if act != "moved" and (finding := self._use(state, view, row)) is not None:
                found[finding.id] = finding
            if act == "given":
                self._give(state, view, row)
            if row in moves:
                move(state.members, view, row)
        return list(found.values())

    def _after_refusals(
        self, state: Rights, view: View, done: Bools, refused: Rows
    ) -> Iterator[int]:
        """Yield the rows in which a chain does what it was refused shortly before."""
        e, refusals = view.events, dict[str, dict[str, list[int]]]()
        for chain, before in state.denied.items():
            refusals[chain] = {what: [one.last] for what, one in before.items()}
        for row in refused.tolist():
            of_chain = refusals.setdefault(view.origin(row), {})
            insort(of_chain.setdefault(_what(view, row), []), int(e.at[row]))
        actions = {chain: {*map(_action, of_chain)} for chain, of_chain in refusals.items()}
        things = {_thing(what) for of_chain in refusals.values() for what in of_chain}
        tried = done & e.rows_with("action", set[str]().union(*actions.values()))
        tried &= view.in_cloud | e.rows_with("object", things)
        words, codes = e.word["action"], e.code["action"]
        for chain, rows in view.by_origin(np.flatnonzero(tried)).items():
            of_chain, its = refusals.get(chain, {}), actions.get(chain, set())
            for row, code in zip(rows.tolist(), codes[rows].tolist(), strict=True):
                if words[code] in its:
                    instants, at = of_chain.get(_what(view, row), []), int(e.at[row])
                    last = bisect_left(instants, at) - 1
                    if last >= 0 and at <= instants[last] + WITHIN_US:
                        yield row

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
        grant = grant_of(view, row)
        if grant is None:
            return
        known = state.granted.get(grant.name)
        if known is not None and known.chain == grant.chain and grant.at <= known.at + WITHIN_US:
            if known.uses and grant.way and not known.way:
                return  # a further way in takes nothing from the right
            if not known.uses:
                together(known, grant)
                grant.ids = grant.ids[-MOST_IDS:]
        state.granted[grant.name] = grant

    def _grants(self, state: Rights, view: View, row: int) -> Iterator[tuple[Grant, bool]]:
        """Yield the rights of its own chain that a row may use, and whether it gave itself them."""
        e, at, chain = view.events, int(view.events.at[row]), view.origin(row)
        actor = e.text("actor", row)
        if view.deed_of(row) not in WEIGHTY or e.text("action", row) in OWN_SIGN_IN:
            return
        names = names_of(actor)
        user = names[-1] if names and e.text("actor_kind", row) == ActorKind.USER else ""
        groups = [name for name in state.granted if user and name.startswith(GROUP)]
        for name in (*names, *groups):
            grant = state.granted.get(name)
            if grant is None or grant.chain != chain or not grant.at < at <= grant.at + WITHIN_US:
                continue
            if name in names:
                yield grant, name in grant.own
            elif user in grant.own:
                is_in = membership(state.members, user, name, at)
                if is_in is None:
                    yield grant, self._shows(view, row)
                elif is_in:
                    yield grant, True

    def _shows(self, view: View, row: int) -> bool:
        """Return whether an act is one that its actor could not do, or never did, before."""
        deed, (words, codes) = view.deed_of(row), view.deed
        known = self._profiles.knew(
            "deed", view.events.text("actor", row), words[int(codes[row])], int(view.events.at[row])
        )
        return deed in (Deed.TAKE, Deed.DESTROY) and not known

    def _use(self, state: Rights, view: View, row: int) -> Finding | None:
        e, at, chain = view.events, int(view.events.at[row]), view.origin(row)
        what, actor = _what(view, row), e.text("actor", row)
        of_chain = state.denied.get(chain, {})
        denied = of_chain.get(what)
        if denied is not None and not denied.last < at <= denied.last + WITHIN_US:
            denied = None
        if denied is not None:
            del of_chain[what]
        own = max(self._grants(state, view, row), key=lambda pair: pair[1], default=None)
        if own is not None:
            return self._use_own(view, row, *own, denied)
        if denied is None:
            return None
        return said(
            view,
            [row],
            rule=DENIED_THEN_ALLOWED,
            title="Denied, then allowed",
            level=Level.LOW,
            tactics=("privilege-escalation",),
            earlier=tuple(denied.ids),
            why=f"{actor} did {_shown(what)}, which had been denied "
            f"{_times(len(denied.ids))} before.",
        )

    def _use_own(
        self, view: View, row: int, grant: Grant, itself: bool, denied: Denials | None
    ) -> Finding | None:
        """Return what is said of the use of a right that the chain gave itself; it grows."""
        e, actor = view.events, view.events.text("actor", row)
        strong = (itself and not grant.weak) or denied is not None
        level = Level.MEDIUM if strong or Level.MEDIUM in grant.uses else Level.LOW
        before = [*(denied.ids if denied is not None else ())]
        uses = grant.uses.get(level)
        if uses is None:
            uses = grant.uses[level] = Uses(int(e.at[row]), [*before, *grant.ids])
            before = []
            grant.networks.append(view.network_of(row))
        elif view.network_of(row) not in grant.networks and not before:
            return None
        if uses.times >= MOST_USES[level]:
            return None
        uses.times += 1
        earlier = (*uses.ids, *before)
        uses.ids = [*earlier, e.event_id(row)]
        made = view.lineage.was_made(actor)
        tried = f", denied {_times(len(denied.ids))} before" if denied else ""
        tried += "," if tried and not grant.way else ""
        return said(
            view,
            [row],
            rule=GRANTED_THEN_USED,
            title=WAY_IN if grant.way else TITLES[itself],
            level=level,
            tactics=("privilege-escalation",),
            earlier=earlier,
            since=uses.since,
            why=f"{actor} did {_shown(_what(view, row))}{tried}"
            f"{said_of(grant, itself=itself, made=made)}.",
        )


def forget(state: Rights, at: int) -> None:
    """Drop what counts no more at an instant (µs)."""
    for chain, refusals in list(state.denied.items()):
        for what in [what for what, one in refusals.items() if one.last < at - WITHIN_US]:
            del refusals[what]
        if not refusals:
            del state.denied[chain]
    for name in [name for name, grant in state.granted.items() if grant.at < at - WITHIN_US]:
        del state.granted[name]
    forget_members(state.members, at)


def _what(view: View, row: int) -> str:
    """Return what was asked. In an application, what one may not see is a matter of the object."""
    e = view.events
    thing = e.text("object", row) if e.text("source", row) != CLOUD else ""
    return APART.join((e.text("service", row), e.text("action", row), thing))


def _action(what: str) -> str:
    return what.split(APART)[1]


def _thing(what: str) -> str:
    return what.split(APART, 2)[2]


def _shown(what: str) -> str:
    service, action, thing = what.split(APART, 2)
    return f"{service}:{action}{'#' if thing else ''}{thing}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
