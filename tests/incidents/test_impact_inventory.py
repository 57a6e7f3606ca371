"""Whose data a store may hold: the inventory excludes nobody of whom it says nothing that holds."""

from datetime import date, timedelta

import pytest

from incidents.impact import ImpactRun, Scope
from tests.detectors.streams import START, event
from tests.incidents.archives import CUSTOMERS, MAP, House, S, fetch, standings
from tocsin.model.events import Event
from tocsin.model.instants import to_us

LONGER = Scope(until=to_us(START + timedelta(hours=60)))
"""Eleven of these hours have no logs."""

DAY = START.date()


def customer(name: str, signed: date, ended: date | None = None) -> str:
    ends = f"ends_on = {ended}\n" if ended else ""
    return f"""
[[customer]]
id = "{name}"
name = "Customer {name}"
language = "fr"
time_zone = "Europe/Paris"
signed_on = {signed}
{ends}"""


def counted(name: str, records: int, on: date, store: str = "database") -> str:
    category = "contact" if store == "database" else "telephone conversations"
    return f"""
[[inventory]]
store = "{store}"
customer = "{name}"
category = "{category}"
records = {records}
on = {on}
"""


def handed_out() -> Event:
    return event(0 * S, "rds", "ModifyDBSnapshotAttribute", resource="crm")


def ranges(run: ImpactRun, name: str) -> list[tuple[int, int | None, int | None]]:
    found = run.of(name)
    assert found is not None
    each = [range_ for one in found.categories for range_ in (one.records, one.subjects)]
    return [(one.min, one.best, one.max) for one in (*each, found.subjects)]


UNKNOWN = [(0, None, None)] * 3
LONG_AGO = date(2024, 2, 1)

MAY = {
    "nobody counted it": customer("x", LONG_AGO),
    "it was counted long ago": customer("x", LONG_AGO) + counted("x", 9, date(2024, 3, 1)),
    "it had nothing long ago": customer("x", LONG_AGO) + counted("x", 0, date(2024, 3, 1)),
    "it signed after the count": customer("x", DAY) + counted("x", 0, DAY - timedelta(days=9)),
    "its contract ended not long ago": customer("x", LONG_AGO, DAY - timedelta(days=20)),
    "it has nothing since its contract ended": (
        customer("x", LONG_AGO, DAY + timedelta(days=9)) + counted("x", 0, DAY + timedelta(days=20))
    ),
    "it has nothing long after": customer("x", LONG_AGO)
    + counted("x", 0, DAY + timedelta(days=90)),
    "only another store was counted": customer("x", LONG_AGO) + counted("x", 3, DAY, "recordings"),
}
MAY_NOT = {
    "it was counted, and has nothing": customer("x", LONG_AGO) + counted("x", 0, DAY),
    "it signed later": customer("x", DAY + timedelta(days=20)),
    "its contract had ended": customer("x", LONG_AGO, date(2024, 12, 31)),
}


def with_one_more(house: House, text: str) -> None:
    house.take("".join(CUSTOMERS.format(n) for n in (1, 2, 3)) + text, MAP)


@pytest.mark.parametrize("why", MAY)
def test_whom_the_inventory_says_nothing_of_a_taken_store_may_have_lost_anything(
    house: House, why: str
) -> None:
    with_one_more(house, MAY[why])
    run = house.run(handed_out())
    assert standings(run)["x"] == ("possible", "whole-store")
    assert ranges(run, "x") == UNKNOWN
    found = run.of("x")
    assert found is not None
    has = "has" if why == "it was counted long ago" else "may have"
    assert found.why == (
        f"The attack acted on all of database, where this customer {has} data: it was copied, "
        "shared or changed, or its settings were."
    )
    assert standings(run)["c-1"] == ("possible", "whole-store")
    assert ranges(run, "c-1")[0] == (0, 50, 50)


@pytest.mark.parametrize("why", MAY_NOT)
def test_who_surely_had_nothing_in_a_taken_store_is_excluded(house: House, why: str) -> None:
    with_one_more(house, MAY_NOT[why])
    assert standings(house.run(handed_out()))["x"] == ("excluded", "untouched")


@pytest.mark.parametrize("why", ["nobody counted it", "it was counted long ago"])
def test_where_logs_are_missing_it_is_possible_too(house: House, why: str) -> None:
    text = (
        MAY[why]
        .replace('"database"', '"recordings"')
        .replace('"contact"', '"telephone conversations"')
    )
    with_one_more(house, text)
    run = house.run(fetch(0, "c-1/4-1"), scope=LONGER)
    assert standings(run)["x"] == ("possible", "not-covered")
    assert ranges(run, "x") == UNKNOWN


def test_where_every_read_is_logged_nobody_needs_a_count_to_be_excluded(house: House) -> None:
    with_one_more(house, customer("x", LONG_AGO))
    run = house.run(fetch(0, "c-1/4-1"))
    assert standings(run)["x"] == ("excluded", "untouched")
    found = run.of("x")
    assert found is not None
    assert {one.store: one.accessed for one in found.negatives} == {
        "recordings": False,
        "database": None,
    }


def test_an_inventory_without_it_takes_no_customer_out(house: House) -> None:
    one = fetch(0, "c-1/4-1")
    assert standings(house.run(one, scope=LONGER))["c-3"][0] == "possible"
    three = CUSTOMERS.format(3)
    house.take(
        "".join(CUSTOMERS.format(n) for n in (1, 2)) + three[: three.index("[[inventory]]")], MAP
    )
    run = house.again(one, scope=LONGER)
    assert standings(run)["c-3"] == ("possible", "not-covered")
    assert ranges(run, "c-3") == UNKNOWN


def test_what_was_counted_after_a_deletion_bounds_nothing(house: House) -> None:
    with_one_more(
        house, customer("x", LONG_AGO) + counted("x", 2, DAY + timedelta(days=1), "recordings")
    )
    gone = event(1 * S, "s3", "DeleteObject", resource="recordings", object="c-1/4-1")
    run = house.run(gone, scope=LONGER)
    assert standings(run)["x"] == ("possible", "not-covered")
    assert ranges(run, "x") == UNKNOWN
    assert ranges(run, "c-2")[0] == (0, None, 100)  # counted before it


def test_a_store_of_the_operators_own_data_holds_nobody_elses(house: House) -> None:
    text = MAP.replace(
        'customer = "all"\neffect = "exported"', 'customer = "operator"\neffect = "exported"'
    )
    text = text[: text.index('[[action]]\nname = "queried"')]
    house.take(CUSTOMERS.format(1) + customer("x", LONG_AGO), text)
    run = house.run(handed_out())
    assert standings(run)["operator"][0] == "confirmed"
    assert standings(run)["x"] == ("excluded", "untouched")


def test_people_are_no_more_than_records_where_each_is_one_though_nobody_counted_them(
    house: House,
) -> None:
    with_one_more(house, customer("x", LONG_AGO) + counted("x", 200, DAY))
    queried = event(5 * S, "rds-data", "ExecuteStatement", count=12)
    run = house.run(handed_out(), queried, scope=LONGER)
    assert [most for _, _, most in ranges(run, "x")] == [200, 200, 200]


def test_where_logs_are_missing_nothing_bounds_whom_no_register_and_no_inventory_knows(
    house: House,
) -> None:
    run = house.run(fetch(0, "c-9/4-1"), scope=LONGER)
    assert standings(run)["c-9"] == ("confirmed", "touched")
    assert ranges(run, "c-9")[0] == (1, 1, None)
