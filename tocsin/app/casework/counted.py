"""The facts of a notice that an impact run gives: which data of whom, how much, when, how surely.

What no run can tell, and nobody has said yet, is ``Missing`` or ``NotYet``: nothing is guessed.
"""

from collections.abc import Iterable, Sequence

from incidents.documents import Known, Missing, NotYet, Source
from incidents.documents import breach as docs
from incidents.impact import CategoryImpact, Ground, Range, Reason, Standing, ground
from tocsin.app.casework.grounds import CATEGORIES, Grounds, effects
from tocsin.model.instants import from_us, to_us

PEOPLE: dict[str, docs.Subjects] = {
    "customers and prospects": "customers",
    "customers": "customers",
    "prospects": "customers",
    "employees": "employees",
    "suppliers": "suppliers",
}
SHOWN_BY: dict[Reason, docs.ShownBy] = {
    Reason.TOUCHED: "object_log",
    Reason.OPEN_AND_READ: "object_log",
    Reason.WHOLE_STORE: "whole_store",
    Reason.OUTCOME_UNKNOWN: "outcome_unknown",
    Reason.LOOSELY_TIED: "common_role",
    Reason.SHARED_CREDENTIAL: "shared_credential",
    Reason.OPEN: "stood_open",
    Reason.UNATTRIBUTED: "unattributed",
    Reason.UNMAPPED: "unmapped",
    Reason.NOT_COVERED: "not_covered",
    Reason.NAMED: "stated",
    Reason.SUSPECTED: "stated",
}
"""Why a customer may be touched → what shows it; the other reasons rule it out."""


def period(on: Grounds) -> Known[docs.Period] | NotYet | Missing:
    """Return when it happened: what was stated of this customer, what people say of all, or events.

    That the whole is still being looked into does not undo what is known of one.
    """
    found = _period(on)
    if on.stated and isinstance(found, Known):
        return found
    said: Known[docs.Period] | NotYet | None = on.said("period", on.people.period)
    return said or found


def _period(on: Grounds) -> Known[docs.Period] | Missing:
    """Return when it happened: as the customer's own events say, or else the attack's."""
    run = on.world.run
    begun = ended = None
    # What was said of another customer dates nothing here, and no honest work dates an attack.
    if not on.stated and any(one.events or one.lineage for one in run.customers):
        # An act of the attack that touched nobody is a part of it, and so is what a person found.
        begun = min((at for at in (run.began_at, run.first_at) if at is not None), default=None)
        ended = max((at for at in (run.ended_at, run.last_at) if at is not None), default=None)
    own = on.impact if on.stated or on.is_confirmed else None
    if own and own.first_at is not None:
        begun, ended = own.first_at, own.last_at  # no end: a person stated when it began alone
    # Access that nobody stopped goes on, whatever was the last event; what was stated is as stated.
    stopped_at = None if on.nature is None else on.nature.contained_at
    goes_on = on.nature is not None and stopped_at is None
    if goes_on and not on.stated:
        ended = None
    if ended is None and begun is not None and stopped_at is not None:
        surely = on.told if on.told and on.told.standing is Standing.CONFIRMED else None
        stopped = max(to_us(stopped_at), (surely and surely.last_at) or 0)
        ended = stopped if stopped >= begun else None
    if begun is None or (ended is None and not goes_on):
        return on.missing("period")
    may = _possibly(on)
    return Known(
        value=docs.Period(
            begun_at=from_us(begun),
            ended_at=None if ended is None else from_us(ended),
            method="stated" if on.stated or _is_dated_by_a_person(on) else "log_events",
            possible_from=None if may is None else from_us(may[0]),
            possible_until=None if may is None else from_us(may[1]),
        ),
        source=on.run,
    )


def _possibly(on: Grounds) -> tuple[int, int] | None:
    """Return when its data may have been touched beside what surely did, first and last."""
    own = on.impact
    if own is None or on.stated:
        return None
    first, last = own.possibly_first_at, own.possibly_last_at
    if not on.is_confirmed:  # then all that is known of it may have touched it, or may not
        first, last = own.first_at or first, own.last_at or last
    return None if first is None or last is None else (first, last)


