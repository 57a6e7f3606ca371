"""A scan: everything that sources hold, once, over a temporary folder.

    list      what there is, to a file: then it is known how much is to come
    read      handfuls to segments by event day, in processes
    follow    day by day, in event time, in this one

Nothing is kept but the result.
"""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from collectors.reading import no_collection
from detectors.sigma.match import Matcher
from tocsin.app.config import Config
from tocsin.app.engine.choosing import choose
from tocsin.app.engine.following import Judge, ordered
from tocsin.app.engine.listing import Listing
from tocsin.app.engine.reading import HANDFUL_BYTES, LEAST_BYTES, Plan, Taken, collectors, handfuls
from tocsin.app.engine.result import Rejected, ScanResult, Summary
from tocsin.app.engine.spool import FindingSpool, RejectSpool
from tocsin.app.engine.windows import windows
from tocsin.app.engine.workers import WORTH_BYTES, cores, method, read_all
from tocsin.app.sources import SourceSettings
from tocsin.archive.segments import SegmentFile, read_segments
from tocsin.geo import Geo
from tocsin.model.columns import Columns
from tocsin.model.findings import Hit, Incident
from tocsin.model.instants import to_us
from tocsin.model.sources import SourceObject

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is (0: not known)."""

SHARES = 8
"""Into so many handfuls per process a scan is cut at least, so that all have work to the end."""


@contextmanager
def scan(
    sources: Sequence[SourceSettings],
    config: Config,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    processes: int | None = None,
    worth_bytes: int | None = None,
    progress: Progress = lambda *_: None,
) -> Iterator[ScanResult]:
    """Scan sources; the result's findings are there until the context ends.

    Args:
        sources: What to read.
        config: The rest of the configuration; its own sources are not read.
        since: Events before this are learned from but not judged; aware.
        until: Events at or after this are not either.
        processes: How many to use at most; None for one per core. They change nothing in the
            result.
        worth_bytes: Stored bytes from which on more than one is started; None for what it costs
            here.
        progress: Told how it goes on.

    Raises:
        CollectError: A source cannot be listed or reached.
        ConfigError: A setting cannot work.
    """
    with TemporaryDirectory(prefix="tocsin-scan-") as name:
        work = _Scan(sources, config, Path(name), progress)
        try:
            with no_collection():
                most = processes or cores()
                result = work.run(_us(since), _us(until), most, worth_bytes)
            yield result
        finally:
            work.findings.close()


class Everything:
    """The ledger of a scan: nothing was taken yet."""

    def unseen(self, found: Sequence[SourceObject]) -> Collection[SourceObject]:
        """Return all of it."""
        return found


class _Scan:
    def __init__(
        self, sources: Sequence[SourceSettings], config: Config, folder: Path, progress: Progress
    ) -> None:
        self._folder, self._progress, self._config = folder, progress, config
        choice = choose(config)
        self._pack = choice.load()
        self._plan = Plan(
            sources={source.name: source for source in sources},
            choice=choice,
            mmdb=config.geo.mmdb,
            folder=folder / "segments",
            spool=True,
        )
        self._segments = list[SegmentFile]()
        self._summary, self._rejected = Summary(), Rejected()
        self._faults = dict[str, str]()
        self._unmapped = frozenset[str]()
        self._says_outcome = dict[str, bool]()
        self.findings = FindingSpool(folder / "findings")
        self._rejects = RejectSpool(folder / "rejects")

    def run(
        self, since: int | None, until: int | None, processes: int, worth_bytes: int | None
    ) -> ScanResult:
        began = time.perf_counter()
        listings = self._list()
        self._read(listings, processes, worth_bytes)
        incidents = self._follow(since, until)
        self._summary.seconds = time.perf_counter() - began
        return ScanResult(
            summary=self._summary,
            incidents=incidents,
            findings=self.findings,
            rejected=self._rejected,
            rejects=self._rejects,
            faults=self._faults,
            rule_errors=list(self._pack.errors),
            rules=len(self._pack.rules),
            unmapped=self._unmapped,
            mute=frozenset(name for name, says in self._says_outcome.items() if not says),
        )

    def _list(self) -> dict[str, Listing]:
        listings = dict[str, Listing]()
        for number, (name, source) in enumerate(collectors(self._plan, Matcher(())).items()):
            listings[name] = Listing(self._folder / f"listing-{number}")
            for count in listings[name].write(source.find(Everything())):
                self._progress("listing", count, 0)
        return listings

    def _read(self, listings: dict[str, Listing], processes: int, worth_bytes: int | None) -> None:
        size, summary, done = sum(one.bytes for one in listings.values()), self._summary, 0
        least = WORTH_BYTES[method()] if worth_bytes is None else worth_bytes
        processes = processes if size >= least else 1
        most = min(HANDFUL_BYTES, max(LEAST_BYTES, size // (SHARES * processes)))
        work = chain.from_iterable(
            handfuls(name, listing, f"{number}", most)
            for number, (name, listing) in enumerate(listings.items())
        )
        for taken in read_all(self._plan, work, processes, self._pack.rules):
            self._take(taken)
            done += taken.handful.size
            self._progress("reading", done, size)
        summary.bytes = size

    def _take(self, taken: Taken) -> None:
        batch, summary = taken.batch, self._summary
        self._segments += taken.files
        self._rejected.add(batch.rejects)
        self._rejects.add(batch.rejects)
        self._faults |= batch.faults
        self._unmapped |= batch.unmapped
        for name, says in batch.says_outcome.items():
            self._says_outcome[name] = says or self._says_outcome.get(name, False)
        summary.records += batch.records
        summary.rejected += len(batch.rejects)
        summary.files += len(batch.objects)
        summary.read += sum(state == "read" for _, state in batch.objects)

    def _follow(self, since: int | None, until: int | None) -> list[Incident]:
        judge = Judge(self._pack.rules, Geo(self._config.geo.mmdb), self._config)
        summary, incidents = self._summary, dict[str, Incident]()
        stored = sum(file.rows for file in self._segments)
        learned = done = 0
        # What is usual is learned from all that came before, or nothing would be unusual.
        for events, hits, copies in self._windows(None, since) if since is not None else ():
            judge.learn(events, hits)
            learned += len(events) + copies
            self._progress("learning", learned, stored)
        for events, hits, copies in self._windows(since, until):
            done += len(events) + copies
            summary.events += len(events)
            summary.duplicates += copies
            found, changed = judge.step(events, hits)
            self.findings.add(found)
            for incident in changed:
                incidents[incident.id] = incident
                for gone in incident.merged:
                    incidents.pop(gone, None)
            self._progress("judging", learned + done, stored)
        summary.outside = stored - done
        return sorted(incidents.values(), key=lambda i: (-i.level, -i.score, i.opened_at, i.id))

    def _windows(
        self, since: int | None, until: int | None
    ) -> Iterator[tuple[Columns, list[Hit], int]]:
        for window in windows(self._segments, since, until):
            paths = [self._plan.folder / file.path for file in window.segments]
            columns, hits = read_segments(paths, since_us=window.since, until_us=window.until)
            yield ordered(columns, hits)


def _us(at: datetime | None) -> int | None:
    return None if at is None else to_us(at)
