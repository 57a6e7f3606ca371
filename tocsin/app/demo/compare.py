"""Incidents beside the truth: what was found of each attack, and what was raised for nothing."""

from collections.abc import Sequence
from typing import NamedTuple

from tocsin.app.demo.truth import Attack, Truth
from tocsin.model.findings import Incident, Level


class Verdict(NamedTuple):
    """One attack and the incident that holds most of it, or a false alarm.

    Attributes:
        attack: The attack; None where ``incident`` is a false alarm.
        incident: The incident that holds most of its events; None when none holds any.
        held: How many of the attack's events that incident holds.
        recall: Share of the attack's events that incident holds, 0 to 1.
        precision: Share of that incident's events which are the attack's or related to it.
        incidents: How many incidents at or above the level asked touch the attack; 1 is best.
    """

    attack: Attack | None
    incident: Incident | None
    held: int
    recall: float
    precision: float
    incidents: int


def compare(
    truth: Truth, incidents: Sequence[Incident], *, level: Level = Level.MEDIUM
) -> list[Verdict]:
    """Return one verdict per attack, in the truth's order, then one per false alarm.

    Args:
        truth: What really happened.
        incidents: All incidents found, of any level.
        level: From here on an incident counts: two that touch one attack are one too many, one
            that touches no attack is a false alarm.
    """
    counted = [incident for incident in incidents if incident.level >= level]
    verdicts = [_verdict(attack, incidents, counted) for attack in truth.attacks]
    known = {step.id for attack in truth.attacks for step in attack.events}
    known.update(id_ for attack in truth.attacks for id_ in attack.related)
    verdicts += [
        Verdict(None, incident, 0, 0.0, 0.0, 1)
        for incident in counted
        if known.isdisjoint(incident.event_ids)
    ]
    return verdicts


def _verdict(attack: Attack, incidents: Sequence[Incident], counted: Sequence[Incident]) -> Verdict:
    own = {step.id for step in attack.events}
    touching = sum(not own.isdisjoint(incident.event_ids) for incident in counted)
    held = [len(own.intersection(incident.event_ids)) for incident in incidents]
    most = max(held, default=0)
    if not most:
        return Verdict(attack, None, 0, 0.0, 0.0, 0)
    best = incidents[held.index(most)]
    right = own.union(attack.related).intersection(best.event_ids)
    share = len(right) / len(set(best.event_ids))
    return Verdict(attack, best, most, most / len(own), share, touching)
