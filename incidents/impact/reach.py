"""Whose acts count as the attack's.

Within an incident, events hang together by credential, by address, and by what brought what into
being. What hangs together with the bulk of the incident is the attack's doing. A few events that
only a common role ties to it may be somebody's honest work: they make customers possible, not
confirmed. Who comes from outside, without credentials of ours, has no honest work here.

From there on: a credential that came into being within the attack is its own, and everything it did
counts. One that the attack used beside its owner counts from the addresses the attack came from;
from elsewhere it may have been the owner, and so it may where the incident has hardly an event of
it: a morning's honest work from the address of the evening. Acts without a credential count by
actor and address. What is only loosely tied is not followed any further.
What a person names as the attack's counts wherever it came from.

Pure. The caller looks up events and hands them in, until nothing new is learned.

Source: ``tocsin.lineage``, for what ``issued`` holds.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec
import numpy as np

from tocsin.lineage import KEY
from tocsin.model.columns import Bools, Columns
from tocsin.model.events import ActorKind, Outcome

Addresses = dict[str, set[str]]

FROM_OUTSIDE = (ActorKind.ANONYMOUS, ActorKind.ACCOUNT)

BULK = 20
"""What has at least one event for so many of the largest part is a part of the attack itself."""


class Reach(msgspec.Struct):
    """What is known of an attack's means.

    Attributes:
        own: Credentials that the attack made.
        shared: Other credentials it used → addresses from which all they did counts.
        nameless: Actors that used none → addresses.
        loose: Credentials in the incident that only a common role ties to it.
        named: Identities and keys that a person says are the attack's: all they did counts.
    """

    own: set[str] = msgspec.field(default_factory=set)
    shared: Addresses = msgspec.field(default_factory=dict)
    nameless: Addresses = msgspec.field(default_factory=dict)
    loose: set[str] = msgspec.field(default_factory=set)
    named: set[str] = msgspec.field(default_factory=set)

    def begin(self, events: Columns) -> None:
        """Learn from the incident's events: who came from where, and what they made."""
        bulk = _bulk(events)
        rows = np.flatnonzero(bulk).tolist()
        counts = Counter(events.text("credential", row) for row in rows)
        del counts[""]
        most = max(counts.values(), default=0)
        makers = {events.text("credential", r) for r in rows if events.text("issued", r)}
        for row in rows:
            credential, ip = events.text("credential", row), events.text("ip", row)
            if credential:
                addresses = self.shared.setdefault(credential, set())
                if credential in makers or counts[credential] * BULK >= most:
                    addresses.add(ip)
            else:
                self.nameless.setdefault(events.text("actor", row), set()).add(ip)
        for row in np.flatnonzero(~bulk).tolist():
            self.loose.add(events.text("credential", row))
        self.loose -= {"", *self.shared}
        self.learn(events, bulk)

    def belongs(self, names: Iterable[str]) -> None:
        """Take in that everything under these names is the attack's doing."""
        self.named.update(name for name in names if name)  # "" is whoever used no credential
        self.loose -= self.named
        for name in self.named:
            self.shared.pop(name, None)
            self.nameless.pop(name, None)

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
        self.loose -= new
        for credential in new:
            self.shared.pop(credential, None)
        return bool(new)

    def certain(self, events: Columns) -> Bools:
        """Return (n,) bool: the rows that are the attack's doing."""
        return (
            events.rows_with("credential", self.own | self.named)
            | events.rows_with("actor", self.named)
            | _pairs(events, "credential", self.shared)
            | (events.rows_with("credential", ("",)) & _pairs(events, "actor", self.nameless))
        )

    def perhaps(self, events: Columns) -> Bools:
        """Return (n,) bool: what its credentials did where their owners may have been."""
        return events.rows_with("credential", self.shared) & ~self.certain(events)

    def loosely(self, events: Columns) -> Bools:
        """Return (n,) bool: what credentials did that only a common role ties to the attack."""
        return events.rows_with("credential", self.loose) & ~events.rows_with("actor", self.named)

    def credentials(self) -> list[str]:
        """Return every credential to look for."""
        return sorted({*self.own, *self.shared, *self.named})


def _bulk(events: Columns) -> Bools:
    """Return (n,) bool: the rows of the parts that the incident mainly consists of."""
    parts = _Parts()
    first = []
    for row in range(len(events)):
        credential, ip = events.text("credential", row), events.text("ip", row)
        by = ("credential", credential) if credential else ("actor", events.text("actor", row))
        if ip:
            parts.tie(by, ("ip", ip))
        issued = events.text("issued", row)
        if issued.startswith(KEY):
            parts.tie(by, ("credential", issued.removeprefix(KEY)))
        first.append(by)
    roots = [parts.root(node) for node in first]
    sizes = Counter(roots)
    largest = max(sizes.values(), default=0)
    bulk = np.fromiter((sizes[root] * BULK >= largest for root in roots), np.bool_, len(roots))
    outside = events.rows_with("actor_kind", FROM_OUTSIDE)
    return (bulk | outside) & ~events.rows_with("actor_kind", (ActorKind.SERVICE,))


Node = tuple[str, str]


class _Parts:
    """Which nodes hang together."""

    def __init__(self) -> None:
        self._above = dict[Node, Node]()

    def root(self, node: Node) -> Node:
        while (above := self._above.get(node, node)) != node:
            node = self._above[node] = self._above.get(above, above)
        return node

    def tie(self, one: Node, other: Node) -> None:
        self._above[self.root(one)] = self.root(other)


def _pairs(events: Columns, field: str, known: Mapping[str, Iterable[str]]) -> Bools:
    found = np.zeros(len(events), np.bool_)
    for word, addresses in known.items():
        found |= events.rows_with(field, (word,)) & events.rows_with("ip", addresses)
    return found
