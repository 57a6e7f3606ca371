"""Which hours and stores the logs of a window cover, and how to say it.

Pure. An hour counts as covered when the archive holds an event of the source in it. Silences no
longer than the source has on most days are its habit, as a night is; longer ones are gaps. What was
taken and could not be read may be a record of any hour.
"""

from collections.abc import Collection, Iterable, Mapping
from statistics import median

from incidents.impact.result import Coverage, SourceCoverage, StoreCoverage
from tocsin.datamap import Store
from tocsin.model.events import HOUR_US

ANY = "*"
"""In place of a source: what of it nobody could read, its name included, may be of each."""

BASELINE_HOURS = 28 * 24
"""So long before the window a source's habits are looked at."""

LEAST_DAYS = 7
"""Of fewer days nothing is a habit."""


def coverage(
    since: int,
    until: int,
    hours: Mapping[str, Collection[int]],
    stores: Iterable[Store],
    sources: Iterable[str] = (),
    *,
    unread: Mapping[str, int] | None = None,
) -> Coverage:
    """Return what the logs of a window cover.

    Args:
        since: Its beginning, µs since 1970 UTC.
        until: Its end, excluded.
        hours: Source → hours since 1970 UTC of which there are events; also those of the
            baseline before the window.
        stores: The data map's.
        sources: Further sources to speak of.
        unread: Source → what of it could not be read; ``ANY`` stands for every source.
    """
    wanted = range(since // HOUR_US, -(-until // HOUR_US))
    stores = list(stores)
    names = sorted({*sources, *(name for store in stores for name in store.reads_logged_by)})
    lost = unread or {}
    of_sources = tuple(
        _source(name, wanted, hours.get(name, ()), lost.get(name, 0) + lost.get(ANY, 0))
        for name in names
    )
    whole = {one.source for one in of_sources if not one.missing and not one.unread}
    return Coverage(
        of_sources,
        tuple(
            StoreCoverage(
                store.name,
                store.reads_logged_by,
                bool(store.reads_logged_by) and whole.issuperset(store.reads_logged_by),
            )
            for store in stores
        ),
    )


def in_words(covered: Coverage) -> dict[str, str]:
    """Return, per store, what its logs cover."""
    sources = {one.source: one for one in covered.sources}
    words = {}
    for store in covered.stores:
        if not store.logged_by:
            words[store.store] = "reads of it are not logged"
            continue
        said = [
            f"{name} ({one.covered} of {one.hours} hours with events, {one.quiet} quiet as usual"
            f"{f', {one.unread} of its records or files could not be read' * bool(one.unread)})"
            for name in store.logged_by
            for one in (sources[name],)
        ]
        words[store.store] = "reads of it are logged by " + ", ".join(said)
    return words


def _source(name: str, wanted: range, there: Collection[int], unread: int) -> SourceCoverage:
    there = frozenset(there)
    runs = _silences(wanted, there)
    habit = _usual_silence(wanted.start, there)
    quiet = sum(until - since for since, until in runs if until - since <= habit)
    covered = len(there.intersection(wanted))
    gaps = [(a * HOUR_US, b * HOUR_US) for a, b in runs if b - a > habit]
    return SourceCoverage(name, len(wanted), covered, quiet, tuple(gaps), unread)


def _usual_silence(before: int, there: Collection[int]) -> float:
    """Return the longest silence, in hours, of a middling day of the baseline."""
    first = max(min(there, default=before), before - BASELINE_HOURS)
    days = [range(day, day + 24) for day in range(first, before - 23, 24)]
    if len(days) < LEAST_DAYS:
        return 0
    return median(
        max((until - since for since, until in _silences(day, there)), default=0) for day in days
    )


def _silences(hours: range, there: Collection[int]) -> list[tuple[int, int]]:
    """Return the runs of hours without events, each as first hour and the hour after its last."""
    runs = list[tuple[int, int]]()
    for hour in hours:
        if hour in there:
            continue
        if runs and runs[-1][1] == hour:
            runs[-1] = (runs[-1][0], hour + 1)
        else:
            runs.append((hour, hour + 1))
    return runs
