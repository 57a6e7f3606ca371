"""Volumes: what a machine of the house takes by place, and what somebody unknown takes by hand."""

from datetime import timedelta
from typing import Any

import pytest

from tests.detectors.judging import READER, judge
from tests.detectors.streams import DAY, HOUR, daily, event
from tocsin.model.events import ActorKind, Event
from tocsin.model.findings import Level

SECOND = timedelta(seconds=1)
BOTO: dict[str, Any] = {"user_agent": "Boto3/1.34 Botocore/1.34"}
MACHINE: dict[str, Any] = {
    "actor": READER,
    "actor_kind": ActorKind.WORKLOAD,
    "credential": "ASIA1",
    **BOTO,
}
ROLE: dict[str, Any] = {"actor": READER, "actor_kind": ActorKind.ROLE, "credential": "ASIA1"}


def reads(number: int, after: timedelta, bucket: str, **more: Any) -> list[Event]:
    return [
        event(after + n * SECOND, "s3", "GetObject", resource=bucket, object=f"{n}", **more)
        for n in range(number)
    ]


def assets(days: int) -> list[Event]:
    return daily(days, "s3", "GetObject", times=20, resource="assets", **MACHINE)


def test_a_machine_takes_far_more_from_a_bucket_it_never_read() -> None:
    known = assets(5)
    (found,) = judge([*known, *reads(2_000, 6 * DAY, "recordings", **MACHINE)])
    assert (found.level, len(found.event_ids)) == (Level.MEDIUM, 2_000)
    assert found.why == (
        f"{READER} took 2,000 from s3 recordings in a day; it never read there before."
    )
    assert judge([*known, *reads(1_999, 6 * DAY, "recordings", **MACHINE)]) == []
    assert judge(reads(2_000, 6 * DAY, "recordings", **MACHINE)) == []


def test_what_a_machine_reads_every_day_is_not_part_of_what_it_takes() -> None:
    (found,) = judge([*assets(5), *reads(2_100, 6 * DAY, "assets", **MACHINE)])
    assert len(found.event_ids) == 2_080
    assert found.why.endswith(
        "took 2,100 from s3 assets in a day; the most on a day before was 20."
    )


def test_a_machine_that_always_reads_much_may_read_several_times_that() -> None:
    much = [e for day in range(4) for e in reads(500, day * DAY, "assets", **MACHINE)]
    assert judge([*much, *reads(4_900, 5 * DAY, "assets", **MACHINE)]) == []


def test_a_machines_day_is_the_same_however_it_is_cut() -> None:
    events = [*assets(5), *reads(2_500, 6 * DAY, "recordings", **MACHINE)]
    cuts = [5 * DAY, 6 * DAY + 10 * SECOND, 6 * DAY + 2_200 * SECOND]
    assert judge(events, cuts) == judge(events)


@pytest.mark.parametrize(
    ("more", "levels"),
    [
        ({}, [Level.LOW, Level.MEDIUM]),
        ({**BOTO}, [Level.LOW, Level.MEDIUM]),
        (ROLE, [Level.LOW, Level.MEDIUM]),
        ({**ROLE, **BOTO}, [Level.LOW]),
    ],
)
def test_a_thousand_objects_taken_by_somebody_unknown(
    more: dict[str, Any], levels: list[Level]
) -> None:
    assert [f.level for f in judge(reads(1_000, HOUR, "recordings", **more))] == levels


def test_who_asks_what_there_is_and_then_takes_it_has_said_more() -> None:
    asked = event(0 * HOUR, "s3", "ListUsers")
    taken = reads(250, HOUR, "recordings")
    assert [f.level for f in judge([asked, *taken])] == [Level.LOW, Level.MEDIUM]
    assert [f.level for f in judge([asked, *taken[1:]])] == [Level.LOW]
    assert [f.level for f in judge(taken)] == [Level.LOW]
    a_day_later = reads(250, 25 * HOUR, "recordings")
    assert [f.level for f in judge([asked, *a_day_later])] == [Level.LOW]
    afterwards = event(2 * HOUR, "s3", "ListUsers")
    assert [f.level for f in judge([*taken, afterwards])] == [Level.LOW]
    cuts = [30 * timedelta(minutes=1), HOUR + 100 * SECOND]
    assert judge([asked, *taken], cuts) == judge([asked, *taken])
