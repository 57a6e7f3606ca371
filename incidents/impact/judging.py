"""One customer's standing, from what touched its data and what the logs can show.

Pure. An object-level record of the attack makes a customer *confirmed*. A whole store that was
taken, a credential that two hands held, an outcome nobody logged make it *possible*. A store that
merely stood open is judged by its logs: who was read is confirmed, and if every read is logged for
every hour, who was not read is excluded; else possible. All others are excluded, with what the
logs can say of each store that holds data of theirs.

Source: GDPR Art. 33(2), 33(3)(a); the processor's DPA, "Notification of personal data breaches".
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from incidents.impact import counting, reasons
from incidents.impact.counting import Held
from incidents.impact.evidence import Evidence, Via, World
from incidents.impact.result import (
    CategoryImpact,
    CustomerImpact,
    Negative,
    Range,
    Reason,
    Standing,
)
from tocsin.datamap import ALL, UNKNOWN, Touch
from tocsin.model.categories import Category
from tocsin.model.events import Outcome


def judge(customer: str, world: World, *, known: bool) -> CustomerImpact:
    """Return what the incident means for one customer.

    Args:
        customer: Its id.
        world: What all are judged by.
        known: Whether the register has it.
    """
    refused = sum(
        one.touch.events
        for one in world.by_customer.get(customer, ())
        if one.touch.outcome == Outcome.FAILURE
    )
    own = [one for one in world.of(customer) if _concerns(one.touch, customer, world)]
    sure = [one for one in own if one.sure]
    # Where all reads are logged, standing open touched nobody but those who were read.
    unsure = [
        one
        for one in own
        if not one.sure
        and not (one.touch.action.effect == "exposed" and one.touch.action.store in world.complete)
    ]
    gaps = _worked_unseen(customer, world)
    standing, reason = _standing(own, sure, unsure, gaps=bool(gaps), refused=bool(refused))
    touched = sure + _not_told_apart(sure, unsure, world) if standing != Standing.EXCLUDED else []
    # What somebody else may have done dates nothing where the attack's own acts do.
    dated = [one for one in touched if not one.via.doubtful] or touched
    beside = [one for one in touched if one.via.doubtful and dated is not touched]
    return CustomerImpact(
        customer=customer,
        known=known,
        standing=standing,
        reason=reason,
        why=reasons.why(reason, sure or touched or own, gaps, customer, world),
        categories=tuple(_categories(customer, touched, gaps, world)),
        subjects=_all_subjects(customer, touched, gaps, world),
        events=_events(touched, Via.INCIDENT),
        lineage=_events(touched, Via.LINEAGE, Via.OUTSIDE),
        shared=_events(touched, Via.LOOSE, Via.SHARED),
        refused=refused,
        first_at=min((one.touch.first_at for one in dated), default=None),
        last_at=max((one.touch.last_at for one in dated), default=None),
        possibly_first_at=min((one.touch.first_at for one in beside), default=None),
        possibly_last_at=max((one.touch.last_at for one in beside), default=None),
        negatives=tuple(_negatives(customer, sure + unsure, world)),
    )


def _concerns(touch: Touch, customer: str, world: World) -> bool:
    if touch.outcome == Outcome.FAILURE:
        return False
    if touch.action.count == "event" and not touch.most and not touch.uncounted:
        return False  # the answer was empty
    if touch.customer in {ALL, UNKNOWN}:
        return world.holds(customer, touch.action.store)
    return touch.customer == customer


def _not_told_apart(
    sure: Sequence[Evidence], unsure: Sequence[Evidence], world: World
) -> list[Evidence]:
    """Return what may have touched a customer beyond what surely did.

    What is nobody's in particular is not counted on top of what is known to be this customer's, in
    the same categories of the same store; of any other it is all that is known. What the data map
    does not know is counted all the same: nobody can say that it is no more than that.
    """
    told = {place for one in sure for place in _places(one, world)}
    found = list[Evidence]()
    for one in unsure:
        if one.touch.customer != UNKNOWN or one.via == Via.UNMAPPED:
            found.append(one)
        elif rest := _places(one, world) - told:
            found.append(_narrowed(one, {category for _, category in rest}))
    return found


def _narrowed(one: Evidence, to: set[Category]) -> Evidence:
    """Return a touch as one of these categories only."""
    action = one.touch.action.model_copy(update={"categories": tuple(sorted(to))})
    return one._replace(touch=one.touch._replace(action=action))


def _places(one: Evidence, world: World) -> set[tuple[str, Category]]:
    """Return what a touch may concern: (store, category)."""
    action = one.touch.action
    whole = world.stores[action.store].categories
    return {(action.store, category) for category in action.categories or whole}


def _standing(
    own: Sequence[Evidence],
    sure: Sequence[Evidence],
    unsure: Sequence[Evidence],
    *,
    gaps: bool,
    refused: bool,
) -> tuple[Standing, Reason]:
    if sure:
        outside = all(one.via == Via.OUTSIDE for one in sure)
        return Standing.CONFIRMED, Reason.OPEN_AND_READ if outside else Reason.TOUCHED
    if unsure:
        doubts = {_doubt(one) for one in unsure}
        return Standing.POSSIBLE, next(reason for reason in Reason if reason in doubts)
    if gaps:
        return Standing.POSSIBLE, Reason.NOT_COVERED
    if own:
        return Standing.EXCLUDED, Reason.OPEN_UNREAD
    return Standing.EXCLUDED, Reason.REFUSED if refused else Reason.UNTOUCHED


def _doubt(one: Evidence) -> Reason:
    """Return why a touch proves nothing."""
    touch = one.touch
    if one.via == Via.UNMAPPED:
        return Reason.UNMAPPED
    if touch.action.effect == "exposed":
        return Reason.OPEN
    if touch.customer == ALL:
        return Reason.WHOLE_STORE
    if touch.customer == UNKNOWN:
        return Reason.UNATTRIBUTED
    if touch.outcome == Outcome.UNKNOWN:
        return Reason.OUTCOME_UNKNOWN
    return Reason.LOOSELY_TIED if one.via == Via.LOOSE else Reason.SHARED_CREDENTIAL


def _worked_unseen(customer: str, world: World) -> tuple[str, ...]:
    """Return stores with this customer's data where the attack worked and logs are missing."""
    return tuple(
        store for store in sorted(world.worked - world.complete) if world.holds(customer, store)
    )


