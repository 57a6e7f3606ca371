"""One temporary credential, used from two unrelated networks within its life.

A session's key lives for hours and belongs to one machine or one person. A machine does not change
its client, wherever its calls leave the house; a person moves, with the same client in hand. So
another network together with another kind of client is a sign, and an alarm for a machine whose
programs give way to a person's client. Another network alone is one for a machine only where Geo
knows that it belongs to somebody else, and for a person a weak one where it lies in another
country. Nothing needs to be learned for it.

A machine often speaks from inside the house, which is no network to compare with. Where its
credential then speaks from outside as well, and by another client that no program is, that is a
question; whoever works by hand on the machine itself is known by an earlier day.

Related, and no other network: the same autonomous system, Amazon's among each other, one block of
/16 where the system is unknown, IPv4 beside IPv6 there. AWS itself and its cloud shell do not
count, nor does a network or client that the actor had on a day before.

Source: MITRE ATT&CK T1550.001, T1552.005; GuardDuty's InstanceCredentialExfiltration; AWS STS API
Reference (a session lives 36 hours at most).
"""

import ipaddress
from typing import NamedTuple

import msgspec
import numpy as np

from detectors.base import said
from detectors.first_seen import OF_PEOPLE, Profiles
from detectors.view import View
from tocsin.geo import prefix_of
from tocsin.model.events import HOUR_US, ActorKind
from tocsin.model.findings import Finding, Level

TWO_NETWORKS = "temporary-credential-in-two-networks"

LIFE_US = 36 * HOUR_US

TEMPORARY = "ASIA"

MOST = 8
"""So many networks and clients of one credential are kept; who has more moves all the time."""

SHELL = "cloudshell"

TOLD = ("public", "private")
"""Kinds of addresses that say where a call came from."""

INSIDE = "inside the house"

AMAZON = frozenset({"AS16509", "AS14618", "AS8987"})


class Block(NamedTuple):
    """What is known of a network: its system and country, "" if unknown, and its block."""

    system: str
    country: str
    prefix: str


class Session(msgspec.Struct):
    """Where one credential was used.

    Attributes:
        first: Its first use, µs.
        home: Network in which it was used first, and those related to it.
        hands: Kinds of clients there, and inside the house.
        inside: It was used from an address inside the house.
        away: Other networks → the level at which that was said; -1 if it was not.
    """

    first: int
    home: dict[str, Block] = {}
    hands: list[str] = []
    away: dict[str, int] = {}
    inside: bool = False

    def meet(self, hand: str) -> None:
        """Take in a kind of client that belongs to it."""
        if hand not in self.hands and len(self.hands) < MOST:
            self.hands.append(hand)


class Sessions(msgspec.Struct):
    """Credential → where it was used."""

    sessions: dict[str, Session] = {}


