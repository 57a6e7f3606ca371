"""A step's events, with what several detectors ask of them worked out once.

Derived words (the network of an address, the family of a user agent, the kind of an action) are
found once per distinct word and then looked up by number, as everything in FOLLOW.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from detectors.deeds import CLOUD, Deed, deed
from tocsin.geo import Geo, Place
from tocsin.lineage import KEY, Lineage, named
from tocsin.model.agents import hand
from tocsin.model.columns import Bools, Columns, Int32s, Interner
from tocsin.model.events import DAY_US, ActorKind
from tocsin.model.lots import together

Rows = npt.NDArray[np.intp]

PEOPLE = (ActorKind.PERSON, ActorKind.USER, ActorKind.ROOT)
"""Kinds of actors behind which a person, or a person's program, stands."""

STRANGE_US = 7 * DAY_US
"""A network the house had never seen ties findings together for so long."""

BY_HAND = ("cli", "other", "")
"""Clients, beside any script's, that are used by hand."""

NOBODY = (ActorKind.SERVICE, ActorKind.ANONYMOUS, ActorKind.UNKNOWN, ActorKind.ACCOUNT)
"""Kinds of actors that have no habits of their own: AWS itself, strangers."""


@dataclass
class View:
    """One step's events, in judging order, each id once.

    Attributes:
        events: They.
        geo: What is known of addresses.
        lineage: Who became whom, up to and with these events.
        strange: Networks new to the house: network → its first instant, µs. FirstSeen fills it.
    """

    events: Columns
    geo: Geo
    lineage: Lineage
    strange: dict[str, int] = field(default_factory=dict)
    _issued: dict[tuple[int, int], bool] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.events)

    @cached_property
    def day(self) -> npt.NDArray[np.int64]:
        """(n,) int64: the UTC day of each row, counted from 1970."""
        return self.events.at // DAY_US

    @cached_property
    def places(self) -> list[Place]:
        """What is known of each word of ``ip``."""
        return [self.geo.place(word) for word in self.events.word["ip"]]

    @cached_property
    def network(self) -> tuple[list[str], Int32s]:
        """Words and (n,) codes of the networks; "" where the call did not come over one."""
        known = ("public", "private")
        names = [place.network if place.kind in known else "" for place in self.places]
        return self._derived("ip", lambda number, _: names[number])

    @cached_property
    def hand(self) -> tuple[list[str], Int32s]:
        """Words and (n,) codes of the user agents' families."""
        return self._derived("user_agent", lambda _, word: hand(word))

    @cached_property
    def by_hand(self) -> Bools:
        """(n,) bool: a client speaks that is used by hand, as programs of the house rarely are."""
        words, codes = self.hand
        table = np.fromiter((w in BY_HAND or w.startswith("script") for w in words), np.bool_)
        return table[codes] if len(table) else np.zeros(len(self), np.bool_)

    @cached_property
    def deed(self) -> tuple[list[str], Int32s]:
        """Words and (n,) codes of ``service:kind of deed``."""
        e = self.events
        width = {name: max(1, len(e.word[name])) for name in ("source", "service", "action")}
        key = (e.code["source"].astype(np.int64) * width["service"] + e.code["service"]) * width[
            "action"
        ] + e.code["action"]
        distinct, number = np.unique(key, return_inverse=True)
        words, table = Interner(), np.zeros(len(distinct), np.int32)
        for at, combined in enumerate(distinct.tolist()):
            rest, action = divmod(combined, width["action"])
            source, service = divmod(rest, width["service"])
            name = e.word["service"][service]
            kind = deed(e.word["source"][source], name, e.word["action"][action])
            table[at] = words[f"{name}:{kind}"]
        return list(words), table[number]

    def with_deed(self, *kinds: Deed) -> Bools:
        """Return (n,) bool: the rows whose deed is of one of these kinds."""
        words, codes = self.deed
        table = np.fromiter((word.rpartition(":")[2] in kinds for word in words), np.bool_)
        return table[codes] if len(table) else np.zeros(len(self), np.bool_)

    def deed_of(self, row: int) -> str:
        """Return the kind of one row's deed."""
        words, codes = self.deed
        return words[int(codes[row])].rpartition(":")[2]

    @cached_property
    def succeeded(self) -> Bools:
        """(n,) bool: what was asked happened."""
        return self.events.rows_with("outcome", ("success",))

    @cached_property
    def in_cloud(self) -> Bools:
        """(n,) bool: what was asked was asked of AWS."""
        return self.events.rows_with("source", (CLOUD,))

    @cached_property
    def of_somebody(self) -> Bools:
        """(n,) bool: somebody acts who has habits of its own."""
        return ~self.by_service & ~self.events.rows_with("actor_kind", NOBODY)

    @cached_property
    def by_service(self) -> Bools:
        """(n,) bool: AWS acts, by itself or on behalf of somebody: no one's habit."""
        nowhere: Bools = self.network[1] == self.nowhere
        return self.events.rows_with("actor_kind", (ActorKind.SERVICE,)) | (self.in_cloud & nowhere)

    @cached_property
    def nowhere(self) -> int:
        """The code of the network of calls that came over none, -1 if there are no such."""
        words = self.network[0]
        return words.index("") if "" in words else -1

    def groups(self, rows: Rows, *codes: Int32s) -> list[Rows]:
        """Return ``rows`` grouped by equal codes, each group and the groups in order of rows."""
        order, starts = together([code[rows] for code in codes])
        ordered, ends = rows[order], np.append(starts[1:], len(rows))
        by_first = np.argsort(order[starts])
        spans = zip(starts[by_first].tolist(), ends[by_first].tolist(), strict=True)
        return [ordered[start:end] for start, end in spans]

    def firsts(self, rows: Rows, *codes: Int32s) -> Rows:
        """Return, in order, the first of ``rows`` for each combination of codes and day."""
        day = (self.day - self.day[0]).astype(np.int32) if len(self) else np.zeros(0, np.int32)
        order, starts = together([code[rows] for code in (*codes, day)])
        return rows[np.sort(order[starts])]

    @cached_property
    def spelled(self) -> dict[str, list[str]]:
        """Every actor here as the lineage has it → how records spell it, with its path."""
        found = dict[str, list[str]]()
        for word in self.events.word["actor"]:
            found.setdefault(named(word), []).append(word)
        return found

    def origin(self, row: int) -> str:
        """Return the actor at the beginning of the chain that acts in a row."""
        e = self.events
        if not self._is_issued(row):
            return e.text("actor", row)
        return self.lineage.origin(e.text("actor", row), e.text("credential", row), int(e.at[row]))

    def by_origin(self, rows: Rows) -> dict[str, Rows]:
        """Return ``rows`` by the actor at the beginning of the chain that acts in them."""
        e, found = self.events, dict[str, list[int]]()
        for group in self.groups(rows, e.code["actor"], e.code["credential"]):
            if not self._is_issued(int(group[0])):
                found.setdefault(e.text("actor", int(group[0])), []).extend(group.tolist())
                continue
            for row in group.tolist():  # by whom it was issued depends on the instant
                found.setdefault(self.origin(row), []).append(row)
        return {origin: np.array(sorted(its), np.intp) for origin, its in found.items()}

    def _is_issued(self, row: int) -> bool:
        """Return whether anything is known of how a row's credential or identity came about."""
        e = self.events
        pair = (e.code["actor"].item(row), e.code["credential"].item(row))
        known = self._issued.get(pair)
        if known is None:
            actor, credential = e.text("actor", row), e.text("credential", row)
            known = self._issued[pair] = self.lineage.is_issued(actor, credential)
        return known

    def entities(self, row: int) -> tuple[str, ...]:
        """Return what ties a row to others: its chain, its credential, what it brought about."""
        e = self.events
        found = []
        kind, actor = e.text("actor_kind", row), e.text("actor", row)
        if kind not in NOBODY:
            found.append(f"actor:{named(self.origin(row))}")
        elif kind == ActorKind.ACCOUNT:
            found.append(f"actor:{actor}")
        if credential := e.text("credential", row):
            found.append(f"{KEY}{credential}")
        issued = e.text("issued", row)
        if issued and e.text("outcome", row) == "success":
            found.append(issued if issued.startswith(KEY) else f"actor:{named(issued)}")
        network = self.network_of(row) if bool(self.succeeded[row]) else ""
        if network in self.strange and 0 <= int(e.at[row]) - self.strange[network] <= STRANGE_US:
            found.append(f"network:{network}")
        return tuple(found)

    def network_of(self, row: int) -> str:
        """Return the network a row came from, "" where it came over none."""
        words, codes = self.network
        return words[codes.item(row)]

    def hand_of(self, row: int) -> str:
        """Return the family of the user agent of a row."""
        words, codes = self.hand
        return words[codes.item(row)]

    def _derived(self, column: str, say: Callable[[int, str], str]) -> tuple[list[str], Int32s]:
        words = Interner()
        table = np.fromiter(
            (words[say(number, word)] for number, word in enumerate(self.events.word[column])),
            np.int32,
        )
        codes = self.events.code[column]
        return list(words), table[codes] if len(table) else codes
