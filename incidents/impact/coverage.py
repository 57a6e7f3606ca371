"""Which hours and stores the logs of a window cover, and how to say it.

Pure. An hour counts as covered when the archive holds an event of the source in it.
"""

from collections.abc import Collection, Iterable, Mapping

from incidents.impact.result import Coverage, SourceCoverage, StoreCoverage
from tocsin.datamap import Store
from tocsin.model.events import HOUR_US


def coverage(
    since: int,
    until: int,
    hours: Mapping[str, Collection[int]],
    stores: Iterable[Store],
    sources: Iterable[str] = (),
) -> Coverage:
    """Return what the logs of a window cover.

    Args:
        since: Its beginning, µs since 1970 UTC.
        until: Its end, excluded.
        hours: Source → hours since 1970 UTC of which there are events.
        stores: The data map's.
        sources: Further sources to speak of.
    """
    wanted = range(since // HOUR_US, -(-until // HOUR_US))
    stores = list(stores)
    names = sorted({*sources, *(name for store in stores for name in store.reads_logged_by)})
    of_sources = tuple(_source(name, wanted, hours.get(name, ())) for name in names)
    whole = {one.source for one in of_sources if not one.missing}
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
            f"{name}: {sources[name].covered} of {sources[name].hours} hours"
            for name in store.logged_by
        ]
        words[store.store] = "reads of it are logged by " + ", ".join(said)
    return words


def _source(name: str, wanted: range, there: Collection[int]) -> SourceCoverage:
    missing, runs = [hour for hour in wanted if hour not in there], list[tuple[int, int]]()
    for hour in missing:
        if runs and runs[-1][1] == hour * HOUR_US:
            runs[-1] = (runs[-1][0], (hour + 1) * HOUR_US)
        else:
            runs.append((hour * HOUR_US, (hour + 1) * HOUR_US))
    return SourceCoverage(name, len(wanted), len(wanted) - len(missing), tuple(runs))
