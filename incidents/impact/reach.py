"""Whose acts count as the attack's.

A credential that came into being within the attack is its own: everything it did counts. One that
the attack used beside its owner counts where it was used from an address the attack came from;
from elsewhere it may have been the owner. Acts without a credential count by actor and address.

Pure. The caller looks up events and hands them in, until nothing new is learned.

Source: ``tocsin.lineage``, for what ``issued`` holds.
"""

from collections.abc import Iterable, Mapping

import msgspec
import numpy as np

from tocsin.lineage import KEY
from tocsin.model.columns import Bools, Columns
from tocsin.model.events import ActorKind, Outcome

Addresses = dict[str, set[str]]


class Reach(msgspec.Struct):
    """What is known of an attack's means.

    Attributes:
        own: Credentials that the attack made.
        shared: Other credentials it used → addresses it used them from.
        nameless: Actors that used none → addresses.
    """

    own: set[str] = msgspec.field(default_factory=set)
    shared: Addresses = msgspec.field(default_factory=dict)
    nameless: Addresses = msgspec.field(default_factory=dict)

    def begin(self, events: Columns) -> None:
        """Learn from the incident's events: who came from where, and what they made."""
        by_themselves = events.rows_with("actor_kind", (ActorKind.SERVICE,))
        for row in np.flatnonzero(~by_themselves).tolist():
            credential, ip = events.text("credential", row), events.text("ip", row)
            if credential:
                self.shared.setdefault(credential, set()).add(ip)
            else:
                self.nameless.setdefault(events.text("actor", row), set()).add(ip)
        self.learn(events, ~by_themselves)

    def learn(self, events: Columns, rows: Bools) -> bool:
        """Learn the credentials that these rows brought into being; return whether any is new."""
        made = rows & events.rows_with("outcome", (Outcome.SUCCESS,))
        made &= ~events.rows_with("issued", ("",))
        new = {
            word.removeprefix(KEY)
            for row in np.flatnonzero(made).tolist()
            if (word := events.text("issued", row)).startswith(KEY)
        } - self.own
        self.own |= new
        for credential in new:
            self.shared.pop(credential, None)
        return bool(new)

    def certain(self, events: Columns) -> Bools:
        """Return (n,) bool: the rows that are the attack's doing."""
        return (
            events.rows_with("credential", self.own)
            | _pairs(events, "credential", self.shared)
            | (events.rows_with("credential", ("",)) & _pairs(events, "actor", self.nameless))
        )

    def perhaps(self, events: Columns) -> Bools:
        """Return (n,) bool: the rows that may be the attack's or the owner's doing."""
        return events.rows_with("credential", self.shared) & ~self.certain(events)

    def credentials(self) -> list[str]:
        """Return every credential to look for."""
        return sorted({*self.own, *self.shared})


def _pairs(events: Columns, field: str, known: Mapping[str, Iterable[str]]) -> Bools:
    found = np.zeros(len(events), np.bool_)
    for word, addresses in known.items():
        found |= events.rows_with(field, (word,)) & events.rows_with("ip", addresses)
    return found
