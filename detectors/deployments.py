"""Who is a known deployment: decided by what was done on earlier days, never by a name alone.

Whoever writes infrastructure as code (Terraform, CloudFormation) opens, shuts, makes and deletes
all day what by hand would be news. The name a client gives itself is the caller's own choice, so
it teaches, and it must be there, but it lets nobody off. An actor is a *known deployment* at a
place when it worked there as such a tool

    on three earlier days, or
    on one earlier day of many deeds, if that lay in the first week of the log and nothing else
    has been seen of this actor: at the beginning nobody has three earlier days.

A role that CloudFormation took itself is known at once: AWS vouches for who called, not the agent.

The *actor* is the one at the beginning of the chain. The *place* is the network. Build machines
change theirs with every run, so a role whose session an identity provider gave by token is itself
the actor, and the token's project is its place, as long as the session stays in the network in
which it was given. What CloudFormation does in somebody's name is done from where it was told to.

A rule says with ``deployment`` what becomes of its finding then: it is put ``aside`` (low, counts
nothing, one a day is kept so that it can be seen that it was seen), or it stays at ``medium`` until
exactly this, by this actor from this place, was done on three earlier days. Rights that may be the
actor's own stay at medium whatever the rule says.

Source: AWS CloudTrail User Guide, "CloudTrail userIdentity element" (invokedBy); AWS CloudFormation
User Guide, "CloudFormation service role"; AWS IAM User Guide, "Create a role for OpenID Connect
federation" (sub).
"""

from bisect import bisect_left
from collections.abc import Iterator

import msgspec
import numpy as np

from detectors.deeds import Deed
from detectors.sigma.rule import ASIDE, Rule
from detectors.view import NOBODY, View
from tocsin.lineage import REMEMBERED_US
from tocsin.model.events import DAY_US, ActorKind
from tocsin.model.findings import Level

TOOLS = ("terraform", "cloudformation")
"""Families of user agents that deployment tools have."""

CLOUDFORMATION = "cloudformation.amazonaws.com"
"""What AWS writes as the address when CloudFormation calls; no caller can."""

ITS_SESSION = "AWSCloudFormation"
"""What CloudFormation calls its sessions of a role it was handed."""

EARLIER_DAYS = 3
"""On so many earlier days it worked as a tool, or did exactly this."""

COLD_DAYS, MANY_DEEDS = 7, 5
"""In a log's first days one earlier day will do, if so many different calls were made on it."""

REMEMBERED_DAYS = 45

PARTS = 2
"""So many parts of a token's subject name the project: ``repo:owner/name:ref:…``."""

DEPLOYMENT, HABIT = "deployment", "deployment habit"


class Days(msgspec.Struct):
    """On which days something was done, in order, and the day it was last said to be usual."""

    days: list[int] = []
    said: int = -1

    def seen(self, day: int) -> None:
        """Write down a day."""
        if not self.days or self.days[-1] < day:
            self.days.append(day)
            del self.days[:-REMEMBERED_DAYS]

    def before(self, day: int) -> int:
        """Return on how many remembered days before ``day`` it was done."""
        return bisect_left(self.days, day) - bisect_left(self.days, day - REMEMBERED_DAYS)


class Work(Days):
    """What an actor did at a place as a tool.

    Attributes:
        deeds: Different calls of the last day; no more than are needed.
        busy: The first day with many of them, -1 for none.
    """

    deeds: list[str] = []
    busy: int = -1


class Deployments(msgspec.Struct):
    """All that is remembered of deployments.

    Attributes:
        began: The day of the first event, -1 before it.
        work: Actor and place → its work there.
        done: Rule, actor and place → the days of this deed.
        others: Actor → the first day it did something that is no tool's; kept while one earlier
            day may be enough for it.
        told: Actor → where it told CloudFormation from, and the day.
    """

    began: int = -1
    work: dict[str, Work] = {}
    done: dict[str, Days] = {}
    others: dict[str, int] = {}
    told: dict[str, tuple[str, int]] = {}


