"""Touches into numbers: at least, most likely, at most, and on what ground.

The least is what the logs prove, the most what they allow, bounded by the inventory where that is
fresh. Objects that are named are told apart exactly; counts in different records may be of the
same data, so the least takes the largest and the most adds them up.

Pure arithmetic.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from incidents.impact.result import Range
from incidents.impact.unmapped import NAME as UNMAPPED
from tocsin.datamap import Touch
from tocsin.model.columns import ABSENT
from tocsin.registers import Holding


class Held(NamedTuple):
    """What the inventory says of one customer's data of one category in one store.

    Attributes:
        holding: The inventory's entry; None where it has none.
        bounds: Whether it holds for the window, and so bounds what the logs allow.
        alone: Whether each record there is one person, whatever is done with it.
    """

    holding: Holding | None
    bounds: bool
    alone: bool = False

    @property
    def records(self) -> int | None:
        """Return how many records there are."""
        return self.holding.records if self.holding else None

    @property
    def subjects(self) -> int | None:
        """Return how many people are in them; no more than records where each is one."""
        if self.holding is None:
            return None
        if self.holding.subjects is None and self.alone:
            return self.holding.records
        return self.holding.subjects

    @property
    def most(self) -> int | None:
        """Return how many records there are at most; None: nothing bounds them."""
        return self.records if self.bounds else None


class _Part(NamedTuple):
    """What one way of counting gives."""

    min: int
    best: int | None
    max: int | None
    basis: str


SEVERAL = "a person may be in several records"
NOTHING = "nothing touched"
UNSEEN = "logs are missing"
STATED = "counts in the logs"


def records(
    sure: Sequence[Touch], unsure: Sequence[Touch], held: Held, doubtful: Sequence[Touch] = ()
) -> Range:
    """Return how many records of one customer in one store were touched.

    Args:
        sure: Touches that are the attack's.
        unsure: Acts of the attack that may have touched this customer's data.
        held: What the inventory says of them.
        doubtful: Touches that somebody else may have done: they raise the most, and are no ground
            for a guess.
    """
    return _bounded(_range(sure, unsure, held, doubtful), held.records, held)


def subjects(
    sure: Sequence[Touch], unsure: Sequence[Touch], held: Held, doubtful: Sequence[Touch] = ()
) -> Range:
    """Return how many people are in the records that were touched; args as :func:`records`."""
    named = named_subjects(sure)
    rest = [touch for touch in sure if not touch.subject]
    alone, several = _by_people(rest)
    likely_alone, likely_several = _by_people(rest if sure else unsure)
    of_each = [
        _range(likely, (), held) if sure else _range((), likely, held)
        for likely in (likely_alone, likely_several)
    ]
    bests = [of_each[0].best, expected(of_each[1].best, held.subjects)]
    best = None if None in bests else max(len(named), *(n for n in bests if n is not None))
    if doubtful and not sure and not unsure:
        best = None
    least = max(_range(alone, (), held).min, min(1, _range(several, (), held).min))
    whole = _range(rest, unsure, held, doubtful)
    there, every = held.subjects, (*sure, *unsure, *doubtful)
    if there is None and every and all(one.action.subjects == "record" for one in every):
        there = held.records  # each is a person, so there are no more of these
    basis = [f"{len(named)} people named in the records"] if named else []
    basis += [whole.basis] if rest or unsure or doubtful or not named else []
    _, doubtful_several = _by_people(doubtful)
    if several or likely_several or doubtful_several:
        basis.append(SEVERAL)
    found = Range(
        max(len(named), least),
        best,
        None if whole.max is None else len(named) + whole.max,
        "; ".join(basis),
    )
    return _bounded(found, there, held)


def unseen(found: Range, there: int | None, held: Held) -> Range:
    """Return the range where logs are missing: what they would show may be all there is.

    Args:
        found: What the logs there are say.
        there: How many records or people the inventory has.
        held: What the inventory says.
    """
    said, inventory = found.basis.split("; "), list[str]()
    if there is not None and held.holding is not None:
        inventory.append(f"inventory of {held.holding.on.isoformat()}: {there}")
    ways = [part for part in said if part != NOTHING and part not in inventory]
    return Range(
        found.min,
        None if NOTHING in said else found.best,
        None if there is None or found.max is None or not held.bounds else max(found.max, there),
        "; ".join([*ways, UNSEEN, *inventory]),
    )


def _by_people(touches: Sequence[Touch]) -> tuple[list[Touch], list[Touch]]:
    """Return touches whose records are a person each, and those where a person may have more."""
    return (
        [touch for touch in touches if touch.action.subjects == "record"],
        [touch for touch in touches if touch.action.subjects == "some"],
    )


def named_subjects(touches: Iterable[Touch]) -> set[str]:
    """Return the people whom objects name."""
    return {touch.subject for touch in touches if touch.subject}


def expected(draws: int | None, people: int | None) -> int | None:
    """Return how many different people ``draws`` records of ``people`` people show on average."""
    if draws is None or not people:
        return draws
    return max(min(draws, 1), round(people * (1 - (1 - 1 / people) ** draws)))


def together(parts: Sequence[Range], *, distinct: bool) -> Range:
    """Return what several ranges are together.

    Args:
        parts: Ranges of different stores or categories.
        distinct: Records of different stores are different records; people may be the same.
    """
    if len(parts) == 1:
        return parts[0]
    bests = [part.best for part in parts if part.best is not None]
    add = sum if distinct else max
    least = add([part.min for part in parts]) if parts else 0
    return Range(
        least,
        max(least, add(bests)) if bests else None,  # what has no likely number has a least
        _total(part.max for part in parts),
        "; ".join(dict.fromkeys(part.basis for part in parts)),
    )


def _range(
    sure: Sequence[Touch], unsure: Sequence[Touch], held: Held, doubtful: Sequence[Touch] = ()
) -> Range:
    proved, allowed = list(_parts(sure, held)), list(_parts(unsure, held))
    doubted = list(_parts(doubtful, held))
    bests = [part.best for part in (proved or allowed) if part.best is not None]
    if not proved and len(bests) < len(allowed):
        bests = []  # what has no likely number may be more than all that have one
    every = (*proved, *allowed, *doubted)
    least = max((part.min for part in proved), default=0)
    return Range(
        least,
        max(least, *bests) if bests else (None if every else 0),
        _total(part.max for part in every),
        "; ".join(dict.fromkeys(part.basis for part in every)) or NOTHING,
    )


def _bounded(found: Range, there: int | None, held: Held) -> Range:
    """Return the range inside what there is, where the inventory is fresh enough to say."""
    if there is None or held.holding is None:
        return found
    ground = f"{found.basis}; inventory of {held.holding.on.isoformat()}: {there}"
    if not held.bounds:
        return Range(found.min, found.best, found.max, ground)
    most = max(found.min, there if found.max is None else min(found.max, there))
    best = found.best if found.best is None else max(found.min, min(found.best, most))
    return Range(found.min, best, most, ground)


def _parts(touches: Sequence[Touch], held: Held) -> Iterator[_Part]:
    objects = [
        touch
        for touch in touches
        if touch.action.count == "object" and touch.action.effect != "exposed"
    ]
    if objects:
        named = {touch.thing for touch in objects if touch.thing}
        nameless = sum(touch.events for touch in objects if not touch.thing)
        most = len(named) + nameless
        basis = f"{len(named)} objects named" if named else f"{nameless} events, one record each"
        yield _Part(max(len(named), 1), most, most, basis)
    actions = {touch.action.name: touch.action for touch in touches}
    for name, action in actions.items():
        own = [touch for touch in touches if touch.action.name == name]
        if name == UNMAPPED:
            yield _Part(0, None, None, "acts that the data map does not know")
        elif action.effect == "exposed":
            yield _Part(0, 0, held.most, "stood open")
        elif action.count == "store":
            yield _Part(0, held.most, held.most, "a whole store")
        elif action.count == "event":
            yield _counted(own)
        elif action.count == "bytes":
            yield _weighed(own)


def _counted(touches: Sequence[Touch]) -> _Part:
    overlapping = touches[0].action.overlapping
    counts = [max(touch.most, 1 if touch.uncounted else 0) for touch in touches]
    # One object that is read twice holds the same records; where none is named, each may be new.
    usual = [touch.most if touch.thing else touch.sum for touch in touches if touch.most != ABSENT]
    unknown = any(touch.uncounted for touch in touches)
    least = max(counts)
    best = max(least, max(usual) if overlapping else sum(usual)) if usual else None
    most = None if unknown else sum(touch.sum for touch in touches)
    return _Part(least, best, most, STATED)


def _weighed(touches: Sequence[Touch]) -> _Part:
    action = touches[0].action
    assert action.bytes_per_record is not None
    small, usual, large = action.bytes_per_record
    known = [touch.bytes for touch in touches if touch.bytes != ABSENT]
    least = max((-(-moved // large) for moved in known), default=1)
    likely = [round(moved / usual) for moved in known]
    best = max(least, max(likely) if action.overlapping else sum(likely)) if known else None
    most = None
    if best is not None and len(known) == len(touches):
        most = max(best, sum(moved // small for moved in known))
    return _Part(least, best, most, f"bytes moved, {small} to {large} for a record")


def _total(numbers: Iterable[int | None]) -> int | None:
    total = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total
