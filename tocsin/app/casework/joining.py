"""One customer as events tell it and as a person states it: nothing of either is lost.

It has the categories of both, and says the basis of both. What is confirmed proves its least; what
is only possible proves nothing, and raises the most alone. Of one and the same store both speak of
the same data: the higher least and the higher most. Where they speak of different stores, what they
say adds up: a record in one is none of the other, and people may be the same or others. Where logs
are missing, nobody has seen that it was less than they leave possible. Pure.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from incidents.impact import CategoryImpact, CustomerImpact, Range, Reason, Standing

ORDER = list(Standing)


def joined(told: CustomerImpact | None, said: CustomerImpact) -> CustomerImpact:
    """Return what is known of a customer.

    Args:
        told: What events tell of it; None: nothing.
        said: What a person states of it.
    """
    if told is None:
        return said
    if said.standing is Standing.EXCLUDED or told.standing is Standing.EXCLUDED:
        return said if is_more(said, told) else told
    shown = said if is_more(said, told) else told
    of_events, of_person = _by_category(told, told.reason), _by_category(said, _by_a_person(said))
    categories = tuple(
        _category((of_events.get(name), told.standing), (of_person.get(name), said.standing))
        for name in sorted(of_events.keys() | of_person.keys())
    )
    stores = {store for one in said.categories for store in one.stores}
    first, last = _dates(told, said)
    return msgspec.structs.replace(
        told,
        standing=shown.standing,
        reason=shown.reason,
        why=shown.why if shown is said else f"{told.why} A person states: {said.why}",
        categories=categories,
        subjects=_people(told, said, categories),
        first_at=first,
        last_at=last,
        # What a person states of a store, logs no longer rule out; nor anything beside it alone.
        negatives=()
        if shown is said
        else tuple(one for one in told.negatives if one.store not in stores),
    )


def place(one: CustomerImpact) -> tuple[int, str]:
    """Return where it stands in a run: confirmed first, by id."""
    return ORDER.index(one.standing), one.customer


def is_more(said: CustomerImpact, told: CustomerImpact | None) -> bool:
    """Return whether a statement says more of where a customer stands than its events tell."""
    return told is None or ORDER.index(said.standing) < ORDER.index(told.standing)


def says_the_same(one: CustomerImpact, other: CustomerImpact) -> bool:
    """Return whether two say the same of a customer, whatever their words for why and how."""
    return _substance(one) == _substance(other)


def _by_a_person(said: CustomerImpact) -> Reason:
    return Reason.NAMED if said.standing is Standing.CONFIRMED else Reason.SUSPECTED


def _by_category(one: CustomerImpact, reason: Reason) -> dict[str, CategoryImpact]:
    """Return its categories by name; each keeps its own reason beside those of the other side."""
    return {
        each.category: msgspec.structs.replace(each, reason=each.reason or reason)
        for each in one.categories
    }


def _dates(told: CustomerImpact, said: CustomerImpact) -> tuple[int | None, int | None]:
    """Return when it began and ended: what is only possible dates nothing that is sure.

    Where a person states when it began and no end, it goes on, whatever was the last event.
    """
    if said.standing is not Standing.CONFIRMED or (
        said.first_at is None and told.standing is Standing.CONFIRMED
    ):
        return told.first_at, told.last_at
    if told.standing is not Standing.CONFIRMED:
        return said.first_at, said.last_at
    first = min(_known(told.first_at, said.first_at), default=None)
    if said.last_at is None:
        return first, None
    return first, max(_known(told.last_at, said.last_at), default=None)


def _category(*of: tuple[CategoryImpact | None, Standing]) -> CategoryImpact:
    """Return one category, of which each side says something or nothing; events come first."""
    sides = [(one, one.standing(side) is Standing.CONFIRMED) for one, side in of if one]
    shown = next((one for one, proves in sides if proves), sides[0][0])
    if len(sides) == 1:
        return shown if sides[0][1] else _unproven(shown)
    ours, theirs = (one for one, _ in sides)
    is_proven = [proves for _, proves in sides]
    places = set(ours.stores), set(theirs.stores)
    # Of several stores, one may say more of this and the other of that: they add up too.
    is_one = places[0] == places[1] and len(places[0]) == 1
    most: Callable[[Iterable[int]], int] = max if is_one else sum
    records, subjects = (ours.records, theirs.records), (ours.subjects, theirs.subjects)
    is_apart = places[0].isdisjoint(places[1])
    return msgspec.structs.replace(
        shown,
        records=_range(records, is_proven, _most(records, most), is_apart=is_apart),
        subjects=_range(subjects, is_proven, _most(subjects, most)),
        confidentiality=ours.confidentiality or theirs.confidentiality,
        integrity=ours.integrity or theirs.integrity,
        availability=ours.availability or theirs.availability,
        stores=tuple(dict.fromkeys((*ours.stores, *theirs.stores))),
        people=tuple(dict.fromkeys((*ours.people, *theirs.people))),
    )


def _people(
    told: CustomerImpact, said: CustomerImpact, categories: Iterable[CategoryImpact]
) -> Range:
    """Return how many people in all: no more than both say together, nor than all categories."""
    both = (told.subjects, said.subjects)
    added = _most(both, sum)
    of_categories = _most([one.subjects for one in categories], sum)
    most = added
    if added is not None and of_categories is not None:
        most = max(min(added, of_categories), *_known(*(one.max for one in both)))
    is_proven = [one.standing is Standing.CONFIRMED for one in (told, said)]
    return _range(both, is_proven, most)


def _unproven(one: CategoryImpact) -> CategoryImpact:
    """Return a category that is only possible beside what else is known: it may be none of it."""
    return msgspec.structs.replace(
        one,
        records=msgspec.structs.replace(one.records, min=0),
        subjects=msgspec.structs.replace(one.subjects, min=0),
    )


def _range(
    both: tuple[Range, Range],
    is_proven: Iterable[bool],
    most: int | None,
    *,
    is_apart: bool = False,
) -> Range:
    """Return what two ranges are together.

    Args:
        both: As events tell it, and as a person states it.
        is_proven: Which of them is; the others raise neither the least nor the likely number.
        most: How many there are at most.
        is_apart: What one counts is none of what the other does.
    """
    sure = [one for one, proves in zip(both, is_proven, strict=True) if proves]
    add: Callable[[Iterable[int]], int] = sum if is_apart else max
    least = add([0, *(one.min for one in sure)])
    best = _likely(sure or both, add, is_apart=is_apart)
    return Range(
        least,
        least if least == most else best,
        most,
        "; ".join(dict.fromkeys(part for one in both for part in one.basis.split("; "))),
    )


def _likely(
    ranges: Sequence[Range], add: Callable[[Iterable[int]], int], *, is_apart: bool
) -> int | None:
    """Return how many several are likely; None where one that has no likely number may be more."""
    best = add([0, *_known(*(one.best for one in ranges))])
    unknown = [one for one in ranges if one.best is None]
    may_be_more = is_apart or any(one.max is None or one.max > best for one in unknown)
    return None if unknown and may_be_more else best


def _most(ranges: Iterable[Range], add: Callable[[Iterable[int]], int]) -> int | None:
    """Return how many several are at most; None where nothing bounds one of them."""
    each = [one.max for one in ranges]
    return None if None in each else add(_known(*each))


def _substance(one: CustomerImpact) -> tuple[object, ...]:
    """Return what it says of a customer, without words."""

    def numbers(found: Range) -> tuple[int, int | None, int | None]:
        return found.min, found.best, found.max

    of_data = [
        (
            each.category,
            each.standing(one.standing),
            numbers(each.records),
            numbers(each.subjects),
            each.effects,
            set(each.stores),
            set(each.people),
        )
        for each in one.categories
    ]
    return one.standing, of_data, numbers(one.subjects), one.first_at, one.last_at


def _known(*numbers: int | None) -> list[int]:
    return [one for one in numbers if one is not None]
