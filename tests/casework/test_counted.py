"""How many records a notice gives in all: what may be the same record counts once."""

from incidents.impact import CategoryImpact, Range
from tocsin.app.casework.counted import _sharing, _together


def one(category: str, stores: tuple[str, ...], *numbers: int | None) -> CategoryImpact:
    least, best, most = numbers
    assert least is not None
    return CategoryImpact(
        category=category,
        records=Range(least, best, most, category),
        subjects=Range(0, None, None, category),
        confidentiality=True,
        integrity=False,
        availability=False,
        stores=stores,
        people=(),
    )


def whole(
    *categories: CategoryImpact, is_joined: bool = False
) -> list[tuple[int, int | None, int | None]]:
    found = [_together(group, is_joined=is_joined) for group in _sharing(categories)]
    return [(one.min, one.best, one.max) for one in found]


def test_categories_of_one_store_are_one_number_the_largest_each_way() -> None:
    found = whole(one("contact", ("crm",), 0, 3, 5), one("work", ("crm",), 0, 2, 900))
    assert found == [(0, 3, 900)]


def test_categories_of_different_stores_stay_apart() -> None:
    assert whole(one("contact", ("crm",), 1, 3, 5), one("billing", ("s3",), 2, 2, 9)) == [
        (1, 3, 5),
        (2, 2, 9),
    ]


def test_stores_that_overlap_prove_no_more_than_the_larger_and_may_hold_both() -> None:
    found = whole(
        one("contact", ("crm",), 10, 10, 12),
        one("work", ("crm", "s3"), 10, 11, 30),
        one("billing", ("s3",), 4, 4, 40),
    )
    assert found == [(10, 11, 82)]


def test_of_several_stores_that_a_person_and_events_speak_of_categories_add_up() -> None:
    of_several = (one("contact", ("crm", "s3"), 800, 800, 800), one("work", ("crm", "s3"), 9, 9, 9))
    assert whole(*of_several) == [(800, 800, 800)]  # as events count each record
    assert whole(*of_several, is_joined=True) == [(800, 800, 809)]
    of_one = (one("contact", ("crm",), 0, 3, 5), one("work", ("crm",), 0, 2, 900))
    assert whole(*of_one, is_joined=True) == [(0, 3, 900)]


def test_no_upper_bound_of_one_is_none_of_all() -> None:
    assert whole(one("contact", ("crm",), 1, None, None), one("work", ("crm",), 2, None, 4)) == [
        (2, None, None)
    ]
