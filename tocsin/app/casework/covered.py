"""The facts of a notice on logs: which hours and reads they cover, and which stores they rule out.

A claim is made of this customer's stores only: that a source logs the reads of others says nothing
of its data.
"""

from collections.abc import Iterable

from incidents.documents import Known, Missing
from incidents.documents import breach as docs
from incidents.impact import Negative, SourceCoverage
from tocsin.app.casework.grounds import CATEGORIES, Grounds
from tocsin.model.instants import from_us


def coverage(on: Grounds) -> Known[tuple[docs.Coverage, ...]] | Missing | None:
    """Return for which hours and stores the logs are there; None: no log is behind the claim."""
    if on.stated:
        return None
    run, logged = on.world.run, _logged_by(on)
    since, until = from_us(run.query.since), from_us(run.query.until)
    touched = {name for one in on.categories for name in one.stores}
    theirs = touched | {one.store for one in _negatives(on)}
    # Which systems were touched may not be told yet.
    named = theirs - touched if "systems" in on.people.not_yet else theirs
    rows = []
    for one in run.coverage.sources:
        read = {store for store in theirs if one.source in logged.get(store, ())}
        some = bool(read) and read != theirs
        rows.append(
            docs.Coverage(
                source=one.source,
                since=since,
                until=until,
                hours=one.hours,
                present=one.covered + one.quiet,
                # Where some of it could not be read, it says of no read that it was not.
                object_level=bool(read) and not some and not one.unread,
                only_some=some,
                reads_of=_titles(on, read & named) if some else (),
                partly_unread=bool(read and one.unread),
            )
        )
    return Known(value=tuple(rows), source=on.run) if rows else on.missing("coverage")


def negative_findings(on: Grounds) -> tuple[docs.NegativeFinding, ...]:
    """Return what can be said of each store that no log shows to have been reached."""
    stores = on.world.data_map.stores()
    return tuple(
        docs.NegativeFinding(
            store=on.title(one.store),
            finding=_finding(on, one),
            logs=tuple(
                docs.Log(source=log.source, hours=log.hours, present=log.covered + log.quiet)
                for log in _logs(on, one.store)
            ),
            may_hold=tuple(CATEGORIES[each] for each in stores[one.store].categories)
            if one.store in stores
            else (),
        )
        for one in sorted(_negatives(on), key=lambda one: on.title(one.store))
    )


def _finding(on: Grounds, one: Negative) -> docs.Finding:
    """Return that a store was not accessed, or why nobody can tell."""
    behind = _logs(on, one.store)
    if not behind:
        return "not_logged"
    if any(each.unread for each in behind):
        return "partly_unread"
    if any(each.missing for each in behind):
        return "hours_missing"
    return "not_accessed" if one.accessed is False else "unmapped"


def _negatives(on: Grounds) -> tuple[Negative, ...]:
    return () if on.impact is None or on.stated else on.impact.negatives


def _logged_by(on: Grounds) -> dict[str, tuple[str, ...]]:
    return {one.store: one.logged_by for one in on.world.run.coverage.stores}


def _logs(on: Grounds, store: str) -> list[SourceCoverage]:
    """Return what is held of the sources that log each read of a store."""
    sources = {one.source: one for one in on.world.run.coverage.sources}
    return [sources[name] for name in _logged_by(on).get(store, ())]


def _titles(on: Grounds, stores: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(map(on.title, stores)))
