"""Handfuls to processes.

A process that has a single thread is forked: the copies have loaded everything and read at once.
A service has threads, and a lock that one of them holds would stay held in a copy: there, and where
that cannot be known, processes are spawned. Few handfuls are on the way at a time, so that memory
does not depend on how many there are. A process that dies (killed by the system for its memory, a
fault in a library) takes the others' work with it: what was on the way is done again, each handful
in a process of its own, once. If that dies too, its files are named.

Source: Python documentation, ``concurrent.futures`` (BrokenProcessPool), ``multiprocessing``
("Contexts and start methods").
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tocsin.errors import CollectError

if TYPE_CHECKING:
    from detectors.sigma.rule import Rule
    from tocsin.app.engine.reading import Handful, Plan, Reader, Taken

Method = Literal["fork", "spawn"]

AHEAD = 2
"""Handfuls on the way per process: one being read, one waiting."""

WORTH_BYTES: Mapping[Method, int] = {"fork": 4 << 20, "spawn": 32 << 20}
"""Stored bytes from which on further processes save more time than they take to start."""

_THREADS = Path("/proc/self/task")
"""The threads of this process, those of libraries too; on Linux."""

NAMED = 3
"""So many files are named when their process died."""


def cores() -> int:
    """Return on how many cores this process may run."""
    return len(os.sched_getaffinity(0))


def method() -> Method:
    """Return how further processes are started from this one as it is now."""
    try:
        return "fork" if len(list(_THREADS.iterdir())) == 1 else "spawn"
    except FileNotFoundError:  # another system
        return "spawn"


def read_all(
    plan: "Plan",
    handfuls: Iterable["Handful"],
    processes: int,
    rules: "Sequence[Rule] | None" = None,
) -> Iterator["Taken"]:
    """Yield what becomes of each handful, in whatever order they are done.

    Args:
        plan: How to read.
        handfuls: What to read; taken as there is room.
        processes: How many to use; 1 reads in this one.
        rules: Those that the plan chooses, if they are loaded already; processes that are spawned
            load them for themselves.

    Raises:
        CollectError: A source cannot be reached, or a process died twice over the same files.
        ArchiveError: The disk refuses.
    """
    if processes > 1:
        yield from _Pool(plan, processes, rules).read(handfuls)
        return
    from tocsin.app.engine.reading import Reader  # noqa: PLC0415 - loads rules, numpy

    reader = Reader(plan, rules)
    yield from map(reader.read, handfuls)


class _Pool:
    def __init__(self, plan: "Plan", processes: int, rules: "Sequence[Rule] | None") -> None:
        self._plan, self._processes = plan, processes
        self._rules = rules

    def read(self, handfuls: Iterable["Handful"]) -> Iterator["Taken"]:
        rest = iter(handfuls)
        waiting: dict[Future[Taken], Handful] = {}
        pool = self._start(self._processes)
        try:
            while True:
                lost = self._fill(pool, rest, waiting)
                if not waiting and not lost:
                    break
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    handful = waiting.pop(future)
                    try:
                        yield future.result()
                    except BrokenProcessPool:
                        lost.append(handful)
                if lost:
                    lost += waiting.values()
                    waiting.clear()
                    _kill(pool)
                    yield from map(self._alone, lost)
                    pool = self._start(self._processes)
        finally:
            # Left early (an error, Ctrl-C, the caller has enough), nothing is waited for; at the
            # end there is nothing to wait for.
            _kill(pool)

    def _fill(
        self,
        pool: ProcessPoolExecutor,
        rest: Iterator["Handful"],
        waiting: dict[Future["Taken"], "Handful"],
    ) -> list["Handful"]:
        """Hand out what there is room for; return what a broken pool did not take."""
        while len(waiting) < AHEAD * self._processes and (handful := next(rest, None)):
            try:
                with _no_interrupt():
                    waiting[pool.submit(_read, handful)] = handful
            except BrokenProcessPool:
                return [handful]
        return []

    def _start(self, processes: int) -> ProcessPoolExecutor:
        how = method()
        return ProcessPoolExecutor(
            processes,
            mp_context=multiprocessing.get_context(how),
            initializer=_begin,
            initargs=(self._plan, self._rules if how == "fork" else None),  # rules do not travel
        )

    def _alone(self, handful: "Handful") -> "Taken":
        pool = self._start(1)
        try:
            with _no_interrupt():
                future = pool.submit(_read, handful)
            return future.result()
        except BrokenProcessPool as error:
            names = [one.address for one in handful.objects]
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            raise CollectError(
                f"the process reading {', '.join(names[:NAMED])}{more} died twice",
                hint="Look for 'out of memory' in the system's log; leave these files out, or "
                "lower max_object_bytes.",
            ) from error
        finally:
            _kill(pool)


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Hold Ctrl-C back while processes may start: they inherit that, until they ignore it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _kill(pool: ProcessPoolExecutor) -> None:
    """End a pool without waiting for what it does."""
    for process in list((pool._processes or {}).values()):  # noqa: SLF001 - public in 3.14 only
        process.kill()
    pool.shutdown(cancel_futures=True)


_reader: "list[Reader]" = []
"""This process's own reader; set once, when it begins."""


def _begin(plan: "Plan", rules: "Sequence[Rule] | None") -> None:
    from tocsin.app.engine.reading import Reader  # noqa: PLC0415 - the parent needs no rules yet

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches everybody; the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _reader.append(Reader(plan, rules))


def _end_with_parent() -> None:
    """A parent that is killed cannot tell us so."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)


def _read(handful: "Handful") -> "Taken":
    return _reader[0].read(handful)
