"""Incidents beside the truth."""

import pytest

from tocsin.app.demo.compare import Verdict, compare
from tocsin.app.demo.truth import Attack, Step, Truth
from tocsin.model.findings import Incident, Level


def attack(name: str, *events: str, related: tuple[str, ...] = ()) -> Attack:
    steps = [Step(id_, "crm", "2026-03-13T09:00:00Z") for id_ in events]
    return Attack(
        id=name,
        title=name,
        kind="external",
        actors=[],
        credentials=[],
        networks=[],
        events=steps,
        related=list(related),
    )


def incident(name: str, level: Level, *events: str) -> Incident:
    return Incident(
        id=name,
        title=name,
        level=level,
        opened_at=0,
        last_at=0,
        score=1.0,
        actors=(),
        entities=(),
        finding_ids=(),
        event_ids=events,
    )


def verdicts(attacks: list[Attack], incidents: list[Incident]) -> list[Verdict]:
    known = Truth(seed=1, start="2026-03-09", end="2026-04-07", attacks=attacks, customers=[])
    return compare(known, incidents)


def test_the_incident_that_holds_most_of_an_attack_speaks_for_it() -> None:
    planted = attack("theft", "a", "b", "c", "d", related=("r",))
    most = incident("most", Level.HIGH, "a", "b", "c", "r", "x")
    little = incident("little", Level.MEDIUM, "d")
    (verdict,) = verdicts([planted], [little, most])
    assert verdict.incident is most
    assert (verdict.held, verdict.recall) == (3, 0.75)
    assert verdict.precision == pytest.approx(4 / 5)
    assert verdict.incidents == 2


def test_an_attack_nobody_saw_has_no_incident() -> None:
    (verdict,) = verdicts([attack("theft", "a")], [incident("other", Level.LOW, "x")])
    assert verdict.incident is None
    assert (verdict.held, verdict.recall, verdict.precision, verdict.incidents) == (0, 0, 0, 0)


def test_an_incident_that_touches_no_attack_is_a_false_alarm_from_medium_on() -> None:
    found = [
        incident("right", Level.HIGH, "a"),
        incident("only-related", Level.MEDIUM, "r"),
        incident("wrong", Level.MEDIUM, "x"),
        incident("unimportant", Level.LOW, "y"),
    ]
    theft, *false = verdicts([attack("theft", "a", related=("r",))], found)
    assert theft.incidents == 1
    assert [verdict.incident for verdict in false] == [found[2]]
    assert [verdict.attack for verdict in false] == [None]


def test_low_incidents_count_neither_as_split_nor_as_false() -> None:
    found = [incident("right", Level.HIGH, "a", "b"), incident("low", Level.LOW, "a")]
    (verdict,) = verdicts([attack("theft", "a", "b")], found)
    assert (verdict.recall, verdict.precision, verdict.incidents) == (1.0, 1.0, 1)