class Judge:
    """Judges what rules said of one step's events, in order."""

    def __init__(self, state: Deployments, view: View) -> None:
        """Take the step's events; they are learned from as the judging comes to them."""
        self._state, self._view = state, view
        if state.began < 0:
            state.began = int(view.day[0])
        self._cloudformation = view.events.rows_with("ip", (CLOUDFORMATION,))
        words, codes = view.hand
        named = np.fromiter((word in TOOLS for word in words), np.bool_)[codes]
        self._over_network = view.network[1] != view.nowhere
        self._as_tool = self._cloudformation | (named & self._over_network)
        self._lessons = self._in_order()
        self._next = next(self._lessons, None)

    def level(self, rule: Rule, row: int) -> tuple[Level, str]:
        """Return how urgent a rule's finding about a row is, and why it does not count or ""."""
        self.learn(row)
        if not rule.deployment or not self._as_tool[row]:
            return rule.level, ""
        actor, place = self._whence(row)
        if not place:
            return rule.level, ""
        day = int(self._view.day[row])
        deed = self._state.done.setdefault(f"{rule.id} {actor} {place}", Days())
        usual = deed.before(day) >= EARLIER_DAYS
        deed.seen(day)
        if not self._is_known(actor, place, row):
            return rule.level, ""
        kept = rule.deployment != ASIDE and not self._is_of_its_own_making(row)
        if (kept or self._may_be_its_own(row)) and not usual:
            return min(rule.level, Level.MEDIUM), ""
        return min(rule.level, Level.LOW), HABIT if usual else DEPLOYMENT

    def is_said(self, rule: Rule, row: int) -> bool:
        """Return whether the day's one finding that does not count was there, and write it down."""
        deed = self._state.done[" ".join((rule.id, *self._whence(row)))]
        day = int(self._view.day[row])
        before, deed.said = deed.said, day
        return before == day

    def learn(self, row: int | None = None) -> None:
        """Learn from the events up to a row, or from all that are left."""
        while self._next is not None and (row is None or self._next <= row):
            self._learn(self._next)
            self._next = next(self._lessons, None)

    def _in_order(self) -> Iterator[int]:
        """Return the rows there is something to learn from."""
        view, e = self._view, self._view.events
        somebody = view.succeeded & ~e.rows_with("actor_kind", NOBODY)
        somebody &= view.in_cloud
        who = (e.code["actor"], e.code["credential"])
        tool = np.flatnonzero(somebody & self._as_tool & ~self._cloudformation)
        deeds = view.firsts(tool, *who, view.network[1], e.code["action"])
        for_others = somebody & self._cloudformation
        telling = e.rows_with("service", ("cloudformation",)) & ~view.with_deed(Deed.LOOK)
        telling &= somebody & self._over_network
        rows = [deeds, np.flatnonzero(for_others | telling)]
        if int(view.day[0]) < self._state.began + COLD_DAYS + REMEMBERED_DAYS:
            other = somebody & ~self._as_tool & self._over_network
            rows.append(view.firsts(np.flatnonzero(other & ~view.with_deed(Deed.SIGN_IN)), *who))
        yield from np.unique(np.concatenate(rows)).tolist()

    def _learn(self, row: int) -> None:
        view, state = self._view, self._state
        e, day = view.events, int(view.day[row])
        actor, place = self._whence(row)
        if self._over_network[row] and e.text("service", row) == "cloudformation":
            state.told[actor] = (place, day)
        if not self._as_tool[row]:
            state.others.setdefault(actor, day)
            return
        if not place:
            return
        work = state.work.setdefault(f"{actor} {place}", Work())
        if not work.days or work.days[-1] < day:
            work.deeds = []
        work.seen(day)
        deed = e.text("action", row)
        if deed not in work.deeds and len(work.deeds) < MANY_DEEDS:
            work.deeds.append(deed)
        if len(work.deeds) == MANY_DEEDS and work.busy < 0:
            work.busy = day

    def _is_known(self, actor: str, place: str, row: int) -> bool:
        day = int(self._view.day[row])
        if place == CLOUDFORMATION:
            return True
        work = self._state.work.get(f"{actor} {place}")
        if work is None:
            return False
        if work.before(day) >= EARLIER_DAYS:
            return True
        early = 0 <= work.busy < min(day, self._state.began + COLD_DAYS)
        return early and work.before(day) > 0 and self._state.others.get(actor, day) >= day

    def _whence(self, row: int) -> tuple[str, str]:
        """Return who works in a row and at which place, "" where that cannot be told."""
        view, e = self._view, self._view.events
        actor, kind = e.text("actor", row), e.text("actor_kind", row)
        origin, network = view.origin(row), view.network_of(row)
        issue = view.lineage.issue_of(actor, e.text("credential", row), int(e.at[row]))
        if kind == ActorKind.ROLE and issue is not None and not issue.credential:
            # Nothing signed the request for this session: an identity provider's token stood for
            # it. From another account it would be a mere number.
            given_in = view.geo.place(issue.ip).network
            if not issue.outside and network in (given_in, ""):
                project = ":".join(issue.actor.split(":")[:PARTS])
                return actor, f"token {project}"
        if not self._cloudformation[row]:
            return origin, network
        if kind == ActorKind.ROLE and issue is None and e.text("session", row) == ITS_SESSION:
            return actor, CLOUDFORMATION
        return origin, self._state.told.get(origin, ("", 0))[0]

    def _may_be_its_own(self, row: int) -> bool:
        """Return whether rights are given to the actor itself, or to a group it may be in."""
        e = self._view.events
        if e.text("service", row) != "iam" or self._view.deed_of(row) != Deed.GRANT:
            return False
        actor = e.text("actor", row).rpartition("/")[2]
        return e.text("resource", row) == actor or "Group" in e.text("action", row)

    def _is_of_its_own_making(self, row: int) -> bool:
        """Return whether a user that is acted on was made by the same chain some days ago."""
        view, e, at = self._view, self._view.events, int(self._view.events.at[row])
        if e.text("service", row) != "iam":
            return False
        arn, partition, _ = (*e.text("actor", row).split(":", 2), "", "")[:3]
        if arn != "arn":
            return False
        user = f"arn:{partition}:iam::{e.text('account', row)}:user/{e.text('resource', row)}"
        return any(
            act.at <= at <= act.at + REMEMBERED_US
            and view.lineage.origin(act.actor, act.credential, act.at) == view.origin(row)
            for act in view.lineage.issued.get(user, ())
        )


def forget(state: Deployments, before: int) -> None:
    """Drop what counts no more at an instant (µs)."""
    day = before // DAY_US
    old = day - REMEMBERED_DAYS
    state.work = {key: work for key, work in state.work.items() if work.days[-1] >= old}
    state.done = {key: deed for key, deed in state.done.items() if deed.days[-1] >= old}
    state.told = {actor: told for actor, told in state.told.items() if told[1] >= old}
    if day >= state.began + COLD_DAYS + REMEMBERED_DAYS:
        state.others = {}