def _categories(
    customer: str, touched: Sequence[Evidence], gaps: Sequence[str], world: World
) -> Iterable[CategoryImpact]:
    by_category: dict[Category, dict[str, list[Evidence]]] = {}
    for one in touched:
        store = world.stores[one.touch.action.store]
        for category in one.touch.action.categories or store.categories:
            by_category.setdefault(category, {}).setdefault(store.name, []).append(one)
    # Where logs are missing, all that lies there may have been touched, or nothing.
    for name in gaps:
        for category in world.stores[name].categories:
            if world.may_hold(customer, name, category):
                by_category.setdefault(category, {}).setdefault(name, [])
    for category, stores in sorted(by_category.items()):
        every = [one for found in stores.values() for one in found]
        sure, unsure = ([one for one in every if one.sure is proves] for proves in (True, False))
        unseen = [name in gaps for name in stores]
        lost = [name for name in gaps if name in stores]
        _, reason = _standing(every, sure, unsure, gaps=any(unseen), refused=False)
        effects = {one.touch.action.effect for one in every}
        parts = [_split(found) for found in stores.values()]
        held = [world.held(customer, store, category) for store in stores]
        records = [
            _widened(
                counting.records(part.sure, part.unsure, have, part.doubtful),
                have.records,
                have,
                unseen=gap,
            )
            for part, have, gap in zip(parts, held, unseen, strict=True)
        ]
        yield CategoryImpact(
            category=category,
            records=counting.together(records, distinct=True),
            subjects=_subjects(parts, held, unseen),
            confidentiality=not every or bool(effects & {"read", "exported", "exposed"}),
            integrity="changed" in effects,
            availability="deleted" in effects,
            stores=tuple(stores),
            people=tuple(
                dict.fromkeys(who for store in stores for who in world.stores[store].people)
            ),
            reason=reason,
            why=reasons.why(reason, sure or every, lost, customer, world),
        )


def _widened(found: Range, there: int | None, held: Held, *, unseen: bool) -> Range:
    return counting.unseen(found, there, held) if unseen else found


class _Parts(NamedTuple):
    """Touches by what they prove; see :func:`counting.records`."""

    sure: list[Touch]
    unsure: list[Touch]
    doubtful: list[Touch]


def _all_subjects(
    customer: str, touched: Sequence[Evidence], gaps: Sequence[str], world: World
) -> Range:
    stores: dict[str, list[Evidence]] = {}
    for one in touched:
        stores.setdefault(one.touch.action.store, []).append(one)
    for name in gaps:
        stores.setdefault(name, [])
    held = [_most_people(customer, store, found, world) for store, found in stores.items()]
    parts = [_split(found) for found in stores.values()]
    return _subjects(parts, held, [name in gaps for name in stores])


def _most_people(customer: str, store: str, found: Sequence[Evidence], world: World) -> Held:
    """Return what the inventory says of the category with most people: one it cannot bound."""
    whole = world.stores[store].categories
    touched = dict.fromkeys(c for one in found for c in one.touch.action.categories or whole)
    held = [world.held(customer, store, category) for category in touched or whole]
    open_ended = [have for have in held if not have.bounds]
    return max(open_ended or held, key=lambda have: have.subjects or 0)


def _subjects(parts: Sequence[_Parts], held: Sequence[Held], unseen: Sequence[bool]) -> Range:
    """Return how many people are in several stores: those that are named count once in all."""
    if not parts:
        return Range(0, 0, 0, "no data touched")
    ranges = [
        _widened(
            counting.subjects(part.sure, part.unsure, have, part.doubtful),
            have.subjects,
            have,
            unseen=gap,
        )
        for part, have, gap in zip(parts, held, unseen, strict=True)
    ]
    whole = counting.together(ranges, distinct=False)
    each = [counting.named_subjects(part.sure) for part in parts]
    named = len(set().union(*each))
    twice = sum(map(len, each)) - named
    most = None if whole.max is None else max(whole.min, named, whole.max - twice)
    best = None if whole.best is None else max(whole.best, named)
    return Range(max(whole.min, named), best, most, whole.basis)


def _split(found: Iterable[Evidence]) -> _Parts:
    parts = _Parts([], [], [])
    for one in found:
        if one.sure:
            parts.sure.append(one.touch)
        else:
            (parts.doubtful if one.via.doubtful else parts.unsure).append(one.touch)
    return parts


def _negatives(customer: str, found: Sequence[Evidence], world: World) -> Iterable[Negative]:
    """Yield what can be said of each store that nothing reached, not even perhaps."""
    reached = {one.touch.action.store for one in found}
    with_data = {store for who, store, _ in world.holdings if who == customer}
    for store in sorted(world.stores.keys() - reached):
        if world.holds(customer, store) and (store in with_data or world.is_bound(customer)):
            said, is_sure = world.said[store], store in world.complete - world.doubted.keys()
            if world.unmapped:
                said += f"; of the data map: {reasons.acts_are(world.unmapped)} not in it"
            yield Negative(store, False if is_sure else None, said)


def _events(found: Iterable[Evidence], *via: Via) -> int:
    return sum(one.touch.events for one in found if one.via in via)
