"""Numbers of what events tell and a person states, joined: whatever is true lies inside them."""

from collections.abc import Iterable
from typing import NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from incidents.impact import CategoryImpact, CustomerImpact, Range, Reason, Standing
from tocsin.app.casework.counted import _sharing, _together
from tocsin.app.casework.joining import joined

CRM, LAPTOP = ("crm",), ("a laptop",)


def exactly(number: int) -> Range:
    return Range(number, number, number, "counted")


def data(
    category: str, records: Range, stores: tuple[str, ...] = CRM, reason: Reason | None = None
) -> CategoryImpact:
    """Return data of which each record is one person."""
    return CategoryImpact(
        category=category,
        records=records,
        subjects=records,
        confidentiality=True,
        integrity=False,
        availability=False,
        stores=stores,
        people=("customers",),
        reason=reason,
        why="" if reason is None else f"it is {reason}",
    )


def customer(
    *categories: CategoryImpact, sure: bool = True, reason: Reason = Reason.NAMED
) -> CustomerImpact:
    """Return a customer whose people are those of its first category."""
    return CustomerImpact(
        customer="c-1",
        known=True,
        standing=Standing.CONFIRMED if sure else Standing.POSSIBLE,
        reason=reason,
        why="so it is",
        categories=categories,
        subjects=categories[0].subjects,
    )


def told(*categories: CategoryImpact, reason: Reason = Reason.TOUCHED) -> CustomerImpact:
    return customer(*categories, sure=reason is Reason.TOUCHED, reason=reason)


def numbers(found: Range) -> tuple[int, int | None, int | None]:
    return found.min, found.best, found.max


def test_of_one_store_both_speak_of_the_same_records() -> None:
    found = joined(
        told(data("contact", exactly(300), reason=Reason.TOUCHED)),
        customer(data("contact", exactly(500))),
    )
    (one,) = found.categories
    assert numbers(one.records) == numbers(one.subjects) == (500, 500, 500)
    assert numbers(found.subjects) == (500, 500, 500)


def test_records_of_different_stores_add_up_and_people_may_be_the_same_or_others() -> None:
    found = joined(
        told(data("contact", exactly(300), reason=Reason.TOUCHED)),
        customer(data("contact", exactly(500), LAPTOP)),
    )
    (one,) = found.categories
    assert one.stores == ("crm", "a laptop")
    assert numbers(one.records) == (800, 800, 800)
    assert numbers(one.subjects) == numbers(found.subjects) == (500, 500, 800)


@pytest.mark.parametrize(
    ("of_events", "of_person"),
    [(("crm",), ("crm", "s3")), (("crm", "s3"), ("crm",)), (("crm", "s3"), ("s3", "crm"))],
)
def test_of_stores_that_only_one_names_or_of_several_it_may_be_all_that_both_say(
    of_events: tuple[str, ...], of_person: tuple[str, ...]
) -> None:
    found = joined(
        told(data("contact", exactly(300), of_events, Reason.TOUCHED)),
        customer(data("contact", exactly(500), of_person)),
    )
    (one,) = found.categories
    assert numbers(one.records) == numbers(one.subjects) == (500, 500, 800)


def test_people_of_different_categories_may_be_others() -> None:
    found = joined(
        told(data("contact", exactly(300), reason=Reason.TOUCHED)),
        customer(data("billing", exactly(500), ("invoices",))),
    )
    assert [(one.category, numbers(one.subjects)) for one in found.categories] == [
        ("billing", (500, 500, 500)),
        ("contact", (300, 300, 300)),
    ]
    assert numbers(found.subjects) == (500, 500, 800)


def test_what_is_suspected_raises_only_the_most_of_what_is_confirmed() -> None:
    found = joined(
        told(data("contact", exactly(300), reason=Reason.TOUCHED)),
        customer(data("contact", exactly(400)), data("billing", exactly(500)), sure=False),
    )
    billing, contact = found.categories
    assert numbers(contact.records) == numbers(contact.subjects) == (300, 300, 400)
    assert contact.standing(found.standing) is Standing.CONFIRMED
    assert numbers(billing.records) == numbers(billing.subjects) == (0, 500, 500)
    assert (billing.reason, billing.standing(found.standing)) == (
        Reason.SUSPECTED,
        Standing.POSSIBLE,
    )


def test_what_events_leave_possible_raises_only_the_most_of_what_a_person_confirms() -> None:
    left = data("contact", Range(0, 300, 300, "a whole store"), reason=Reason.WHOLE_STORE)
    found = joined(told(left, reason=Reason.WHOLE_STORE), customer(data("contact", exactly(10))))
    (one,) = found.categories
    assert numbers(one.records) == numbers(found.subjects) == (10, 10, 300)
    assert (one.reason, one.why) == (Reason.NAMED, "")


def test_where_both_are_only_possible_the_reason_of_the_events_stays() -> None:
    left = data("contact", Range(0, 300, 300, "a whole store"), reason=Reason.WHOLE_STORE)
    found = joined(
        told(left, reason=Reason.WHOLE_STORE),
        customer(data("contact", exactly(10)), data("billing", exactly(7)), sure=False),
    )
    billing, contact = found.categories
    assert (contact.reason, contact.why) == (Reason.WHOLE_STORE, f"it is {Reason.WHOLE_STORE}")
    assert numbers(contact.records) == (0, 300, 300)
    assert (billing.reason, numbers(billing.records)) == (Reason.SUSPECTED, (0, 7, 7))
    assert (found.standing, found.reason) == (Standing.POSSIBLE, Reason.WHOLE_STORE)