def _is_dated_by_a_person(on: Grounds) -> bool:
    """Return whether a person stated one of the instants, beside what events tell."""
    said, own, told = on.statement, on.impact, on.told
    if said is None or own is None or told is None or said.standing is not Standing.CONFIRMED:
        return False
    return (own.first_at, own.last_at) != (told.first_at, told.last_at)


def standing(on: Grounds) -> Known[docs.Standing] | Missing:
    """Return whether the customer is touched for sure, what shows it, and what was not touched."""
    if on.impact is None or on.impact.standing == Standing.EXCLUDED:
        return on.missing("standing")
    touched = {CATEGORIES[one.category] for one in on.impact.categories}
    stores = on.world.data_map.stores()
    negatives = [one for one in on.impact.negatives if one.store in stores]
    # Data of one kind may lie in several stores: it is ruled out where each of them is.
    unread, unknown = (
        {
            CATEGORIES[category]
            for one in negatives
            if (one.accessed is False) is ruled_out
            for category in stores[one.store].categories
        }
        for ruled_out in (True, False)
    )
    shown = on.world.shown[on.entry.id]
    first = shown.confirmed if on.is_confirmed else None
    first, before = first or shown.possible or on.world.run, shown.possible
    earlier = before if before is not None and before.number < first.number else None
    by_a_person = on.is_confirmed and on.impact.standing != Standing.CONFIRMED
    return Known(
        value=docs.Standing(
            standing="confirmed" if on.is_confirmed else "possible",
            shown_by="person" if by_a_person else SHOWN_BY[on.impact.reason],
            first_shown_at=from_us(first.at),
            run=first.number,
            possible_at=from_us(earlier.at) if earlier else None,
            possible_run=earlier.number if earlier else None,
            excluded=tuple(sorted(unread - unknown - touched)),
        ),
        source=on.run,
    )


def systems(on: Grounds) -> Known[tuple[docs.System, ...]] | NotYet | Missing:
    """Return the stores the data lay in, and where they are."""
    if "systems" in on.people.not_yet:
        return on.not_yet()
    named = sorted({name for one in on.categories for name in one.stores})
    if not named:
        return on.missing("systems")
    if not on.world.operator.location:
        return on.missing("processor.location")
    sure = {name for one in on.sure() for name in one.stores}
    lost = {one.source for one in on.world.run.coverage.sources if one.unread}
    logged = {
        one.store
        for one in on.world.run.coverage.stores
        if one.logged_by and not lost.intersection(one.logged_by)
    }
    systems = tuple(
        docs.System(
            name=on.title(name),
            kind="other",
            location=on.world.operator.location,
            object_log=name in logged,
            standing="confirmed" if name in sure else "possible",
        )
        for name in named
    )
    return Known(value=systems, source=on.run if on.stated else _map(on))


def affected(on: Grounds) -> Known[tuple[docs.Affected, ...]] | Missing:
    """Return what happened to data of each category, and to how much of it."""
    rows = tuple(
        docs.Affected(
            category=CATEGORIES[one.category],
            effects=effects(one),
            records=_range(on, one.records, f"affected.records.{CATEGORIES[one.category]}"),
            subjects=_range(on, one.subjects, f"affected.subjects.{CATEGORIES[one.category]}"),
            standing="confirmed" if one in on.sure() else "possible",
            shown_by=SHOWN_BY.get(one.reason) if one.reason else None,
        )
        for one in on.categories
    )
    return Known(value=rows, source=on.run) if rows else on.missing("affected")


def subject_categories(on: Grounds) -> Known[tuple[docs.Subjects, ...]] | Missing:
    """Return who the people are whose data it is, as far as that is sure; else all they may be."""
    found = _people(on.sure()) or _people(on.categories)
    if not found:
        return on.missing("subject_categories")
    source = on.run if on.stated else _map(on)
    return Known(value=tuple(sorted(found)), source=source)


