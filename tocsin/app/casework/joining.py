"""One customer as events tell it and as a person states it: nothing of either is lost.

What both confirm has the categories of both, of each the higher least and the higher most, and
says the basis of both. A statement that confirms what events leave possible keeps what they leave
possible: where logs are missing, nobody has seen that it was less. Pure.
"""

from collections.abc import Iterable

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
    of_events = {one.category: one for one in told.categories}
    of_person = {one.category: one for one in said.categories}
    sure = shown.standing is Standing.CONFIRMED
    categories = [
        _category(
            _of(of_events.get(name), told.reason if sure else None),
            _of(of_person.get(name), _by_a_person(said) if sure else None),
            least=_proving(told, said),
        )
        for name in sorted(of_events.keys() | of_person.keys())
    ]
    stores = {store for one in said.categories for store in one.stores}
    own = {} if shown is said else {"first_at": said.first_at, "last_at": said.last_at}
    if said.standing is not Standing.CONFIRMED:
        own = {}  # what is only possible dates nothing that is sure
    first, last = own.get("first_at"), own.get("last_at")
    return msgspec.structs.replace(
        told,
        standing=shown.standing,
        reason=shown.reason,
        why=shown.why if shown is said else f"{told.why} A person states: {said.why}",
        categories=tuple(categories),
        subjects=_range(told.subjects, said.subjects, _proving(told, said)),
        first_at=min(_known(shown.first_at, first), default=None),
        last_at=max(_known(shown.last_at, last), default=None),
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


def _by_a_person(said: CustomerImpact) -> Reason:
    return Reason.NAMED if said.standing is Standing.CONFIRMED else Reason.SUSPECTED


def _proving(told: CustomerImpact, said: CustomerImpact) -> tuple[bool, bool]:
    """Return whose least counts: what is only possible proves nothing beside what is confirmed."""
    best = min(ORDER.index(told.standing), ORDER.index(said.standing))
    return ORDER.index(told.standing) == best, ORDER.index(said.standing) == best


def _of(one: CategoryImpact | None, reason: Reason | None) -> CategoryImpact | None:
    """Return a category that keeps its own reason beside those of the other side."""
    if one is None or reason is None or one.reason is not None:
        return one
    return msgspec.structs.replace(one, reason=reason)


def _category(
    told: CategoryImpact | None, said: CategoryImpact | None, *, least: tuple[bool, bool]
) -> CategoryImpact:
    if told is None or said is None:
        one = told or said
        assert one is not None, "of one of the two"
        return one
    by = (
        said
        if said.standing(Standing.CONFIRMED) is Standing.CONFIRMED
        and told.standing(Standing.CONFIRMED) is not Standing.CONFIRMED
        else told
    )
    return msgspec.structs.replace(
        by,
        records=_range(told.records, said.records, least),
        subjects=_range(told.subjects, said.subjects, least),
        confidentiality=told.confidentiality or said.confidentiality,
        integrity=told.integrity or said.integrity,
        availability=told.availability or said.availability,
        stores=tuple(dict.fromkeys((*told.stores, *said.stores))),
        people=tuple(dict.fromkeys((*told.people, *said.people))),
    )


def _range(told: Range, said: Range, least: tuple[bool, bool]) -> Range:
    both = (told, said)
    best = None if told.best is None or said.best is None else max(told.best, said.best)
    return Range(
        max(one.min for one, proves in zip(both, least, strict=True) if proves),
        best,
        None if told.max is None or said.max is None else max(told.max, said.max),
        "; ".join(dict.fromkeys(part for one in both for part in one.basis.split("; "))),
    )


def _known(*instants: int | None) -> Iterable[int]:
    return [one for one in instants if one is not None]