def test_what_is_the_least_and_the_most_is_the_likely_number_too() -> None:
    found = joined(
        told(data("contact", exactly(300), reason=Reason.TOUCHED)),
        customer(data("contact", Range(3, None, 15, "as it wrote"))),
    )
    assert numbers(found.categories[0].records) == numbers(found.subjects) == (300, 300, 300)


class Touched(NamedTuple):
    """What one side knows of one category in one store."""

    records: int  # the first so many of the store
    people: frozenset[int]


Known = dict[tuple[str, str], Touched]  # by category and store


class Side(NamedTuple):
    """What one side says, and what of it is so."""

    says: CustomerImpact
    so: Known


CATEGORIES = ("billing", "contact")
STORES = st.sets(st.sampled_from(["crm", "s3", "a laptop"]), min_size=1, max_size=3)
OFTEN = st.integers(0, 3).map(bool)
PEOPLE = st.frozensets(st.integers(0, 6), max_size=5)


@st.composite
def known_of_both(draw: st.DrawFn) -> tuple[Known, Known]:
    """Return what each side knows; of one place, one of them knows all that the other does."""
    both: tuple[Known, Known] = ({}, {})
    for category in CATEGORIES:
        places = [draw(STORES) if draw(OFTEN) else set[str]() for _ in both]
        for store in sorted(places[0] | places[1]):
            most, least = sorted(draw(st.tuples(st.integers(0, 5), st.integers(0, 5))))[::-1]
            every = draw(PEOPLE)
            pair = [Touched(most, every), Touched(least, every & draw(PEOPLE))]
            if draw(st.booleans()):
                pair.reverse()
            for known, there, one in zip(both, places, pair, strict=True):
                if store in there:
                    known[category, store] = one
    return both


@st.composite
def a_range(draw: st.DrawFn, number: int, proven: int) -> Range:
    """Return a range that holds: no more than is proven as the least, no less as the most."""
    if draw(OFTEN):
        return Range(proven, number if proven == number else None, number, "known")
    least = draw(st.integers(0, proven))
    most = draw(st.none() | st.integers(number, number + 3))
    best = draw(st.none() | st.integers(least, number + 3 if most is None else most))
    return Range(least, best, most, "known")


@st.composite
def a_side(draw: st.DrawFn, known: Known, *, is_person: bool) -> Side | None:
    """Return what a side says of what it knows; None: nothing."""
    if not known:
        return None
    is_sure = draw(OFTEN)
    categories, so, proven = list[CategoryImpact](), Known(), set[int]()
    for category in sorted({category for category, _ in known}):
        there = {store: one for (of, store), one in known.items() if of == category}
        proves = is_sure and (is_person or draw(OFTEN))
        if proves or draw(st.booleans()):
            so |= {(category, store): one for store, one in there.items()}
        records = sum(one.records for one in there.values())
        people = frozenset[int]().union(*(one.people for one in there.values()))
        proven |= people if proves else set()
        # Events prove nothing of what they leave possible; a person states it if it is so.
        counts = proves or is_person
        reason = Reason.TOUCHED if proves else Reason.WHOLE_STORE
        categories.append(
            CategoryImpact(
                category=category,
                records=draw(a_range(records, records if counts else 0)),
                subjects=draw(a_range(len(people), len(people) if counts else 0)),
                confidentiality=True,
                integrity=False,
                availability=False,
                stores=tuple(there),
                people=(),
                reason=None if is_person else reason,
            )
        )
    every = frozenset[int]().union(*(one.people for one in known.values()))
    says = CustomerImpact(
        customer="c-1",
        known=True,
        standing=Standing.CONFIRMED if is_sure else Standing.POSSIBLE,
        reason=Reason.NAMED if is_person else (Reason.TOUCHED if is_sure else Reason.WHOLE_STORE),
        why="so it is",
        categories=tuple(categories),
        subjects=draw(a_range(len(every), len(every if is_person and not is_sure else proven))),
    )
    return Side(says, so)


@st.composite
def two_sides(draw: st.DrawFn) -> tuple[Side, Side]:
    of_events, of_person = draw(known_of_both())
    events = draw(a_side(of_events, is_person=False))
    person = draw(a_side(of_person, is_person=True))
    assume(events is not None and person is not None)
    assert events is not None
    assert person is not None
    return events, person


def holds(found: Range, truth: int) -> bool:
    """Return whether a range has the truth in it, and its likely number."""
    most = truth if found.max is None else found.max
    best = found.best is None or (
        found.min <= found.best and (found.max is None or found.best <= found.max)
    )
    return found.min <= truth <= most and best


def records_of(so: Iterable[Known], *categories: str) -> int:
    """Return how many records there are; those of several categories of a store are the same."""
    most = dict[str, int]()
    for known in so:
        for (category, store), one in known.items():
            if category in categories:
                most[store] = max(most.get(store, 0), one.records)
    return sum(most.values())


def people_of(so: Iterable[Known], *categories: str) -> int:
    """Return how many people there are, each once."""
    every = (one.people for known in so for (name, _), one in known.items() if name in categories)
    return len(frozenset[int]().union(*every))


@settings(max_examples=500)
@given(two_sides())
def test_the_truth_lies_inside_every_number_whatever_is_stated_beside_events(
    sides: tuple[Side, Side],
) -> None:
    events, person = sides
    so = (events.so, person.so)
    found = joined(events.says, person.says)
    for one in found.categories:
        assert holds(one.records, records_of(so, one.category))
        assert holds(one.subjects, people_of(so, one.category))
    assert holds(found.subjects, people_of(so, *CATEGORIES))
    groups = [_together(group, is_joined=True) for group in _sharing(found.categories)]
    bounds = [one.max for one in groups]
    in_all = records_of(so, *CATEGORIES)
    assert sum(one.min for one in groups) <= in_all
    assert None in bounds or in_all <= sum(filter(None, bounds))