def possible_subjects(on: Grounds) -> tuple[docs.Subjects, ...]:
    """Return who else they may be, where only part of it is sure."""
    sure = _people(on.sure())
    return tuple(sorted(_people(on.categories) - sure)) if sure else ()


def subjects(on: Grounds) -> Known[docs.Range] | NotYet | Missing:
    """Return how many people it touched."""
    if on.impact is None:
        return on.missing("subjects")
    return _range(on, on.impact.subjects, "subjects")


def records(on: Grounds) -> Known[docs.Range] | NotYet | Missing:
    """Return the records of all categories; a record counts once, in its largest category."""
    ranges = [one.records for one in on.categories]
    if not ranges:
        return on.missing("records")
    is_joined = on.told is not None
    found = [_together(group, is_joined=is_joined) for group in _sharing(on.categories)]
    # Where nothing is proved and there is no ground for a guess, nothing is added to it.
    best = [one.best for one in found if one.best is not None or one.min]
    most = [one.max for one in found]
    whole = Range(
        sum(one.min for one in found),
        None if None in best or not best else sum(filter(None, best)),
        None if None in most else sum(filter(None, most)),
        "; ".join(dict.fromkeys(part for one in found for part in one.basis.split("; "))),
    )
    return _range(on, whole, "records")


def _sharing(categories: Iterable[CategoryImpact]) -> list[list[CategoryImpact]]:
    """Return categories in groups that have a store in common: their records may be the same."""
    groups = list[tuple[set[str], list[CategoryImpact]]]()
    for one in categories:
        stores, held = set(one.stores), [one]
        for group in [group for group in groups if group[0] & stores]:
            groups.remove(group)
            stores, held = stores | group[0], [*group[1], *held]
        groups.append((stores, held))
    return [held for _, held in groups]


def _together(categories: Sequence[CategoryImpact], *, is_joined: bool = False) -> Range:
    """Return how many records categories of the same stores are at least, likely and at most.

    Where a person states one side and events tell the other, of several stores each may mean more
    of this and less of that: such categories add up.
    """
    ranges = [one.records for one in categories]
    best = [one.best for one in ranges if one.best is not None]
    most = dict[frozenset[str], int]()
    for one in categories:
        stores, there = frozenset(one.stores), one.records.max or 0
        known = most.get(stores, 0)
        is_sum = is_joined and len(stores) > 1
        most[stores] = known + there if is_sum else max(known, there)
    return Range(
        max(one.min for one in ranges),
        max(best) if best else None,
        None if any(one.max is None for one in ranges) else sum(most.values()),
        "; ".join(dict.fromkeys(part for one in ranges for part in one.basis.split("; "))),
    )


def _range(on: Grounds, found: Range, fact: str) -> Known[docs.Range] | NotYet | Missing:
    name = fact.partition(".")[2].partition(".")[0] or fact
    if found.max is None:
        return on.not_yet() if name in on.people.not_yet else on.missing(fact)
    how = ground(found)
    if on.stated or _is_said(on, found):
        how = Ground("report", "report", "report", None)  # type: ignore[arg-type] # in their words
    best = None if found.best is None else min(max(found.best, found.min), found.max)
    return Known(
        value=docs.Range(
            least=found.min,
            best=best,
            most=found.max,
            least_by=how.least,
            best_by=None if best is None else how.best,
            most_by=how.most or how.least,
            as_of=how.inventory,
        ),
        source=on.run,
    )


def _is_said(on: Grounds, found: Range) -> bool:
    """Return whether a number of one that events tell of has what a person stated in it."""
    if on.statement is None:
        return False
    ranges = [one for each in on.statement.categories for one in (each.records, each.subjects)]
    said = {part for one in (*ranges, on.statement.subjects) for part in one.basis.split("; ")}
    return not said.isdisjoint(found.basis.split("; "))


def _people(categories: Iterable[CategoryImpact]) -> set[docs.Subjects]:
    return {PEOPLE[word] for one in categories for word in one.people if word in PEOPLE}


def _map(on: Grounds) -> Source:
    return Source(kind="data_map", reference=str(on.world.run.query.datamap))
