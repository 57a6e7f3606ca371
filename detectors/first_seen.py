"""An actor does, or comes from, what it never did before: network, client, region, kind of deed.

One such thing is news and no incident: people travel and get new computers. They add up, with each
other and with what the rules say (``incidents.grouping``). Nothing is new for an actor that is new
itself, or that changes in this respect all the time; so there is a learning period, and a count.

Source: first-seen detection as known from Sentinel UEBA, Elastic new-terms rules and GuardDuty's
profiles; the region of a sign-in says nothing (AWS CloudTrail User Guide, "AWS Management Console
sign-in events"), nor that of a global service.
"""

from collections.abc import Iterator

import msgspec
import numpy as np

from detectors.base import said
from detectors.deeds import Deed
from detectors.view import STRANGE_US, View
from tocsin.model.events import DAY_US, ActorKind
from tocsin.model.findings import Finding, Level

FORGOTTEN_DAYS = 90
"""A value not seen for so long is new again."""

RESTLESS, RESTLESS_DAYS = 3, 14
"""Who got so many new values in so many days gets new ones all the time."""


WEIGHTY = (Deed.TAKE, Deed.GRANT, Deed.DESTROY)
"""The kinds of deed whose first time counts in any service."""

WEIGHTY_SERVICES = frozenset(
    {"iam", "sso", "kms", "secretsmanager", "ssm", "cloudtrail", "guardduty", "config"}
    | {"organizations", "lambda", "rds", "dynamodb", "backup"}
)
"""Services in which the first change of anything counts."""

PLACELESS = frozenset({"iam", "sts", "signin", "sso", "organizations", "cloudfront", "route53"})
"""Services whose records lie in a region that says nothing."""

ELSEWHERE = "credential-elsewhere"
"""Rule of the findings that a program's credential is used from a network that nobody of the house
ever used, or from a new network by a new kind of client."""

FEW = 2
"""A program's credential comes from so few networks that another one is an alarm."""

OF_PEOPLE = frozenset({"cli", "console", "browser", "terraform", ""})
"""A role that was ever used by these is taken by people, who come from anywhere."""

TITLES = {
    "network": ("First use from a network", "initial-access"),
    "hand": ("First use of a kind of client", "initial-access"),
    "region": ("First activity in a region", "defense-evasion"),
    "deed": ("First time of a kind of deed", "discovery"),
}
SENTENCES = {
    "network": "{actor} came from {value} for the first time; for {days} days from {known}.",
    "hand": "{actor} used {value} for the first time in {days} days; until now {known}.",
    "region": "{actor} acted in {value} for the first time in {days} days; until now in {known}.",
    "deed": "{actor} did {value} for the first time in {days} days of activity.",
}


class Trait(msgspec.Struct):
    """The values of one actor in one respect: value → the days it was first and last seen."""

    seen: dict[str, tuple[int, int]] = {}

    def is_restless(self, day: int) -> bool:
        """Return whether new values are nothing new."""
        recent = 0
        for first, _ in reversed(self.seen.values()):  # the newest come last: soon enough of them
            recent += first > day - RESTLESS_DAYS
            if recent >= RESTLESS:
                return True
        return False


class Profile(msgspec.Struct):
    """One actor.

    Attributes:
        first: Its first day.
        days: Its active days, the last of them.
        traits: Respect → what was seen.
        settled: The day on which it had been active on enough days, -1 before.
    """

    first: int
    days: list[int]
    traits: dict[str, Trait] = {}
    settled: int = -1

    def is_learned(self, day: int, learning_days: int, active_days: int) -> bool:
        """Return whether enough was known of it, before a day, for something to be new."""
        settled = active_days == 0 or 0 <= self.settled < day
        return day - self.first >= learning_days and settled


class Profiles(msgspec.Struct):
    """What is known of every actor, and of the house as a whole.

    Attributes:
        actors: Actor → profile.
        networks: Networks from which the house's own people and programs worked: network → the
            instant (µs) it was first seen, and the last day.
        first: The first instant of all, µs.
    """

    actors: dict[str, Profile] = {}
    networks: dict[str, tuple[int, int]] = {}
    first: int = -1

    def knew_network(self, actor: str, network: str, at: int) -> bool:
        """Return whether an actor came from a network on a day before an instant (µs)."""
        return self.knew("network", actor, network, at)

    def knew(self, respect: str, actor: str, value: str, at: int) -> bool:
        """Return whether an actor had a value in one respect on a day before an instant (µs)."""
        profile, day = self.actors.get(actor), at // DAY_US
        if profile is None or respect not in profile.traits:
            return False
        return profile.traits[respect].seen.get(value, (day, 0))[0] < day


