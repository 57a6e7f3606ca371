"""Touches into numbers: laws that hold for any touches, and the cases they come from."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.impact.counting import Held, expected, records, subjects, together
from incidents.impact.result import Range
from tocsin.datamap import Action, Touch
from tocsin.model.categories import Category
from tocsin.model.columns import ABSENT
from tocsin.model.events import Outcome
from tocsin.registers import Holding

NOTHING = Held(None, bounds=False)


def action(count: str, *, effect: str = "read", **more: object) -> Action:
    fields = {
        "name": f"{count} {effect} {sorted(more)}",
        "source": "crm",
        "service": "crm",
        "actions": ("a",),
        "store": "contacts",
        "customer": "all" if effect == "exposed" else "event",
        "effect": effect,
        "count": count,
        **({"bytes_per_record": (100, 200, 400)} if count == "bytes" else {}),
        **more,
    }
    return Action.model_validate(fields)


def touch(of: Action, **more: object) -> Touch:
    fields: dict[str, object] = {
        "customer": "c-1",
        "thing": "",
        "subject": "",
        "outcome": Outcome.SUCCESS,
        "events": 1,
        "most": ABSENT,
        "sum": 0,
        "uncounted": 0,
        "bytes": ABSENT,
        "first_at": 0,
        "last_at": 0,
    }
    return Touch(action=of, **{**fields, **more})  # type: ignore[arg-type] # as Touch has them


def held(records: int, subjects: int | None = None, *, bounds: bool = True) -> Held:
    return Held(
        Holding(
            store="contacts",
            customer="c-1",
            category=Category.CONTACT,
            records=records,
            subjects=subjects,
            on=date(2026, 3, 1),
        ),
        bounds,
    )


def numbers(found: Range) -> tuple[int, int | None, int | None]:
    return found.min, found.best, found.max


ACTIONS = [
    action("object"),
    action("object", subjects="some"),
    action("event"),
    action("event", overlapping=True),
    action("bytes"),
    action("bytes", overlapping=True),
    action("store", effect="exported"),
    action("event", effect="exposed"),
]


@st.composite
def touched(draw: st.DrawFn) -> Touch:
    most = draw(st.one_of(st.just(ABSENT), st.integers(0, 5_000)))
    events = draw(st.integers(1, 9))
    uncounted = events if most == ABSENT else draw(st.integers(0, events - 1))
    thing = draw(st.sampled_from(("", "a", "b", "c")))
    return touch(
        draw(st.sampled_from(ACTIONS)),
        thing=thing,
        subject=thing and draw(st.sampled_from(("", f"p-{thing}"))),
        events=events,
        most=most,
        sum=0 if most == ABSENT else draw(st.integers(most, most * events)),
        uncounted=uncounted,
        bytes=draw(st.one_of(st.just(ABSENT), st.integers(0, 100_000))),
    )


HELD = st.one_of(
    st.just(NOTHING),
    st.builds(held, st.integers(0, 3_000), st.integers(0, 3_000), bounds=st.booleans()),
)


@given(st.lists(touched(), max_size=6), st.lists(touched(), max_size=4), HELD)
def test_least_is_never_above_likely_nor_likely_above_most(
    sure: list[Touch], unsure: list[Touch], there: Held
) -> None:
    for found in (
        one(*touches, there, doubtful)
        for one in (records, subjects)
        for touches, doubtful in (((sure, unsure), ()), ((sure, []), unsure), (([], sure), unsure))
    ):
        assert found.min >= 0
        assert found.best is None or found.min <= found.best
        assert found.max is None or found.min <= found.max
        assert None in {found.best, found.max} or found.best <= found.max  # type: ignore[operator]
        assert found.basis


@given(st.lists(touched(), min_size=1, max_size=6), st.lists(touched(), max_size=4), HELD)
def test_what_is_only_possible_proves_nothing(
    sure: list[Touch], unsure: list[Touch], there: Held
) -> None:
    for count in (records, subjects):
        assert count(sure, unsure, there).min == count(sure, [], there).min
        assert count([], unsure, there).min == 0


@given(st.lists(touched(), max_size=6), st.lists(touched(), min_size=1, max_size=4))
def test_what_somebody_else_may_have_done_is_no_ground_for_a_guess(
    sure: list[Touch], doubtful: list[Touch]
) -> None:
    for count in (records, subjects):
        found, alone = count(sure, [], NOTHING, doubtful), count(sure, [], NOTHING)
        assert found.min == alone.min
        assert found.max is None or (alone.max is not None and found.max >= alone.max)
        assert found.best == (alone.best if sure else None)


@given(st.lists(touched(), min_size=1, max_size=6), st.randoms())
def test_the_order_of_events_changes_nothing(sure: list[Touch], random: object) -> None:
    other = list(sure)
    random.shuffle(other)  # type: ignore[attr-defined] # a Random
    assert numbers(records(sure, [], NOTHING)) == numbers(records(other, [], NOTHING))


def test_named_objects_are_counted_exactly() -> None:
    one = action("object")
    sure = [touch(one, thing="a", events=3), touch(one, thing="b"), touch(one, thing="a")]
    assert numbers(records(sure, [], NOTHING)) == (2, 2, 2)


def test_counts_may_be_of_the_same_records() -> None:
    one = action("event")
    sure = [touch(one, thing="x", most=400, sum=400), touch(one, thing="y", most=300, sum=600)]
    assert numbers(records(sure, [], NOTHING)) == (400, 700, 1_000)
    assert numbers(records(sure, [], held(500))) == (400, 500, 500)
    # An old inventory bounds nothing, but is told.
    found = records(sure, [], held(500, bounds=False))
    assert numbers(found) == (400, 700, 1_000)
    assert "inventory of 2026-03-01: 500" in found.basis


def test_a_count_that_is_not_given_leaves_the_most_to_the_inventory() -> None:
    sure = [touch(action("event"), uncounted=1)]
    assert numbers(records(sure, [], NOTHING)) == (1, None, None)
    assert numbers(records(sure, [], held(80))) == (1, None, 80)


def test_evidence_is_stronger_than_the_inventory() -> None:
    sure = [touch(action("event"), thing="x", most=90, sum=90)]
    assert numbers(records(sure, [], held(80))) == (90, 90, 90)


def test_bytes_are_an_estimate() -> None:
    of = action("bytes", overlapping=True)
    sure = [touch(of, thing="w1", bytes=1_000), touch(of, thing="w2", bytes=1_100)]
    assert numbers(records(sure, [], NOTHING)) == (3, 6, 21)


def test_what_stood_open_is_at_most_all_and_most_likely_nothing() -> None:
    unsure = [touch(action("event", effect="exposed"))]
    assert numbers(records([], unsure, held(80))) == (0, 0, 80)
    assert numbers(records([], unsure, NOTHING)) == (0, 0, None)


def test_a_whole_store_is_most_likely_all() -> None:
    unsure = [touch(action("store", effect="exported"))]
    assert numbers(records([], unsure, held(80))) == (0, 80, 80)


def test_people_named_by_objects_are_counted_exactly() -> None:
    of = action("object", subjects="some")
    sure = [touch(of, thing=f"{n}", subject=f"p{n % 3}") for n in range(9)]
    assert numbers(subjects(sure, [], held(100, 50))) == (3, 3, 3)


def test_people_in_several_records_are_fewer_than_records() -> None:
    of = action("object", subjects="some")
    sure = [touch(of, thing=f"{n}") for n in range(100)]
    assert numbers(subjects(sure, [], held(4_000, 120))) == (1, 68, 100)


@pytest.mark.parametrize(("draws", "people", "seen"), [(0, 9, 0), (1, 9, 1), (900, 9, 9)])
def test_draws_show_people_again_and_again(draws: int, people: int, seen: int) -> None:
    assert expected(draws, people) == seen


def test_records_of_stores_add_up_and_people_do_not() -> None:
    parts = [Range(1, 5, 9, "a"), Range(2, None, 20, "b")]
    assert numbers(together(parts, distinct=True)) == (3, 5, 29)
    assert numbers(together(parts, distinct=False)) == (2, 5, 29)
    assert together([*parts, Range(0, 0, None, "c")], distinct=True).max is None


@pytest.mark.parametrize("distinct", [True, False])
def test_the_likely_number_of_several_is_no_less_than_they_are_at_least(distinct: bool) -> None:
    parts = [Range(1, 2, 9, "a"), Range(20, None, 30, "b")]
    found = together(parts, distinct=distinct)
    assert numbers(found) == ((21, 21, 39) if distinct else (20, 20, 39))


def test_there_are_no_more_people_than_records_where_each_is_one() -> None:
    sure = [touch(action("object"), thing=f"{n}", subject=f"p{n}") for n in range(12)]
    whole = [touch(action("store", effect="exported"))]
    there = held(200)
    assert numbers(records(sure, whole, there)) == (12, 12, 200)
    assert numbers(subjects(sure, whole, there)) == (12, 12, 200)
    # Where one may be in several records, or several in one, these bound no people.
    loose = [touch(action("store", effect="exported", subjects="some"))]
    assert numbers(subjects(sure, loose, there)) == (12, 12, 212)


def test_an_old_inventory_bounds_neither_a_whole_store_nor_one_that_stood_open() -> None:
    old = held(80, 60, bounds=False)
    whole = [touch(action("store", effect="exported"))]
    assert numbers(records([], whole, old)) == (0, None, None)
    assert numbers(subjects([], whole, old)) == (0, None, None)
    stood_open = [touch(action("event", effect="exposed"))]
    assert numbers(records([], stood_open, old)) == (0, 0, None)
    assert numbers(records([touch(action("event"), uncounted=1)], [], old)) == (1, None, None)


def test_what_may_be_anything_leaves_no_likely_number_to_what_it_lies_beside() -> None:
    whole = touch(action("store", effect="exported"))
    one = touch(action("object"), thing="a", outcome=Outcome.UNKNOWN)
    assert numbers(records([], [one, whole], NOTHING)) == (0, None, None)
    assert numbers(subjects([], [one, whole], NOTHING)) == (0, None, None)
    assert numbers(records([], [one, whole], held(80))) == (0, 80, 80)
    # What is proved has its own.
    assert numbers(records([touch(action("object"), thing="a")], [whole], NOTHING)) == (1, 1, None)
