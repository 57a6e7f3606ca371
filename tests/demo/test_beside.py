"""An impact run beside the truth, as the demo prints it."""

from incidents.impact import (
    CategoryImpact,
    Coverage,
    CustomerImpact,
    ImpactRun,
    Query,
    Range,
    Reason,
    Standing,
)
from tocsin.app.demo.compare_impact import beside
from tocsin.app.demo.truth import Attack, Step, Touched, Truth
from tocsin.model.findings import Incident, Level

QUERY = Query(
    since=0,
    until=1,
    upto_segment=1,
    watched_until=1,
    segments=1,
    segments_sha256="",
    incident_events=1,
    incident_events_sha256="",
    credentials=(),
    shared=(),
    loose=(),
    datamap=1,
    registers=1,
)


def truth(*touched: str) -> Truth:
    attack = Attack(
        id="theft",
        title="A theft",
        kind="key",
        actors=[],
        credentials=[],
        networks=[],
        events=[Step("e1", "cloudtrail", "2026-03-09T10:00:00Z")],
        touched=[
            Touched(
                customer=one,
                store="lists",
                categories=("contact",),
                how="read",
                records=12,
                subjects=10,
            )
            for one in touched
        ],
    )
    return Truth(seed=1, start="", end="", attacks=[attack], customers=[])


def incident(*events: str) -> Incident:
    return Incident(
        id="i",
        title="An incident",
        level=Level.HIGH,
        opened_at=0,
        last_at=0,
        score=1.0,
        actors=(),
        entities=(),
        finding_ids=("f",),
        event_ids=events,
    )


def run(**records: Range) -> ImpactRun:
    customers = tuple(
        CustomerImpact(
            customer=one,
            known=True,
            standing=Standing.CONFIRMED,
            reason=Reason.TOUCHED,
            why="",
            categories=(
                CategoryImpact(
                    category="contact",
                    records=said,
                    subjects=Range(10, 10, 10, ""),
                    confidentiality=True,
                    integrity=False,
                    availability=False,
                    stores=("lists",),
                    people=(),
                ),
            ),
        )
        for one, said in records.items()
    )
    return ImpactRun(
        number=1,
        incident=7,
        at=0,
        principal="shell:alice",
        customers=customers,
        coverage=Coverage((), ()),
        query=QUERY,
        first_at=None,
        last_at=None,
        unattributed=0,
    )


def test_what_was_counted_right_is_said_in_numbers() -> None:
    lines = list(beside(truth("a"), incident("e1"), run(a=Range(10, None, 15, ""))))
    assert lines == [
        "Beside what was planted (A theft):",
        "  customers truly touched: 1, of them confirmed or possible: 1",
        "  confirmed and not touched: none",
        "  numbers of records and people: 2, inside the range said: 2",
    ]


def test_who_was_missed_who_was_wrong_and_what_lies_outside_is_named() -> None:
    said = run(a=Range(1, 1, 1, ""), c=Range(1, 1, 1, ""))
    lines = "\n".join(beside(truth("a", "b"), incident("e1"), said))
    assert "touched: 2, of them confirmed or possible: 1; MISSED: b" in lines
    assert "confirmed and not touched: c" in lines
    assert "OUTSIDE: a, contact, records: truly 12, said 1 to 1" in lines
    assert "OUTSIDE: b, contact, subjects: truly 10, said nothing" in lines


def test_an_incident_about_nothing_planted_is_compared_with_nothing() -> None:
    (line,) = beside(truth("a"), incident("other"), run())
    assert line == "Nothing that was planted is in this incident."