class FirstSeen:
    """Finds the first time of a value for an actor that is known well enough."""

    id = "first-seen"
    state = Profiles

    def __init__(self, learning_days: int = 7, active_days: int = 3) -> None:
        """Set how long an actor is learned.

        Args:
            learning_days: Days since it was first seen.
            active_days: Days on which it was active before.
        """
        self._learning_days, self._active_days = learning_days, active_days

    def follow(self, state: Profiles, view: View) -> list[Finding]:
        """See :class:`detectors.base.Detector`."""
        if not len(view):
            return []
        if state.first < 0:
            state.first = int(view.events.at[0])
        found = list[Finding]()
        for row, respects in self._rows(view):
            actor, day = view.events.text("actor", row), view.day.item(row)
            profile = state.actors.get(actor)
            if profile is None:
                profile = state.actors[actor] = Profile(day, [])
            for respect, value in respects:
                finding = self._look(state, profile, view, row, respect=respect, value=value)
                found.extend([finding] if finding is not None else ())
            if not profile.days or profile.days[-1] < day:
                profile.days.append(day)
                del profile.days[: -4 * self._active_days]
                if profile.settled < 0 and len(profile.days) >= self._active_days:
                    profile.settled = day
            if network := view.network_of(row):
                at = int(view.events.at[row])
                state.networks[network] = (state.networks.get(network, (at, day))[0], day)
        recent = int(view.events.at[0]) - STRANGE_US
        since = max(state.first + self._learning_days * DAY_US, recent + 1)
        view.strange.update(
            (network, first) for network, (first, _) in state.networks.items() if first >= since
        )
        return found

    def _rows(self, view: View) -> Iterator[tuple[int, list[tuple[str, str]]]]:
        """Yield the rows that may bring something new, in order, each with what it shows."""
        e = view.events
        rows = np.flatnonzero(view.succeeded & view.of_somebody)
        actor = e.code["actor"]
        weighty = view.with_deed(*WEIGHTY) | (
            view.with_deed(Deed.CHANGE) & e.rows_with("service", WEIGHTY_SERVICES)
        )
        anywhere = e.rows_with("service", PLACELESS) | e.rows_with("region", ("",))
        regions = (list(e.word["region"]), e.code["region"])
        shows = dict[int, list[tuple[str, str]]]()
        for respect, (words, codes), among in (
            ("network", view.network, rows),
            ("hand", view.hand, rows),
            ("region", regions, rows[~anywhere[rows]]),
            ("deed", view.deed, rows[weighty[rows]]),
        ):
            firsts = view.firsts(among, actor, codes)
            for row, code in zip(firsts.tolist(), codes[firsts].tolist(), strict=True):
                shows.setdefault(row, []).append((respect, words[code]))
        for row in view.firsts(rows, actor).tolist():
            shows.setdefault(row, [])
        yield from sorted(shows.items())

    def _look(
        self, state: Profiles, profile: Profile, view: View, row: int, *, respect: str, value: str
    ) -> Finding | None:
        day = view.day.item(row)
        trait = profile.traits.get(respect)
        if trait is None:
            trait = profile.traits[respect] = Trait()
        first, last = trait.seen.get(value, (-1, -1))
        if not value or (first >= 0 and day - last <= FORGOTTEN_DAYS):
            trait.seen[value] = (first if first >= 0 else day, day)
            return None
        told = profile.is_learned(day, self._learning_days, self._active_days)
        told = told and (respect == "deed" or not trait.is_restless(day))
        known = sorted(trait.seen) if told else []
        trait.seen[value] = (day, day)
        if not told:
            return None
        if view.events.text("actor_kind", row) == ActorKind.WORKLOAD and respect == "deed":
            return None  # a deployment teaches a program new things
        title, tactic = TITLES[respect]
        alarming = respect == "network" and len(known) <= FEW
        alarming = alarming and _is_odd(state, profile, view, row)
        alarming = alarming and _is_program(profile, view, row)
        return said(
            view,
            [row],
            rule=ELSEWHERE if alarming else f"{self.id}-{respect}",
            title="Credential used from elsewhere in another way" if alarming else title,
            level=Level.MEDIUM if alarming else Level.LOW,
            tactics=(tactic,),
            why=SENTENCES[respect].format(
                actor=view.events.text("actor", row),
                value=value.replace(":", " ") if respect == "deed" else value,
                days=day - profile.first,
                known=_listed([name for name in known if name]),
            ),
        )


def _is_odd(state: Profiles, profile: Profile, view: View, row: int) -> bool:
    """Return whether nobody of the house was ever in a row's network, or its client is new."""
    # Networks come first of what a row shows, so its client is not among the known ones yet.
    hands = profile.traits.get("hand", Trait()).seen
    return view.network_of(row) not in state.networks or view.hand_of(row) not in hands


def _is_program(profile: Profile, view: View, row: int) -> bool:
    """Return whether an actor is a program, which does not move; of a role its clients tell."""
    kind = view.events.text("actor_kind", row)
    if kind != ActorKind.ROLE:
        return kind in (ActorKind.USER, ActorKind.WORKLOAD)
    day, hands = int(view.day[row]), profile.traits.get("hand", Trait()).seen
    before = {hand for hand, (first, _) in hands.items() if first < day}
    taken = view.origin(row) != view.events.text("actor", row)
    return bool(before) and OF_PEOPLE.isdisjoint(before) and not taken


def forget(state: Profiles, at: int) -> None:
    """Drop what counts no more at an instant (µs)."""
    day = at // DAY_US
    for network in [n for n, (_, last) in state.networks.items() if last < day - FORGOTTEN_DAYS]:
        del state.networks[network]
    for actor in [
        a for a, p in state.actors.items() if p.days and p.days[-1] < day - FORGOTTEN_DAYS
    ]:
        del state.actors[actor]
    for profile in state.actors.values():
        for trait in profile.traits.values():
            for value in [v for v, (_, last) in trait.seen.items() if last < day - FORGOTTEN_DAYS]:
                del trait.seen[value]


def _listed(words: list[str]) -> str:
    shown = ", ".join(words[:3])
    return f"{shown} and {len(words) - 3} more" if len(words) > 3 else shown or "nowhere"  # noqa: PLR2004
