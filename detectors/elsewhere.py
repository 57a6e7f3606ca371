"""A new credential or identity is used from elsewhere than where it was made.

Whoever makes a key for another user, or takes the credentials of a role, mostly uses them from
where it sits. A key that turns up on another network was handed on, or taken. A person's own
session that moves with the person from home to the train is news and no more. So is the first
sign-in of a new colleague, whose user an administrator made from where administrators sit.

Source: MITRE ATT&CK T1098.001, T1078.004.
"""

import msgspec
import numpy as np

from detectors.base import said
from detectors.first_seen import Profiles
from detectors.view import View
from tocsin.lineage import KEY, REMEMBERED_US, Issue
from tocsin.model.events import DAY_US, ActorKind
from tocsin.model.findings import Finding, Level

NEW_ELSEWHERE = "new-credential-elsewhere"

TEMPORARY = "ASIA"
"""How the key of somebody begins who signed in with a password."""


class Places(msgspec.Struct):
    """What was said already, and whence new colleagues came first.

    Attributes:
        said: Credential or identity and network → when, µs.
        joined: New user → network.
    """

    said: dict[str, int] = {}
    joined: dict[str, str] = {}


class Elsewhere:
    """Finds the use of something new from a network its maker was not on."""

    id = NEW_ELSEWHERE
    state = Places

    def __init__(self, profiles: Profiles) -> None:
        """Take what is known of the house's networks, already brought up to date."""
        self._profiles = profiles

    def follow(self, state: Places, view: View) -> list[Finding]:
        """See :class:`detectors.base.Detector`."""
        e, found, issued = view.events, list[Finding](), view.lineage.issued
        keys = [what.removeprefix(KEY) for what in issued if what.startswith(KEY)]
        rows = np.flatnonzero(
            (
                e.rows_with("credential", keys)
                | e.rows_with("actor", filter(view.lineage.was_made, e.word["actor"]))
            )
            & view.succeeded
            & view.of_somebody
        )
        # The first use after each act that issued something, not only the first of the day.
        acts = np.unique([act.at for acts in issued.values() for act in acts])
        since = np.searchsorted(acts, e.at, side="right").astype(np.int32)
        codes = (e.code["actor"], e.code["credential"], view.network[1], since)
        for row in view.firsts(rows, *codes):
            finding = self._look(state, view, int(row))
            found.extend([finding] if finding is not None else ())
        return found

    def _look(self, state: Places, view: View, row: int) -> Finding | None:
        e = view.events
        actor, credential, at = e.text("actor", row), e.text("credential", row), int(e.at[row])
        issue = view.lineage.issue_of(actor, credential, at)
        place = view.geo.place(e.text("ip", row))
        if issue is None or place.kind != "public":
            return None
        made = view.geo.place(issue.ip)
        if made.kind != "public" or made.network == place.network:
            return None
        if any(self._profiles.knew_network(who, place.network, at) for who in (issue.actor, actor)):
            return None
        key = f"{credential or actor} {place.network}"
        if key in state.said:
            return None
        state.said[key] = at
        own = actor == issue.actor or e.text("actor_kind", row) == ActorKind.PERSON
        own = own or self._joins(state, view, row, place.network)
        level = Level.LOW if own or not self._is_strange(place.network, at) else Level.MEDIUM
        return said(
            view,
            [row],
            rule=self.id,
            title="New credential used from elsewhere",
            level=level,
            tactics=("lateral-movement",),
            entities=(f"actor:{issue.actor}",),
            why=_why(actor, issue, made.network, place.network),
        )

    def _joins(self, state: Places, view: View, row: int, network: str) -> bool:
        """Return whether a user signs in for whom an administrator made it within the last day."""
        e, at, actor = view.events, int(view.events.at[row]), view.events.text("actor", row)
        made, credential = view.lineage.maker(actor, at, DAY_US), e.text("credential", row)
        if made is None or (credential and not credential.startswith(TEMPORARY)):
            return False
        if not self._profiles.knew_network(made.actor, view.geo.place(made.ip).network, made.at):
            return False
        return state.joined.setdefault(actor, network) == network

    def _is_strange(self, network: str, at: int) -> bool:
        first, _ = self._profiles.networks.get(network, (at, 0))
        return first + REMEMBERED_US > at


def forget(state: Places, at: int) -> None:
    """Drop what counts no more at an instant (µs)."""
    for key in [key for key, said_at in state.said.items() if said_at < at - REMEMBERED_US]:
        del state.said[key]
    known = {key.partition(" ")[0] for key in state.said}
    for user in [user for user in state.joined if user not in known]:
        del state.joined[user]


def _why(actor: str, issue: Issue, made: str, used: str) -> str:
    if actor == issue.actor:
        return f"{actor} uses from {used} a credential that it got on {made}."
    return f"{actor} is used from {used}; {issue.actor} made or took that credential on {made}."
