"""Guessed passwords: many failed sign-ins from one network or for one actor, then one that works.

Failed sign-ins alone are the weather of the internet and never a finding that matters. It is the
success after them that counts.

Source: MITRE ATT&CK T1110.003 (password spraying), T1110.004 (credential stuffing).
"""

import msgspec
import numpy as np

from detectors.base import said
from detectors.deeds import Deed
from detectors.view import View
from tocsin.model.events import HOUR_US
from tocsin.model.findings import Finding, Level

WITHIN_US = 12 * HOUR_US
ACTORS, TIMES = 5, 10
"""So many different names, or so many failures in all, from one network."""

MOST_IDS = 200


class Failures(msgspec.Struct):
    """Failed sign-ins from one network: the last instant (µs), names tried, and events."""

    last: int
    names: list[str]
    ids: list[str]
    count: int = 0


class Guesses(msgspec.Struct):
    """Network → failures."""

    networks: dict[str, Failures] = {}


class Guessing:
    """Finds a sign-in that works after many from the same network did not."""

    id = "guessed-password"
    state = Guesses

    def follow(self, state: Guesses, view: View) -> list[Finding]:
        """See :class:`detectors.base.Detector`."""
        e, found = view.events, list[Finding]()
        signs = view.with_deed(Deed.SIGN_IN)
        failed = np.flatnonzero(signs & e.rows_with("reason", ("auth",)))
        networks = {view.network_of(row) for row in failed.tolist()} | set(state.networks)
        words, codes = view.network
        among = np.fromiter((word in networks and word != "" for word in words), np.bool_)
        worked = signs & view.succeeded & (among[codes] if len(among) else False)
        for row in np.union1d(failed, np.flatnonzero(worked)).tolist():
            if e.text("outcome", row) != "success":
                self._fail(state, view, row)
                continue
            network, at = view.network_of(row), int(e.at[row])
            failures = state.networks.get(network)
            if failures is None or at - failures.last > WITHIN_US:
                continue
            if len(failures.names) < ACTORS and failures.count < TIMES:
                continue
            del state.networks[network]
            found.append(
                said(
                    view,
                    [row],
                    rule=self.id,
                    title="Sign-in after many failed ones",
                    level=Level.MEDIUM,
                    tactics=("credential-access", "initial-access"),
                    earlier=tuple(failures.ids),
                    why=f"{e.text('actor', row)} signed in from {network} after "
                    f"{failures.count} failures for {len(failures.names)} names from there.",
                )
            )
        return found

    def _fail(self, state: Guesses, view: View, row: int) -> None:
        network, at = view.network_of(row), int(view.events.at[row])
        if not network:
            return
        known = state.networks.get(network)
        if known is None or at - known.last > WITHIN_US:
            known = state.networks[network] = Failures(at, [], [])
        known.last, known.count = at, known.count + 1
        name = view.events.text("actor", row)
        if name not in known.names and len(known.names) < MOST_IDS:
            known.names.append(name)
        if len(known.ids) < MOST_IDS:
            known.ids.append(view.events.event_id(row))


def forget(state: Guesses, at: int) -> None:
    """Drop what counts no more at an instant (µs)."""
    for network in [n for n, f in state.networks.items() if f.last < at - WITHIN_US]:
        del state.networks[network]