class Twice:
    """Finds temporary credentials that are used from two places."""

    id = TWO_NETWORKS
    state = Sessions

    def __init__(self, profiles: Profiles) -> None:
        """Take what is known of actors, already brought up to date."""
        self._profiles = profiles

    def follow(self, state: Sessions, view: View) -> list[Finding]:
        """See :class:`detectors.base.Detector`."""
        e, found = view.events, list[Finding]()
        keys = [word for word in e.word["credential"] if word.startswith(TEMPORARY)]
        told = np.fromiter((place.kind in TOLD for place in view.places), np.bool_)
        shells = [word for word in e.word["user_agent"] if SHELL in word.lower()]
        rows = np.flatnonzero(
            e.rows_with("credential", keys)
            & ~e.rows_with("user_agent", shells)
            & view.of_somebody
            & (told[e.code["ip"]] if len(told) else False)
        )
        for row in view.firsts(rows, e.code["credential"], view.network[1], view.hand[1]).tolist():
            finding = self._look(state, view, row)
            found.extend([finding] if finding is not None else ())
        return found

    def _look(self, state: Sessions, view: View, row: int) -> Finding | None:
        e, at, actor = view.events, int(view.events.at[row]), view.events.text("actor", row)
        network, hand = view.network_of(row), view.hand_of(row)
        session = state.sessions.get(e.text("credential", row))
        if session is None or at > session.first + LIFE_US:
            session = state.sessions[e.text("credential", row)] = Session(at)
        if view.places[int(e.code["ip"][row])].kind == "private":
            session.inside = True
            session.meet(hand)
            return None
        block = _block(view, row)
        new = hand not in session.hands and not self._profiles.knew("hand", actor, hand, at)
        out = new and session.inside and _is_no_program(view, row)
        if session.home or not out:
            related = any(_related(block, home) for home in session.home.values())
            if related or not session.home:
                if len(session.home) < MOST:
                    session.home[network] = block
                session.meet(hand)
                return None
        known = session.away.get(network, -1)
        if (known < 0 and len(session.away) >= MOST) or self._profiles.knew(
            "network", actor, network, at
        ):
            return None
        level = _level(view, row, session, block, new=new)
        session.away[network] = max(known, level)
        if level <= known:
            return None
        places = " and ".join(session.home) or INSIDE
        return said(
            view,
            [row],
            rule=self.id,
            title="Temporary credential used in two places",
            level=Level(level),
            tactics=("initial-access", "lateral-movement"),
            why=f"{actor} used one temporary credential from {places} and "
            f"from {network}" + (f", there with {hand or 'a nameless client'}." if new else "."),
        )


def _level(view: View, row: int, session: Session, block: Block, *, new: bool) -> int:
    """Return how urgent it is that a credential is used elsewhere, -1 for not at all."""
    if not session.home:
        return Level.MEDIUM
    apart = [_apart(block, home) for home in session.home.values()]
    if _is_machine(view, row, session):
        somebody_else = all("system" in how or "country" in how for how in apart)
        lent = view.events.text("actor_kind", row) == ActorKind.WORKLOAD
        if new and (lent or somebody_else) and not view.hand_of(row).startswith("sdk"):
            return Level.HIGH
        return Level.MEDIUM if new or somebody_else else -1
    if new:
        return Level.LOW if any("same country" in how for how in apart) else Level.MEDIUM
    return Level.LOW if all("country" in how for how in apart) else -1


def _is_no_program(view: View, row: int) -> bool:
    """Return whether a machine's credential speaks by another client than programs have."""
    lent = view.events.text("actor_kind", row) == ActorKind.WORKLOAD
    return lent and not view.hand_of(row).startswith("sdk")


def _is_machine(view: View, row: int, session: Session) -> bool:
    """Return whether a credential belongs to a machine: lent to one, or used by programs alone."""
    e = view.events
    kind, actor = e.text("actor_kind", row), e.text("actor", row)
    if kind != ActorKind.ROLE:
        return kind == ActorKind.WORKLOAD
    return view.origin(row) == actor and OF_PEOPLE.isdisjoint(session.hands)


def _apart(one: Block, other: Block) -> set[str]:
    """Return in what two networks are known to differ, or to be alike."""
    found = set[str]()
    if one.country and other.country:
        found.add("same country" if one.country == other.country else "country")
    if one.system and other.system:
        found.add("system")
    return found


def _related(one: Block, other: Block) -> bool:
    if one.system and other.system:
        return one.system == other.system or {one.system, other.system} <= AMAZON
    return one.prefix == other.prefix or (":" in one.prefix) != (":" in other.prefix)


def _block(view: View, row: int) -> Block:
    place = view.places[int(view.events.code["ip"][row])]
    try:
        ip = ipaddress.ip_address(view.events.text("ip", row))
    except ValueError:  # an impossible address is a network of its own
        return Block("", place.country, place.network)
    bits = 16 if ip.version == 4 else 32  # noqa: PLR2004 - the protocol's number
    system = place.network if place.network.startswith("AS") else ""
    return Block(system, place.country, prefix_of(ip, bits))


def forget(state: Sessions, at: int) -> None:
    """Drop what counts no more at an instant (µs)."""
    for key in [key for key, session in state.sessions.items() if session.first < at - LIFE_US]:
        del state.sessions[key]
