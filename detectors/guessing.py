"""Guessed passwords: many failed sign-ins from one network or for one actor, then one that works.

Failed sign-ins alone are the weather of the internet and never a finding that matters. It is the
success after them that counts. Behind one office address many people mistype their passwords, so a
name that gets in itself is no longer one that was guessed at, and nobody is suspected who comes
from where they always are.

A user may have a path that the record of a failed sign-in does not say, so users of IAM are told
apart by partition, account and last name.

Source: AWS IAM User Guide, "IAM identifiers" (names are unique in an account, whatever the path);
MITRE ATT&CK T1110.003 (password spraying), T1110.004 (credential stuffing).
"""

import re

import msgspec
import numpy as np

from detectors.base import said
from detectors.first_seen import Profiles
from detectors.view import View
from tocsin.lineage import named
from tocsin.model.events import HOUR_US
from tocsin.model.findings import Finding, Level

WITHIN_US = 6 * HOUR_US
NAMES, TIMES = 5, 10
"""So many names that never got in, or so many failures for the one that now does."""

PASSWORD = re.compile(r"^ConsoleLogin$|log[-_.]?in|sign[-_.]?in|authenticat", re.IGNORECASE)
"""Actions for which a password is asked."""

MOST = 200
"""So many names and events are kept of one network."""


class Failures(msgspec.Struct):
    """Failed sign-ins from one network: the last instant (µs), times by name, and events."""

    last: int
    names: dict[str, int]
    ids: list[str]


class Guesses(msgspec.Struct):
    """Network → failures."""

    networks: dict[str, Failures] = {}


class Guessing:
    """Finds a sign-in that works after many from the same network did not."""

    id = "guessed-password"
    state = Guesses

    def __init__(self, profiles: Profiles) -> None:
        """Take what is known of the networks of actors, already brought up to date."""
        self._profiles = profiles

    def follow(self, state: Guesses, view: View) -> list[Finding]:
        """See :class:`detectors.base.Detector`."""
        e, found = view.events, list[Finding]()
        signs = e.rows_with("action", [word for word in e.word["action"] if PASSWORD.search(word)])
        failed = np.flatnonzero(signs & e.rows_with("reason", ("auth",)))
        networks = {view.network_of(row) for row in failed.tolist()} | set(state.networks)
        words, codes = view.network
        among = np.fromiter((word in networks and word != "" for word in words), np.bool_)
        worked = signs & view.succeeded & (among[codes] if len(among) else False)
        for row in np.union1d(failed, np.flatnonzero(worked)).tolist():
            if e.text("outcome", row) != "success":
                self._fail(state, view, row)
                continue
            finding = self._get_in(state, view, row)
            found.extend([finding] if finding is not None else ())
        return found

    def _get_in(self, state: Guesses, view: View, row: int) -> Finding | None:
        e, network, at = view.events, view.network_of(row), int(view.events.at[row])
        failures, actor = state.networks.get(network), e.text("actor", row)
        if failures is None or at - failures.last > WITHIN_US:
            return None
        tried = failures.names.pop(named(actor), 0)
        if len(failures.names) < NAMES and tried < TIMES:
            return None
        if self._profiles.knew_network(actor, network, at):
            return None
        del state.networks[network]
        names = len(failures.names) + (tried > 0)
        return said(
            view,
            [row],
            rule=self.id,
            title="Sign-in after many failed ones",
            level=Level.MEDIUM,
            tactics=("credential-access", "initial-access"),
            earlier=tuple(failures.ids),
            why=f"{actor} signed in from {network} after "
            f"{sum(failures.names.values()) + tried} failures for "
            f"{'one name' if names == 1 else f'{names} names'} from there.",
        )

    def _fail(self, state: Guesses, view: View, row: int) -> None:
        network, at = view.network_of(row), int(view.events.at[row])
        if not network:
            return
        known = state.networks.get(network)
        if known is None or at - known.last > WITHIN_US:
            known = state.networks[network] = Failures(at, {}, [])
        known.last = at
        name = named(view.events.text("actor", row))
        if name in known.names or len(known.names) < MOST:
            known.names[name] = known.names.get(name, 0) + 1
        if len(known.ids) < MOST:
            known.ids.append(view.events.event_id(row))


def forget(state: Guesses, at: int) -> None:
    """Drop what counts no more at an instant (µs)."""
    for network in [n for n, f in state.networks.items() if f.last < at - WITHIN_US]:
        del state.networks[network]
