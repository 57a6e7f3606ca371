"""What could not be read of a window's logs: then no log shows that nothing else was touched."""

from datetime import timedelta

import pytest

from incidents import impact
from incidents.impact import ImpactRun
from tests.detectors.streams import START
from tests.incidents.archives import BOB, NOW, House, case, fetch, standings
from tocsin.model.instants import to_us
from tocsin.model.sources import Reject, SourceObject
from tocsin.store.objects import Unread, take, unread

LOST = Reject("/logs/bad.jsonl", "line 3", "no JSON", "{")


def set_aside(house: House, *rejects: Reject, source: str = "logs") -> None:
    with house.store.begin() as db:
        objects = [(SourceObject(one.address, "1"), "broken") for one in rejects]
        take(db, source, objects, rejects, NOW)


def unread_of(run: ImpactRun) -> int:
    (source,) = run.coverage.sources
    return source.unread


def claims(run: ImpactRun) -> tuple[object, bool]:
    two = run.of("c-2")
    assert two is not None
    complete = {one.store: one.complete for one in run.coverage.stores}["recordings"]
    return standings(run)["c-2"], complete


def test_without_anything_set_aside_the_logs_are_whole(house: House) -> None:
    run = house.run(fetch(0, "c-1/4-1"))
    assert unread_of(run) == 0
    assert claims(run) == (("excluded", "untouched"), True)


def test_a_record_that_could_not_be_read_may_have_been_of_anybody(house: House) -> None:
    set_aside(house, LOST)
    run = house.run(fetch(0, "c-1/4-1"))
    (source,) = run.coverage.sources
    assert (source.covered, source.hours, source.unread) == (49, 49, 1)
    assert claims(run) == (("possible", "not-covered"), False)


def test_an_open_store_excludes_nobody_where_a_file_could_not_be_read(house: House) -> None:
    set_aside(house, LOST._replace(place=""), source="a source of which nothing was read")
    run = house.run(fetch(0, "c-1/4-1"))
    assert unread_of(run) == 1
    assert claims(run)[1] is False


TRAIL = "logs/AWSLogs/1/CloudTrail/eu-west-3/"
DATED = {
    TRAIL + "2026/03/02/1_CloudTrail_eu-west-3_20260302T0910Z_x.json": 1,
    TRAIL + "2026/01/02/1_CloudTrail_eu-west-3_20260102T0910Z_x.json": 0,
    TRAIL + "2026/03/09/1_CloudTrail_eu-west-3_20260309T0910Z_x.json": 0,
    "logs/app-2026-03-02.jsonl": 1,
    "logs/app-2026-03-01.jsonl": 1,  # a month's, perhaps
    "logs/app-2025-12-01.jsonl": 0,
    "logs/app-2026-02-30.jsonl": 1,  # no day at all
    "logs/123456789012_20260102.json": 0,
    "logs/app.jsonl": 1,
}


@pytest.mark.parametrize("address", DATED)
def test_a_name_that_says_when_decides_whether_it_is_of_the_window(
    house: House, address: str
) -> None:
    set_aside(house, LOST._replace(address=address))
    assert unread_of(house.run(fetch(0, "c-1/4-1"))) == DATED[address]


def test_what_was_set_aside_before_the_window_began_is_none_of_it(house: House) -> None:
    set_aside(house, LOST)
    with house.store.read() as db:
        assert unread(db, since_us=to_us(NOW)) == [Unread("logs", LOST.address, 1)]
        assert unread(db, since_us=to_us(NOW) + 1) == []


def test_what_a_later_read_could_read_is_not_lost(house: House) -> None:
    one = fetch(0, "c-1/4-1")
    set_aside(house, LOST)
    first = house.run(one)
    with house.store.begin() as db:
        mended = (SourceObject(LOST.address, "2"), "read")
        take(db, "logs", [mended], [], NOW + timedelta(hours=1))
    second = house.again(one)
    assert (unread_of(first), unread_of(second)) == (1, 0)
    changes = {one.customer: str(one) for one in impact.difference(first, second)}
    assert changes["c-2"].startswith("c-2: possible → excluded")


def test_a_record_that_is_still_unreadable_when_its_file_grows_stays_lost(house: House) -> None:
    set_aside(house, LOST)
    with house.store.begin() as db:
        grown = (SourceObject(LOST.address, "2"), "read")
        take(db, "logs", [grown], [LOST], NOW + timedelta(hours=1))
    assert unread_of(house.run(fetch(0, "c-1/4-1"))) == 1


def test_what_is_set_aside_later_overtakes_a_run(house: House) -> None:
    one = fetch(0, "c-1/4-1")
    first = house.run(one)
    set_aside(house, LOST)
    with house.store.read() as db:
        now = impact.present(db, house.archive, case(one), first)
        assert impact.outdated(first, now) == ("what could not be read",)
        second = impact.compute(db, house.archive, case(one), 7, principal=BOB, now=NOW)
    lines = [str(change) for change in impact.difference(first, second)]
    assert [line.split(";")[0] for line in lines] == [
        "c-1: confirmed",
        "c-2: excluded → possible",
        "c-3: excluded → possible",
    ]
    assert to_us(START) == second.first_at
