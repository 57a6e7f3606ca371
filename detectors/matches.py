"""From what the rules said of single events to findings, with regard to habit.

A rule with ``habit`` is about something that is rare for most and daily bread for some. Whoever did
it on several earlier days does it again without a finding that counts; so does everybody, once many
do it on many days: then it is how this house works. One such finding a day and actor is kept, with
its disposition, so that it can be seen that it was seen.

A rule with ``deployment`` is about something that infrastructure code does as well; what a known
deployment did is judged by ``detectors.deployments`` and teaches nobody else a habit.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from detectors import deployments
from detectors.sigma.rule import Rule
from detectors.view import View
from tocsin.model.findings import Finding, Hit, Level, finding_id

EARLIER_DAYS = 3
"""On so many earlier days an actor did it: its habit."""

HOUSE_DAYS, HOUSE_ACTORS = 5, 5
"""On so many earlier days, by so many actors: the house's habit."""

REMEMBERED_DAYS = 45

HABIT, HOUSE_HABIT = "habit", "house habit"


class Doings(msgspec.Struct):
    """On which days something was done, in order, and the day it was last said to be habit."""

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


class Habits(msgspec.Struct):
    """What is habit, by rule and actor, and for the house by rule alone."""

    actors: dict[str, Doings] = {}
    house: dict[str, Doings] = {}
    doers: dict[str, list[str]] = {}


def judge(
    state: Habits,
    known: deployments.Deployments,
    view: View,
    hits: Sequence[Hit],
    rules: Mapping[str, Rule],
) -> list[Finding]:
    """Return the findings of these hits, in order of events."""
    findings = list[Finding]()
    tools = deployments.Judge(known, view)
    for hit in hits:
        rule = rules[hit.rule]
        level, disposition = tools.level(rule, hit.row)
        if disposition and tools.is_said(rule, hit.row):
            continue
        if rule.habit and not disposition:
            day, actor = int(view.day[hit.row]), view.events.text("actor", hit.row)
            own = _doings(state.actors, f"{rule.id} {actor}")
            house = _doings(state.house, rule.id)
            doers = state.doers.setdefault(rule.id, [])
            if own.before(day) >= EARLIER_DAYS:
                disposition = HABIT
            elif house.before(day) >= HOUSE_DAYS and len(doers) >= HOUSE_ACTORS:
                disposition = HOUSE_HABIT
            own.seen(day)
            house.seen(day)
            if actor not in doers and len(doers) < HOUSE_ACTORS:
                doers.append(actor)
            if disposition and own.said == day:
                continue
            own.said = day if disposition else own.said
        findings.append(_finding(view, hit, rule, level, disposition))
    tools.learn()
    return findings


def _doings(known: dict[str, Doings], key: str) -> Doings:
    its = known.get(key)
    if its is None:
        its = known[key] = Doings()
    return its


def stolen_rows(hits: Iterable[Hit], rules: Mapping[str, Rule]) -> list[int]:
    """Return the rows that rules call the use of a stolen credential."""
    return [hit.row for hit in hits if rules[hit.rule].stolen]


def _finding(view: View, hit: Hit, rule: Rule, level: Level, disposition: str) -> Finding:
    event_id, at = view.events.event_id(hit.row), int(view.events.at[hit.row])
    entities = view.entities(hit.row)
    if rule.joins and (resource := view.events.text("resource", hit.row)):
        entities = (*entities, f"resource:{resource}")
    return Finding(
        id=finding_id(rule.id, (event_id,)),
        rule=rule.id,
        title=rule.title,
        author=rule.author,
        origin=rule.origin,
        level=level,
        at=at,
        since=at,
        actor=view.events.text("actor", hit.row),
        entities=entities,
        event_ids=(event_id,),
        why=hit.why,
        tactics=rule.tactics,
        disposition=disposition,
    )
